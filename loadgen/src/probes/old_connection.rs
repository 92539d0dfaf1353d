//! Provides the probe on a connection that was opened before the load: while the gate is shut it is
//! still served; behind a broken path it is not.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use model::attempt::Phase;
use model::reading::ProbeResult;

use crate::fault::{Fault, Why};
use crate::os_error;
use crate::probes::connect::{ACT_TIMEOUT, From, connect};
use crate::probes::exchange::exchange;
use crate::probes::fresh::result;
use crate::probes::reserve::SpareDescriptor;

/// The connection, kept alive by a request each round.
#[derive(Debug)]
pub struct OldConnection {
    target: SocketAddr,
    stream: Option<TcpStream>,
    spare: SpareDescriptor,
}

impl OldConnection {
    /// Opens it. Where that fails, each round tries again and gives the fault until it succeeds.
    pub fn open(target: SocketAddr) -> Self {
        let mut spare = SpareDescriptor::default();
        spare.hold();
        let mut this = Self { target, stream: None, spare };
        // A failure is told by the first round, which finds no connection and tries anew.
        this.stream = this.connect().ok();
        this
    }

    fn connect(&mut self) -> Result<TcpStream, Fault> {
        let deadline = Instant::now() + ACT_TIMEOUT;
        let stream = connect(self.target, From::Kernel, &mut self.spare, deadline);
        self.spare.hold();
        stream
    }

    /// One round: a request on the connection, or a new connection where the target had closed it.
    ///
    /// # Errors
    /// There is no old connection and none can be opened: then nothing is known of old connections.
    pub fn round(&mut self, request: &[u8]) -> Result<ProbeResult, Fault> {
        let start = Instant::now();
        let Some(mut stream) = self.stream.take() else { return self.reopen() };
        match since_last_round(&stream) {
            Ok(Idle::Open) => {}
            Ok(Idle::Closed) => return self.reopen(),
            Err(error) => {
                let why = Why::Os(os_error::code(&error));
                return Ok(result(Err(Fault::failed(Phase::Send, why)), start));
            }
        }
        match exchange(&mut stream, request, start + ACT_TIMEOUT) {
            // It closed while the request was on its way, which is also an idle close.
            Err(Fault { why: Why::NoAnswer, .. }) => self.reopen(),
            Err(fault @ Fault { why: Why::Status(_), .. }) => {
                self.stream = Some(stream);
                Ok(result(Err(fault), start))
            }
            Err(fault) => Ok(result(Err(fault), start)),
            Ok(closes) => {
                if !closes {
                    self.stream = Some(stream);
                }
                Ok(result(Ok(()), start))
            }
        }
    }

    fn reopen(&mut self) -> Result<ProbeResult, Fault> {
        self.stream = Some(self.connect()?);
        Ok(ProbeResult::Reopened)
    }
}

/// What became of the connection while nobody used it.
enum Idle {
    Open,
    Closed,
}

/// Looks without waiting. The error of a reset connection is given only once, so that it has to be
/// kept: a later write would only say EPIPE.
fn since_last_round(stream: &TcpStream) -> io::Result<Idle> {
    stream.set_nonblocking(true)?;
    let idle = match stream.peek(&mut [0]) {
        Ok(0) => Ok(Idle::Closed),
        Ok(_) => Ok(Idle::Open),
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(Idle::Open),
        Err(error) => Err(error),
    };
    stream.set_nonblocking(false)?;
    idle
}
