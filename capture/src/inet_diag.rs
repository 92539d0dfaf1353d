//! Provides sock_diag's TCP dump: the request, and the reader of what the kernel answers.
//!
//! Layouts are those of `linux/netlink.h`, `linux/sock_diag.h` and `linux/inet_diag.h`; everything
//! but addresses and ports is in the host's byte order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::reading::TcpState;

const NLMSG_HEADER_BYTES: usize = 16;
const INET_DIAG_MSG_BYTES: usize = 72;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const NLM_F_REQUEST_DUMP: u16 = 0x001 | 0x300;
const NLM_F_DUMP_INTR: u16 = 0x10;
const IPPROTO_TCP: u8 = 6;
/// Bits 1 to 13: every state, `BOUND_INACTIVE` (Linux 6.8 and later) included.
const ALL_STATES: u32 = 0x3ffe;
/// `idiag_timer` of a TIME_WAIT, whose `idiag_expires` is the time it has left.
pub const TIMER_TIME_WAIT: u8 = 3;

/// Which sockets a dump is of. A socket of an IPv6 listener is one of IPv6, whatever its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `AF_INET`.
    V4,
    /// `AF_INET6`.
    V6,
}

impl Family {
    /// Linux' number of this address family.
    pub fn number(self) -> u8 {
        match self {
            Self::V4 => 2,
            Self::V6 => 10,
        }
    }
}

/// The request for all TCP sockets of a family.
pub fn dump_request(family: Family, sequence: u32) -> [u8; 72] {
    let mut request = [0; 72];
    request[0..4].copy_from_slice(&72u32.to_ne_bytes());
    request[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    request[6..8].copy_from_slice(&NLM_F_REQUEST_DUMP.to_ne_bytes());
    request[8..12].copy_from_slice(&sequence.to_ne_bytes());
    request[16] = family.number();
    request[17] = IPPROTO_TCP;
    request[20..24].copy_from_slice(&ALL_STATES.to_ne_bytes());
    request
}

/// One socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its family.
    pub family: Family,
    /// Its state; for a mini-socket in the TIME_WAIT table this may also be FIN_WAIT_2.
    pub state: TcpState,
    /// Its own address.
    pub source: IpAddr,
    /// Its own port.
    pub source_port: u16,
    /// The peer's address.
    pub destination: IpAddr,
    /// The peer's port.
    pub destination_port: u16,
    /// Which timer runs; see [`TIMER_TIME_WAIT`].
    pub timer: u8,
    /// Time until that timer ends, milliseconds.
    pub expires_ms: u32,
    /// Bytes to be read; of a listener, completed connections that wait to be accepted.
    pub receive_queue: u32,
    /// Bytes to be sent; of a listener, the most connections that may wait.
    pub send_queue: u32,
    /// Its inode; 0 in TIME_WAIT, which belongs to no process.
    pub inode: u32,
}

/// How a piece of the dump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More is to come.
    More,
    /// The dump is whole.
    Done,
    /// The kernel refused with this errno.
    Refused(i32),
}

/// What a piece of the dump came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How it ended.
    pub progress: Progress,
    /// True where sockets may be missing or told twice, since the tables changed under the dump.
    pub interrupted: bool,
    /// Messages that were cut off or are of another kind.
    pub skipped: u32,
}

