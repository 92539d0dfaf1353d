//! Defines the messages of sock_diag for TCP over IPv4, as bytes (linux/inet_diag.h: nlmsghdr 16,
//! inet_diag_req_v2 56, inet_diag_msg 72 bytes; ports and addresses in network order).

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use model::reading::TcpState;

const HEADER: usize = 16;
const REQUEST: usize = HEADER + 56;
const MESSAGE: usize = 72;
const TYPE_ERROR: u16 = 2;
const TYPE_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const SOCK_DESTROY: u16 = 21;
const FLAG_REQUEST: u16 = 1;
const FLAG_DUMP: u16 = 0x300;
const AF_INET: u8 = 2;
const IPPROTO_TCP: u8 = 6;

/// TIME_WAIT as a bit of a dump's state mask.
pub const ONLY_TIME_WAIT: u32 = 1 << 6;
/// Every state.
pub const ALL_STATES: u32 = u32::MAX;

/// One socket of the namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Socket {
    /// Its state.
    pub state: TcpState,
    /// Its own address.
    pub local: SocketAddr,
    /// Its peer's.
    pub remote: SocketAddr,
    /// What is left of its timer, milliseconds; of TIME_WAIT what is left of 60 s.
    pub expires_ms: u32,
    /// What names it to the kernel.
    pub id: [u8; 48],
}

/// What a received buffer came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// More is to come.
    More,
    /// The dump is complete.
    Done,
    /// The kernel refused; an errno.
    Refused(i32),
}

/// A request for all sockets whose state is in `states`.
pub fn dump_request(states: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(REQUEST);
    request(&mut out, SOCK_DIAG_BY_FAMILY, FLAG_REQUEST | FLAG_DUMP, states, &[0; 48]);
    out
}

/// Appends the request to destroy one socket.
pub fn destroy_request(out: &mut Vec<u8>, id: &[u8; 48]) {
    request(out, SOCK_DESTROY, FLAG_REQUEST, ALL_STATES, id);
}

fn request(out: &mut Vec<u8>, kind: u16, flags: u16, states: u32, id: &[u8; 48]) {
    out.extend((REQUEST as u32).to_ne_bytes());
    out.extend(kind.to_ne_bytes());
    out.extend(flags.to_ne_bytes());
    out.extend([0; 8]);
    out.extend([AF_INET, IPPROTO_TCP, 0, 0]);
    out.extend(states.to_ne_bytes());
    out.extend(id);
}

/// Reads one received buffer and hands out its sockets. A message cut short ends the buffer.
pub fn read(buffer: &[u8], each: &mut impl FnMut(Socket)) -> Told {
    let mut rest = buffer;
    while let Some((length, kind)) = header(rest) {
        match kind {
            TYPE_DONE => return Told::Done,
            TYPE_ERROR => {
                let errno = field::<4>(rest, HEADER).map_or(0, i32::from_ne_bytes);
                return Told::Refused(-errno);
            }
            SOCK_DIAG_BY_FAMILY => {
                if let Some(found) = rest.get(HEADER..length).and_then(socket) {
                    each(found);
                }
            }
            _ => {}
        }
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Told::More
}

fn header(buffer: &[u8]) -> Option<(usize, u16)> {
    let length = u32::from_ne_bytes(field(buffer, 0)?) as usize;
    let kind = u16::from_ne_bytes(field(buffer, 4)?);
    (HEADER..=buffer.len()).contains(&length).then_some((length, kind))
}

fn socket(message: &[u8]) -> Option<Socket> {
    let message = message.get(..MESSAGE)?;
    let id: [u8; 48] = field(message, 4)?;
    let port = |at| field(&id, at).map(u16::from_be_bytes);
    let address = |at| field::<4>(&id, at).map(Ipv4Addr::from);
    Some(Socket {
        state: state(message[1]),
        local: SocketAddrV4::new(address(4)?, port(0)?).into(),
        remote: SocketAddrV4::new(address(20)?, port(2)?).into(),
        expires_ms: u32::from_ne_bytes(field(message, 52)?),
        id,
    })
}

/// The kernel's state numbers (include/net/tcp_states.h).
fn state(number: u8) -> TcpState {
    match number {
        1 => TcpState::Established,
        2 => TcpState::SynSent,
        3 | 12 => TcpState::SynReceived,
        4 => TcpState::FinWait1,
        5 => TcpState::FinWait2,
        6 => TcpState::TimeWait,
        8 => TcpState::CloseWait,
        9 => TcpState::LastAck,
        10 => TcpState::Listening,
        11 => TcpState::Closing,
        13 => TcpState::Bound,
        _ => TcpState::Other,
    }
}

fn field<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message as Linux 6.18 sends it for 198.18.0.80:80 → 198.18.0.1:40000 in TIME_WAIT.
    fn time_wait_message() -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(88_u32.to_ne_bytes());
        bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        bytes.extend([0; 10]);
        bytes.extend([AF_INET, 6, 3, 0]);
        bytes.extend(80_u16.to_be_bytes());
        bytes.extend(40_000_u16.to_be_bytes());
        bytes.extend([198, 18, 0, 80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend([198, 18, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        bytes.extend([0; 12]);
        bytes.extend(59_000_u32.to_ne_bytes());
        bytes.extend([0; 16]);
        bytes
    }

    #[test]
    fn a_time_wait_entry_is_read_whole() {
        let mut seen = Vec::new();
        assert_eq!(read(&time_wait_message(), &mut |s| seen.push(s)), Told::More);
        let [socket] = seen[..] else { panic!("one socket, not {}", seen.len()) };
        assert_eq!(socket.state, TcpState::TimeWait);
        assert_eq!(socket.local.to_string(), "198.18.0.80:80");
        assert_eq!(socket.remote.to_string(), "198.18.0.1:40000");
        assert_eq!(socket.expires_ms, 59_000);
    }

    #[test]
    fn a_buffer_cut_anywhere_loses_only_the_message_that_was_cut() {
        let whole = [time_wait_message(), time_wait_message()].concat();
        for cut in 0..=whole.len() {
            let mut seen = 0;
            read(&whole[..cut], &mut |_| seen += 1);
            assert_eq!(seen, cut / 88, "cut at {cut}");
        }
    }

    #[test]
    fn the_end_and_a_refusal_are_told_apart() {
        let plain = |kind: u16, body: i32| {
            let mut bytes = Vec::new();
            bytes.extend(20_u32.to_ne_bytes());
            bytes.extend(kind.to_ne_bytes());
            bytes.extend([0; 10]);
            bytes.extend(body.to_ne_bytes());
            bytes
        };
        assert_eq!(read(&plain(TYPE_DONE, 0), &mut |_| ()), Told::Done);
        assert_eq!(read(&plain(TYPE_ERROR, -1), &mut |_| ()), Told::Refused(1), "EPERM");
    }

    #[test]
    fn requests_have_the_sizes_of_the_kernel() {
        assert_eq!(dump_request(ALL_STATES).len(), 72);
        let mut two = Vec::new();
        destroy_request(&mut two, &[0; 48]);
        destroy_request(&mut two, &[0; 48]);
        assert_eq!(two.len(), 144);
    }
}
