//! Provides the doors over HTTP: `/metrics`, `/netstat`, `/poolmon` and `/eventlog`.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;

use crate::emulated::Emulated;
use crate::front::Front;

/// Serves until its task is dropped.
pub async fn serve(front: Front, host: Rc<RefCell<Emulated>>) {
    loop {
        match front.accept().await {
            Ok(stream) => {
                let host = Rc::clone(&host);
                tokio::task::spawn_local(async move {
                    let answer = service_fn(move |request: Request<Incoming>| {
                        let page = page(&host, request.uri().path());
                        std::future::ready(Ok::<_, Infallible>(page))
                    });
                    // A witness that goes away mid-page is its own affair.
                    let _ =
                        http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
            // Out of descriptors: the next try may find one.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
}

fn page(host: &RefCell<Emulated>, path: &str) -> Response<Full<Bytes>> {
    let mut host = host.borrow_mut();
    let written = match path {
        "/metrics" => host.metrics(),
        "/netstat" => host.netstat(),
        "/poolmon" => host.poolmon(),
        "/eventlog" => Ok(host.system_log()),
        _ => {
            let doors = "the doors are /metrics, /netstat, /poolmon and /eventlog\n";
            return text(StatusCode::NOT_FOUND, doors);
        }
    };
    match written {
        Ok(page) => text(StatusCode::OK, page),
        Err(why) => text(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("cannot read the socket table: {why}\n"),
        ),
    }
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
