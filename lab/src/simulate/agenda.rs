//! Provides what is due later: entries by run time, in the order in which they were made where that is
//! the same.

use std::collections::BTreeMap;

/// Entries by time.
#[derive(Clone, Debug)]
pub struct Agenda<T> {
    entries: BTreeMap<(u64, u64), T>,
    made: u64,
}

impl<T> Default for Agenda<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), made: 0 }
    }
}

impl<T> Agenda<T> {
    /// Puts something down for `at_s`; what lies before run time zero is due at once.
    pub fn put(&mut self, at_s: f64, what: T) {
        self.made += 1;
        self.entries.insert((nanoseconds(at_s), self.made), what);
    }

    /// When the next entry is due, seconds.
    pub fn next_s(&self) -> Option<f64> {
        self.entries.keys().next().map(|(ns, _)| *ns as f64 / 1e9)
    }

    /// The next entry that is due by `now_s`, with its time.
    pub fn pop_due(&mut self, now_s: f64) -> Option<(f64, T)> {
        let first = self.entries.first_entry()?;
        let (ns, _) = *first.key();
        (ns <= nanoseconds(now_s)).then(|| (ns as f64 / 1e9, first.remove()))
    }
}

fn nanoseconds(at_s: f64) -> u64 {
    (at_s * 1e9).round().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_in_the_order_of_their_time() {
        let mut agenda = Agenda::default();
        for (at_s, what) in [(2.0, 'c'), (1.0, 'a'), (1.0, 'b'), (3.5, 'd')] {
            agenda.put(at_s, what);
        }
        assert_eq!(agenda.next_s(), Some(1.0));
        let due: Vec<char> =
            std::iter::from_fn(|| agenda.pop_due(2.0).map(|(_, what)| what)).collect();
        assert_eq!(due, ['a', 'b', 'c'], "d is not due yet");
        assert_eq!(agenda.pop_due(3.5), Some((3.5, 'd')));
        assert_eq!(agenda.next_s(), None);
    }
}
