//! Tells what every post-mortem answers: the last boot and what changed before, which side closed
//! first, what is not the cause, and what to collect next time.

use model::cause::{Cause, Stance};
use model::findings::Findings;
use model::os_event::Meaning;

use super::words::{ago, says_who_opened, sockets, time_wait_lengths};
use crate::Gathered;
use crate::clock::stamp_of;

/// Installations told.
const TOLD: usize = 8;

/// The last boot, restarts and installations.
pub(super) fn boot(g: &Gathered) -> Vec<String> {
    let mut said = match &g.facts.boot {
        Some(boot) => vec![format!("Last boot: {boot}.")],
        None => vec!["When the host was last started is not in these captures: `systeminfo | find \"Boot\"` (`net statistics server` before Vista), or events 6005 and 6008 of the System log. A leak is measured against it.".to_owned()],
    };
    let of = |meanings: &[Meaning]| {
        let events = g.facts.events.iter().filter(|e| meanings.contains(&e.meaning));
        events.rev().take(TOLD).map(|e| format!("{} ({})", e.stamp, e.name())).collect::<Vec<_>>()
    };
    let unexpected = of(&[Meaning::UnexpectedShutdown]);
    if !unexpected.is_empty() {
        said.push(format!("Unexpected restarts: {}.", unexpected.join(", ")));
    }
    let asked = of(&[Meaning::RestartAsked]);
    if !asked.is_empty() {
        said.push(format!("Restarts that somebody asked for: {}.", asked.join(", ")));
    }
    said.push(changed(g));
    said
}

