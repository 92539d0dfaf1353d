//! Provides HTTP/1.1 GETs of one page over one connection, kept alive and opened anew when it
//! breaks.

use std::time::Duration;

use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, DATE, HOST, USER_AGENT};
use hyper::{Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A netstat page of 200,000 sockets is about 16 MB; beyond this it is no page for a sample.
const PAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Why a page could not be read; a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ScrapeError {
    /// The URL is not usable.
    #[error("{0} is no address of a page; write http://HOST:PORT/path")]
    Url(String),
    /// No connection.
    #[error(
        "{url} could not be connected to: {error}; is its program running, and does the way there let port {port} through?"
    )]
    Connect {
        /// The page.
        url: String,
        /// The port of its host.
        port: u16,
        /// What the system said.
        error: std::io::Error,
    },
    /// The connection or the answer broke.
    #[error("{url} broke off: {error}")]
    Broken {
        /// The page.
        url: String,
        /// What was said.
        error: String,
    },
    /// Another status than 200.
    #[error("{url} answered {status}; check its path")]
    Status {
        /// The page.
        url: String,
        /// The status.
        status: StatusCode,
    },
    /// No whole answer in time.
    #[error(
        "{url} gave no whole answer within {within:?}; if that is its normal time, sample less often (--every)"
    )]
    Late {
        /// The page.
        url: String,
        /// The time it had.
        within: Duration,
    },
}

/// A page and the connection to its host.
#[derive(Debug)]
pub struct Page {
    url: String,
    kept: Option<SendRequest<Empty<Bytes>>>,
    date: Option<String>,
}

impl Page {
    /// A page that is not connected yet.
    pub fn new(url: &str) -> Self {
        Self { url: url.to_owned(), kept: None, date: None }
    }

    /// The page's text; bytes that are no UTF-8 are replaced.
    pub async fn get(&mut self, within: Duration) -> Result<String, ScrapeError> {
        let got = tokio::time::timeout(within, self.get_in_any_time()).await;
        got.unwrap_or_else(|_| {
            self.kept = None;
            Err(ScrapeError::Late { url: self.url.clone(), within })
        })
    }

    /// The `Date` header of the last answer: its host's clock, whole seconds.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    /// A kept connection may have been closed since: its failure is tried once more on a new one.
    async fn get_in_any_time(&mut self) -> Result<String, ScrapeError> {
        if let Some(kept) = self.kept.take()
            && let Ok(text) = self.ask(kept).await
        {
            return Ok(text);
        }
        let fresh = self.connect().await?;
        self.ask(fresh).await
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>, ScrapeError> {
        let uri = self.uri()?;
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let port = uri.port_u16().unwrap_or(80);
        let failed = |error| ScrapeError::Connect { url: self.url.clone(), port, error };
        let stream = TcpStream::connect((host, port)).await.map_err(failed)?;
        let (sender, connection) =
            handshake(TokioIo::new(stream)).await.map_err(|e| self.broken(&e))?;
        // Ends with its sender. Its error is told to whoever waits for the answer.
        tokio::spawn(connection);
        Ok(sender)
    }

    async fn ask(&mut self, mut by: SendRequest<Empty<Bytes>>) -> Result<String, ScrapeError> {
        let uri = self.uri()?;
        let request = Request::get(uri.path_and_query().map_or("/", |p| p.as_str()))
            .header(HOST, uri.authority().map_or("", |a| a.as_str()))
            .header(USER_AGENT, concat!("churnlab/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, "text/plain")
            .body(Empty::new())
            .map_err(|e| self.broken(&e))?;
        by.ready().await.map_err(|e| self.broken(&e))?;
        let answer = by.send_request(request).await.map_err(|e| self.broken(&e))?;
        if answer.status() != StatusCode::OK {
            let status = answer.status();
            return Err(ScrapeError::Status { url: self.url.clone(), status });
        }
        let date = answer.headers().get(DATE).and_then(|d| d.to_str().ok());
        self.date = date.map(str::to_owned);
        let body = Limited::new(answer.into_body(), PAGE_BYTES_MAX).collect().await;
        let bytes = body.map_err(|e| self.broken(&*e))?.to_bytes();
        self.kept = Some(by);
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn uri(&self) -> Result<Uri, ScrapeError> {
        let uri: Result<Uri, _> = self.url.parse();
        uri.ok().filter(|u| u.host().is_some()).ok_or_else(|| ScrapeError::Url(self.url.clone()))
    }

    fn broken(&self, error: &dyn std::error::Error) -> ScrapeError {
        // hyper's own words are general; what the system said stands behind them.
        let cause = error.source().map(|cause| format!(" ({cause})")).unwrap_or_default();
        ScrapeError::Broken { url: self.url.clone(), error: format!("{error}{cause}") }
    }
}

#[cfg(test)]
mod tests;
