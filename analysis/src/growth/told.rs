//! Provides the words for tags that kept growing: alone, together, or as objects that handles stand for.

use model::units::format_bytes;

use super::handles::handle_leak;
use super::{Grower, Growth, OBJECTS, Window};
use crate::store::TagSnapshot;
use crate::words::{at, growth_rate, list, small_bytes};

/// Live counts within this share of each other move together (published: ISil 80,939, I100 80,909).
const TOGETHER: f64 = 0.05;

impl Window<'_> {
    /// What the growers mean.
    pub(super) fn told(&self, growers: &[Grower]) -> Growth {
        let mut sentences: Vec<String> = growers.iter().map(|g| self.sentence(g)).collect();
        let objects = |g: &&Grower| OBJECTS.contains(&g.name.as_str());
        let handles: Vec<&Grower> = growers.iter().filter(objects).collect();
        // Objects of one process grow in step, as two parts of a driver do; they are told as handles.
        let others: Vec<&Grower> = growers.iter().filter(|g| !objects(g)).collect();
        sentences.extend(self.together(&others));
        let mut because_of: Vec<String> =
            growers.iter().map(|g| format!("tag {}", g.name)).collect();
        let mut clause = self.clause(growers);
        let is_leak = handles.first().is_some_and(|first| first.name == growers[0].name);
        if is_leak {
            let names: Vec<String> = handles.iter().map(|g| g.name.clone()).collect();
            let leak = handle_leak(self.facts, self.start.t_s, self.end.t_s);
            let objects = format!("tag {} are objects that handles stand for", list(&names));
            let (who, told, short) = match leak {
                Some(leak) => (leak.who, leak.sentence, leak.clause),
                None => (
                    "a handle leak".to_owned(),
                    "which process leaks them was not read (windows_process_handles, or Task Manager's column Handles)".to_owned(),
                    "a process leaks handles".to_owned(),
                ),
            };
            sentences.push(format!("{objects}: {told}"));
            because_of.insert(0, who);
            clause = format!("{short}, and {clause}");
        }
        Growth { because_of, sentences, clause: Some(clause) }
    }

    fn clause(&self, growers: &[Grower]) -> String {
        let first = &growers[0];
        let grew = format_bytes(first.grew_bytes.into());
        let rate = first.per_connection.map_or_else(String::new, |each| {
            format!("grew by {} per connection and ", small_bytes(each))
        });
        let since = if self.start.t_s <= 0.0 { "at the start" } else { "when first seen" };
        let clause = format!("tag {} {rate}holds {grew} more than {since}", first.name);
        let others: Vec<String> = growers[1..].iter().map(|g| g.name.clone()).collect();
        match &others[..] {
            [] => clause,
            _ => format!("{clause}; so does, in part, tag {}", list(&others)),
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
    fn together(&self, growers: &[&Grower]) -> Option<String> {
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
}
