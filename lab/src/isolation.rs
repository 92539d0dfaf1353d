//! Defines how the two hosts stand apart on this machine, and the addresses that they have then.

/// The generator's address; the target's is [`TARGET_IP`].
pub const GENERATOR_IP: [u8; 4] = [198, 18, 0, 1];
/// A second address of the generator's host, for probes.
pub const PROBE_IP: [u8; 4] = [198, 18, 0, 2];
/// The target's address. 198.18.0.0/15 is set aside for benchmarks (RFC 2544).
pub const TARGET_IP: [u8; 4] = [198, 18, 0, 80];

/// Where the path between the two ends on the generator's side, and on the target's, where something
/// lies between them.
pub const PATH_IPS: [[u8; 4]; 2] = [[198, 18, 0, 254], [198, 18, 0, 253]];
/// The target's address on the wire to its backend.
pub const TARGET_BACK_IP: [u8; 4] = [198, 19, 0, 80];
/// The backend's address.
pub const BACKEND_IP: [u8; 4] = [198, 19, 0, 90];

/// TIME_WAIT of the Linux kernel: TCP_TIMEWAIT_LEN, a constant (Linux 6.18).
pub const KERNEL_TIME_WAIT_S: f64 = 60.0;

/// What plain loopback changes, for the sentence that announces it.
const LOOPBACK_CHANGES: &str = "generator and target share this machine's loopback: TIME_WAIT of the target is emulated, \
     ports and counters are not each host's own";

/// Whether generator and target have a network stack each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// They have: this process is in the generator's namespace.
    Namespaces,
    /// They share one, over 127.0.0.1.
    Loopback {
        /// A sentence that says why, and what it changes.
        because: String,
    },
}

impl Isolation {
    /// Plain loopback, for this reason.
    pub fn loopback(why: &str) -> Self {
        Self::Loopback { because: format!("{why}; {LOOPBACK_CHANGES}.") }
    }
}
