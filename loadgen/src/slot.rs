//! Provides one connection of the engine: its socket, and what can be done with it without waiting.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mio::event::Event;
use mio::net::TcpStream;
use model::attempt::Phase;
use socket2::SockRef;

use crate::attempt::Attempt;
use crate::conversation::Conversation;
use crate::dial::Clock;
use crate::os_error;
use crate::step::{Action, Closing, Rest, Step};
use crate::sys;

/// What the kernel says a socket is ready for.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    readable: bool,
    writable: bool,
    eof: bool,
}

impl Ready {
    /// For all that it will bear: after a rest, whose events were passed over.
    pub const ANYTHING: Self = Self { readable: true, writable: true, eof: false };
}

impl From<&Event> for Ready {
    fn from(event: &Event) -> Self {
        let eof = event.is_read_closed();
        Self {
            readable: event.is_readable() || eof || event.is_error(),
            writable: event.is_writable() || event.is_error(),
            eof,
        }
    }
}

/// A connection, or an attempt that waits for its next try.
#[derive(Debug)]
pub struct Slot {
    /// Its attempt.
    pub attempt: Attempt,
    /// Number of the arrival.
    pub serial: u64,
    /// Its socket; `None` between two tries.
    pub stream: Option<TcpStream>,
    /// The source address it was told to use.
    pub source: Option<IpAddr>,
    /// The port of our own map that it holds.
    pub port: Option<u16>,
    /// Bytes that it sends at once, resting in between; `None`: all.
    pub morsel: Option<usize>,
    /// It rests: what its socket is ready for waits too.
    pub rests: bool,
}

impl Slot {
    /// Does all that can be done now; gives `Wait`, `Rest`, `Pause` or `Done`.
    pub fn advance(
        &mut self,
        talk: &Conversation,
        buffer: &mut [u8],
        ready: Ready,
        clock: Clock,
    ) -> Action {
        let Some(stream) = self.stream.as_mut() else { return Action::Wait };
        let attempt = &mut self.attempt;
        if self.rests {
            // A careless client: that the target has closed is seen when its next request fails.
            return Action::Wait;
        }
        let mut may_read = ready.readable;
        let mut action = match attempt.phase() {
            Phase::Connect if ready.writable => connected(stream, attempt, talk, clock),
            Phase::Connect => Action::Wait,
            Phase::Send if ready.writable => Action::Send,
            Phase::Send => Action::Wait,
            _ => Action::Read,
        };
        if ready.eof && attempt.phase() != Phase::Connect {
            attempt.note_eof_behind();
        }
        loop {
            let step = match action {
                Action::Send => match stream.write(morsel(attempt.unsent(talk), self.morsel)) {
                    Ok(0) => return Action::Wait,
                    Ok(sent) => Step::Sent(sent),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Action::Wait,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) => Step::OsError(os_error::code(&error)),
                },
                Action::Read if !may_read => return Action::Wait,
                Action::Read => match stream.read(buffer) {
                    Ok(0) => Step::Eof,
                    Ok(read) => {
                        may_read = ready.eof || read == buffer.len() || !sys::SHORT_READ_DRAINS;
                        Step::Bytes(&buffer[..read])
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Action::Wait,
                    Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                    Err(error) => Step::OsError(os_error::code(&error)),
                },
                over => return over,
            };
            action = attempt.step(talk, step, clock.now_us());
            if action == Action::Send && self.morsel.is_some() && matches!(step, Step::Sent(_)) {
                return Action::Rest(Rest::Slow);
            }
        }
    }

    /// Where it comes from, as far as known; port 0 where none was chosen.
    pub fn source(&self) -> Option<SocketAddr> {
        self.stream
            .as_ref()
            .and_then(|stream| stream.local_addr().ok())
            .filter(|local| !local.ip().is_unspecified())
            .or_else(|| self.source.map(|ip| SocketAddr::new(ip, self.port.unwrap_or(0))))
    }

    /// Closes the socket so.
    pub fn close(&mut self, closing: Closing) {
        if let Some(stream) = self.stream.take()
            && closing == Closing::Reset
        {
            // A socket that the target has reset already refuses the option, and needs it no more.
            let _reset = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
        }
    }
}

fn morsel(unsent: &[u8], most: Option<usize>) -> &[u8] {
    &unsent[..most.map_or(unsent.len(), |most| most.min(unsent.len()))]
}

/// The socket became writable: `connect()` has come to its end.
fn connected(
    stream: &TcpStream,
    attempt: &mut Attempt,
    talk: &Conversation,
    clock: Clock,
) -> Action {
    let step = match stream.take_error() {
        Ok(None) => Step::Connected,
        Ok(Some(error)) | Err(error) => Step::OsError(os_error::code(&error)),
    };
    attempt.step(talk, step, clock.now_us())
}
