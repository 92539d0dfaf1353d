//! Provides one GET on an open connection, blocking and bounded in time.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use model::attempt::Phase;

use crate::answer::{Answer, Progress};
use crate::fault::{Fault, Why};
use crate::os_error;

/// Sends `request` and reads its answer to the last byte. True where the answer says that the
/// connection ends with it.
pub fn exchange(stream: &mut TcpStream, request: &[u8], deadline: Instant) -> Result<bool, Fault> {
    let left = |phase| {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Fault::failed(phase, Why::TimedOut)) } else { Ok(left) }
    };
    stream
        .set_write_timeout(Some(left(Phase::Send)?))
        .and_then(|()| stream.write_all(request))
        .map_err(|error| fault(Phase::Send, &error))?;
    let mut answer = Answer::default();
    let mut buffer = [0; 4096];
    let mut phase = Phase::FirstByte;
    loop {
        let progress = match read(stream, &mut buffer, left(phase)?) {
            Err(error) => return Err(fault(phase, &error)),
            Ok(0) if phase == Phase::FirstByte => return Err(Fault::failed(phase, Why::NoAnswer)),
            Ok(0) => answer.eof(),
            Ok(read) => {
                phase = Phase::Body;
                answer.push(&buffer[..read])
            }
        };
        match progress {
            Progress::More => {}
            Progress::Malformed => return Err(Fault::failed(phase, Why::Malformed)),
            Progress::Whole => break,
        }
    }
    match answer.status() {
        Some(status) if !(200..400).contains(&status) => {
            Err(Fault::failed(Phase::FirstByte, Why::Status(status)))
        }
        _ => Ok(answer.closes()),
    }
}

fn read(stream: &mut TcpStream, buffer: &mut [u8], left: Duration) -> io::Result<usize> {
    stream.set_read_timeout(Some(left))?;
    stream.read(buffer)
}

/// A blocking socket's time-out shows itself as EAGAIN on Unix, as a time-out on Windows.
fn fault(phase: Phase, error: &io::Error) -> Fault {
    let why = match error.kind() {
        ErrorKind::WouldBlock => Why::TimedOut,
        ErrorKind::TimedOut if error.raw_os_error().is_none() => Why::TimedOut,
        _ => Why::Os(os_error::code(error)),
    };
    Fault::failed(phase, why)
}
