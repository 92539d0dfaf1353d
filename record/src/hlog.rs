//! Provides the lines of `latency.hlog`: an HdrHistogram log, format version 1.3, as HistogramLogProcessor
//! and its relatives read it. Values are microseconds; times are kept to the millisecond.

use jiff::Timestamp;
use model::row::Latency;

use crate::error::RecordError;

/// The head of the log. Both `StartTime` and `BaseTime` are given, since only then every reader
/// takes the times of the rows for run time (the Java reader guesses otherwise).
pub fn header(started: Timestamp) -> String {
    let start_s = started.as_duration().as_secs_f64();
    format!(
        "#[Histogram log format version 1.3]\n\
         #[Values are microseconds, Interval_Max is in milliseconds]\n\
         #[StartTime: {start_s:.3} (seconds since epoch)]\n\
         #[BaseTime: {start_s:.3} (seconds since epoch)]\n\
         \"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
    )
}

/// One row: `Tag=connect,0.250,0.250,1.042,HISTFAAA…`. The format knows no time before its start:
/// a tick that began before run time zero is logged at zero.
pub fn line(latency: &Latency) -> Result<String, RecordError> {
    let Latency { t_s, seconds, tag, max_ms, v2_base64 } = latency;
    if tag.is_empty() || tag.contains([',', ' ', '\r', '\n']) {
        return Err(RecordError::BadLatency(format!(
            "its tag {tag:?} is empty or holds a comma, a space or a line end"
        )));
    }
    if v2_base64.is_empty() || !v2_base64.bytes().all(is_base64) {
        return Err(RecordError::BadLatency(format!("its {tag} histogram is not base64")));
    }
    if ![t_s, seconds, max_ms].into_iter().all(|value| value.is_finite()) {
        return Err(RecordError::BadLatency(format!("its {tag} times are not numbers")));
    }
    Ok(format!("Tag={tag},{:.3},{:.3},{max_ms:.3},{v2_base64}\n", t_s.max(0.0), seconds.max(0.0)))
}

/// Reads one line without its line end: a row, `None` for a comment or the legend, or why not.
pub fn parse(line: &str) -> Result<Option<Latency>, String> {
    if line.starts_with(['#', '"']) {
        return Ok(None);
    }
    let fields: Vec<&str> = line.split(',').collect();
    let [tag, start, length, max, payload] = fields[..] else {
        return Err(format!("it has {} fields where 5 belong", fields.len()));
    };
    let tag = tag.strip_prefix("Tag=").ok_or("its first field is not Tag=NAME")?;
    let number = |text: &str| text.parse::<f64>().map_err(|_| format!("{text:?} is not a number"));
    if payload.is_empty() || !payload.bytes().all(is_base64) {
        return Err("its histogram is not base64".into());
    }
    Ok(Some(Latency {
        t_s: number(start)?,
        seconds: number(length)?,
        tag: tag.into(),
        max_ms: number(max)?,
        v2_base64: payload.into(),
    }))
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)
}
