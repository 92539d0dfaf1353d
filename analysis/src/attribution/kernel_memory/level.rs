//! Provides whether kernel memory other than non-paged pool was short, by readings and by events.

use model::limit::{Limit, Origin};
use model::os_event::Meaning;
use model::run::RunInfo;
use model::units::{format_bytes, format_count};

use crate::bracket::Level;
use crate::facts::{Candidate, Facts, span};
use crate::store::{Reading, Said, TARGET};
use crate::words::at;

/// Free system page table entries below which the kernel fails to map memory. Microsoft's guidance on
/// \Memory\Free System Page Table Entries: fewer than 5,000 is critical.
const LEAST_PTES: u64 = 5_000;

/// Commit and paged pool are taken as exhausted from this share of their limit: beyond it allocations
/// fail in turns while others give back. Chosen.
const FULL_SHARE: f64 = 0.98;

/// What events say that paged pool or commit was exhausted.
const WORDS: [(Meaning, &str); 3] = [
    (Meaning::PagedPoolEmpty, "paged pool was empty"),
    (Meaning::PagedPoolLimit, "the server service met its limit of paged pool"),
    (Meaning::CommitLow, "commit was running out"),
];

/// Where non-paged pool itself has room, its allocation fails for want of page table entries or commit.
const ELSEWHERE: (Meaning, &str) = (
    Meaning::NonpagedPoolEmpty,
    "an allocation of non-paged pool failed while that pool was far from its ceiling",
);

/// Kernel memory that can run out beside non-paged pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ptes,
    Commit,
    PagedPool,
}

/// What is short in a reading; `None` where nothing of it was read.
fn short_of(reading: &Reading, paged: Option<Limit>) -> Option<Vec<Kind>> {
    let m = &reading.memory;
    let full = |used: Option<u64>, limit: Option<u64>| {
        let (used, limit) = (used?, limit?);
        (limit > 0).then_some(used as f64 >= FULL_SHARE * limit as f64)
    };
    let levels = [
        (Kind::Ptes, m.free_system_ptes.map(|free| free < LEAST_PTES)),
        (Kind::Commit, full(m.committed_bytes, m.commit_limit_bytes)),
        (Kind::PagedPool, full(m.paged_used_bytes, paged.map(|l| l.value))),
    ];
    levels
        .iter()
        .any(|l| l.1.is_some())
        .then(|| levels.iter().filter(|l| l.1 == Some(true)).map(|l| l.0).collect())
}

/// The ceiling of the target's paged pool, where its profile or somebody's word tells one.
pub(crate) fn paged_limit(facts: &Facts<'_>) -> Option<Limit> {
    paged_limit_of(facts.run)
}

/// The same, of a run.
pub(crate) fn paged_limit_of(run: &RunInfo) -> Option<Limit> {
    let target = &run.target;
    let declared = target.paged_ceiling_bytes.map(|value| (value, Origin::Declared));
    let profile = target.profile.as_deref().and_then(host::profile);
    let derived = || Some((profile?.paged_ceiling_bytes(target.ram_bytes)?, Origin::Derived));
    declared.or_else(derived).map(|(value, origin)| Limit { value, origin })
}

/// When kernel memory was short.
#[derive(Clone, Debug)]
pub(crate) struct Short {
    /// Whether anything was short, at each reading.
    pub(crate) levels: Vec<Level>,
    paged: Option<Limit>,
    /// First and last event that says so.
    pub(crate) said_s: Option<(f64, f64)>,
    /// How far those events' stamps may be wrong, seconds.
    bound_s: f64,
}

/// What is said of it.
pub(crate) struct Told {
    pub(crate) sentences: Vec<String>,
    pub(crate) because: String,
}

impl Short {
    /// As read, and as the host says itself.
    pub(crate) fn of(facts: &Facts<'_>) -> Self {
        let paged = paged_limit(facts);
        let said: Vec<&Said> = said(facts).map(|(said, _)| said).collect();
        let spans = || said.iter().flat_map(|s| s.all());
        let from_s = spans().map(|s| s.from_s).reduce(f64::min);
        Self {
            levels: facts.levels(TARGET, |r| Some(!short_of(r, paged)?.is_empty())),
            paged,
            said_s: from_s.zip(spans().map(|s| s.to_s).reduce(f64::max)),
            bound_s: said.iter().map(|s| s.bound_s).fold(0.0, f64::max),
        }
    }

    /// Whether the host's own event said so before this moment, and readings do not say that it had
    /// recovered since.
    pub(crate) fn said_before(&self, t_s: f64) -> bool {
        let Some((from_s, to_s)) = self.said_s else { return false };
        let recovered = |l: &&Level| !l.at_limit && l.t_s > to_s + self.bound_s && l.t_s < t_s;
        from_s + self.bound_s <= t_s && !self.levels.iter().any(|l| recovered(&l))
    }

    /// Whether the host's own event may have said so before this moment: its time is not known well
    /// enough to say.
    pub(crate) fn may_be_said_before(&self, t_s: f64) -> bool {
        self.said_s.is_some_and(|(from_s, _)| from_s - self.bound_s <= t_s)
    }

