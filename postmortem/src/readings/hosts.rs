//! Tells that captures seem to come from several hosts: what is joined then is nobody's.

use crate::Gathered;
use crate::computers::Computer;

/// Hosts that are told by name.
const TOLD: usize = 8;

/// What captures call their host, where they do not agree.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let hosts: Vec<&Computer> = g.facts.computers.iter().collect();
    if hosts.len() < 2 {
        return Vec::new();
    }
    let mut told: Vec<String> = hosts.iter().take(TOLD).map(|host| one(host)).collect();
    if hosts.len() > TOLD {
        told.push(format!("and {} more", hosts.len() - TOLD));
    }
    vec![format!(
        "The captures seem to come from {} hosts: {}. They were joined as those of one, so that the refusals of one host may be told beside the pool and the sockets of another: give the captures of one host at a time, and those of a healthy peer behind --baseline.",
        hosts.len(),
        told.join(", ")
    )]
}

/// `WEB1 (a.txt, b.csv and 2 more)`.
fn one(host: &Computer) -> String {
    let mut files = host.files.join(", ");
    if host.more > 0 {
        files.push_str(&format!(" and {} more", host.more));
    }
    format!("{} ({files})", host.name)
}
