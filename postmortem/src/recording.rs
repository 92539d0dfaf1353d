//! Provides a run's own rows among captures: which run, on which clock, and what they show of the
//! target.

use std::collections::HashSet;

use capture::httperr::Counted;
use jiff::Timestamp;
use model::row::{Happening, Row, Sample};
use model::run::RunInfo;
use record::{Part, files};

use crate::clock::seconds_of;
use crate::held::{Recorded, Snapshot, Taken};
use crate::join::{TARGET, t_s};
use crate::tally::Tally;

/// Snapshots kept for telling; all rows are judged. Chosen: curves have as many points.
const SNAPSHOTS_MAX: usize = 2_000;
/// The vantage of rows that `observe` prints of its own host.
const LOCAL: &str = "local";

/// A run's rows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recording {
    /// `run.json`, where it was given.
    pub(crate) info: Option<RunInfo>,
    /// In order of run time.
    pub(crate) rows: Vec<Row>,
    /// Run time zero on the generator's clock, seconds since 1970 UTC.
    pub(crate) zero_unix_s: Option<f64>,
    /// Whether the target was read: what captures show beside that is told and not judged, since
    /// their clocks are coarser.
    pub(crate) reads_target: bool,
    /// Whether it holds answers that the web server's own log counts: finer than that log read again.
    pub(crate) reads_answers: bool,
    /// The same of the System log.
    pub(crate) reads_system_log: bool,
    /// The end of the last row, run time.
    pub(crate) end_s: f64,
    /// The usual distance of the target's samples, seconds.
    pub(crate) period_s: Option<f64>,
}

/// Takes the files of one run out of what was read. Those of further runs are told as unusable.
pub(crate) fn assemble(taken: &mut [Taken]) -> Option<Recording> {
    let is_info = |t: &&Taken| matches!(t.holding.recorded, Some(Recorded::Info(_)));
    let any = |t: &&Taken| t.holding.recorded.is_some();
    let first = taken.iter().find(is_info).or_else(|| taken.iter().find(any))?;
    let folder = folder_of(&first.input.file).to_owned();
    let mut recording = Recording::default();
    let mut seen = HashSet::new();
    for Taken { input, holding } in taken.iter_mut() {
        let beside = folder_of(&input.file) == folder;
        if beside && input.kind == "empty" && input.file.ends_with(files::EVENTS) {
            // Nothing happened in that run.
            (input.kind, input.unusable_because) = ("run-events".into(), None);
        }
        let Some(recorded) = holding.recorded.take() else { continue };
        let part = match &recorded {
            Recorded::Info(_) => Part::RunInfo,
            Recorded::Rows(part, _) => *part,
        };
        if !beside {
            let why = "belongs to another run than the first one given: diagnose one at a time";
            input.unusable_because = Some(why.into());
        } else if !seen.insert(part) && part != Part::Observed {
            input.unusable_because = Some("is the same file of the run once more".into());
        } else {
            recording.take(recorded);
        }
    }
    recording.settle();
    Some(recording)
}

/// The folder of a file, or the archive it is a member of.
fn folder_of(file: &str) -> &str {
    file.rfind(['/', '\\', '!']).map_or("", |at| &file[..at])
}

impl Recording {
    fn take(&mut self, recorded: Recorded) {
        match recorded {
            Recorded::Info(info) => self.info = Some(*info),
            Recorded::Rows(_, mut rows) => self.rows.append(&mut rows),
        }
    }

    fn settle(&mut self) {
        let of_target = |row: &Row| vantage(row) == Some(TARGET);
        if self.info.is_none() && !self.rows.iter().any(of_target) {
            // `observe` calls the host it runs on so, and that is the one in question.
            self.rows.iter_mut().for_each(rename);
        }
        self.rows.sort_by(|a, b| t_s(a).total_cmp(&t_s(b)));
        let started = self.info.as_ref().and_then(|info| unix_s(&info.started));
        let by_wall = self.samples().find_map(|s| Some(unix_s(&s.wall)? - s.t_s));
        let read = |s: &Sample| s.memory.is_some() || s.tcp.is_some();
        let reads_target = self.of_target().any(read);
        let ends = self.rows.iter().map(|row| match row {
            Row::Interval(interval) => interval.t_s + interval.seconds,
            row => t_s(row),
        });
        self.end_s = ends.fold(0.0, f64::max);
        self.reads_answers = self.happened(|what| matches!(what, Happening::Answered { .. }));
        self.reads_system_log = self.happened(|what| matches!(what, Happening::OsEvent { .. }));
        self.zero_unix_s = started.or(by_wall);
        self.reads_target = reads_target;
        self.period_s = self.period_s();
    }

