//! Provides what to do next about a supported cause. Only causes that a run can support have advice;
//! the others get none rather than a guess.

use model::cause::{Cause, Stance};
use model::findings::{CauseLine, Findings};

/// What to do about one cause.
pub(crate) struct Advice {
    pub(crate) cause: Cause,
    /// One or two sentences.
    pub(crate) text: &'static str,
    /// Commands that the sentences speak of, ready to paste.
    pub(crate) commands: Vec<String>,
}

/// What to do about each supported cause of the verdict, in its order.
pub(crate) fn advice(findings: &Findings) -> Vec<Advice> {
    let mut all: Vec<Advice> = Vec::new();
    for line in findings.verdict.causes.iter().filter(|c| c.stance == Stance::Supported) {
        // A cause may come back later in a run; once is enough.
        if all.iter().all(|told| told.cause != line.cause)
            && let Some((text, commands)) = for_cause(line)
        {
            all.push(Advice { cause: line.cause, text, commands });
        }
    }
    all
}

fn for_cause(line: &CauseLine) -> Option<(&'static str, Vec<String>)> {
    match line.cause {
        Cause::NonpagedPool => Some(nonpaged_pool(&line.because_of)),
        // Linux ip-sysctl; KB929851 (the range since Vista); KB196271 (MaxUserPort).
        Cause::ClientPorts => Some((
            "the target is not to blame: reuse connections (keep-alive), let the other side close first, or connect from more source addresses. A wider range (Linux; Windows since Vista; MaxUserPort before) only moves the limit.",
            vec![
                "sysctl -w net.ipv4.ip_local_port_range='1024 65535'".into(),
                "netsh int ipv4 set dynamicport tcp start=10000 num=55536".into(),
            ],
        )),
        Cause::ListenerDown => Some((
            "find out on the target whether HTTP.sys runs and which addresses are registered, and from its System log when the service or the site stopped. Pool and ports need no tuning for this.",
            vec!["sc query http".into(), "netsh http show servicestate".into()],
        )),
        Cause::GeneratorLimit => Some((
            "what was not sent says nothing about the target. Raise the limit named above (descriptors: ulimit -n; its cap: load.in_flight), lower the rate, or share the load among more hosts, and run again.",
            Vec::new(),
        )),
        _ => None,
    }
}

/// KB298102 (finding a tag's driver), KB820129 (EnableAggressiveMemoryUsage).
fn nonpaged_pool(because_of: &[String]) -> (&'static str, Vec<String>) {
    let tags = because_of.iter().filter_map(|b| b.strip_prefix("tag ")).filter(|t| pasteable(t));
    let find: Vec<String> = tags
        .map(|tag| format!(r"findstr /m /l {tag} %SystemRoot%\System32\drivers\*.sys"))
        .collect();
    if find.is_empty() {
        let text = "find the tag that grows: compare two of these, taken some minutes apart. A reboot, or EnableAggressiveMemoryUsage = 1 (gate at 8 MB free instead of 20 MB), only buys time.";
        return (text, vec!["poolmon -n pool.txt".into()]);
    }
    let text = "find the driver that uses the tag, and update or remove it. A reboot, or EnableAggressiveMemoryUsage = 1 (gate at 8 MB free instead of 20 MB), only buys time.";
    (text, find)
}

/// True for a tag that can stand in a command line as it is.
fn pasteable(tag: &str) -> bool {
    !tag.is_empty() && tag.chars().all(|c| c.is_ascii_alphanumeric())
}
