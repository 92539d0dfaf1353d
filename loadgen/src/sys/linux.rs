//! Provides Linux's own: two socket options that socket2 lacks, thread CPU time, a precise alarm.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Registry, Token};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::socket::{setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use nix::{setsockopt_impl, sockopt_impl};
use socket2::{Domain, Protocol, Socket, Type};

/// epoll gives a new edge for what arrives after a short read, so a short read has drained the
/// socket.
pub const SHORT_READ_DRAINS: bool = true;

/// `include/uapi/linux/in.h`.
const IP_LOCAL_PORT_RANGE: libc::c_int = 51;

sockopt_impl!(
    /// IP_LOCAL_PORT_RANGE (Linux 6.3 and later): low | high << 16.
    IpLocalPortRange,
    SetOnly,
    libc::IPPROTO_IP,
    IP_LOCAL_PORT_RANGE,
    u32
);

/// Opens a non-blocking TCP socket.
///
/// # Errors
/// No descriptor or no memory is left.
pub fn open_socket(domain: Domain) -> io::Result<Socket> {
    Socket::new_raw(domain, Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))
}

/// Narrows the kernel's choice of source ports for this socket. Honoured only inside
/// `ip_local_port_range`.
///
/// # Errors
/// The kernel is older than 6.3 (ENOPROTOOPT).
pub fn narrow_ports(socket: &Socket, low: u16, high: u16) -> io::Result<()> {
    Ok(setsockopt(socket, IpLocalPortRange, &(u32::from(low) | u32::from(high) << 16))?)
}

/// Lets `bind()` to an address leave the port to `connect()` (IP_BIND_ADDRESS_NO_PORT), so that
/// ports are exhausted per 4-tuple and at `connect()`, as without a source address.
///
/// # Errors
/// The kernel is older than 4.2.
pub fn bind_address_no_port(socket: &Socket) -> io::Result<()> {
    Ok(setsockopt(socket, sockopt::IpBindAddressNoPort, &true)?)
}

/// The range of source ports that the kernel gives out in this thread's network namespace.
pub fn kernel_ports() -> Option<(u16, u16)> {
    parse_port_range(&std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?)
}

/// Reads the text of `/proc/sys/net/ipv4/ip_local_port_range`: `32768\t60999`.
fn parse_port_range(text: &str) -> Option<(u16, u16)> {
    let mut words = text.split_ascii_whitespace();
    let range = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    (range.0 <= range.1).then_some(range)
}

/// CPU time of the calling thread so far, seconds.
pub fn thread_cpu_s() -> f64 {
    nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID)
        .map_or(0.0, |spec| Duration::from(spec).as_secs_f64())
}

/// Raises the soft limit of descriptors to the hard one, as far as that is allowed.
pub fn raise_descriptor_limit() {
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE)
        && soft < hard
    {
        // A refusal leaves the soft limit, which then shows itself as EMFILE, counted.
        let _refused = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Lowers the soft limit of descriptors.
///
/// # Errors
/// The hard limit is lower still.
pub fn limit_descriptors(most: u64) -> io::Result<()> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(setrlimit(Resource::RLIMIT_NOFILE, most, hard)?)
}

/// Wakes the poll at a moment finer than its own millisecond time-out (epoll_wait: lateness p99
/// of 1.09 ms, measured on 6.18).
#[derive(Debug)]
pub struct Alarm {
    timer: TimerFd,
    armed_us: Option<u64>,
}

impl Alarm {
    /// Makes an alarm that reports as `token`.
    ///
    /// # Errors
    /// No descriptor for a timer.
    pub fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
        let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
        let fd = timer.as_fd().as_raw_fd();
        registry.register(&mut SourceFd(&fd), token, Interest::READABLE)?;
        Ok(Self { timer, armed_us: None })
    }

    /// Sets it to go off at `at_us`.
    pub fn set(&mut self, at_us: u64, now_us: u64) {
        if self.armed_us == Some(at_us) && at_us > now_us {
            return;
        }
        let ahead = Duration::from_micros(at_us.saturating_sub(now_us).max(1));
        let once = Expiration::OneShot(TimeSpec::from_duration(ahead));
        // Without it the poll's own time-out still wakes, a millisecond late at worst.
        if self.timer.set(once, TimerSetTimeFlags::empty()).is_ok() {
            self.armed_us = Some(at_us);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_range_is_two_numbers() {
        for (text, range) in [
            ("32768\t60999\n", Some((32768, 60999))),
            ("1025 5000", Some((1025, 5000))),
            ("60999 32768", None),
            ("", None),
            ("1 70000", None),
        ] {
            assert_eq!(parse_port_range(text), range, "{text:?}");
        }
    }
}
