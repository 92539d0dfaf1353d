//! Provides the post-mortem: captures of one host in, rows on one clock, facts, and an expert's
//! sentences out.
//!
//! [`gather`] opens what was named, tells kinds by content, reads files in parallel and joins what
//! they hold; it never fails as a whole. The rows are judged elsewhere, by the same hypotheses as a
//! run; [`readings`] then says what an expert would, given that verdict.

mod answers;
mod as_run;
mod baseline;
mod clock;
mod collected;
mod computers;
mod connections;
mod drivers;
mod episodes;
mod events;
mod facts;
mod growth;
mod held;
mod history;
mod intake;
mod join;
mod many;
mod names;
mod open;
mod outgoing;
mod pool;
mod port_range;
mod profile;
mod readings;
mod recording;
mod repro;
mod tally;

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::diagnosis::{Baseline, Counter, Httperr, Input, Pool, Tcp};
use model::row::Row;
use model::run::RunInfo;

pub use crate::answers::{Answers, Failed};
pub use crate::collected::{Collected, Gap};
pub use crate::computers::{Computer, Computers};
pub use crate::facts::{HostFacts, Noted};
pub use crate::growth::{Grower, Grown};
pub use crate::held::Snapshot;
pub use crate::history::Boot;
pub use crate::names::{names, names_of_run};
pub use crate::outgoing::Outgoing;
pub use crate::readings::readings;
pub use crate::repro::scenario;
pub use crate::tally::{Refused, Tally};

use crate::open::{Found, Source};

/// What is asked beside the files.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Name of the host profile that the captures come from.
    pub profile: Option<String>,
    /// When captures that carry no date were taken; it outranks dates in file names.
    pub at: Option<jiff::Timestamp>,
    /// A folder of drivers to search for tags.
    pub drivers: Option<PathBuf>,
    /// Captures of a healthy peer to compare with.
    pub baseline: Vec<PathBuf>,
    /// Whether to hash each input.
    pub hash: bool,
}

/// What captures hold, joined.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// Each file or section, in the order given.
    pub inputs: Vec<Input>,
    /// The captures as if they were a run: clock, host, tunables.
    pub run: RunInfo,
    /// Samples and events in order of run time.
    pub rows: Vec<Row>,
    /// Whether a run's own record is among them: its rows are then judged, captures beside it told.
    pub recorded: bool,
    /// The HTTP.sys error log.
    pub httperr: Option<Httperr>,
    /// The kernel's pools at the last snapshot.
    pub pool: Option<Pool>,
    /// Sockets of the last list.
    pub tcp: Option<Tcp>,
    /// Counters by path.
    pub counters: BTreeMap<String, Counter>,
    /// Whether any input held a record.
    pub usable: bool,
    /// How the profile came to be known, where it was not given.
    pub profile_because: Option<String>,
    /// Starts of the host that are known, in order of time.
    pub boots: Vec<Boot>,
    /// What grew since the last of them.
    pub grown: Grown,
    /// IIS' own log by minute.
    pub answers: Option<Answers>,
    /// The error log by stamp.
    pub tally: Option<Tally>,
    /// Everything that was seen at a moment, in order of time.
    pub snapshots: Vec<Snapshot>,
    /// What the captures say of the host.
    pub facts: HostFacts,
    /// Owners of held tags that a given pooltag.txt names.
    pub owners: BTreeMap<String, String>,
    /// The comparison with a healthy peer, where its captures were given.
    pub baseline: Option<Baseline>,
    /// Driver files that hold a tag, by tag, where a folder was given.
    pub drivers: BTreeMap<String, Vec<String>>,
}

impl Gathered {
    /// The moment that run times count from, RFC 3339 in UTC; `None` where no capture is dated.
    pub fn counted_from(&self) -> Option<&str> {
        // Captures without a date are counted from 1970, before which there was no Windows.
        Some(self.run.started.as_str()).filter(|started| !started.starts_with("1970"))
    }
}

/// Reads captures, and those of a healthy peer beside them. `-` is standard input; a folder stands for
/// the files in it.
pub fn gather(paths: &[PathBuf], asked: &Asked) -> Gathered {
    let mut here = gather_one(paths, asked);
    if !asked.baseline.is_empty() {
        let peer = Asked { hash: asked.hash, ..Asked::default() };
        let peer = gather_one(&asked.baseline, &peer);
        here.baseline = Some(baseline::compare(&here, &peer));
        here.facts.names.join(names(&peer));
        let marked = peer.inputs.into_iter().map(|input| Input { baseline: true, ..input });
        here.inputs.extend(marked);
    }
    here
}

fn gather_one(paths: &[PathBuf], asked: &Asked) -> Gathered {
    let Found { sources, refused, .. } = open::find(paths);
    let mut taken = many::read_all(&sources, asked.hash);
    taken.extend(refused.into_iter().map(|(name, why)| intake::unusable(&name, "unknown", why)));
    join::join(taken, asked)
}

/// Reads captures that are at hand as bytes, each under a name; no file is opened.
pub fn gather_held(captures: Vec<(String, Vec<u8>)>, asked: &Asked) -> Gathered {
    let held = captures.into_iter().map(|(name, bytes)| Source::Held(name, bytes));
    join::join(many::read_all(&held.collect::<Vec<_>>(), asked.hash), asked)
}
