//! Defines what happens to an attempt and what it asks for: the words between the attempt machine
//! and the engine.

use crate::fault::Fault;

/// What happened to an attempt.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// The kernel gave a socket.
    Opened,
    /// It is bound as far as it needs to be.
    Bound,
    /// `connect()` took it on: from here the attempt is begun.
    Begun,
    /// The connection is established.
    Connected,
    /// So many bytes of the request were taken.
    Sent(usize),
    /// These bytes came.
    Bytes(&'a [u8]),
    /// The target closed.
    Eof,
    /// A system call failed with this number, or the socket holds it as its error.
    OsError(i32),
    /// The connect time-out or the total time-out ran out.
    Deadline,
    /// The pause before another try at a refused connection is over.
    RetryDue,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Ask for a socket.
    Open,
    /// Bind it.
    Bind,
    /// Call `connect()`.
    Connect,
    /// Nothing until the socket is ready.
    Wait,
    /// Send [`Attempt::unsent`](crate::attempt::Attempt::unsent).
    Send,
    /// Send that too, after a rest.
    Rest(Rest),
    /// Read.
    Read,
    /// Drop the socket and step [`Step::RetryDue`] after the pause.
    Pause,
    /// It is over: close so, and count it.
    Done(Ending, Closing),
}

/// Why a connection rests before it sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// It has been answered, and its next request is not due yet.
    Pause,
    /// It sends slowly.
    Slow,
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every request was answered and the connection closed as asked.
    Served {
        /// True where EOF came before our own close.
        target_closed: bool,
    },
    /// Failed or not sent.
    Fault(Fault),
}

/// How to close the socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// With a FIN, or nothing more where the target has closed.
    Ordinary,
    /// With a reset: `SO_LINGER` of zero.
    Reset,
}

/// When things happened, microseconds of run time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// When the attempt was due.
    pub intended_us: u64,
    /// When it was started.
    pub started_us: u64,
    /// When the connection was established.
    pub connected_us: Option<u64>,
    /// When the first byte of the first answer came.
    pub first_byte_us: Option<u64>,
    /// When its outcome was known.
    pub ended_us: u64,
}
