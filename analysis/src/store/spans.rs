//! Provides a list of what a log says over time, ever coarser as it grows, so that memory stays flat.

use super::insert;

/// Entries kept before those that lie near each other are told as one.
const MOST: usize = 4096;

/// Rows of a log that say the same, over a stretch of run time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Span {
    pub(crate) from_s: f64,
    pub(crate) to_s: f64,
    pub(crate) rows: u64,
    /// What the rows count: refused SYNs of an aggregated row, else the rows again.
    pub(crate) n: u64,
}

/// Spans in order of their start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans(Vec<Span>);

impl Spans {
    /// Takes in one. Spans of one start are one.
    pub(crate) fn add(&mut self, span: Span) {
        let at = self.0.partition_point(|s| s.from_s < span.from_s);
        match self.0.get_mut(at).filter(|s| s.from_s == span.from_s) {
            Some(known) => known.join(&span),
            None => insert(&mut self.0, span, |s| s.from_s),
        }
        if self.0.len() > MOST {
            self.coarsen();
        }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Span] {
        &self.0
    }

    /// Rows together.
    pub(crate) fn rows(&self) -> u64 {
        self.0.iter().map(|s| s.rows).sum()
    }

    fn coarsen(&mut self) {
        let span_s = self.0.last().map_or(0.0, |l| l.from_s) - self.0[0].from_s;
        let grain_s = (span_s / (MOST / 4) as f64).max(1e-9);
        let bucket = |s: &Span| (s.from_s / grain_s).floor();
        let mut coarse: Vec<Span> = Vec::with_capacity(MOST);
        for span in self.0.drain(..) {
            match coarse.last_mut().filter(|last| bucket(last) == bucket(&span)) {
                Some(last) => last.join(&span),
                None => coarse.push(span),
            }
        }
        self.0 = coarse;
    }
}

impl Span {
    fn join(&mut self, other: &Self) {
        self.from_s = self.from_s.min(other.from_s);
        self.to_s = self.to_s.max(other.to_s);
        self.rows = self.rows.saturating_add(other.rows);
        self.n = self.n.saturating_add(other.n);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_log_keeps_its_sums_and_its_silences() {
        let mut spans = Spans::default();
        for second in (0..100_000).chain(300_000..400_000) {
            let from_s = f64::from(second);
            spans.add(Span { from_s, to_s: from_s, rows: 1, n: 3 });
        }
        assert!(spans.all().len() <= MOST);
        assert_eq!(spans.rows(), 200_000);
        assert_eq!(spans.all().iter().map(|s| s.n).sum::<u64>(), 600_000);
        let silence = spans.all().iter().filter(|s| s.from_s < 250_000.0 && s.to_s > 150_000.0);
        assert_eq!(silence.count(), 0, "nothing is said of a time without rows");
    }

    #[test]
    fn rows_of_one_stamp_are_one_span_whatever_their_order() {
        let mut spans = Spans::default();
        for from_s in [5.0, 1.0, 5.0, 3.0] {
            spans.add(Span { from_s, to_s: from_s, rows: 1, n: 1 });
        }
        let told: Vec<(f64, u64)> = spans.all().iter().map(|s| (s.from_s, s.rows)).collect();
        assert_eq!(told, [(1.0, 1), (3.0, 1), (5.0, 2)]);
    }
}
