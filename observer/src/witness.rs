//! Provides the near end of a witness in a process of its own: starts it, turns its lines into rows
//! of this run's time, and ends it.

use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use model::reading::{Gap, GapKind};
use model::row::{Row, Sample};
use model::run::Clock;
use serde_json::Value;

use crate::origin::Origin;
use crate::os;
use crate::source::SourceSpec;

/// How long a witness has for its last round before it is killed.
const ENDS_WITHIN: Duration = Duration::from_secs(3);

/// What a witness is to do.
#[derive(Clone, Debug)]
pub struct WitnessArgs {
    /// Whose readings these are.
    pub vantage: String,
    /// The process whose network namespace is to be seen; `None` for the own.
    pub netns_of: Option<u32>,
    /// Time between rounds.
    pub every: Duration,
    /// What is read.
    pub sources: Vec<SourceSpec>,
}

impl WitnessArgs {
    /// The command line: `observe --format ndjson --vantage NAME --netns-of PID --every 250ms
    /// --from SOURCE …`.
    pub fn command_line(&self) -> Vec<String> {
        let mut line: Vec<String> =
            ["observe", "--format", "ndjson", "--vantage", &self.vantage].map(String::from).into();
        line.extend(self.netns_of.iter().flat_map(|pid| ["--netns-of".into(), pid.to_string()]));
        line.extend(["--every".into(), format!("{}us", self.every.as_micros())]);
        line.extend(self.sources.iter().flat_map(|s| ["--from".into(), s.to_string()]));
        line
    }
}

/// A witness at work.
#[derive(Debug)]
pub struct Witness {
    vantage: String,
    child: Child,
    reader: Option<JoinHandle<Heard>>,
}

/// What a witness left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gone {
    /// How its clock relates to the generator's; `None` where it never sent a sample.
    pub clock: Option<Clock>,
    /// Sentences for the report.
    pub notes: Vec<String>,
}

/// What the reader heard.
#[derive(Clone, Debug, Default, PartialEq)]
struct Heard {
    samples: u64,
    /// Longest way of a sample from its last reading to here, seconds.
    delay_max_s: f64,
    bad_lines: u64,
    first_bad: Option<String>,
}

impl Witness {
    /// Starts `exe` with these arguments; its rows arrive at `rows` in run time of `origin`. Call
    /// it from a thread that outlives the run, since the witness dies with the thread that started
    /// it. It has a process group of its own, so that Ctrl-C reaches only this process.
    ///
    /// # Errors
    /// Where the process cannot be started.
    pub fn spawn(
        exe: &Path,
        args: &WitnessArgs,
        origin: Origin,
        rows: Sender<Row>,
    ) -> io::Result<Self> {
        let mut command = Command::new(exe);
        command.args(args.command_line()).stdin(Stdio::piped()).stdout(Stdio::piped());
        os::own_process_group(&mut command);
        let told = |e: io::Error| {
            let told = format!("cannot start the witness {}: {e}", exe.display());
            io::Error::new(e.kind(), told)
        };
        let mut child = command.spawn().map_err(told)?;
        let vantage = args.vantage.clone();
        let reader = child.stdout.take().map(|lines: ChildStdout| {
            let vantage = vantage.clone();
            std::thread::spawn(move || hear(lines, &vantage, &origin, &rows))
        });
        Ok(Self { vantage, child, reader })
    }

    /// Asks for the last round by closing the witness' input, waits up to 3 s, then kills it.
    pub fn stop(self) -> Gone {
        self.stop_within(ENDS_WITHIN)
    }

    fn stop_within(mut self, within: Duration) -> Gone {
        let mut gone = Gone::default();
        if let Ok(Some(status)) = self.child.try_wait() {
            gone.notes.push(format!(
                "The witness of vantage {} ended by itself ({status}); readings are missing from \
                 then on.",
                self.vantage
            ));
        }
        drop(self.child.stdin.take());
        if !ended_within(&mut self.child, within) {
            gone.notes.push(format!(
                "The witness of vantage {} did not end within {within:?} and was killed.",
                self.vantage
            ));
        }
        let heard = self.end().unwrap_or_default();
        gone.clock = heard.clock(&self.vantage);
        gone.notes.extend(heard.note(&self.vantage));
        gone
    }

