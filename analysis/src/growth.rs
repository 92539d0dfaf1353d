//! Provides what stands behind a full pool: the tags that kept growing until the first refusal.
//!
//! A tag that holds much need not leak: from a single snapshot only the largest holder can be named, and
//! growers from two on. What open connections and TIME_WAIT need levels off at rate × TIME_WAIT, and a
//! tag that holds just that is no leak.

use host::ConnectionTags;
use model::units::format_bytes;

use crate::facts::Facts;
use crate::store::{TARGET, TagSnapshot};
use crate::words::{at, growth_rate, list, small_bytes};

/// A grower goes on growing: at least this share of its first half's growth again in the second.
/// Chosen: a plateau reached before half-time gives 0, a steady leak 1.
const KEEPS_GROWING: f64 = 0.5;

/// A tag below this share of the pool's growth did not fill it. Chosen.
const LEAST_SHARE: f64 = 0.2;

/// Bytes per connection that change by less than this share are taken as constant. Chosen: samples of
/// tags and of sockets are some milliseconds apart.
const CONSTANT: f64 = 0.15;

/// Live counts within this share of each other move together (published: ISil 80,939, I100 80,909).
const TOGETHER: f64 = 0.05;

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

/// Judges the tags from the start of the load to the first refusal.
pub(crate) fn growth(facts: &Facts<'_>, first_refusal_s: f64) -> Growth {
    let all = &facts.store.tags.snapshots;
    let Some(oldest) = all.first() else { return Growth::default() };
    let slack_s = facts.slack_s(TARGET);
    let start = all.iter().rfind(|s| s.t_s <= 0.0).unwrap_or(oldest);
    let until = |s: f64| all.iter().rfind(|snapshot| snapshot.t_s <= s).unwrap_or(start);
    let mut end = until(first_refusal_s);
    if end.t_s <= start.t_s {
        // Refused at once: what the round of the refusal itself shows is all there is.
        end = until(first_refusal_s + slack_s);
    }
    if end.t_s <= start.t_s {
        return largest(facts, start);
    }
    let window = Window::new(facts, start, end);
    let growers = window.growers();
    if growers.is_empty() { window.load_alone() } else { window.told(&growers) }
}

/// One snapshot only: what it holds most of.
fn largest(facts: &Facts<'_>, snapshot: &TagSnapshot) -> Growth {
    let Some(most) = snapshot.tags.iter().max_by_key(|t| t.bytes) else { return Growth::default() };
    let name = &facts.store.tags.names[most.tag];
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
    start: &'a TagSnapshot,
    mid: Option<&'a TagSnapshot>,
    end: &'a TagSnapshot,
    done: [Done; 3],
    pool_grew: u64,
}

impl<'a> Window<'a> {
    fn new(facts: &'a Facts<'a>, start: &'a TagSnapshot, end: &'a TagSnapshot) -> Self {
        // Nothing grows with the load before it begins.
        let half_s = f64::midpoint(start.t_s.max(0.0), end.t_s);
        let inner = facts.store.tags.snapshots.iter();
        let mid = inner
            .filter(|s| s.t_s > start.t_s && s.t_s < end.t_s)
            .min_by(|a, b| (a.t_s - half_s).abs().total_cmp(&(b.t_s - half_s).abs()));
        let done = |s: &TagSnapshot| Done {
            taken: facts.store.ticks.taken_until(s.t_s),
            held: held(facts, s.t_s),
        };
        Self {
            facts,
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
        let all = self.end.tags.iter().filter_map(|used| self.grower(used.tag));
        let mut growers: Vec<Grower> = all.collect();
        growers.sort_by_key(|g| std::cmp::Reverse(g.grew_bytes));
        growers
    }

    fn grower(&self, tag: usize) -> Option<Grower> {
        let (half, whole) = self.grew(tag);
        let share = whole / (self.pool_grew.max(1) as f64);
        if whole <= 0.0 || share < LEAST_SHARE {
            return None;
        }
        if self.mid.is_some() && whole - half < KEEPS_GROWING * half {
            return None;
        }
        let name = self.facts.store.tags.names[tag].clone();
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

    fn told(&self, growers: &[Grower]) -> Growth {
        let mut sentences: Vec<String> = growers.iter().map(|g| self.sentence(g)).collect();
        sentences.extend(self.together(growers));
        let first = &growers[0];
        let grew = format_bytes(first.grew_bytes.into());
        let rate = first.per_connection.map_or_else(String::new, |each| {
            format!("grew by {} per connection and ", small_bytes(each))
        });
        let since = if self.start.t_s <= 0.0 { "at the start" } else { "when first seen" };
        let clause = format!("tag {} {rate}holds {grew} more than {since}", first.name);
        let others: Vec<String> = growers[1..].iter().map(|g| g.name.clone()).collect();
        let clause = match &others[..] {
            [] => clause,
            _ => format!("{clause}; so does, in part, tag {}", list(&others)),
        };
        Growth {
            because_of: growers.iter().map(|g| format!("tag {}", g.name)).collect(),
            sentences,
            clause: Some(clause),
        }
    }

    fn sentence(&self, grower: &Grower) -> String {
        let (from_s, to_s) = (self.start.t_s.max(0.0), self.end.t_s);
        let per_second = grower.grew_bytes as f64 / (to_s - from_s).max(1e-9);
        let each = grower
            .per_connection
            .map_or_else(String::new, |each| format!("{} per connection, ", small_bytes(each)));
        let unsure = match (self.mid, grower.with_time_wait) {
            (None, _) => {
                "; two snapshots only, so whether it goes on growing or levels off is not known"
            }
            (_, true) => {
                "; TIME_WAIT was still growing as fast, so a longer run would tell the two better apart"
            }
            _ => "",
        };
        format!(
            "tag {} grew by {} between {} and {}, {:.0} % of the pool's growth: {each}{}{unsure}",
            grower.name,
            format_bytes(grower.grew_bytes.into()),
            at(self.start.t_s),
            at(to_s),
            100.0 * grower.share,
            growth_rate(per_second, self.facts.time_scale()),
        )
    }

    /// Tags whose live counts stay together may be two halves of one driver.
    fn together(&self, growers: &[Grower]) -> Option<String> {
        let snapshots = [Some(self.start), self.mid, Some(self.end)];
        let live = |s: &TagSnapshot, g: &Grower| s.held(g.tag).1 as f64;
        let near = |a: f64, b: f64| (a - b).abs() <= TOGETHER * a.max(b);
        let stay = |a: &Grower, b: &Grower| {
            snapshots.iter().flatten().all(|s| near(live(s, a), live(s, b)))
        };
        let pairs = growers.iter().enumerate().flat_map(|(i, a)| {
            growers[i + 1..].iter().filter(move |b| stay(a, b)).map(move |b| (a, b))
        });
        let told: Vec<String> = pairs
            .map(|(a, b)| {
                let [live_a, live_b] = [live(self.end, a), live(self.end, b)];
                format!(
                    "tags {} and {} move together ({live_a:.0} and {live_b:.0} live allocations): they may be two parts of one driver, so neither alone is the culprit",
                    a.name, b.name
                )
            })
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// No tag outgrew the load: say so where the load's own tags make up most of the growth.
    fn load_alone(&self) -> Growth {
        let names = &self.facts.store.tags.names;
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
