//! Provides a connection's socket with a note of what passes: when it was last used, how many
//! segments, and which side closed first.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use crate::ledger::Closer;

/// Payload of a full segment on Ethernet: 1500 bytes less 40 of headers.
const SEGMENT_BYTES: u64 = 1460;

/// What is noted of one connection.
#[derive(Debug)]
pub struct Notes {
    used: Cell<Instant>,
    inward: Cell<u64>,
    outward: Cell<u64>,
    first: Cell<Option<Closer>>,
}

impl Notes {
    /// A connection just accepted.
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            used: Cell::new(Instant::now()),
            inward: Cell::new(0),
            outward: Cell::new(0),
            first: Cell::new(None),
        })
    }

    /// When bytes last passed.
    pub fn used(&self) -> Instant {
        self.used.get()
    }

    /// Segments in and out since the last call: data, and an ACK for each of the other side's.
    pub fn take_segments(&self) -> (u64, u64) {
        let (inward, outward) = (self.inward.take(), self.outward.take());
        (inward + outward, outward + inward)
    }

    /// Who closed first; the target where nobody has yet, since whoever asks is about to.
    pub fn closed_first(&self) -> Closer {
        self.first.get().unwrap_or(Closer::Target)
    }

    fn passed(&self, counter: &Cell<u64>, bytes: usize) {
        self.used.set(Instant::now());
        counter.set(counter.get() + (bytes as u64).div_ceil(SEGMENT_BYTES));
    }

    fn closed(&self, by: Closer) {
        // A reset is never undone; a FIN counts only where it is the first.
        if by == Closer::Reset || self.first.get().is_none() {
            self.first.set(Some(by));
        }
    }
}

/// The socket.
#[derive(Debug)]
pub struct Watched {
    stream: TcpStream,
    notes: Rc<Notes>,
}

impl Watched {
    /// `stream`, noted in `notes`.
    pub fn new(stream: TcpStream, notes: Rc<Notes>) -> Self {
        Self { stream, notes }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let done = ready!(Pin::new(&mut self.stream).poll_read(cx, buf));
        match (&done, buf.filled().len() - before) {
            (Err(_), _) => self.notes.closed(Closer::Reset),
            (Ok(()), 0) => self.notes.closed(Closer::Client),
            (Ok(()), n) => self.notes.passed(&self.notes.inward, n),
        }
        Poll::Ready(done)
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let done = ready!(Pin::new(&mut self.stream).poll_write(cx, buf));
        match &done {
            Ok(n) => self.notes.passed(&self.notes.outward, *n),
            Err(_) => self.notes.closed(Closer::Reset),
        }
        Poll::Ready(done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.notes.closed(Closer::Target);
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
