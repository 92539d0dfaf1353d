//! Provides the target's calls to its backend: a connection each, from a port that its kernel gives,
//! or does not.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::app::What;
use crate::backend::{ANSWER, PORT, QUESTION};
use crate::emulated::Emulated;
use crate::isolation::BACKEND_IP;

/// A worker without a port tries again this much later. A try that finds none costs up to 4 ms of
/// the kernel's time (28,232 ports: Linux 6.18, measured), so it must not be much shorter.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// How the target calls its backend.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing {
    /// How long a request is worked on beside the call.
    pub service: Duration,
    /// How long the backend takes.
    pub latency: Duration,
    /// How long a worker tries to get a port.
    pub give_up: Duration,
    /// Share of the calls whose connection is never closed.
    pub leak: f64,
}

impl Outgoing {
    /// Works on one request: answered, or without a port.
    pub async fn work(&self, host: &Rc<RefCell<Emulated>>) -> What {
        let slowness = host.borrow().slowness();
        let until = Instant::now() + self.give_up;
        loop {
            match call().await {
                Ok(stream) => break host.borrow_mut().called(stream, self.leak),
                Err(why) if is_out_of_ports(&why) => {
                    host.borrow_mut().out_of_ports();
                    if Instant::now() >= until {
                        return What::NoPort;
                    }
                    tokio::time::sleep(AGAIN_AFTER.min(until - Instant::now())).await;
                }
                Err(_) => return What::NoPort,
            }
        }
        // The backend answered in its own time; the rest of the delay is the application's.
        let more = self.latency.mul_f64((slowness - 1.0).max(0.0)) + self.service.mul_f64(slowness);
        tokio::time::sleep(more).await;
        What::Answered
    }
}

/// One call: asked and answered. Who lets go of the connection closes first.
async fn call() -> io::Result<TcpStream> {
    let mut stream = TcpSocket::new_v4()?.connect(SocketAddr::from((BACKEND_IP, PORT))).await?;
    stream.write_all(QUESTION).await?;
    stream.read_exact(&mut [0; ANSWER.len()]).await?;
    Ok(stream)
}

/// EADDRNOTAVAIL: connect() found no free port (Linux 6.18, measured).
fn is_out_of_ports(why: &io::Error) -> bool {
    why.kind() == io::ErrorKind::AddrNotAvailable
}
