//! Provides the blocking connect of a probe, bounded in time, with its phase where it fails.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use model::attempt::{Os, Phase};
use socket2::{Domain, Socket};

use crate::fault::{Fault, Why};
use crate::os_error;
use crate::probes::reserve::{ReservePorts, SpareDescriptor};
use crate::sys;

/// Longest time that one act of a probe takes.
pub const ACT_TIMEOUT: Duration = Duration::from_secs(1);

/// Where a probe connects from.
pub enum From<'a> {
    /// From the next of its own ports.
    Reserve(&'a mut ReservePorts),
    /// From this address, with a port of the kernel's choice.
    Address(IpAddr),
    /// From wherever the kernel likes.
    Kernel,
}

/// Connects within what is left of the act's time. Dropping the stream resets the connection unless
/// the caller clears the linger, so that no probe leaves a TIME_WAIT.
pub fn connect(
    target: SocketAddr,
    from: From<'_>,
    spare: &mut SpareDescriptor,
    deadline: Instant,
) -> Result<TcpStream, Fault> {
    let socket = spare
        .open(Domain::for_address(target))
        .map_err(|error| before_begun(Phase::Open, &error))?;
    bind(&socket, target, from).map_err(|error| before_begun(Phase::Bind, &error))?;
    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    match socket.connect_timeout(&target.into(), left) {
        Ok(()) => {}
        Err(error) if error.raw_os_error().is_none() => {
            return Err(Fault::failed(Phase::Connect, Why::TimedOut));
        }
        Err(error) => return Err(before_begun(Phase::Connect, &error)),
    }
    // Refused only by a connection that is already reset; the next act on it then says so.
    let _reset = socket.set_linger(Some(Duration::ZERO));
    Ok(socket.into())
}

fn bind(socket: &Socket, target: SocketAddr, from: From<'_>) -> io::Result<()> {
    match from {
        From::Kernel => Ok(()),
        From::Reserve(ports) => ports.bind(socket, unspecified(target)),
        From::Address(ip) => {
            sys::bind_address_no_port(socket)?;
            socket.bind(&SocketAddr::new(ip, 0).into())
        }
    }
}

fn unspecified(target: SocketAddr) -> IpAddr {
    match target {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    }
}

fn before_begun(phase: Phase, error: &io::Error) -> Fault {
    let code = os_error::code(error);
    let outcome = os_error::outcome_before_begun(Os::HERE, phase, code);
    Fault { outcome, phase, why: Why::Os(code) }
}
