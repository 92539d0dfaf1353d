//! Provides what lies between generator and target where something goes wrong there: a host that
//! passes packets on, loses them, or resets and refuses connections, all by plan.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use scenarios::{NetworkFault, NetworkFaultKind, Scenario};

use crate::error::LabError;
use crate::os::{pass, wire_path};
use crate::parent::{each_start, say};
use crate::protocol::Said;
use crate::target::PORTS;
use crate::tool;

/// Shares are taken in thousandths.
const PARTS: u32 = 1000;

/// Passes packets on until stdin ends.
pub fn serve(scenario: &Scenario) -> Result<(), LabError> {
    wire_path()?;
    let faults = &scenario.network.faults;
    if faults.iter().any(needs_nft) {
        apply(&rules(&[]))?;
    }
    let nowhere = std::net::SocketAddr::from(([0, 0, 0, 0], 0));
    say(&Said::Ready { target: nowhere, doors: nowhere, notes: Vec::new() })?;
    let (orders, heard) = channel();
    std::thread::spawn(move || each_start(|at| orders.send(at).is_ok()));
    let mut notes = Vec::new();
    if let Ok(zero) = heard.recv() {
        let mut edges: Vec<f64> = faults.iter().flat_map(|f| [f.at_s, f.at_s + f.for_s]).collect();
        edges.sort_by(f64::total_cmp);
        for edge_s in edges {
            let at = zero + Duration::from_secs_f64(edge_s);
            let left = at.saturating_duration_since(Instant::now());
            if heard.recv_timeout(left) == Err(RecvTimeoutError::Disconnected) {
                break;
            }
            if let Err(why) = turn(faults, edge_s) {
                notes.push(format!("What goes wrong on the way could not be changed: {why}."));
            }
        }
        while heard.recv().is_ok() {}
    }
    say(&Said::Stopped { notes })
}

/// What no `nft` is needed for: a cut.
pub fn needs_nft(fault: &NetworkFault) -> bool {
    fault.kind != NetworkFaultKind::Cut
}

/// Puts into force what holds at this moment.
fn turn(faults: &[NetworkFault], now_s: f64) -> Result<(), LabError> {
    let holds = |f: &&NetworkFault| (f.at_s..f.at_s + f.for_s).contains(&now_s);
    let current: Vec<NetworkFault> = faults.iter().filter(holds).copied().collect();
    pass(!current.iter().any(|f| f.kind == NetworkFaultKind::Cut))?;
    if faults.iter().any(needs_nft) {
        apply(&rules(&current))?;
    }
    Ok(())
}

fn apply(rules: &str) -> Result<(), LabError> {
    let nft = tool::find("nft")
        .ok_or_else(|| LabError("no `nft` is installed (package nftables)".into()))?;
    tool::feed(&nft, &["-f", "-"], rules).map(drop)
}

/// The rules of these faults, for `nft`. Loss strikes packets of both directions alike. A middlebox
/// knows connections: it refuses a SYN, or resets a connection in answer to its first request, and
/// strikes always the same ones, by their source address and port.
fn rules(faults: &[NetworkFault]) -> String {
    let mut text = "table inet churnlab {\n\
         chain forward { type filter hook forward priority 0; }\n\
         }\nflush chain inet churnlab forward\n"
        .to_owned();
    for fault in faults {
        let part = (fault.share * f64::from(PARTS)).round() as u32;
        let to_site = format!("iifname \"mid0\" tcp dport {}", PORTS.0);
        let some = if part >= PARTS {
            String::new()
        } else {
            format!("jhash ip saddr . tcp sport mod {PARTS} seed 0x5eed < {part} ")
        };
        let rule = match fault.kind {
            NetworkFaultKind::Cut => continue,
            NetworkFaultKind::Loss => format!("numgen random mod {PARTS} < {part} drop"),
            NetworkFaultKind::MiddleboxRefuse => {
                format!("{to_site} tcp flags & (syn|ack) == syn {some}reject with tcp reset")
            }
            NetworkFaultKind::MiddleboxReset => {
                format!("{to_site} tcp flags & psh == psh {some}reject with tcp reset")
            }
        };
        text.push_str(&format!("add rule inet churnlab forward {rule}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: NetworkFaultKind, share: f64) -> NetworkFault {
        NetworkFault { kind, at_s: 1.0, for_s: 1.0, share }
    }

    #[test]
    fn each_fault_has_its_rule() {
        use NetworkFaultKind::{Cut, Loss, MiddleboxRefuse, MiddleboxReset};
        for (kind, share, rule) in [
            (Loss, 0.3, Some("numgen random mod 1000 < 300 drop")),
            (Cut, 1.0, None),
            (
                MiddleboxRefuse,
                1.0,
                Some(
                    "iifname \"mid0\" tcp dport 80 tcp flags & (syn|ack) == syn reject with tcp reset",
                ),
            ),
            (
                MiddleboxReset,
                0.25,
                Some(
                    "iifname \"mid0\" tcp dport 80 tcp flags & psh == psh \
                     jhash ip saddr . tcp sport mod 1000 seed 0x5eed < 250 reject with tcp reset",
                ),
            ),
        ] {
            let text = rules(&[fault(kind, share)]);
            let added: Vec<&str> = text
                .lines()
                .filter_map(|line| line.strip_prefix("add rule inet churnlab forward "))
                .collect();
            assert_eq!(added, rule.into_iter().collect::<Vec<_>>(), "{kind:?}");
        }
    }
}
