//! Provides the names that captures hold, where their structure says what is one: a host in a counter's
//! path, an account in an event's message, a site in a label.

use capture::exposition::Exposition;
use capture::perfmon::Column;
use model::names::Names;
use model::run::RunInfo;

use crate::Gathered;
use crate::join::TARGET;

/// Objects whose instances are of the system's making, and tell nothing about who runs it.
const OF_THE_SYSTEM: &[&str] = &[
    "Process",
    "Processor",
    "Processor Information",
    "Thread",
    "LogicalDisk",
    "PhysicalDisk",
    "Paging File",
    "Network Interface",
    "Network Adapter",
    "Cache",
    "NUMA Node Memory",
];
/// Accounts that every host has.
const EVERYBODYS: &[&str] = &[
    "system",
    "local service",
    "network service",
    "localsystem",
    "localservice",
    "networkservice",
];

/// All names in these captures.
pub fn names(g: &Gathered) -> Names {
    let mut names = g.facts.names.clone();
    names.files.extend(g.inputs.iter().map(|input| input.file.clone()));
    names.join(names_of_run(&g.run));
    let peers = g.snapshots.iter().filter_map(|s| s.sockets.as_ref());
    for peer in peers.flat_map(|sockets| sockets.time_wait_by_peer.keys()) {
        names.hosts.extend(host_of(peer));
    }
    names.labels.extend(g.tally.iter().flat_map(|tally| tally.queues()).map(str::to_owned));
    names
}

/// The names in `run.json`: the files that its command names, and its target.
pub fn names_of_run(run: &RunInfo) -> Names {
    let mut names = Names::default();
    names.files.extend(run.command.iter().filter(|arg| is_path(arg)).cloned());
    // Captures are of a host that is called the target where nothing else is known.
    names.hosts.extend(host_of(&run.target.address).filter(|host| host != TARGET));
    names
}

/// Whether an argument of a command names a file.
fn is_path(arg: &str) -> bool {
    !arg.starts_with('-') && !arg.contains("://") && arg.contains(['/', '\\'])
}

/// The host of an address, where it is a name.
fn host_of(address: &str) -> Option<String> {
    let host = address.rsplit_once(':').map_or(address, |(host, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) { host } else { address }
    });
    let is_name = host.chars().any(|c| c.is_ascii_alphabetic()) && !host.contains(':');
    is_name.then(|| host.to_owned())
}

/// Names in a counter's path.
pub(crate) fn of_counter(column: &Column, names: &mut Names) {
    names.hosts.extend(column.host.clone());
    if let Some(instance) = &column.instance
        && !OF_THE_SYSTEM.contains(&column.object.as_str())
    {
        names.labels.insert(instance.clone());
    }
}

/// Names in an exporter's labels; the others are of the system's making.
pub(crate) fn of_page(page: &Exposition<'_>) -> Names {
    let mut names = Names::default();
    for (label, value) in page.samples.iter().flat_map(|sample| &sample.labels) {
        let of = match *label {
            "hostname" | "fqdn" | "domain" | "host" => &mut names.hosts,
            "run_as" => &mut names.users,
            "site" | "app" | "instance" | "url" => &mut names.labels,
            _ => continue,
        };
        of.insert(value.to_string());
    }
    names
}

/// Accounts in a message: `DOMAIN\user` that is no part of a path.
pub(crate) fn of_message(message: &str) -> Names {
    let mut names = Names::default();
    let is_word = |c: char| c.is_alphanumeric() || "._$-".contains(c);
    for (at, _) in message.match_indices('\\') {
        let (before, after) = (&message[..at], &message[at + 1..]);
        let domain = before.rsplit(|c| !is_word(c)).next().unwrap_or_default();
        let user = after.split(|c| !is_word(c)).next().unwrap_or_default();
        let outside = before[..before.len() - domain.len()].chars().next_back();
        let behind = after[user.len()..].chars().next();
        let in_path = outside.is_some_and(|c| "\\/:%".contains(c)) || behind == Some('\\');
        if in_path || domain.is_empty() || user.is_empty() {
            continue;
        }
        let user = user.trim_end_matches('.');
        if !EVERYBODYS.contains(&user.to_lowercase().as_str()) {
            names.users.insert(user.to_owned());
            names.hosts.insert(domain.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_told_from_paths() {
        for (message, users, why) in [
            (
                "The process winlogon.exe has initiated the restart of WEB01 on behalf of user CONTOSO\\alice for",
                &["alice"][..],
                "a restart that somebody asked for",
            ),
            ("Service Account: CONTOSO\\svc-web.", &["svc-web"], "at the end of a sentence"),
            ("user NT AUTHORITY\\SYSTEM", &[], "every host has it"),
            ("C:\\Windows\\system32\\shutdown.exe", &[], "a path"),
            ("\\SystemRoot\\system32\\drivers\\x.sys", &[], "a path of the kernel"),
            ("no account", &[], "nothing"),
        ] {
            let found: Vec<String> = of_message(message).users.into_iter().collect();
            assert_eq!(found, users, "{why}");
        }
    }

    #[test]
    fn only_names_are_hosts() {
        for (address, host) in [
            ("web01:80", Some("web01")),
            ("db01.contoso.example", Some("db01.contoso.example")),
            ("198.18.0.80:80", None),
            ("fe80::1%12", None),
        ] {
            assert_eq!(host_of(address).as_deref(), host, "{address}");
        }
    }
}
