//! Provides the profiles, a file per family, and the facts that several families share.

mod linux;
mod windows_2000;
mod windows_2003;
mod windows_2008;
mod windows_2012;
mod windows_2016;

use crate::profile::{ConnectionTags, PortRange, Profile};
use crate::sourced::Sourced;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// Every profile, oldest first.
static ALL: [Profile; 10] = [
    windows_2000::WINDOWS_2000,
    windows_2003::X86,
    windows_2003::X86_3GB,
    windows_2003::X64,
    windows_2008::WINDOWS_2008,
    windows_2012::WINDOWS_2012R2,
    windows_2016::WINDOWS_2016,
    windows_2016::WINDOWS_2022,
    windows_2016::WINDOWS_2025,
    linux::LINUX,
];

/// Every profile, oldest first.
pub fn all() -> &'static [Profile] {
    &ALL
}

/// The profile of this name.
pub fn profile(name: &str) -> Option<&'static Profile> {
    ALL.iter().find(|p| p.name == name)
}

/// "20 MB" is read as 20 MiB: the kernel's HighNonPagedPoolCondition lies there.
const GATE: Sourced<u64> =
    Sourced::stated(20 * MIB, "KB820129, KB820729, KB934878: refuses below 20 MB");

/// "8 MB" is read as 8 MiB, as the 20 MB beside it.
const GATE_AGGRESSIVE: Sourced<u64> =
    Sourced::stated(8 * MIB, "KB820129, KB934878: EnableAggressiveMemoryUsage = 1, below 8 MB");

/// Nobody has published the pool of one connection; the largest figure at hand is taken, since a
/// ledger that charges too little hides an outage.
const BYTES_PER_OPEN_CONNECTION: Sourced<u64> =
    Sourced::assumed(4096, "upper end of the 2-4 KB per connection of a 2000s TIME_WAIT article")
        .beside(&[
            (2048, "lower end of the same article"),
            (3200, "Linux 6.18, measured: slab caches TCP 2368 + sock_inode_cache 832"),
        ]);

/// Nobody has published the size of a TcTW allocation; the one stack that was measured is taken.
const BYTES_PER_TIME_WAIT: Sourced<u64> =
    Sourced::assumed(256, "Linux 6.18, measured: slab cache tw_sock_TCP").beside(&[
        (2048, "a 2000s TIME_WAIT article, 2-4 KB \"per port\", lower end"),
        (4096, "a 2000s TIME_WAIT article, 2-4 KB \"per port\", upper end"),
    ]);

/// TIME_WAIT since Vista.
const TIME_WAIT_120: Sourced<f64> =
    Sourced::assumed(120.0, "sample code and common reports for Vista/2008 and later; calibrate")
        .beside(&[
            (240.0, "Microsoft, TCP/IP port exhaustion troubleshooting (2025): 4 minutes"),
            (60.0, "Exchange Analyzer bb397379, as a \"default\" it recommends"),
        ]);

const IDLE_TIMEOUT: Sourced<f64> = Sourced::stated(
    120.0,
    "KB820729: ConnectionTimeout, 2 minutes; IIS connectionTimeout 00:02:00",
);

const PORTS_NT5: Sourced<PortRange> = Sourced::stated(
    PortRange { low: 1025, high: 5000 },
    "KB196271: MaxUserPort 5000",
)
.beside(&[(PortRange { low: 1024, high: 5000 }, "the same range as other articles print it")]);

const PORTS_VISTA: Sourced<PortRange> =
    Sourced::stated(PortRange { low: 49152, high: 65535 }, "KB929851: dynamic port range")
        .beside(&[(PortRange { low: 1025, high: 60000 }, "KB929851: with Exchange 2007 on 2008")]);

/// pooltag.txt of current Windows: UlHC HTTP connection, TTcb TCP connections, TcTW TIME_WAIT TCBs.
const TAGS_VISTA: ConnectionTags =
    ConnectionTags { http_connection: "UlHC", tcp_control_block: "TTcb", time_wait: "TcTW" };