/// Reads one datagram of a dump and hands each socket to `entry`. Messages with another sequence
/// number belong to an earlier dump and are passed over.
pub fn decode(mut bytes: &[u8], sequence: u32, entry: &mut impl FnMut(&Entry)) -> Piece {
    let mut piece = Piece { progress: Progress::More, interrupted: false, skipped: 0 };
    while bytes.len() >= NLMSG_HEADER_BYTES {
        let length = u32_at(bytes, 0) as usize;
        if length < NLMSG_HEADER_BYTES || length > bytes.len() {
            piece.skipped += 1;
            return piece;
        }
        let (message, kind) = (&bytes[..length], u16_at(bytes, 4));
        bytes = &bytes[length.next_multiple_of(4).min(bytes.len())..];
        if u32_at(message, 8) != sequence {
            continue;
        }
        piece.interrupted |= u16_at(message, 6) & NLM_F_DUMP_INTR != 0;
        match (kind, message.get(NLMSG_HEADER_BYTES..).unwrap_or_default()) {
            (NLMSG_DONE, _) => piece.progress = Progress::Done,
            (NLMSG_ERROR, body) if body.len() >= 4 => {
                piece.progress = Progress::Refused(u32_at(body, 0).cast_signed().wrapping_neg());
            }
            (SOCK_DIAG_BY_FAMILY, body) => match socket(body) {
                Some(socket) => entry(&socket),
                None => piece.skipped += 1,
            },
            _ => piece.skipped += 1,
        }
    }
    piece
}

/// Reads an `inet_diag_msg`; `None` where it is too short or of another family.
fn socket(body: &[u8]) -> Option<Entry> {
    let body: &[u8; INET_DIAG_MSG_BYTES] = body.first_chunk()?;
    let (family, source, destination) = match body[0] {
        2 => (Family::V4, v4_at(body, 8), v4_at(body, 24)),
        10 => (Family::V6, v6_at(body, 8), v6_at(body, 24)),
        _ => return None,
    };
    Some(Entry {
        family,
        state: state(body[1]),
        source,
        source_port: u16::from_be_bytes([body[4], body[5]]),
        destination,
        destination_port: u16::from_be_bytes([body[6], body[7]]),
        timer: body[2],
        expires_ms: u32_at(body, 52),
        receive_queue: u32_at(body, 56),
        send_queue: u32_at(body, 60),
        inode: u32_at(body, 68),
    })
}