    /// Whether it was paged pool that was short first.
    pub(crate) fn of_paged_pool(&self, facts: &Facts<'_>, from_s: f64) -> bool {
        let reading = self.first_short(facts, from_s);
        let read = reading.map(|(_, kinds)| kinds.contains(&Kind::PagedPool));
        read.unwrap_or_else(|| said(facts).any(|(_, words)| words.contains("paged pool")))
    }

    /// The first reading that shows it short, up to the slack after this moment.
    fn first_short<'a>(&self, facts: &Facts<'a>, from_s: f64) -> Option<(&'a Reading, Vec<Kind>)> {
        let until_s = from_s + facts.slack_s(TARGET);
        let readings = facts.store.of(TARGET).iter().take_while(|r| r.t_s <= until_s);
        let mut short = readings.filter_map(|r| Some((r, short_of(r, self.paged)?)));
        short.find(|(_, kinds)| !kinds.is_empty())
    }

    /// What was short around failures, in sentences.
    pub(crate) fn told(&self, facts: &Facts<'_>, from_s: f64, to_s: f64) -> Told {
        let mut sentences = Vec::new();
        let mut because = None;
        if let Some((reading, kinds)) = self.first_short(facts, to_s) {
            let levels: Vec<String> = kinds.iter().map(|k| self.level(*k, reading)).collect();
            sentences.push(format!(
                "{} at {}, the first failure at {}",
                levels.join("; "),
                at(reading.t_s),
                at(from_s)
            ));
            because = kinds.first().map(|kind| self.level(*kind, reading));
        }
        for (said, words) in said(facts) {
            let n = format_count(said.count());
            let from = said.all().first().map_or(0.0, |s| s.from_s);
            sentences.push(format!(
                "the host's own word: {words} (event {}, {n} from {} on)",
                said.name,
                at(from)
            ));
            because.get_or_insert_with(|| format!("{words} (event {})", said.name));
        }
        if sentences.is_empty() {
            sentences.push(
                "kernel memory read as short on one side of a gap only, in which the failures lie"
                    .into(),
            );
        }
        Told { sentences, because: because.unwrap_or_else(|| "kernel memory was short".into()) }
    }

    fn level(&self, kind: Kind, reading: &Reading) -> String {
        let m = &reading.memory;
        let bytes = |b: Option<u64>| format_bytes(b.unwrap_or(0).into());
        match kind {
            Kind::Ptes => format!(
                "free system page table entries had fallen to {} (below {} drivers cannot map memory)",
                format_count(m.free_system_ptes.unwrap_or(0)),
                format_count(LEAST_PTES)
            ),
            Kind::Commit => format!(
                "committed memory was {} of a limit of {}",
                bytes(m.committed_bytes),
                bytes(m.commit_limit_bytes)
            ),
            Kind::PagedPool => {
                let origin = self.paged.map_or("", |l| l.origin.as_str());
                let limit = bytes(self.paged.map(|l| l.value));
                format!("paged pool held {} of {limit} ({origin})", bytes(m.paged_used_bytes))
            }
        }
    }

    /// What was read around failures that it does not explain.
    pub(crate) fn nearest(&self, facts: &Facts<'_>, candidates: &[Candidate]) -> Option<String> {
        let (from_s, to_s) = span(candidates)?;
        let slack_s = facts.slack_s(TARGET);
        let readings = facts.store.of(TARGET).iter();
        let near = readings.filter(|r| r.t_s >= from_s - slack_s && r.t_s <= to_s + slack_s);
        let mut least: [Option<u64>; 2] = [None, None];
        let mut most: Option<u64> = None;
        for r in near {
            let keep = |old: Option<u64>, new: Option<u64>| old.into_iter().chain(new).min();
            let commit = r.memory.commit_limit_bytes.zip(r.memory.committed_bytes);
            least[0] = keep(least[0], r.memory.free_system_ptes);
            least[1] = keep(least[1], commit.map(|(limit, used)| limit.saturating_sub(used)));
            most = most.into_iter().chain(r.memory.paged_used_bytes).max();
        }
        let told = [
            least[0].map(|n| format!("{} page table entries were free", format_count(n))),
            least[1].map(|n| format!("{} could still be committed", format_bytes(n.into()))),
            self.paged.zip(most).map(|(limit, used)| {
                let (used, limit) = (format_bytes(used.into()), format_bytes(limit.value.into()));
                format!("paged pool held {used} of {limit}")
            }),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        (!told.is_empty())
            .then(|| format!("around these failures at the least {}", told.join(", ")))
    }
}

/// The events that say so, with what they say. That non-paged pool was empty is its own story, unless
/// it read as far from its gate: then something else made the allocation fail.
fn said<'a>(facts: &Facts<'a>) -> impl Iterator<Item = (&'a Said, &'static str)> {
    let store = facts.store;
    let levels = &facts.pool_levels;
    let far = !levels.is_empty() && levels.iter().all(|l| !l.at_limit);
    let words = WORDS.iter().chain(far.then_some(&ELSEWHERE));
    words.filter_map(|(meaning, words)| Some((store.os_events.said(TARGET, *meaning)?, *words)))
}
