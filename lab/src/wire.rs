//! Provides a connection's socket with a note of what passes: when it was last used, how many
//! segments, and which side closed first.

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

use crate::doors::httperr::Timer;
use crate::head::Wrong;
use crate::ledger::Closer;
use crate::sieve::Sieve;

/// Payload of a full segment on Ethernet: 1500 bytes less 40 of headers.
const SEGMENT_BYTES: u64 = 1460;

/// Bytes read at once.
const READ_BYTES: usize = 4096;
/// Reads of what nobody wants any more: a full receive buffer of 64 KiB.
const MOST_READS_AT_END: usize = 16;

/// What is noted of one connection.
#[derive(Debug)]
pub struct Notes {
    used: Cell<Instant>,
    inward: Cell<u64>,
    outward: Cell<u64>,
    first: Cell<Option<Closer>>,
    head_since: Cell<Option<Instant>>,
    answering: Cell<bool>,
    in_body: Cell<bool>,
    cut: Cell<bool>,
}

impl Notes {
    /// A connection just accepted.
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            used: Cell::new(Instant::now()),
            inward: Cell::new(0),
            outward: Cell::new(0),
            first: Cell::new(None),
            head_since: Cell::new(None),
            answering: Cell::new(false),
            in_body: Cell::new(false),
            cut: Cell::new(false),
        })
    }

    /// A request is being answered, or is no longer: the client is not waited for meanwhile.
    pub fn answering(&self, yes: bool) {
        self.answering.set(yes);
        self.used.set(Instant::now());
    }

    /// The body of a request is being read, or has been.
    pub fn in_body(&self, yes: bool) {
        self.in_body.set(yes);
    }

    /// What the client is waited for.
    pub fn waits_for(&self) -> Timer {
        if self.in_body.get() {
            Timer::EntityBody
        } else if self.head_since.get().is_some() {
            Timer::HeaderWait
        } else {
            Timer::ConnectionIdle
        }
    }

    /// The connection is to be reset when it is let go of.
    pub fn cut(&self) {
        self.cut.set(true);
        self.closed(Closer::Reset);
    }

    /// Since when the client is waited for: the last byte, or the first of a head that is not whole,
    /// which later bytes do not put off.
    pub fn waiting_since(&self) -> Instant {
        if self.answering.get() {
            return Instant::now();
        }
        self.head_since.get().unwrap_or(self.used.get())
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

/// The socket. What is wrong with a request ends its reading side, as if the client had closed.
#[derive(Debug)]
pub struct Watched {
    stream: TcpStream,
    sieve: Sieve,
    notes: Rc<Notes>,
}

impl Watched {
    /// `stream`, noted in `notes`.
    pub fn new(stream: TcpStream, notes: Rc<Notes>) -> Self {
        Self { stream, sieve: Sieve::default(), notes }
    }

    /// What was wrong with a request; nothing behind it has been served.
    pub fn wrong(&self) -> Option<&Wrong> {
        self.sieve.wrong()
    }

    /// Answers and closes. What the client has sent meanwhile is read and thrown away: closing over
    /// it would be a reset, which can overtake the answer.
    pub async fn end_with(&mut self, answer: &[u8]) -> io::Result<()> {
        self.write_all(answer).await?;
        self.shutdown().await?;
        let mut unread = [0; READ_BYTES];
        for _ in 0..MOST_READS_AT_END {
            if !matches!(self.stream.try_read(&mut unread), Ok(n) if n > 0) {
                break;
            }
        }
        Ok(())
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.notes.cut.get() {
            // Closing with a linger of zero sends a reset instead of a FIN.
            let _ = socket2::SockRef::from(&self.stream).set_linger(Some(Duration::ZERO));
        }
    }
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while !self.sieve.has_some() {
            if self.sieve.wrong().is_some() {
                return Poll::Ready(Ok(()));
            }
            let mut bytes = [0; READ_BYTES];
            let mut came = ReadBuf::new(&mut bytes);
            let done = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut came));
            match (&done, came.filled().len()) {
                (Err(_), _) => self.notes.closed(Closer::Reset),
                (Ok(()), 0) => self.notes.closed(Closer::Client),
                (Ok(()), n) => self.notes.passed(&self.notes.inward, n),
            }
            if done.is_err() || came.filled().is_empty() {
                return Poll::Ready(done);
            }
            self.sieve.push(came.filled());
            let cut = self.sieve.waits_for_head();
            let since = self.notes.head_since.get().unwrap_or_else(Instant::now);
            self.notes.head_since.set(cut.then_some(since));
        }
        let room = buf.remaining();
        buf.put_slice(&self.sieve.take(room).collect::<Vec<u8>>());
        Poll::Ready(Ok(()))
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
