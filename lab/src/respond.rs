//! Provides what becomes of one sound request: a page, an error of the application, a refusal by
//! HTTP.sys, or a connection that is cut.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue, SERVER, USER_AGENT};
use hyper::{Request, Response, StatusCode, Version};
use tokio::sync::oneshot;

use crate::app::What;
use crate::desk::{Place, Ticket};
use crate::doors::httperr::{Entry, RequestLine, Why};
use crate::doors::w3c::Answered;
use crate::emulated::{Emulated, Received};
use crate::error_page::unavailable;
use crate::outgoing::Outgoing;
use crate::site::Site;
use crate::wire::Notes;

/// Sub-status of the concurrency limit (KB943891: 503.2).
const CONCURRENCY: u16 = 2;
/// Sub-status of a call to another host that could not be made (KB943891: 502.3).
const FORWARDER: u16 = 3;
/// What Windows answers where no port is left for a connection: WSAEADDRINUSE.
const ADDRESS_IN_USE: u32 = 10_048;

/// The connection ends here, without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is cut")]
pub struct Cut;

/// A connection, as its requests see it.
#[derive(Debug)]
pub struct Visit {
    /// The site.
    pub site: Rc<Site>,
    /// The host.
    pub host: Rc<RefCell<Emulated>>,
    /// What is noted of the connection.
    pub notes: Rc<Notes>,
    /// The client.
    pub client: SocketAddr,
    /// The address that it connected to.
    pub server: SocketAddr,
    /// The site had as many connections as it may have before this one.
    pub beyond: bool,
}

impl Visit {
    /// Answers one request.
    pub async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Cut> {
        let began = Instant::now();
        let (head, mut body) = request.into_parts();
        let request = Request::from_parts(head, ());
        // A body that is left unread would make the close behind the answer a reset.
        self.notes.in_body(true);
        while let Some(Ok(_)) = body.frame().await {}
        self.notes.in_body(false);
        {
            let mut host = self.host.borrow_mut();
            let (inward, outward) = self.notes.take_segments();
            host.segments(inward, outward);
        }
        let received = self.host.borrow_mut().receive(began, self.beyond);
        let ticket = match received {
            Received::Refused(why) => return Ok(self.refuse(why, &request)),
            Received::AtOnce => {
                self.requested(&request);
                return Ok(self.site.page(request.method()));
            }
            Received::Placed(Place::Taken(ticket)) => Some(ticket),
            Received::Placed(_) => None,
        };
        self.requested(&request);
        let Some(ticket) = ticket else {
            return Ok(self.told(&request, began, (503, CONCURRENCY, 0)));
        };
        self.notes.answering(true);
        let end = self.work(ticket).await;
        self.notes.answering(false);
        match end {
            What::Offline => Ok(self.refuse(Why::AppOffline, &request)),
            What::NoPort => Ok(self.told(&request, began, (502, FORWARDER, ADDRESS_IN_USE))),
            What::TimedOut => Err(self.cut(Why::QueueTimer, &request)),
            What::Abandoned => Err(self.cut(Why::Abandoned, &request)),
            What::Answered | What::Started => {
                let status = self.host.borrow_mut().next_status();
                Ok(self.told(&request, began, (status, 0, 0)))
            }
        }
    }

    /// How a request that has been taken ends.
    async fn work(&self, mut ticket: Ticket) -> What {
        let Some(outgoing) = self.site.outgoing() else { return ticket.end().await };
        // The worker goes on when the client has gone away.
        let (told, end) = oneshot::channel();
        tokio::task::spawn_local(call(outgoing, ticket, Rc::clone(&self.host), told));
        end.await.unwrap_or(What::Abandoned)
    }

    fn requested(&self, request: &Request<()>) {
        let method = request.method().as_str();
        let method = ["GET", "HEAD"].iter().position(|m| *m == method).unwrap_or(2);
        self.host.borrow_mut().requested(method);
    }

    /// An answer of the application, and its row in the log of the site.
    fn told(
        &self,
        request: &Request<()>,
        began: Instant,
        (status, substatus, win32): (u16, u16, u32),
    ) -> Response<Full<Bytes>> {
        let response = match StatusCode::from_u16(status) {
            Ok(code) if status >= 400 => self.site.error(code),
            _ => self.site.page(request.method()),
        };
        let agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
        self.host.borrow_mut().answered(&Answered {
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            agent: agent.map(str::to_owned),
            client: self.client,
            server: self.server,
            status: response.status().as_u16(),
            substatus,
            win32,
            took_ms: began.elapsed().as_millis() as u64,
        });
        response
    }

    /// HTTP.sys answers 503 by itself and closes.
    fn refuse(&self, why: Why, request: &Request<()>) -> Response<Full<Bytes>> {
        self.log(why, request);
        let mut response = Response::new(Full::new(Bytes::from(unavailable())));
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        let headers = response.headers_mut();
        let html = HeaderValue::from_static("text/html; charset=us-ascii");
        headers.insert(CONTENT_TYPE, html);
        headers.insert(SERVER, HeaderValue::from_static(self.site.http_sys()));
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
        response
    }

    /// HTTP.sys lets go of the connection.
    fn cut(&self, why: Why, request: &Request<()>) -> Cut {
        self.log(why, request);
        self.notes.cut();
        Cut
    }

    fn log(&self, why: Why, request: &Request<()>) {
        let version = if request.version() == Version::HTTP_10 { "HTTP/1.0" } else { "HTTP/1.1" };
        let line = RequestLine {
            version: version.to_owned(),
            method: request.method().to_string(),
            url: request.uri().to_string(),
        };
        let (client, server) = (self.client, self.server);
        self.host.borrow_mut().log(Entry::Failed { why, line, client, server });
    }
}

/// A worker takes a request when its turn comes, works on it, and tells how it ended.
async fn call(
    outgoing: Outgoing,
    mut ticket: Ticket,
    host: Rc<RefCell<Emulated>>,
    told: oneshot::Sender<What>,
) {
    let mut end = if ticket.has_worker { What::Started } else { ticket.next().await };
    if end == What::Started {
        end = tokio::select! {
            end = outgoing.work(&host) => end,
            end = ticket.next() => end,
        };
        host.borrow_mut().finish_work(Instant::now(), ticket.id);
    }
    // A client that is gone hears nothing more.
    let _ = told.send(end);
}
