//! Provides what an expert says of captures, under headings: what is seen, what it may mean, what to
//! do next. A heading without anything to say is left out.

mod always;
mod baseline;
mod ceiling;
mod collected;
mod episodes;
mod forecast;
mod growth;
mod handles;
mod holders;
mod hosts;
mod iis;
mod ports;
mod refusals;
mod remedies;
mod sockets;
mod system_log;
mod time_wait;
mod words;

use model::diagnosis::Reading;
use model::findings::Findings;

use crate::Gathered;

/// Headings under which there is nothing to say of an emulated host.
const OF_REAL_HOSTS: [&str; 5] = [
    "Episodes and uptime",
    "When it runs out, and since when it grew",
    "What each remedy would change",
    "Last boot and what changed before",
    "What to collect next time",
];

/// What an expert would say of these captures, given the verdict on them.
pub fn readings(gathered: &Gathered, verdict: &Findings) -> Vec<Reading> {
    let g = gathered;
    let headings = [
        ("Which host", hosts::say(g)),
        ("Refusals", refusals::say(g)),
        ("Episodes and uptime", episodes::say(g)),
        ("Non-paged pool against its ceiling", ceiling::say(g)),
        ("HTTP.sys itself", holders::http_sys(g)),
        ("Largest holders of non-paged pool", holders::largest(g)),
        ("Tags that move together", holders::together(g)),
        ("Growth between snapshots", growth::say(g)),
        ("When it runs out, and since when it grew", forecast::say(g)),
        ("Handles", handles::say(g)),
        ("Against the healthy peer", baseline::say(g)),
        ("TIME_WAIT", time_wait::say(g)),
        ("Ports", ports::say(g)),
        ("Sockets that leak", sockets::say(g)),
        ("Other rows of the error log", iis::say(g)),
        ("System log", system_log::say(g)),
        ("What the collecting script noted", collected::say(g)),
        ("What each remedy would change", remedies::say(g)),
        ("Last boot and what changed before", always::boot(g)),
        ("Which side closed first", always::closer(g)),
        ("What is not the cause", always::innocent(g, verdict)),
        ("What to collect next time", always::collect(g, verdict)),
    ];
    let is_told = |about: &str| !words::is_emulated(g) || !OF_REAL_HOSTS.contains(&about);
    let told = headings.into_iter().filter(|(about, said)| !said.is_empty() && is_told(about));
    told.map(|(about, sentences)| Reading { about: about.to_owned(), sentences }).collect()
}
