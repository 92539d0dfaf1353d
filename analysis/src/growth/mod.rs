//! Provides what stands behind a full pool: the tags that kept growing until the first failure, and the
//! process whose handles they stand for.
//!
//! A tag that holds much need not leak: from a single snapshot only the largest holder can be named, and
//! growers from two on. What open connections and TIME_WAIT need levels off at rate × TIME_WAIT, and a
//! tag that holds just that is no leak.

mod handles;
mod told;

use host::ConnectionTags;
use model::units::format_bytes;

use crate::facts::Facts;
use crate::store::{TARGET, TagSnapshot, Tags};
use crate::words::{at, list, small_bytes};
pub(crate) use handles::{commit_growth, socket_leak};

/// A grower goes on growing: at least this share of its first half's growth again in the second.
/// Chosen: a plateau reached before half-time gives 0, a steady leak 1.
const KEEPS_GROWING: f64 = 0.5;

/// A tag below this share of the pool's growth did not fill it. Chosen.
const LEAST_SHARE: f64 = 0.2;

/// Tags of kernel objects that handles stand for (pooltag.txt): files, events, threads, processes, tokens,
/// semaphores, mutants, Winsock endpoints. No driver leaks these; a process does that closes no handle.
const OBJECTS: [&str; 9] = ["File", "Even", "Thre", "Proc", "Toke", "Sema", "Muta", "AfdE", "Key"];

/// Of objects that grow together, each with at least this share of the pool's growth is told. Chosen.
const LEAST_OBJECT_SHARE: f64 = 0.02;

/// Bytes per connection that change by less than this share are taken as constant. Chosen: samples of
/// tags and of sockets are some milliseconds apart.
const CONSTANT: f64 = 0.15;

/// A pool that is smaller by this share than it was has been emptied meanwhile: a host that was started
/// again holds a fraction. Chosen.
const FELL: f64 = 0.25;

/// A tag that kept growing.
#[derive(Clone, Debug)]
struct Grower {
    tag: usize,
    name: String,
    grew_bytes: u64,
    share: f64,
    per_connection: Option<f64>,
    /// Its growth cannot be told from that of TIME_WAIT yet.
    with_time_wait: bool,
}

/// What stands behind the pool's growth.
#[derive(Clone, Debug, Default)]
pub(crate) struct Growth {
    /// For `because_of`.
    pub(crate) because_of: Vec<String>,
    /// Evidence sentences.
    pub(crate) sentences: Vec<String>,
    /// The end of the verdict's sentence.
    pub(crate) clause: Option<String>,
}

/// Judges the tags of non-paged pool from the start of the load to the first refusal.
pub(crate) fn growth(facts: &Facts<'_>, first_refusal_s: f64) -> Growth {
    of_tags(facts, &facts.store.tags, first_refusal_s)
}

/// The same of the tags of paged pool.
pub(crate) fn paged_growth(facts: &Facts<'_>, first_failure_s: f64) -> Growth {
    of_tags(facts, &facts.store.paged_tags, first_failure_s)
}

fn of_tags(facts: &Facts<'_>, tags: &Tags, first_refusal_s: f64) -> Growth {
    let all = &tags.snapshots;
    let Some(oldest) = all.first() else { return Growth::default() };
    let slack_s = facts.slack_s(TARGET);
    let start = all.iter().rfind(|s| s.t_s <= 0.0).unwrap_or(oldest);
    let until = |s: f64| all.iter().rfind(|snapshot| snapshot.t_s <= s).unwrap_or(start);
    let (mut start, mut end) = (start, until(first_refusal_s));
    if end.t_s <= start.t_s {
        // Refused at once: what the round of the refusal itself shows is all there is.
        let at_once = (start, until(first_refusal_s + slack_s));
        (start, end) = last_climb(facts, all).unwrap_or(at_once);
    }
    if end.t_s <= start.t_s {
        return largest(tags, start);
    }
    let window = Window::new(facts, tags, start, end);
    let growers = window.growers();
    if growers.is_empty() { window.load_alone() } else { window.told(&growers) }
}