    /// Kills the process if it still lives, and waits for the last of its lines.
    fn end(&mut self) -> Option<Heard> {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.reader.take().and_then(|reader| reader.join().ok())
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.end();
    }
}

fn ended_within(child: &mut Child, within: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < within {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// Reads lines to their end and sends them on as rows of `origin`'s run time. A witness that gave no
/// sample at all leaves one that says so.
fn hear(lines: impl Read, vantage: &str, origin: &Origin, rows: &Sender<Row>) -> Heard {
    let mut heard = Heard::default();
    let mut shift_s = None;
    for line in BufReader::new(lines).lines() {
        let Ok(line) = line else { break };
        match understood(&line, shift_s) {
            Ok(Said::Hello(theirs)) => shift_s = Some(theirs.shift_to_s(origin)),
            Ok(Said::Row(row)) => {
                heard.take_note(&row, origin.elapsed_s());
                if rows.send(*row).is_err() {
                    break;
                }
            }
            Err(reason) => heard.bad(&reason),
        }
    }
    if heard.samples == 0 {
        let _ = rows.send(silent(vantage, origin));
    }
    heard
}

/// A line of the witness.
#[derive(Debug)]
enum Said {
    Hello(Origin),
    Row(Box<Row>),
}

fn understood(line: &str, shift_s: Option<f64>) -> Result<Said, String> {
    let value: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
    if let Some(hello) = value.get("hello") {
        let mono_ns = hello.get("origin_mono_ns").and_then(Value::as_u64);
        let unix_ns = hello.get("origin_unix_ns").and_then(Value::as_i64);
        let origin = mono_ns.zip(unix_ns).map(|(mono_ns, unix_ns)| Origin { mono_ns, unix_ns });
        return origin.map(Said::Hello).ok_or_else(|| "a hello without clocks".into());
    }
    let mut row: Row = serde_json::from_value(value).map_err(|e| e.to_string())?;
    let shift_s = shift_s.ok_or("a row before the hello")?;
    match &mut row {
        Row::Interval(row) => row.t_s += shift_s,
        Row::Sample(row) => row.t_s += shift_s,
        Row::Event(row) => row.t_s += shift_s,
        Row::Latency(row) => row.t_s += shift_s,
    }
    Ok(Said::Row(Box::new(row)))
}

impl Heard {
    /// Measures how long a sample was on its way: from the end of its readings, which began at its
    /// stamp. Pages are fetched side by side, so the longest reading is the least that it took.
    fn take_note(&mut self, row: &Row, now_s: f64) {
        if let Row::Sample(sample) = row {
            let took_s = sample.sources.iter().map(|s| s.took_ms / 1e3).fold(0.0, f64::max);
            self.samples += 1;
            self.delay_max_s = self.delay_max_s.max(now_s - sample.t_s - took_s);
        }
    }

    fn bad(&mut self, reason: &str) {
        self.bad_lines += 1;
        self.first_bad.get_or_insert_with(|| reason.to_owned());
    }

    fn clock(&self, vantage: &str) -> Option<Clock> {
        (self.samples > 0).then(|| Clock {
            vantage: vantage.to_owned(),
            offset_s: 0.0,
            bound_s: self.delay_max_s,
            drift_ppm: 0.0,
            how: format!(
                "the same monotonic clock; the bound is the longest delivery of {} samples",
                self.samples
            ),
        })
    }

    fn note(&self, vantage: &str) -> Option<String> {
        let first = self.first_bad.as_ref()?;
        let bad = self.bad_lines;
        Some(format!("{bad} lines of the witness of vantage {vantage} could not be read: {first}"))
    }
}

/// The only row of a witness that never spoke.
fn silent(vantage: &str, origin: &Origin) -> Row {
    let reason = "the witness ended before its first sample; what it said is on standard error";
    Row::Sample(Sample {
        t_s: origin.elapsed_s(),
        wall: format!("{:.9}", jiff::Timestamp::now()),
        vantage: vantage.to_owned(),
        gaps: vec![Gap {
            what: "witness".into(),
            kind: GapKind::Failed,
            reason: reason.to_owned(),
        }],
        ..Sample::default()
    })
}

#[cfg(test)]
mod tests;
