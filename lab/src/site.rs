//! Provides the emulated web site: what IIS answers on one connection, and when it gives up on an
//! idle one.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, SERVER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::doors::httperr::Entry;
use crate::emulated::Emulated;
use crate::ledger::Closer;
use crate::spec::TargetSpec;
use crate::wire::{Notes, Watched};

/// What every connection is answered with.
#[derive(Clone, Debug)]
pub struct Site {
    body: Bytes,
    server: HeaderValue,
    idle_timeout: Duration,
}

impl Site {
    /// The site of this host.
    pub fn new(spec: &TargetSpec) -> Self {
        let idle_s = (spec.idle_timeout_s / spec.time_scale).clamp(0.001, 1e6);
        Self {
            body: page(spec.response_bytes as usize),
            server: HeaderValue::from_static(spec.server_header),
            idle_timeout: Duration::from_secs_f64(idle_s),
        }
    }

    /// GET and HEAD get the page, whatever the path; a static page takes nothing else.
    fn answer(&self, method: &Method) -> Response<Full<Bytes>> {
        let served = matches!(*method, Method::GET | Method::HEAD);
        let body = if served { self.body.clone() } else { Bytes::new() };
        let mut response = Response::new(Full::new(body));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        headers.insert(SERVER, self.server.clone());
        if !served {
            headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        response
    }
}

/// A page of exactly `bytes` bytes, valid HTML where there is room for it.
fn page(bytes: usize) -> Bytes {
    let (head, tail) = ("<html><body>", "</body></html>\r\n");
    let filler = bytes.saturating_sub(head.len() + tail.len());
    let mut text = format!("{head}{}{tail}", "It works. ".repeat(filler.div_ceil(10)));
    let cut = text.len() - tail.len();
    text.replace_range(head.len() + filler..cut, "");
    text.truncate(bytes);
    text.into()
}

/// Serves one accepted connection to its end, and tells the host of both ends.
pub async fn serve(stream: TcpStream, site: Rc<Site>, host: Rc<RefCell<Emulated>>) {
    let (Ok(server), Ok(client)) = (stream.local_addr(), stream.peer_addr()) else {
        // Reset while it was queued: the client is gone and there is nothing to serve.
        return;
    };
    let id = host.borrow_mut().accepted(server, client);
    let notes = Notes::new();
    let mut idle = false;
    {
        let answer = service_fn(|request: Request<Incoming>| {
            let mut host = host.borrow_mut();
            let (inward, outward) = notes.take_segments();
            host.segments(inward, outward);
            host.requested(match *request.method() {
                Method::GET => 0,
                Method::HEAD => 1,
                _ => 2,
            });
            std::future::ready(Ok::<_, Infallible>(site.answer(request.method())))
        });
        let io = TokioIo::new(Watched::new(stream, Rc::clone(&notes)));
        let connection =
            http1::Builder::new().title_case_headers(true).serve_connection(io, answer);
        tokio::pin!(connection);
        loop {
            let until = notes.used() + site.idle_timeout;
            tokio::select! {
                _ = &mut connection => break,
                () = tokio::time::sleep_until(until.into()) => {
                    idle = Instant::now() >= notes.used() + site.idle_timeout;
                    if idle {
                        break;
                    }
                }
            }
        }
    }
    // The socket is closed by now: with a FIN, which on an idle connection is the first.
    let mut host = host.borrow_mut();
    let (inward, outward) = notes.take_segments();
    host.segments(inward, outward);
    host.ended(id, if idle { Closer::Target } else { notes.closed_first() });
    if idle {
        host.log(Entry::ConnectionIdle { client, server });
    }
}

#[cfg(test)]
mod tests {
    use super::page;

    #[test]
    fn the_page_has_exactly_the_bytes_asked_for() {
        for bytes in [0, 1, 12, 28, 29, 256, 1000, 65_536] {
            assert_eq!(page(bytes).len(), bytes);
        }
        assert!(page(256).ends_with(b"</body></html>\r\n"));
    }
}
