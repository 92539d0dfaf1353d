//! Tells the other rows of the error log, and what IIS' own log says of 503s.

use super::words::count;
use crate::Gathered;

/// What a reason means and what to look at; sources: KB820729, TN "HTTP.sys reason phrases".
const REASONS: &[(&str, &str)] = &[
    (
        "QueueFull",
        "the request queue of an application pool was full: requests took too long or too many came; look at its length and at what the workers wait for",
    ),
    ("ConnLimit", "a site reached its limit of connections"),
    (
        "AppOffline",
        "an application pool was off line after repeated failures (rapid-fail): see WAS 5002 in the System log",
    ),
    ("Disabled", "an application pool was disabled by an administrator"),
    ("AppShutdown", "an application pool was shut down, for idleness or by recycling"),
    ("AppPoolTimer", "a worker process was too busy to take requests"),
    (
        "Connection_Abandoned_By_AppPool",
        "a worker process ended with requests pending: a crash or a recycle",
    ),
    (
        "Connection_Abandoned_By_ReqQueue",
        "a worker process ended with requests pending: a crash or a recycle",
    ),
    ("Timer_AppPool", "requests waited longer than the connection timeout in the queue"),
    ("Timer_ReqQueue", "requests waited longer than the connection timeout in the queue"),
    ("Timer_MinBytesPerSecond", "clients took their answers too slowly and were cut off"),
    ("Timer_HeaderWait", "clients did not finish their headers in time"),
    ("Timer_EntityBody", "clients did not finish their bodies in time"),
    (
        "N/A",
        "503 for an internal error of HTTP.sys, a failed allocation among them: with refusals nearby it is the same shortage",
    ),
];

/// Rows that are no refusals.
pub(super) fn say(g: &Gathered) -> Vec<String> {
    let mut said = Vec::new();
    if let Some(tally) = &g.tally {
        for (reason, meaning) in REASONS {
            let rows = tally.rows_of(reason);
            if rows > 0 {
                said.push(format!("{reason}, {}: {meaning}.", count(rows, "row")));
            }
        }
        let idle = tally.rows_of("Timer_ConnectionIdle");
        if idle > 0 {
            said.push(format!("Timer_ConnectionIdle, {}: connections kept open for the next request were closed after the connection timeout. By the hundred it is healthy; it is never a cause.", count(idle, "row")));
        }
        let rejected: u64 = [
            "BadRequest",
            "Hostname",
            "URL",
            "Verb",
            "Header",
            "Forbidden",
            "URL_Length",
            "Version_N/S",
        ]
        .iter()
        .map(|r| tally.rows_of(r))
        .sum();
        if rejected > 0 {
            said.push(format!("{} were refused for what they asked (bad requests): scanners and broken clients, no shortage.", count(rejected, "request")));
        }
    }
    let of_503 = g.facts.iis_status.iter().filter(|(status, _)| status.starts_with("503."));
    said.extend(of_503.map(|(status, rows)| {
        let meaning = match status.as_str() {
            "503.0" => "application pool unavailable",
            "503.2" => "concurrent request limit exceeded (appConcurrentRequestLimit)",
            "503.3" => "ASP.NET queue full",
            "503.4" => "FastCGI queue full",
            _ => "see the list of sub-status codes",
        };
        format!("IIS answered {status}, {}: {meaning}.", count(*rows, "time"))
    }));
    said
}
