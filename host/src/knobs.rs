//! Provides the settings that people turn against connection churn: which systems they work on, in which
//! direction, where they are set, and how that is undone.

use model::capacity::Applies;

use crate::profile::{HostOs, Profile};
use model::run::PortAllocation;

/// A family of systems that take the same settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Windows 2000 and Server 2003.
    Nt5,
    /// Server 2008 to 2012 R2 as installed.
    Vista,
    /// Server 2016 and later; 2012 R2 with its updates.
    Win10,
    /// Linux.
    Linux,
}

impl Family {
    /// Every family, oldest first.
    pub const ALL: [Self; 4] = [Self::Nt5, Self::Vista, Self::Win10, Self::Linux];

    /// The family of a profile.
    pub fn of(profile: &Profile) -> Self {
        match (profile.os, profile.port_allocation.value) {
            (HostOs::Linux, _) => Self::Linux,
            // The range of NT 5 is its mark: later systems begin at 49152.
            _ if profile.ports.value.low < 49152 => Self::Nt5,
            (HostOs::Windows, PortAllocation::Global) => Self::Vista,
            (HostOs::Windows, PortAllocation::PerTuple) => Self::Win10,
        }
    }

    /// The words used on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Nt5 => "Windows 2000, 2003",
            Self::Vista => "Server 2008 to 2012 R2",
            Self::Win10 => "Server 2016 and later",
            Self::Linux => "Linux",
        }
    }
}

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Knob {
    /// How long TIME_WAIT lasts.
    TimeWait,
    /// Which ports may be given out.
    PortRange,
    /// How many requests share a connection.
    KeepAlive,
    /// From how many addresses connections are opened.
    SourceAddresses,
    /// The lower gate of HTTP.sys.
    AggressiveMemory,
    /// A driver that leaks, repaired.
    LeakFixed,
}

/// Whether a setting works, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// On connections that the host opens.
    pub outgoing: Applies,
    /// On connections that it accepts.
    pub incoming: Applies,
    /// What it does, with where that was read.
    pub because: &'static str,
}

const fn effect(outgoing: Applies, incoming: Applies, because: &'static str) -> Effect {
    Effect { outgoing, incoming, because }
}

impl Knob {
    /// Every setting, in report order.
    pub const ALL: [Self; 6] = [
        Self::TimeWait,
        Self::PortRange,
        Self::KeepAlive,
        Self::SourceAddresses,
        Self::AggressiveMemory,
        Self::LeakFixed,
    ];

    /// The words used on screen; a family's own name for it.
    pub fn name(self, family: Family) -> &'static str {
        match (self, family) {
            (Self::TimeWait, Family::Linux) => "tcp_fin_timeout",
            (Self::TimeWait, _) => "TcpTimedWaitDelay",
            (Self::PortRange, Family::Nt5) => "MaxUserPort",
            (Self::PortRange, Family::Linux) => "ip_local_port_range",
            (Self::PortRange, _) => "dynamic port range",
            (Self::KeepAlive, _) => "keep-alive",
            (Self::SourceAddresses, _) => "source addresses",
            (Self::AggressiveMemory, _) => "EnableAggressiveMemoryUsage",
            (Self::LeakFixed, _) => "leak fixed",
        }
    }

    /// Whether it works on a family of systems.
    pub fn effect(self, family: Family) -> Effect {
        use Applies::{NoEffect, Unverified, Yes};
        match (self, family) {
            (Self::TimeWait, Family::Linux) => effect(
                NoEffect,
                NoEffect,
                "TIME_WAIT is compiled in, 60 s; tcp_fin_timeout is for FIN_WAIT_2 (ip-sysctl)",
            ),
            (Self::TimeWait, Family::Nt5) => effect(
                Yes,
                Yes,
                "ports come back sooner where this host closes first (cc938217, ms819739); on accepted connections it only frees pool",
            ),
            (Self::TimeWait, _) => effect(
                Unverified,
                Unverified,
                "still documented; that the stack since Vista honours it is to be seen from the length itself",
            ),
            (Self::PortRange, Family::Nt5) => effect(
                Yes,
                NoEffect,
                "MaxUserPort, 5000 to 65534 (KB196271); an accepted connection uses no port of the range",
            ),
            (Self::PortRange, Family::Linux) => {
                effect(Yes, NoEffect, "net.ipv4.ip_local_port_range (ip-sysctl)")
            }
            (Self::PortRange, _) => {
                effect(Yes, NoEffect, "netsh; MaxUserPort has no effect since Vista (KB929851)")
            }
            (Self::KeepAlive, _) => {
                effect(Yes, Yes, "fewer connections for the same requests, whoever closes first")
            }
            (Self::SourceAddresses, Family::Nt5 | Family::Vista) => effect(
                NoEffect,
                NoEffect,
                "a port in use is taken for every destination and address (KB196271; reuse came with KB3149157)",
            ),
            (Self::SourceAddresses, _) => effect(
                Yes,
                NoEffect,
                "ports are counted per source address and destination (KB3149157; Linux)",
            ),
            (Self::AggressiveMemory, Family::Linux) => {
                effect(NoEffect, NoEffect, "there is no HTTP.sys")
            }
            (Self::AggressiveMemory, _) => effect(
                NoEffect,
                Yes,
                "HTTP.sys refuses below 8 MB free instead of 20 MB (KB820129): no capacity, 12 MB nearer the cliff",
            ),
            (Self::LeakFixed, Family::Linux) => effect(NoEffect, NoEffect, "there is no such pool"),
            (Self::LeakFixed, _) => {
                effect(NoEffect, Yes, "the pool then holds what connections need, and no more")
            }
        }
    }
}

