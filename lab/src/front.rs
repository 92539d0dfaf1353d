//! Provides the web site's listening socket, which can be away and come back on the same address.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use crate::error::LabError;

/// Completed connections that may wait; the kernel caps it at somaxconn.
const BACKLOG: i32 = 65_535;

/// A listener and its address.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    socket: Option<TcpListener>,
}

impl Front {
    /// Listens on `asked`; port 0 takes a free one. Must be called within a tokio runtime.
    pub fn open(asked: SocketAddr) -> Result<Self, LabError> {
        let opened = || -> io::Result<Self> {
            let socket = listen(asked)?;
            Ok(Self { address: socket.local_addr()?, socket: Some(socket) })
        };
        opened().map_err(|e| LabError(format!("cannot listen on {asked}: {e}{}", advice(e.kind()))))
    }

    /// Where it listens, or did.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// True while it listens.
    pub fn is_open(&self) -> bool {
        self.socket.is_some()
    }

    /// Closes the listener. Connections that had not been accepted are reset by the kernel.
    pub fn close(&mut self) {
        self.socket = None;
    }

    /// Listens again on the same address.
    pub fn reopen(&mut self) -> io::Result<()> {
        if self.socket.is_none() {
            self.socket = Some(listen(self.address)?);
        }
        Ok(())
    }

    /// Lets so many completed connections wait, or as many as at first.
    pub fn set_backlog(&self, most: Option<u32>) -> io::Result<()> {
        let most = most.map_or(BACKLOG, |most| i32::try_from(most).unwrap_or(BACKLOG));
        self.socket.as_ref().map_or(Ok(()), |socket| SockRef::from(socket).listen(most))
    }

    /// The next connection; never while the listener is closed.
    pub async fn accept(&self) -> io::Result<TcpStream> {
        match &self.socket {
            Some(socket) => socket.accept().await.map(|(stream, _)| stream),
            None => std::future::pending().await,
        }
    }
}

/// What to do about an address that cannot be had.
fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::AddrInUse => "; choose another address, or end the program that has it",
        ErrorKind::PermissionDenied => "; choose a port above 1023, or run as root",
        ErrorKind::AddrNotAvailable => "; this machine has no such address, choose one that it has",
        _ => "",
    }
}

/// SO_REUSEADDR, so that TIME_WAIT of the port does not keep it from coming back.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_reason_not_to_listen_has_its_own_advice() {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        for (address, told, not_told, why) in [
            (taken.local_addr().unwrap(), "end the program", "no such address", "it is taken"),
            // TEST-NET-1 (RFC 5737) is nobody's.
            ("192.0.2.1:0".parse().unwrap(), "no such address", "end the program", "elsewhere"),
        ] {
            let sentence = Front::open(address).unwrap_err().to_string();
            assert!(sentence.starts_with(&format!("cannot listen on {address}: ")), "{sentence}");
            assert!(sentence.contains(told) && !sentence.contains(not_told), "{why}: {sentence}");
        }
        assert!(advice(ErrorKind::PermissionDenied).contains("a port above 1023"));
        assert_eq!(advice(ErrorKind::OutOfMemory), "", "nothing is better than something wrong");
    }
}
