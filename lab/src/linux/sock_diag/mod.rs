//! Provides the TCP sockets of a namespace through sock_diag, and ends single ones. The socket
//! belongs to the namespace in which it was opened and serves any thread afterwards.

pub mod wire;

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::time::Duration;

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, send,
    socket,
};

use crate::error::LabError;
use wire::{Socket, Told};

/// Large enough for the 32 KiB that the kernel fills per message of a dump.
const BUFFER_BYTES: usize = 64 * 1024;
/// Requests to destroy that go out in one piece; an answer to each fits the receive buffer.
const DESTROY_AT_ONCE: usize = 64;
/// The kernel answers a dump at once; longer means that something is wrong.
const PATIENCE: Duration = Duration::from_secs(2);

/// An open sock_diag socket.
#[derive(Debug)]
pub struct SockDiag {
    fd: OwnedFd,
    buffer: Vec<u8>,
}

impl SockDiag {
    /// Opens it in the calling thread's namespace.
    pub fn open() -> Result<Self, LabError> {
        let opened = || -> io::Result<OwnedFd> {
            let fd = socket(
                AddressFamily::Netlink,
                SockType::Raw,
                SockFlag::SOCK_CLOEXEC,
                SockProtocol::NetlinkSockDiag,
            )?;
            bind(fd.as_raw_fd(), &NetlinkAddr::new(0, 0))?;
            socket2::SockRef::from(&fd).set_read_timeout(Some(PATIENCE))?;
            Ok(fd)
        };
        let fd = opened().map_err(|e| {
            LabError::because("cannot open sock_diag, through which TIME_WAIT is counted", e)
        })?;
        Ok(Self { fd, buffer: vec![0; BUFFER_BYTES] })
    }

    /// Hands out every TCP socket (IPv4) whose state is in `states`.
    pub fn dump(&mut self, states: u32, mut each: impl FnMut(Socket)) -> io::Result<()> {
        let fd = self.fd.as_raw_fd();
        send(fd, &wire::dump_request(states), MsgFlags::empty())?;
        loop {
            let got = recv(fd, &mut self.buffer, MsgFlags::empty())?;
            match wire::read(&self.buffer[..got], &mut each) {
                Told::More => {}
                Told::Done => return Ok(()),
                Told::Refused(errno) => return Err(io::Error::from_raw_os_error(errno)),
            }
        }
    }

    /// Ends these sockets; one that is gone already is no error.
    pub fn destroy(&mut self, ids: &[[u8; 48]]) -> io::Result<()> {
        let fd = self.fd.as_raw_fd();
        for some in ids.chunks(DESTROY_AT_ONCE) {
            let mut requests = Vec::with_capacity(some.len() * 72);
            some.iter().for_each(|id| wire::destroy_request(&mut requests, id));
            send(fd, &requests, MsgFlags::empty())?;
            self.drain()?;
        }
        Ok(())
    }

    /// Only failures are answered. ENOENT: it had expired meanwhile.
    fn drain(&mut self) -> io::Result<()> {
        let mut refused = Ok(());
        while let Ok(got) = recv(self.fd.as_raw_fd(), &mut self.buffer, MsgFlags::MSG_DONTWAIT) {
            if let Told::Refused(errno) = wire::read(&self.buffer[..got], &mut |_| ())
                && errno != nix::libc::ENOENT
                && errno != 0
            {
                refused = Err(io::Error::from_raw_os_error(errno));
            }
        }
        refused
    }
}
