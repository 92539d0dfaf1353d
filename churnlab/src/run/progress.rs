//! Shows on stderr how a run is going: one line that is redrawn on a terminal, nothing otherwise.

use std::io::{Write, stderr};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use analysis::forecast::Outlook;
use model::findings::Forecast;
use model::row::{Interval, Row, Sample};
use model::run::RunInfo;
use model::units::{format_bytes, format_count, format_seconds};

use crate::print;

/// What the line tells.
#[derive(Debug, Default)]
struct Line {
    planned_s: f64,
    t_s: f64,
    offered: u64,
    served: u64,
    failed: u64,
    not_sent: u64,
    pool_used_bytes: Option<u64>,
    target_time_wait: Option<u64>,
    ports: Option<(u32, u32)>,
    forecast: Option<Forecast>,
}

impl Line {
    fn take(&mut self, row: &Row) -> bool {
        match row {
            Row::Interval(tick) => self.load(tick),
            Row::Sample(sample) => self.readings(sample),
            Row::Event(_) | Row::Latency(_) => return false,
        }
        true
    }

    fn load(&mut self, tick: &Interval) {
        self.t_s = tick.t_s + tick.seconds;
        self.offered += tick.offered;
        self.served += tick.served;
        self.failed += tick.failed;
        self.not_sent += tick.not_sent;
    }

    fn readings(&mut self, sample: &Sample) {
        let time_wait = sample.tcp.as_ref().map(|t| t.time_wait_accepted + t.time_wait_opened);
        match sample.vantage.as_str() {
            "target" => {
                let used = sample.memory.as_ref().and_then(|m| m.nonpaged_used_bytes);
                self.pool_used_bytes = used.or(self.pool_used_bytes);
                self.target_time_wait = time_wait.or(self.target_time_wait);
            }
            "generator" => {
                let ports = sample.ports.as_ref();
                let used = ports.map(|p| p.used_to_destination.unwrap_or(p.used_any));
                self.ports = used.zip(ports.map(|p| p.usable())).or(self.ports);
            }
            _ => {}
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "{:.1}/{:.1} s  served {}  failed {}",
            self.t_s.max(0.0),
            self.planned_s,
            format_count(self.served),
            format_count(self.failed),
        );
        if self.not_sent > 0 {
            text += &format!("  not sent {}", format_count(self.not_sent));
        }
        // A port table that is nearly empty is no news.
        if let Some((used, usable)) = self.ports.filter(|(used, usable)| used * 10 > *usable) {
            text += &format!("  ports {used}/{usable}");
        }
        if let Some(count) = self.target_time_wait {
            text += &format!("  TIME_WAIT {}", format_count(count));
        }
        if let Some(used) = self.pool_used_bytes {
            text += &format!("  pool {}", format_bytes(used.into()));
        }
        if let Some(forecast) = &self.forecast {
            text += &format!("  {}", coming(forecast, self.t_s));
        }
        text
    }
}

/// What will run out, and how long that will take from `now_s` on.
fn coming(forecast: &Forecast, now_s: f64) -> String {
    let left = |t_s: f64| format_seconds((t_s - now_s).max(0.0));
    format!(
        "{} out in {} ({} to {})",
        forecast.resource.as_str(),
        left(forecast.runs_out_at_s),
        left(forecast.low_s),
        left(forecast.high_s)
    )
}

/// How often the forecast is made anew: a few milliseconds each.
const FORECAST_EVERY: Duration = Duration::from_secs(1);

/// Redraws the line as rows come, until the journal is done; then wipes it.
pub fn show(rows: Receiver<Arc<Row>>, run: &RunInfo) -> JoinHandle<()> {
    let mut outlook = Outlook::new(run);
    let mut line = Line { planned_s: run.planned_seconds, ..Line::default() };
    std::thread::spawn(move || {
        let mut made = Instant::now();
        for row in rows {
            outlook.push(&row);
            if made.elapsed() >= FORECAST_EVERY {
                line.forecast = outlook.forecast();
                made = Instant::now();
            }
            if line.take(&row) {
                let _ = write!(stderr(), "\r\x1b[2K{}", clip(&line.text()));
                let _ = stderr().flush();
            }
        }
        let _ = write!(stderr(), "\r\x1b[2K");
        let _ = stderr().flush();
    })
}

/// Cuts the line to the terminal's width, so that a redraw stays on one row.
fn clip(text: &str) -> String {
    text.chars().take(print::stderr_width().saturating_sub(1)).collect()
}

#[cfg(test)]
mod tests {
    use model::findings::ResourceName;

    use super::*;

    #[test]
    fn the_line_adds_load_and_keeps_the_last_readings() {
        let mut line = Line { planned_s: 15.0, ..Line::default() };
        let tick =
            Interval { seconds: 0.25, offered: 9, served: 7, failed: 2, ..Interval::default() };
        assert!(line.take(&Row::Interval(tick.clone())));
        assert!(line.take(&Row::Interval(Interval { t_s: 0.25, ..tick })));
        assert!(line.take(&Row::Sample(Sample { vantage: "target".into(), ..Sample::default() })));
        assert_eq!(line.text(), "0.5/15.0 s  served 14  failed 4");
        line.forecast = Some(Forecast {
            resource: ResourceName::NonpagedPool,
            made_at_s: 0.4,
            runs_out_at_s: 60.5,
            low_s: 0.1,
            high_s: 7200.5,
            assuming: String::new(),
        });
        let coming = "nonpaged-pool out in 60.0 s (0 ms to 2.0 h)";
        assert!(line.text().ends_with(coming), "{}", line.text());
    }
}
