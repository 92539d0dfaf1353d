//! Provides the reading of many sources, a few at a time, in memory that does not grow with their number:
//! error logs are joined as soon as those next to each other are read.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::held::Taken;
use crate::intake;
use crate::open::{self, Digest, Source};
use crate::tally::Tally;

/// Files read at a time, at most. Chosen: disks gain nothing beyond, and each may hold 64 MiB.
const AT_A_TIME: usize = 6;

/// Reads every source and gives what they hold in their own order; the error logs come as one, with the
/// first.
pub(crate) fn read_all(sources: &[Source], hash: bool) -> Vec<Taken> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new((Vec::new(), Runs::default()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(AT_A_TIME).min(sources.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(source) = sources.get(at) else { break };
                    let (taken, log) = read(source, hash);
                    let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
                    done.0.push((at, taken));
                    done.1.add(at, log);
                }
            });
        }
    });
    let (mut done, runs) = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    let mut taken: Vec<Taken> = done.into_iter().flat_map(|(_, taken)| taken).collect();
    if let Some(first) = taken.first_mut() {
        first.holding.tally = runs.whole();
    }
    taken
}

/// Reads one source and, where that is asked, hashes it beside; its error logs come as one.
fn read(source: &Source, hash: bool) -> (Vec<Taken>, Option<Tally>) {
    if !hash {
        return read_members(source, None);
    }
    std::thread::scope(|scope| {
        let beside = scope.spawn(|| open::digest_of(source));
        let mut passing = Digest::default();
        let (mut taken, log) = read_members(source, Some(&mut passing));
        let sha256 = beside.join().ok().flatten().or(passing.end());
        taken.iter_mut().for_each(|taken| taken.input.sha256.clone_from(&sha256));
        (taken, log)
    })
}

fn read_members(source: &Source, digest: Option<&mut Digest>) -> (Vec<Taken>, Option<Tally>) {
    let (mut taken, mut log) = (Vec::new(), None);
    let read = open::each_member(source, digest, &mut |member| {
        for mut part in intake::take(member) {
            log = joined(log.take(), part.holding.tally.take());
            taken.push(part);
        }
    });
    if let Err(why) = read {
        taken.push(intake::unusable(&source.name(), "unknown", why));
    } else if taken.is_empty() {
        taken.push(intake::unusable(&source.name(), "archive", "holds no file".into()));
    }
    (taken, log)
}

/// Two logs as one, the second standing behind the first.
pub(crate) fn joined(log: Option<Tally>, more: Option<Tally>) -> Option<Tally> {
    match (log, more.filter(|more| more.records > 0)) {
        (Some(mut log), Some(more)) => {
            log.join(&more);
            Some(log)
        }
        (log, more) => log.or(more),
    }
}

/// Error logs by the place of their sources, joined as far as places follow each other: never more than
/// are being read, and one.
#[derive(Default)]
struct Runs(BTreeMap<usize, Run>);

/// From one place up to another.
struct Run {
    end: usize,
    log: Option<Tally>,
}

impl Runs {
    fn add(&mut self, at: usize, log: Option<Tally>) {
        let mut run = Run { end: at + 1, log };
        if let Some(right) = self.0.remove(&run.end) {
            run.join(right);
        }
        match self.0.range_mut(..at).next_back() {
            Some((_, left)) if left.end == at => left.join(run),
            _ => drop(self.0.insert(at, run)),
        }
    }

    fn whole(self) -> Option<Tally> {
        self.0.into_values().fold(None, |log, run| joined(log, run.log))
    }
}

impl Run {
    fn join(&mut self, right: Self) {
        self.end = right.end;
        self.log = joined(self.log.take(), right.log);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A log of one row; its reason tells where it stands.
    fn log(at: usize) -> Option<Tally> {
        let row = format!("2012-02-06 09:00:{at:02} - - - - - - - - - Reason{at} -");
        let mut tally = Tally::default();
        capture::httperr::Parser::new().count(&row, |row| tally.add(row), |_, _, _| {});
        tally.settle();
        // Every third source is no error log.
        (at % 3 != 1).then_some(tally)
    }

    proptest! {
        #[test]
        fn logs_are_joined_in_their_order_whatever_comes_first(
            order in Just((0..20).collect::<Vec<usize>>()).prop_shuffle()
        ) {
            let mut runs = Runs::default();
            for (read, at) in order.iter().enumerate() {
                runs.add(*at, log(*at));
                prop_assert!(runs.0.len() <= 20 - read, "what follows each other is one");
            }
            prop_assert_eq!(runs.0.len(), 1);
            prop_assert_eq!(runs.whole(), (0..20).map(log).fold(None, joined));
        }
    }
}