    fn happened(&self, is_so: impl Fn(&Happening) -> bool) -> bool {
        self.rows.iter().any(|row| matches!(row, Row::Event(event) if is_so(&event.what)))
    }

    fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.rows.iter().filter_map(|row| match row {
            Row::Sample(sample) => Some(sample),
            _ => None,
        })
    }

    fn of_target(&self) -> impl Iterator<Item = &Sample> {
        self.samples().filter(|sample| sample.vantage == TARGET)
    }

    fn period_s(&self) -> Option<f64> {
        let times: Vec<f64> = self.of_target().map(|s| s.t_s).collect();
        let mut apart: Vec<f64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        apart.sort_by(f64::total_cmp);
        apart.get(apart.len() / 2).copied()
    }

    /// How far the target's clock is ahead of the run's, seconds.
    pub(crate) fn offset_s(&self) -> f64 {
        let clocks = self.info.iter().flat_map(|info| &info.clocks);
        clocks.filter(|clock| clock.vantage == TARGET).map(|clock| clock.offset_s).sum()
    }

    /// Rows of the error log that the log given beside them does not hold; the log itself is whole
    /// within its time. Takes the others out of the rows.
    pub(crate) fn tally_beside(&mut self, log: Option<&Tally>) -> Option<Tally> {
        let (from_s, to_s) = log.and_then(|log| Some((log.first_s?, log.last_s?))).unzip();
        let in_log = |s: i64| from_s.is_some_and(|f| s >= f) && to_s.is_some_and(|t| s <= t);
        let mut beside = Tally::default();
        self.rows.retain(|row| {
            let Row::Event(event) = row else { return true };
            let Happening::Httperr { stamp, reason, status, queue, rows, refused } = &event.what
            else {
                return true;
            };
            let Some(unix_s) = seconds_of(stamp) else { return true };
            if in_log(unix_s) {
                return false;
            }
            let row = Counted {
                unix_s,
                s_port: None,
                status: *status,
                reason,
                queue: queue.as_deref(),
                refused: (*refused > 0).then_some(*refused),
            };
            beside.count(&row, *rows);
            true
        });
        beside.settle();
        (beside.records > 0).then_some(beside)
    }

    /// What the target showed, for telling; all of it stays in the rows.
    pub(crate) fn snapshots(&self) -> Vec<Snapshot> {
        let zero_s = self.zero_unix_s.unwrap_or(0.0);
        let count = self.of_target().count();
        let step = count.div_ceil(SNAPSHOTS_MAX).max(1);
        // Counted from the end: the last one is told.
        let kept =
            self.of_target().enumerate().filter(|(at, _)| (count - 1 - at).is_multiple_of(step));
        let snapshots = kept.map(|(_, sample)| Snapshot {
            file: files::SAMPLES.to_owned(),
            kind: "run",
            unix_s: Some(zero_s + sample.t_s),
            memory: sample.memory.clone(),
            tags: sample.pool_tags.clone(),
            tcp: sample.tcp.clone(),
            counters: sample.counters.clone(),
            ..Snapshot::default()
        });
        snapshots.collect()
    }
}

fn vantage(row: &Row) -> Option<&str> {
    match row {
        Row::Sample(sample) => Some(&sample.vantage),
        Row::Event(event) => Some(&event.vantage),
        Row::Interval(_) | Row::Latency(_) => None,
    }
}

fn rename(row: &mut Row) {
    let vantage = match row {
        Row::Sample(sample) => &mut sample.vantage,
        Row::Event(event) => &mut event.vantage,
        Row::Interval(_) | Row::Latency(_) => return,
    };
    if vantage == LOCAL {
        TARGET.clone_into(vantage);
    }
}

fn unix_s(rfc3339: &str) -> Option<f64> {
    let stamp: Timestamp = rfc3339.parse().ok()?;
    Some(stamp.as_duration().as_secs_f64())
}