/// The state of a number in `net/tcp_states.h`.
pub(crate) fn state(number: u8) -> TcpState {
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

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_ne_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn v4_at(body: &[u8; INET_DIAG_MSG_BYTES], at: usize) -> IpAddr {
    Ipv4Addr::new(body[at], body[at + 1], body[at + 2], body[at + 3]).into()
}

fn v6_at(body: &[u8; INET_DIAG_MSG_BYTES], at: usize) -> IpAddr {
    let mut octets = [0; 16];
    octets.copy_from_slice(&body[at..at + 16]);
    Ipv6Addr::from(octets).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEQUENCE: u32 = 7;

    fn message(kind: u16, flags: u16, sequence: u32, body: &[u8]) -> Vec<u8> {
        let mut bytes = ((NLMSG_HEADER_BYTES + body.len()) as u32).to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(body);
        bytes
    }

    /// An `inet_diag_msg` built from the offsets of `linux/inet_diag.h`.
    fn diag(family: u8, state: u8, source: &[u8], destination: &[u8]) -> Vec<u8> {
        let mut body = vec![family, state, TIMER_TIME_WAIT, 0];
        body.extend(8080u16.to_be_bytes());
        body.extend(50_001u16.to_be_bytes());
        for address in [source, destination] {
            body.extend(address);
            body.resize(body.len().next_multiple_of(8).max(body.len() + 16 - address.len()), 0);
        }
        body.extend([0; 12]); // interface and cookie
        body.extend(58_250u32.to_ne_bytes());
        body.extend(3u32.to_ne_bytes());
        body.extend(128u32.to_ne_bytes());
        body.extend([0; 4]); // uid
        body.extend(4_711u32.to_ne_bytes());
        assert_eq!(body.len(), INET_DIAG_MSG_BYTES);
        body
    }

    fn decoded(bytes: &[u8]) -> (Vec<Entry>, Piece) {
        let mut entries = Vec::new();
        let piece = decode(bytes, SEQUENCE, &mut |e| entries.push(*e));
        (entries, piece)
    }

    #[test]
    fn sockets_of_both_families_are_read() {
        let v6 = Ipv6Addr::LOCALHOST.octets();
        let mut bytes = message(20, 2, SEQUENCE, &diag(2, 6, &[192, 0, 2, 1], &[198, 51, 100, 7]));
        bytes.extend(message(20, 2, SEQUENCE, &diag(10, 10, &v6, &[0; 16])));
        bytes.extend(message(NLMSG_DONE, 2, SEQUENCE, &[0; 4]));
        let (entries, piece) = decoded(&bytes);
        assert_eq!(piece, Piece { progress: Progress::Done, interrupted: false, skipped: 0 });
        assert_eq!(
            entries[0],
            Entry {
                family: Family::V4,
                state: TcpState::TimeWait,
                source: [192, 0, 2, 1].into(),
                source_port: 8080,
                destination: [198, 51, 100, 7].into(),
                destination_port: 50_001,
                timer: TIMER_TIME_WAIT,
                expires_ms: 58_250,
                receive_queue: 3,
                send_queue: 128,
                inode: 4_711,
            }
        );
        assert_eq!(entries[1].source, IpAddr::from(v6));
        assert_eq!(entries[1].state, TcpState::Listening);
    }

    #[test]
    fn odd_messages_lose_no_other() {
        let good = message(20, 2, SEQUENCE, &diag(2, 1, &[127, 0, 0, 1], &[127, 0, 0, 1]));
        let short = message(20, 2, SEQUENCE, &[2, 1, 0, 0]);
        let stale = message(20, 2, SEQUENCE - 1, &diag(2, 1, &[127, 0, 0, 1], &[127, 0, 0, 1]));
        let changed = message(20, 2 | NLM_F_DUMP_INTR, SEQUENCE, &good[16..]);
        let refused = message(NLMSG_ERROR, 0, SEQUENCE, &(-13i32).to_ne_bytes());
        for (bytes, entries, progress, interrupted, skipped, why) in [
            ([short, good.clone()].concat(), 1, Progress::More, false, 1, "one too short"),
            ([stale, good.clone()].concat(), 1, Progress::More, false, 0, "an earlier dump's"),
            ([changed, good.clone()].concat(), 2, Progress::More, true, 0, "tables changed"),
            (refused, 0, Progress::Refused(13), false, 0, "EACCES"),
            (good[..40].to_vec(), 0, Progress::More, false, 1, "cut off"),
            ([good.clone(), vec![1, 2, 3]].concat(), 1, Progress::More, false, 0, "crumbs"),
            (vec![0; 32], 0, Progress::More, false, 1, "a length of zero must not loop"),
        ] {
            let (seen, piece) = decoded(&bytes);
            assert_eq!(seen.len(), entries, "{why}");
            assert_eq!(piece, Piece { progress, interrupted, skipped }, "{why}");
        }
    }

    #[test]
    fn the_least_number_for_an_error_does_not_overflow() {
        let odd = message(NLMSG_ERROR, 0, SEQUENCE, &i32::MIN.to_ne_bytes());
        assert_eq!(decoded(&odd).1.progress, Progress::Refused(i32::MIN));
    }

    #[test]
    fn the_request_asks_for_every_tcp_socket() {
        let request = dump_request(Family::V6, 3);
        assert_eq!((request[16], request[17]), (10, 6));
        assert_eq!(u32_at(&request, 0) as usize, request.len());
        assert_eq!(u16_at(&request, 6), 0x301);
        assert_eq!(u32_at(&request, 20), 0x3ffe);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_their_end(
            parts in prop::collection::vec((0_u16..24, any::<u16>(), prop::collection::vec(any::<u8>(), 0..90)), 0..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let whole: Vec<u8> =
                parts.iter().flat_map(|(kind, flags, body)| message(*kind, *flags, SEQUENCE, body)).collect();
            let bytes = &whole[..cut.index(whole.len() + 1)];
            let (entries, piece) = decoded(bytes);
            prop_assert!(entries.len() + piece.skipped as usize <= bytes.len() / NLMSG_HEADER_BYTES + 1);
        }
    }
}
