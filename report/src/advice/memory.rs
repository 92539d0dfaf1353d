//! Provides advice about memory: the target's kernel's, and the generator's.

use super::{Told, told};

/// KB298102 (finding a tag's driver), KB820129 (EnableAggressiveMemoryUsage), Sysinternals handle.
pub(super) fn nonpaged_pool(because_of: &[String]) -> Told {
    if let Some(pid) = because_of.iter().find_map(|b| process_of(b, "handles of ")) {
        let text = "that process opens handles and does not close them: restart it (a recycle of its pool) to get the memory back, and have its code find what is opened per request. A reboot, or EnableAggressiveMemoryUsage = 1 (gate at 8 MB free instead of 20 MB), only buys time.";
        return (text, vec![format!("handle64 -s -p {pid}"), format!("handle64 -a -p {pid}")]);
    }
    let tags = because_of.iter().filter_map(|b| b.strip_prefix("tag ")).filter(|t| pasteable(t));
    let find: Vec<String> = tags
        .map(|tag| format!(r"findstr /m /l {tag} %SystemRoot%\System32\drivers\*.sys"))
        .collect();
    if find.is_empty() {
        return told(
            "find the tag that grows: compare two of these, taken some minutes apart. A reboot, or EnableAggressiveMemoryUsage = 1 (gate at 8 MB free instead of 20 MB), only buys time.",
            &["poolmon -n pool.txt"],
        );
    }
    let text = "find the driver that uses the tag, and update or remove it. A reboot, or EnableAggressiveMemoryUsage = 1 (gate at 8 MB free instead of 20 MB), only buys time.";
    (text, find)
}

/// Windows Internals' and Microsoft's guidance on paged pool, commit and system page table entries.
pub(super) fn other(because_of: &[String]) -> Told {
    if because_of.iter().any(|b| b.starts_with("memory of ")) {
        return told(
            "that process commits memory and does not give it back: restart it (a recycle of its pool), and give the host a larger page file only if it needs that much for its work.",
            &[r#"typeperf "\Process(*)\Private Bytes" "\Memory\Committed Bytes" -si 5 -sc 12"#],
        );
    }
    let tags = because_of.iter().filter_map(|b| b.strip_prefix("tag ")).filter(|t| pasteable(t));
    let find: Vec<String> = tags
        .map(|tag| format!(r"findstr /m /l {tag} %SystemRoot%\System32\drivers\*.sys"))
        .collect();
    if !find.is_empty() {
        return (
            "find the driver that uses the tag of paged pool, and update or remove it. A reboot only buys time.",
            find,
        );
    }
    told(
        "find what takes it: paged pool by tag, commit by process, page table entries by drivers that map memory (on x86, /3GB leaves few of them). A reboot only buys time.",
        &[
            "poolmon -p -b",
            r#"typeperf "\Memory\Free System Page Table Entries" "\Memory\Committed Bytes" "\Memory\Pool Paged Bytes" "\Process(*)\Private Bytes" -si 5 -sc 12"#,
        ],
    )
}

/// Linux ip-sysctl (tcp_mem); KB196271 for 10055 on Windows.
pub(super) fn client() -> Told {
    told(
        "the target is not to blame: give the generator more memory for sockets, keep fewer connections open at a time, or share the load among more hosts, and run again.",
        &[
            "cat /proc/net/sockstat",
            "sysctl net.ipv4.tcp_mem",
            r#"typeperf "\Memory\Pool Nonpaged Bytes" "\Memory\Available Bytes" -si 5 -sc 12"#,
        ],
    )
}

/// The id in `handles of w3wp (4120)`.
fn process_of(because: &str, start: &str) -> Option<u32> {
    let (_, pid) = because.strip_prefix(start)?.rsplit_once(" (")?;
    pid.strip_suffix(')')?.parse().ok()
}

/// True for a tag that can stand in a command line as it is.
fn pasteable(tag: &str) -> bool {
    !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric())
}