/// How a setting is made, and unmade.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// Where it is set.
    pub path: &'static str,
    /// What kind of value it is.
    pub kind: &'static str,
    /// What must be restarted.
    pub reboot: &'static str,
    /// How to see that it is in force.
    pub check: &'static str,
    /// How to undo it.
    pub rollback: &'static str,
}

const SEE_TIME_WAIT: &str = "close one connection first and time its TIME_WAIT in netstat -an at one look a second; churnlab compare tells it from the record";

impl Knob {
    /// How it is made on a family of systems; `None` where it does nothing there.
    pub fn recipe(self, family: Family) -> Option<Recipe> {
        match (self, family) {
            (Self::TimeWait, Family::Linux) | (Self::LeakFixed, _) => None,
            (Self::TimeWait, _) => Some(Recipe {
                path: r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\TcpTimedWaitDelay",
                kind: "REG_DWORD, seconds, 30 to 300",
                reboot: "reboot",
                check: SEE_TIME_WAIT,
                rollback: "set the value before, or delete it where there was none, and reboot",
            }),
            (Self::PortRange, Family::Nt5) => Some(Recipe {
                path: r"HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters\MaxUserPort",
                kind: "REG_DWORD, the highest port, 5000 to 65534",
                reboot: "reboot",
                check: "netstat -an under load shows local ports above 5000",
                rollback: "set the value before, or delete it where there was none, and reboot",
            }),
            (Self::PortRange, Family::Linux) => Some(Recipe {
                path: "net.ipv4.ip_local_port_range",
                kind: "sysctl, first and last port",
                reboot: "none",
                check: "sysctl net.ipv4.ip_local_port_range",
                rollback: "sysctl -w with the pair before",
            }),
            (Self::PortRange, _) => Some(Recipe {
                path: "netsh int ipv4 set dynamicport tcp start=… num=…",
                kind: "first port and number of ports",
                reboot: "none; open sockets keep their ports",
                check: "netsh int ipv4 show dynamicport tcp, and show excludedportrange protocol=tcp",
                rollback: "the same command with the pair before",
            }),
            (Self::KeepAlive, _) => Some(Recipe {
                path: "the clients and their pools; on IIS system.webServer/httpProtocol allowKeepAlive",
                kind: "requests per connection",
                reboot: "none",
                check: "connections per request in the IIS log against windows_tcp_connections_passive_total",
                rollback: "let clients close after each request again",
            }),
            (Self::SourceAddresses, Family::Nt5 | Family::Vista) => None,
            (Self::SourceAddresses, _) => Some(Recipe {
                path: "further addresses on the interface, and clients that bind to them in turn",
                kind: "addresses",
                reboot: "none",
                check: "netstat -an shows each of them as local address",
                rollback: "remove the addresses",
            }),
            (Self::AggressiveMemory, Family::Linux) => None,
            (Self::AggressiveMemory, _) => Some(Recipe {
                path: r"HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\EnableAggressiveMemoryUsage",
                kind: "REG_DWORD, 0 or 1",
                reboot: "restart of the HTTP service and what depends on it",
                check: "no other way is documented than the level at which it refuses",
                rollback: "set 0 and restart the HTTP service",
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_fall_into_families() {
        for (name, family) in [
            ("windows-2000", Family::Nt5),
            ("windows-2003-x64", Family::Nt5),
            ("windows-2008", Family::Vista),
            ("windows-2012r2", Family::Vista),
            ("windows-2016", Family::Win10),
            ("windows-2025", Family::Win10),
            ("linux", Family::Linux),
        ] {
            assert_eq!(Family::of(crate::profile(name).unwrap()), family, "{name}");
        }
    }

    #[test]
    fn what_does_nothing_has_no_recipe_and_what_works_has_one() {
        for knob in Knob::ALL.into_iter().filter(|knob| *knob != Knob::LeakFixed) {
            for family in Family::ALL {
                let Effect { outgoing, incoming, because } = knob.effect(family);
                let works = [outgoing, incoming].iter().any(|a| *a != Applies::NoEffect);
                assert_eq!(works, knob.recipe(family).is_some(), "{knob:?} on {family:?}");
                assert!(!because.is_empty());
            }
        }
    }
}