/// What was installed before the trouble began, the latest first.
fn changed(g: &Gathered) -> String {
    let began_s = trouble_began_s(g);
    let before = g.facts.events.iter().rev().filter(|event| {
        let early = event.unix_s.is_none_or(|s| began_s.is_none_or(|began_s| s <= began_s));
        event.meaning == Meaning::Installed && early
    });
    let told = before.take(TOLD).map(|event| {
        let ago = event.unix_s.zip(began_s).map(|(s, began_s)| {
            format!(" ({} before the first sign of trouble)", ago(began_s - s))
        });
        format!("{}{} {}", event.stamp, ago.unwrap_or_default(), event.message.trim_end())
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return "What changed before is not in these captures: ask for drivers, virus scanners and network cards installed or updated before the first episode (`driverquery /v`; event 7045 since Vista).".into();
    }
    format!("Installed before: {}.", told.join("; "))
}

/// The first sign of trouble: a refusal, or an entry of the System log that tells of a shortage.
fn trouble_began_s(g: &Gathered) -> Option<f64> {
    let refused = g.tally.as_ref().and_then(|t| t.refusals().first().map(|r| r.unix_s as f64));
    let shortage = g.facts.events.iter().filter(|e| is_shortage(e.meaning));
    shortage.filter_map(|e| e.unix_s).chain(refused).reduce(f64::min)
}

fn is_shortage(meaning: Meaning) -> bool {
    !matches!(
        meaning,
        Meaning::Boot
            | Meaning::Shutdown
            | Meaning::UnexpectedShutdown
            | Meaning::RestartAsked
            | Meaning::Installed
    )
}

/// Whoever holds TIME_WAIT closed first.
pub(super) fn closer(g: &Gathered) -> Vec<String> {
    let Some((snapshot, tcp)) = sockets(g) else {
        return vec!["No list of sockets is here, so nobody can say: whoever holds the TIME_WAIT closed first (`netstat -an` on both hosts).".into()];
    };
    let (accepted, opened) = (tcp.time_wait_accepted, tcp.time_wait_opened);
    if !says_who_opened(snapshot, tcp) {
        return vec!["Sockets are counted by state alone: what TIME_WAIT there is, this host closed first, in which direction is not told.".into()];
    }
    if accepted + opened == 0 {
        return vec!["This host holds no TIME_WAIT: the other side closes first, or connections end in a reset.".into()];
    }
    let longest = time_wait_lengths(g).first().map_or(240.0, |(s, _)| *s);
    let why = if opened > accepted {
        "It is the programs of this host that close what they opened, mostly after one request each: let them keep their connections."
    } else {
        "A server that closes first is one without keep-alive, one answering HTTP/1.0 or `Connection: close`, or one whose idle timer ran out (Timer_ConnectionIdle in the error log)."
    };
    vec![format!(
        "This host closed {accepted} accepted and {opened} opened connections first within the last {longest:.0} s or less, since it holds their TIME_WAIT. {why} What the clients closed first stands in their own lists."
    )]
}

/// What these captures speak against.
pub(super) fn innocent(g: &Gathered, verdict: &Findings) -> Vec<String> {
    let contradicted = verdict.hypotheses.iter().filter(|h| h.stance == Stance::Contradicted);
    let mut said: Vec<String> = contradicted
        .map(|h| {
            let why = h.against.first().map_or_else(String::new, |why| format!(": {why}"));
            format!("Not {}{why}.", h.cause.as_str())
        })
        .collect();
    let refused = g.tally.as_ref().is_some_and(|t| t.refused_rows > 0);
    if refused {
        said.push("Not IIS, its worker processes or the site's code: a refused connection never reached them.".into());
        said.push(
            "Not ports: HTTP.sys names its reason, and inbound service uses no ephemeral port."
                .into(),
        );
        said.push("Not a dead listener: HTTP.sys was there to write these rows.".into());
    }
    if let Some(pool) = &g.pool
        && let (Some(own), Some(used)) = (pool.http_sys_bytes, pool.nonpaged_used_bytes)
        && own.saturating_mul(10) < used
        && pool.tags.iter().any(|tag| tag.diff > 0)
    {
        said.push("Not HTTP.sys: it holds little of the pool itself.".into());
    }
    if let Some(tally) = &g.tally
        && tally.rows_of("Timer_ConnectionIdle") > 0
    {
        said.push("Not the idle timer: Timer_ConnectionIdle is how kept connections end.".into());
    }
    if said.is_empty() {
        said.push("These captures rule nothing out: see what to collect.".into());
    }
    said
}

/// Commands for what is missing, ready to paste.
pub(super) fn collect(g: &Gathered, verdict: &Findings) -> Vec<String> {
    let mut said = Vec::new();
    let tagged = g.snapshots.iter().filter(|s| s.tags.is_some()).count();
    let undated = g.run.clocks.iter().any(|clock| clock.bound_s > 5.0);
    if undated {
        said.push(format!("Captures with their time: name files with it in UTC (poolmon-{}Z.txt) or give --at, so that what came first can be told.", stamp_of(1_125_686_712.0).replace(['-', ':'], "").replace(' ', "-")));
    }
    if g.tally.is_none() {
        said.push("The HTTP.sys error log: copy %SystemRoot%\\System32\\LogFiles\\HTTPERR\\*.log (as an administrator), all of them.".into());
    }
    match tagged {
        0 => said.push("Pool tags: poolmon -b -n pool1.txt soon after a boot, and pool2.txt while it refuses (poolmon is in the Windows Driver Kit; Server 2003: Support Tools).".into()),
        1 => said.push("A second snapshot of pool tags some hours after the first: poolmon -b -n pool2.txt; only two show who grows.".into()),
        _ => {}
    }
    let dated_pool = g.snapshots.iter().filter(|s| s.bound_s <= 5.0 && s.memory.is_some()).count();
    if dated_pool < 10 {
        said.push("The pool over time: typeperf \"\\Memory\\Pool Nonpaged Bytes\" \"\\Memory\\Pool Paged Bytes\" \"\\Memory\\Free System Page Table Entries\" \"\\Process(*)\\Handle Count\" -si 5 -o pool.csv".into());
    }
    if sockets(g).is_none_or(|(s, _)| s.sockets.is_none()) {
        said.push("Sockets while it happens: netstat -ano > netstat.txt".into());
    }
    if g.facts.os_name.is_none() {
        said.push("What host it is: systeminfo > systeminfo.txt".into());
    }
    if g.facts.three_gb.is_none() && super::words::may_be_x86(g) {
        said.push(
            "Whether it starts with /3GB: type C:\\boot.ini > boot.txt (bcdedit /enum since Vista)"
                .into(),
        );
    }
    if g.facts.registry.is_empty() && g.facts.registry_defaults.is_empty() {
        said.push("Settings in force: reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters tcpip.reg & reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters http.reg".into());
    }
    if g.facts.events.is_empty() {
        said.push("The System log: wevtutil qe System /f:xml > system.xml (eventquery.vbs /l System /v on Server 2003)".into());
    }
    said.extend(untested(verdict));
    said
}

/// What would decide hypotheses that nothing decided, those of one reason together; nothing where
/// nothing failed, since then nothing is to be explained.
fn untested(verdict: &Findings) -> Vec<String> {
    if verdict.failures.is_empty() {
        return Vec::new();
    }
    let mut by_reason: Vec<(&String, Vec<&str>)> = Vec::new();
    for hypothesis in verdict.hypotheses.iter().filter(|h| h.stance == Stance::Untested) {
        let of_client = matches!(hypothesis.cause, Cause::ClientPorts | Cause::GeneratorLimit);
        let Some(why) = hypothesis.untested_because.as_ref().filter(|_| !of_client) else {
            continue;
        };
        match by_reason.iter_mut().find(|(known, _)| *known == why) {
            Some((_, causes)) => causes.push(hypothesis.cause.as_str()),
            None => by_reason.push((why, vec![hypothesis.cause.as_str()])),
        }
    }
    by_reason.iter().map(|(why, causes)| format!("For {}: {why}", causes.join(", "))).collect()
}