/// Captures of several outages, taken after the first of them had begun: the snapshots since the pool
/// last fell, as it does when a host is started again, up to the last refusal.
fn last_climb<'a>(
    facts: &Facts<'_>,
    all: &'a [TagSnapshot],
) -> Option<(&'a TagSnapshot, &'a TagSnapshot)> {
    let until_s = facts.load_end_s() + facts.slack_s(TARGET);
    let known = &all[..all.partition_point(|s| s.t_s <= until_s)];
    let fell = |pair: &[TagSnapshot]| {
        (pair[1].total_bytes() as f64) < (1.0 - FELL) * pair[0].total_bytes() as f64
    };
    let from = known.windows(2).rposition(fell).map_or(0, |at| at + 1);
    let (start, end) = (known.get(from)?, known.last()?);
    (!facts.load_was_made && end.t_s > start.t_s).then_some((start, end))
}

/// One snapshot only: what it holds most of.
fn largest(tags: &Tags, snapshot: &TagSnapshot) -> Growth {
    let Some(most) = snapshot.tags.iter().max_by_key(|t| t.bytes) else { return Growth::default() };
    let name = &tags.names[most.tag];
    Growth {
        because_of: vec![format!("largest holder: tag {name}")],
        sentences: vec![format!(
            "one snapshot of pool tags only, at {}: tag {name} is the largest holder with {}; which tag grows takes two snapshots (poolmon -n, some minutes apart)",
            at(snapshot.t_s),
            format_bytes(most.bytes.into())
        )],
        clause: None,
    }
}

/// What a host did up to one moment.
#[derive(Clone, Copy, Debug)]
struct Done {
    /// Connections taken.
    taken: f64,
    /// Open connections and TIME_WAIT on the target.
    held: Option<f64>,
}

/// The time over which growth is judged.
struct Window<'a> {
    facts: &'a Facts<'a>,
    tags: &'a Tags,
    start: &'a TagSnapshot,
    mid: Option<&'a TagSnapshot>,
    end: &'a TagSnapshot,
    done: [Done; 3],
    pool_grew: u64,
}

impl<'a> Window<'a> {
    fn new(
        facts: &'a Facts<'a>,
        tags: &'a Tags,
        start: &'a TagSnapshot,
        end: &'a TagSnapshot,
    ) -> Self {
        // Nothing grows with the load before it begins.
        let half_s = f64::midpoint(start.t_s.max(0.0), end.t_s);
        let inner = tags.snapshots.iter();
        let mid = inner
            .filter(|s| s.t_s > start.t_s && s.t_s < end.t_s)
            .min_by(|a, b| (a.t_s - half_s).abs().total_cmp(&(b.t_s - half_s).abs()));
        let done = |s: &TagSnapshot| Done {
            taken: facts.store.ticks.taken_until(s.t_s),
            held: held(facts, s.t_s),
        };
        Self {
            facts,
            tags,
            start,
            mid,
            end,
            done: [done(start), done(mid.unwrap_or(end)), done(end)],
            pool_grew: end.total_bytes().saturating_sub(start.total_bytes()),
        }
    }

    /// Growth of a tag to the middle and to the end, bytes.
    fn grew(&self, tag: usize) -> (f64, f64) {
        let bytes = |s: &TagSnapshot| s.held(tag).0 as f64;
        let from = bytes(self.start);
        (bytes(self.mid.unwrap_or(self.end)) - from, bytes(self.end) - from)
    }

    fn growers(&self) -> Vec<Grower> {
        let share = |tag: usize| self.grew(tag).1 / (self.pool_grew.max(1) as f64);
        let objects = self.end.tags.iter().map(|used| used.tag).filter(|tag| self.is_object(*tag));
        let of_objects: f64 = objects.map(share).filter(|share| *share > 0.0).sum();
        // A process leaks several kinds of objects at once, each of them with a small share.
        let least = |tag: usize| match self.is_object(tag) && of_objects >= LEAST_SHARE {
            true => LEAST_OBJECT_SHARE,
            false => LEAST_SHARE,
        };
        let all = self.end.tags.iter().filter_map(|used| self.grower(used.tag, least(used.tag)));
        let mut growers: Vec<Grower> = all.collect();
        growers.sort_by_key(|g| std::cmp::Reverse(g.grew_bytes));
        growers
    }

    fn is_object(&self, tag: usize) -> bool {
        OBJECTS.contains(&self.tags.names[tag].as_str())
    }

