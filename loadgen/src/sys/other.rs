//! Provides the plain forms for systems where Linux's own are missing.

use std::io;

use mio::{Registry, Token};
use socket2::{Domain, Protocol, Socket, Type};

/// mio asks for reads until they would block.
pub const SHORT_READ_DRAINS: bool = false;

/// Opens a non-blocking TCP socket.
///
/// # Errors
/// No descriptor or no memory is left.
pub fn open_socket(domain: Domain) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Narrowing the kernel's choice is not possible here.
///
/// # Errors
/// Always: unsupported.
pub fn narrow_ports(_socket: &Socket, _low: u16, _high: u16) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Nothing is needed.
///
/// # Errors
/// None.
pub fn bind_address_no_port(_socket: &Socket) -> io::Result<()> {
    Ok(())
}

/// Not known here, so a range of source ports is kept by explicit binds.
pub fn kernel_ports() -> Option<(u16, u16)> {
    None
}

/// Not measured here.
pub fn thread_cpu_s() -> f64 {
    0.0
}

/// Left as it is.
pub fn raise_descriptor_limit() {}

/// Lowers the limit of descriptors, which is done on Linux only.
///
/// # Errors
/// Always.
pub fn limit_descriptors(_most: u64) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The poll's own time-out is all there is.
#[derive(Debug)]
pub struct Alarm;

impl Alarm {
    /// Does nothing.
    ///
    /// # Errors
    /// None.
    pub fn new(_registry: &Registry, _token: Token) -> io::Result<Self> {
        Ok(Self)
    }

    /// Does nothing.
    pub fn set(&mut self, _at_us: u64, _now_us: u64) {}
}
