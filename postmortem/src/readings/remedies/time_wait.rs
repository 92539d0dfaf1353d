//! Tells the remedies against TIME_WAIT: a shorter one, and keep-alive.

use model::units::format_count;

use super::{Age, Trouble};
use crate::Gathered;
use crate::readings::words::{bytes, time_wait_lengths};

/// The shortest TcpTimedWaitDelay, seconds (TechNet cc938217: 30 to 300).
const SHORTEST_S: f64 = 30.0;
/// What an entry holds at most by a TIME_WAIT article of the 2000s, bytes.
const EACH_BYTES: u64 = 4096;
/// Requests per connection that keep-alive is reckoned with.
const REQUESTS: u64 = 10;

const CHECK: &str = "reg query HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters /v TcpTimedWaitDelay, that the host was started since, and by the clock: close a connection on this host first and see with netstat -an how long its TIME_WAIT stays";

pub(super) fn say(trouble: &Trouble<'_>) -> Vec<String> {
    let n = trouble.time_wait;
    let mut said = vec![shorter(trouble, n)];
    if !matches!(trouble.age, Age::Linux) {
        said.push("The risk of a short TIME_WAIT is delayed duplicates: a late segment of an old connection is taken for the new one's of the same 4-tuple. Faber, Touch and Yue: the MSL that keeps memory constant is inversely proportional to the connection rate, so the busier the server, the shorter it would have to be, and the greater the risk.".into());
    }
    said.push(keep_alive(n));
    said
}

fn shorter(trouble: &Trouble<'_>, n: u64) -> String {
    let g = trouble.g;
    if trouble.age == Age::Linux {
        return "A shorter TIME_WAIT does not apply: on Linux it is 60 s and cannot be set. tcp_tw_reuse lets outgoing connections take a port in TIME_WAIT after a second, and does nothing for those that were accepted.".into();
    }
    let applies = match trouble.age {
        Age::BeforeVista => {
            "applies (documented for Windows 2000 and Server 2003, 30\u{2013}300 s; a reboot puts it in force)"
        }
        Age::Vista => {
            "may apply: Microsoft documents it for Windows 2000 and Server 2003 only, and people report that it is read up to 2012 R2; a reboot puts it in force"
        }
        Age::Since2016 => {
            "is not documented for Server 2016 and later, and is of little use there: outgoing ports are given out per 4-tuple and taken again before TIME_WAIT ends (KB3149157)"
        }
        Age::Unknown | Age::Linux => {
            "applies to Windows 2000 and Server 2003 for certain (30\u{2013}300 s; a reboot puts it in force), to later ones by hearsay"
        }
    };
    let change = match g.facts.registry.get("TcpTimedWaitDelay") {
        Some(set) if (*set as f64) <= SHORTEST_S => {
            format!("It is set to {set} s already: nothing more is to be won.")
        }
        _ => change(g, n),
    };
    format!(
        "TcpTimedWaitDelay {applies}. {change} {} To check that it is in force: {CHECK}.",
        direction(trouble)
    )
}

/// By `N = rate × 2MSL`.
fn change(g: &Gathered, n: u64) -> String {
    let now_s = time_wait_lengths(g).first().map_or(240.0, |(s, _)| *s).max(SHORTEST_S);
    let then = (n as f64 * SHORTEST_S / now_s).round() as u64;
    format!(
        "By N = rate \u{d7} 2MSL, from {now_s:.0} s to 30 s the {} entries become about {}, and about {} of pool come free at most.",
        format_count(n),
        format_count(then),
        bytes((n - then.min(n)) * EACH_BYTES)
    )
}

/// What it is good for, by who opened.
fn direction(trouble: &Trouble<'_>) -> &'static str {
    match trouble.opened {
        Some(0) => {
            "It frees memory only: these entries are of accepted connections, which hold no ephemeral port and do not block the server's. It does nothing against a leaking driver, CLOSE_WAIT or BOUND."
        }
        Some(_) => {
            "For the connections that this host opened it frees ports as well. It does nothing against a leaking driver, CLOSE_WAIT or BOUND."
        }
        None => {
            "Whether it frees ports as well as memory depends on who opened the connections, which is not told here. It does nothing against a leaking driver, CLOSE_WAIT or BOUND."
        }
    }
}

fn keep_alive(n: u64) -> String {
    format!(
        "Keep-alive with n requests per connection applies to every system and both directions: it divides churn, and so TIME_WAIT, by n; at {REQUESTS} requests each these {} become about {}. HTTP/1.0 clients, `Connection: close` and switched-off keep-alive in IIS are what to look for. Risk: idle connections stay open, each with its memory, until the connection timeout. To check that it is in force: TIME_WAIT falls while the requests per second stay.",
        format_count(n),
        format_count(n.div_ceil(REQUESTS))
    )
}
