//! Provides the web site's listening socket, which can be away and come back on the same address.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Protocol, Socket, Type};
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
        opened().map_err(|e| {
            LabError(format!(
                "cannot listen on {asked}: {e}; choose another address, or end the program that has it"
            ))
        })
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

    /// The next connection; never while the listener is closed.
    pub async fn accept(&self) -> io::Result<TcpStream> {
        match &self.socket {
            Some(socket) => socket.accept().await.map(|(stream, _)| stream),
            None => std::future::pending().await,
        }
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