/// What the rest of a current host holds. Assumed: ordinary tags, no share of theirs is published.
const BASELINE_VISTA: &[(&str, u32, u64)] = &[
    ("MmCm", 180, 8806),
    ("EtwB", 220, 65536),
    ("File", 160, 400),
    ("Thre", 110, 1280),
    ("NDpp", 110, 4096),
    ("Nbuf", 90, 2048),
    ("NtxF", 70, 512),
    ("AfdE", 60, 400),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::HostOs;

    #[test]
    fn every_name_finds_its_profile_once() {
        for p in all() {
            assert_eq!(profile(p.name), Some(p), "{}", p.name);
        }
        assert_eq!(profile("windows-11"), None);
    }

    #[test]
    fn baselines_add_up_and_their_tags_fit_poolmon() {
        for p in all().iter().filter(|p| p.os == HostOs::Windows) {
            let sum: u32 = p.baseline_tags.iter().map(|(_, share, _)| share).sum();
            assert_eq!(sum, 1000, "{}", p.name);
            for (tag, _, each) in p.baseline_tags {
                assert!(tag.len() == 4 && *each > 0, "{}: {tag}", p.name);
            }
        }
    }

    #[test]
    fn ceilings_follow_ram_as_the_memory_limits_page_says() {
        for (name, ram_bytes, ceiling_bytes, why) in [
            ("windows-2003-x86", None, Some(256 * MIB), "256 MB on x86"),
            (
                "windows-2003-x86-3gb",
                Some(16 * GIB),
                Some(128 * MIB),
                "128 MB with /3GB at any RAM",
            ),
            ("windows-2003-x64", Some(10 * GIB), Some(4 * GIB), "40 % of RAM"),
            ("windows-2003-x64", Some(TIB), Some(128 * GIB), "… and never over 128 GB"),
            ("windows-2008", Some(8 * GIB), Some(6 * GIB), "75 % of RAM"),
            ("windows-2012r2", Some(64 * GIB), Some(64 * GIB), "all of RAM"),
            ("windows-2025", Some(32 * TIB), Some(16 * TIB), "… and never over 16 TB"),
            ("windows-2008", Some(u64::MAX), Some(128 * GIB), "an absurd RAM does not overflow"),
            ("linux", Some(GIB), None, "Linux has no such pool"),
        ] {
            let found = profile(name).unwrap().ceiling_bytes(ram_bytes);
            assert_eq!(found, ceiling_bytes, "{name}: {why}");
        }
    }

    #[test]
    fn paged_pools_have_the_ceilings_of_the_memory_limits_page() {
        for (name, ceiling_bytes) in [
            ("windows-2000", Some(350 * MIB)),
            ("windows-2003-x86", Some(530 * MIB)),
            ("windows-2003-x64", Some(128 * GIB)),
            ("windows-2008", Some(128 * GIB)),
            ("windows-2025", Some(31 * TIB / 2)),
            ("linux", None),
        ] {
            assert_eq!(profile(name).unwrap().paged_ceiling_bytes(None), ceiling_bytes, "{name}");
        }
    }

    #[test]
    fn port_counts_are_those_of_the_articles() {
        for (name, count) in [
            ("windows-2000", 3976),
            ("windows-2003-x64", 3976),
            ("windows-2008", 16384),
            ("windows-2022", 16384),
            ("linux", 28232),
        ] {
            assert_eq!(profile(name).unwrap().ports.value.count(), count, "{name}");
        }
    }

    #[test]
    fn only_a_host_with_http_sys_has_a_gate_and_its_log() {
        for p in all() {
            let http_sys = !matches!(p.name, "windows-2000" | "linux");
            assert_eq!(p.gate_bytes.is_some(), http_sys, "{}", p.name);
            assert_eq!(p.gate_aggressive_bytes.is_some(), http_sys, "{}", p.name);
            let logs = p.httperr != crate::profile::HttperrEra::None;
            assert_eq!(logs, http_sys, "{}", p.name);
            assert_eq!(p.httperr_software.is_empty(), !http_sys, "{}", p.name);
        }
    }
}
