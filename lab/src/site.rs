//! Provides the emulated web site: what IIS answers on one connection, and when it gives up on an
//! idle one.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue, SERVER};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::doors::httperr::{Entry, Timer};
use crate::emulated::Emulated;
use crate::error_page::{answer, server_name};
use crate::head::Wrong;
use crate::ledger::Closer;
use crate::outgoing::Outgoing;
use crate::respond::Visit;
use crate::spec::TargetSpec;
use crate::wire::{Notes, Watched};

/// What every connection is answered with.
#[derive(Clone, Debug)]
pub struct Site {
    body: Bytes,
    server: HeaderValue,
    /// What answers before any worker does.
    http_sys: &'static str,
    idle_timeout: Duration,
    outgoing: Option<Outgoing>,
}

impl Site {
    /// The site of this host.
    pub fn new(spec: &TargetSpec) -> Self {
        let idle_s = (spec.idle_timeout_s / spec.time_scale).clamp(0.001, 1e6);
        Self {
            body: page(spec.response_bytes as usize),
            server: HeaderValue::from_static(spec.server_header),
            http_sys: server_name(spec.software, spec.server_header),
            idle_timeout: Duration::from_secs_f64(idle_s),
            outgoing: spec.outgoing,
        }
    }

    /// GET and HEAD get the page, whatever the path; a static page takes nothing else.
    pub fn page(&self, method: &Method) -> Response<Full<Bytes>> {
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

    /// An error that a worker answers.
    pub fn error(&self, status: StatusCode) -> Response<Full<Bytes>> {
        let reason = status.canonical_reason().unwrap_or("Error");
        let body = format!("<html><body><h1>{status}</h1><p>{reason}</p></body></html>\r\n");
        let mut response = Response::new(Full::new(Bytes::from(body)));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
        headers.insert(SERVER, self.server.clone());
        response
    }

    /// How requests are worked on where the application calls a backend.
    pub fn outgoing(&self) -> Option<Outgoing> {
        self.outgoing
    }

    /// What HTTP.sys calls itself in its own answers.
    pub fn http_sys(&self) -> &'static str {
        self.http_sys
    }

    /// Closes a connection that is served to its end, with an error where one is due.
    async fn part(&self, mut stream: Watched) -> End {
        // A client that is gone needs neither the answer nor the FIN.
        let Some(wrong) = stream.wrong().cloned() else {
            let _ = stream.shutdown().await;
            return End::Closed;
        };
        let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let _ = stream.end_with(answer(&wrong, self.http_sys, &date).as_bytes()).await;
        End::Wrong(wrong)
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

/// How a connection ended.
enum End {
    /// In the ordinary way, by whoever closed first.
    Closed,
    /// By us, tired of waiting.
    TimedOut(Timer),
    /// By us, with an error.
    Wrong(Wrong),
}

/// Serves one accepted connection to its end, and tells the host of both ends.
pub async fn serve(stream: TcpStream, site: Rc<Site>, host: Rc<RefCell<Emulated>>) {
    let (Ok(server), Ok(client)) = (stream.local_addr(), stream.peer_addr()) else {
        // Reset while it was queued: the client is gone and there is nothing to serve.
        return;
    };
    let id = host.borrow_mut().accepted(server, client);
    let beyond = host.borrow().is_beyond_limit();
    let notes = Notes::new();
    let (to, of) = (Rc::clone(&host), Rc::clone(&notes));
    let visit = Visit { site, host: to, notes: of, client, server, beyond };
    // The socket is closed behind this: with a FIN, which on an idle connection is the first.
    let end = converse(stream, &visit, &notes).await;
    let mut host = host.borrow_mut();
    let (inward, outward) = notes.take_segments();
    host.segments(inward, outward);
    let timed_out = matches!(end, End::TimedOut(_));
    host.ended(id, if timed_out { Closer::Target } else { notes.closed_first() });
    match end {
        End::Closed => {}
        End::TimedOut(timer) => host.log(Entry::TimedOut { timer, client, server }),
        End::Wrong(wrong) => host.log(Entry::Wrong { wrong, client, server }),
    }
}

/// Answers requests until either side ends it.
async fn converse(stream: TcpStream, visit: &Visit, notes: &Rc<Notes>) -> End {
    let site = &visit.site;
    let answer = service_fn(|request| visit.answer(request));
    let io = TokioIo::new(Watched::new(stream, Rc::clone(notes)));
    let connection = http1::Builder::new()
        .title_case_headers(true)
        // What came before the end of the client's requests is answered, also where the sieve ends
        // them.
        .half_close(true)
        .serve_connection(io, answer)
        .without_shutdown();
    tokio::pin!(connection);
    let done = loop {
        let until = notes.waiting_since() + site.idle_timeout;
        tokio::select! {
            done = &mut connection => break done,
            () = tokio::time::sleep_until(until.into()) => {
                if Instant::now() >= notes.waiting_since() + site.idle_timeout {
                    return End::TimedOut(notes.waits_for());
                }
            }
        }
    };
    match done {
        Ok(parts) => site.part(parts.io.into_inner()).await,
        // Answered by the server itself, which is stricter still than the sieve.
        Err(why) if why.is_parse() => End::Wrong(Wrong::bad("BadRequest")),
        Err(_) => End::Closed,
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