    fn grower(&self, tag: usize, least_share: f64) -> Option<Grower> {
        let (half, whole) = self.grew(tag);
        let share = whole / (self.pool_grew.max(1) as f64);
        if whole <= 0.0 || share < least_share {
            return None;
        }
        if self.mid.is_some() && whole - half < KEEPS_GROWING * half {
            return None;
        }
        let name = self.tags.names[tag].clone();
        let follows = self.follows_load(half, whole);
        if follows == Some(Follows::Connections) || (follows.is_some() && self.is_of_load(&name)) {
            return None;
        }
        let taken = self.done[2].taken - self.done[0].taken;
        Some(Grower {
            tag,
            name,
            grew_bytes: whole as u64,
            share,
            per_connection: (taken >= 1.0).then(|| whole / taken),
            with_time_wait: follows.is_some(),
        })
    }

    /// Whether bytes per held connection stay constant; while TIME_WAIT still grows, those per taken
    /// attempt do so too, and the two cannot be told apart.
    fn follows_load(&self, half: f64, whole: f64) -> Option<Follows> {
        self.mid?;
        let [start, mid, end] = self.done;
        let held = |d: Done| Some(d.held? - start.held?);
        let constant = |x: f64, y: f64| (x - y).abs() <= CONSTANT * x.abs().max(y.abs());
        let (mid_held, end_held) = (held(mid)?, held(end)?);
        if mid_held <= 0.0 || end_held <= 0.0 || !constant(half / mid_held, whole / end_held) {
            return None;
        }
        let taken = |d: Done| (d.taken - start.taken).max(1.0);
        let with_taken = constant(half / taken(mid), whole / taken(end));
        Some(if with_taken { Follows::Either } else { Follows::Connections })
    }

    /// Tags that hold what connections need: the profile's, and HTTP.sys' own (Ul??, Uc?? in
    /// pooltag.txt). HTTP.sys refuses, and is not thereby the culprit.
    fn is_of_load(&self, name: &str) -> bool {
        let tags = self.facts.run.target.profile.as_deref().and_then(host::profile).map(|p| p.tags);
        let of = |t: ConnectionTags| [t.http_connection, t.tcp_control_block, t.time_wait];
        let start = name.get(..2).unwrap_or_default();
        tags.is_some_and(|t| of(t).contains(&name))
            || ["ul", "uc"].iter().any(|http_sys| start.eq_ignore_ascii_case(http_sys))
    }

    /// No tag outgrew the load: say so where the load's own tags make up most of the growth.
    fn load_alone(&self) -> Growth {
        let names = &self.tags.names;
        let of_load = self.end.tags.iter().filter(|t| {
            let (half, whole) = self.grew(t.tag);
            self.is_of_load(&names[t.tag])
                || self.follows_load(half, whole) == Some(Follows::Connections)
        });
        let mut tags: Vec<(f64, &String)> =
            of_load.map(|t| (self.grew(t.tag).1, &names[t.tag])).filter(|t| t.0 > 0.0).collect();
        tags.sort_by(|a, b| b.0.total_cmp(&a.0));
        let sum: f64 = tags.iter().map(|t| t.0).sum();
        if self.pool_grew == 0 || sum < 0.5 * self.pool_grew as f64 {
            let sentence =
                "no pool tag kept growing until the first refusal: nothing leaks that was listed"
                    .into();
            return Growth { sentences: vec![sentence], ..Growth::default() };
        }
        let named: Vec<String> = tags.iter().map(|t| t.1.clone()).collect();
        let sentence = format!(
            "{:.0} % of the pool's growth is what connections and their TIME_WAIT hold (tag {}), in step with their number: churn, not a leak",
            100.0 * sum / self.pool_grew as f64,
            list(&named)
        );
        Growth {
            because_of: vec!["connections and TIME_WAIT of the load".into()],
            sentences: vec![sentence],
            clause: Some(format!(
                "connections and their TIME_WAIT hold {} of it",
                small_bytes(sum)
            )),
        }
    }
}

/// What a tag's bytes are proportional to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follows {
    /// Open connections and TIME_WAIT.
    Connections,
    /// Those, and connections taken as well.
    Either,
}

/// Open connections and TIME_WAIT on the target at a moment: the reading nearest to it.
fn held(facts: &Facts<'_>, t_s: f64) -> Option<f64> {
    let readings = facts.store.of(TARGET).iter().filter_map(|r| Some((r.t_s, r.tcp?)));
    let (at_s, tcp) = readings.min_by(|a, b| (a.0 - t_s).abs().total_cmp(&(b.0 - t_s).abs()))?;
    let near = (at_s - t_s).abs() <= 2.0 * facts.slack_s(TARGET);
    near.then_some((tcp.established + tcp.time_wait) as f64)
}
