//! Provides the way from nothing to a connection under way: socket, bind, `connect()`, each
//! non-blocking, with the attempt machine told of every step.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use mio::net::TcpStream;
use model::attempt::Os;
use socket2::{Domain, SockAddr, Socket};

use crate::attempt::Attempt;
use crate::conversation::Conversation;
use crate::os_error;
use crate::ports::Ports;
use crate::step::{Action, Step};
use crate::sys;

/// Run time as a clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Run time zero.
    pub t0: Instant,
}

impl Clock {
    /// Microseconds of run time; zero before run time zero.
    pub fn now_us(&self) -> u64 {
        Instant::now().saturating_duration_since(self.t0).as_micros() as u64
    }
}

/// What dialling came to.
pub struct Dialled {
    /// `Wait`: the connection is under way. `Pause` or `Done`: see there.
    pub action: Action,
    /// The socket, where the connection is under way.
    pub stream: Option<TcpStream>,
    /// The port of our own map that it is bound to.
    pub port: Option<u16>,
    /// How long `connect()` took, where it was called.
    pub connect_call_us: Option<u64>,
}

/// Dials one target.
pub struct Dialler {
    target: SocketAddr,
    address: SockAddr,
    domain: Domain,
    /// Where source ports come from.
    pub ports: Ports,
}

impl Dialler {
    /// Dials `target` from ports chosen so.
    pub fn new(target: SocketAddr, ports: Ports) -> Self {
        Self { target, address: target.into(), domain: Domain::for_address(target), ports }
    }

    /// Starts one try of an attempt.
    pub fn dial(
        &mut self,
        attempt: &mut Attempt,
        talk: &Conversation,
        source: Option<IpAddr>,
        clock: Clock,
    ) -> Dialled {
        let mut socket: Option<Socket> = None;
        let mut dialled =
            Dialled { action: Action::Open, stream: None, port: None, connect_call_us: None };
        loop {
            let step = match (dialled.action, &socket) {
                (Action::Open, _) => match sys::open_socket(self.domain) {
                    Ok(opened) => {
                        socket = Some(opened);
                        Step::Opened
                    }
                    Err(error) => Step::OsError(os_error::code(&error)),
                },
                (Action::Bind, Some(socket)) => match self.bind(socket, source) {
                    Ok(port) => {
                        dialled.port = port;
                        Step::Bound
                    }
                    Err(code) => Step::OsError(code),
                },
                (Action::Connect, Some(socket)) => {
                    let before = Instant::now();
                    let result = socket.connect(&self.address);
                    dialled.connect_call_us = Some(before.elapsed().as_micros() as u64);
                    connect_step(result)
                }
                _ => break,
            };
            dialled.action = attempt.step(talk, step, clock.now_us());
        }
        if dialled.action == Action::Wait {
            dialled.stream = socket.map(|s| TcpStream::from_std(s.into()));
        }
        dialled
    }

    /// Binds as far as source address and ports ask; gives the port of our own map, if any.
    fn bind(&mut self, socket: &Socket, source: Option<IpAddr>) -> Result<Option<u16>, i32> {
        let any: IpAddr = match self.target {
            SocketAddr::V4(_) => std::net::Ipv4Addr::UNSPECIFIED.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
        };
        let bind = |port: u16| {
            let address = SocketAddr::new(source.unwrap_or(any), port);
            socket.bind(&address.into()).map_err(|error| os_error::code(&error))
        };
        match &mut self.ports {
            Ports::Own(map) => {
                // A port in TIME_WAIT or in another's use is passed over, as the kernel would.
                for _ in 0..map.free(source) {
                    let Some(port) = map.take(source) else { break };
                    match bind(port) {
                        Ok(()) => return Ok(Some(port)),
                        Err(code) => {
                            map.give_back(source, port);
                            if code != os_error::address_in_use() {
                                return Err(code);
                            }
                        }
                    }
                }
                return Err(os_error::address_in_use());
            }
            Ports::Narrowed { low, high } => {
                sys::narrow_ports(socket, *low, *high).map_err(|error| os_error::code(&error))?;
            }
            Ports::Kernel => {}
        }
        if source.is_some() {
            sys::bind_address_no_port(socket).map_err(|error| os_error::code(&error))?;
            bind(0)?;
        }
        Ok(None)
    }
}

fn connect_step(result: io::Result<()>) -> Step<'static> {
    match result.map_err(|error| os_error::code(&error)) {
        Ok(()) => Step::Begun,
        Err(code) if os_error::is_in_progress(Os::HERE, code) => Step::Begun,
        Err(code) => Step::OsError(code),
    }
}
