//! Provides the sentences and numbers that every format shares, each said one way only.

use model::attempt::Os;
use model::cause::Stance;
use model::findings::{CauseLine, FailureLine, Findings, Forecast};
use model::told::Told;
use model::units::{format_bytes, format_count, format_seconds};

/// Where there is nothing to show.
pub(crate) const NONE: &str = "-";

/// Text that came from a host or a file, on one line: control and direction characters could
/// rewrite the terminal or disguise the text, so that they become `?` and line ends a space.
pub(crate) fn plain(text: &str) -> String {
    let shown = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '?',
        c if c.is_control() => '?',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// A count in the unit of its resource: sizes in KiB and up, everything else with its noun.
pub(crate) fn amount(value: i128, unit: &str) -> String {
    if unit == "bytes" {
        return format_bytes(value);
    }
    let size = format_count(u64::try_from(value.unsigned_abs()).unwrap_or(u64::MAX));
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{size} {}", plain(unit)).trim_end().to_owned()
}

/// A value of a curve in its unit; fractions only where they are all there is.
pub(crate) fn level(value: f64, unit: &str) -> String {
    match value.abs() {
        size if unit == "bytes" || size >= 10.0 || size.fract() == 0.0 => {
            amount(value.round() as i128, unit)
        }
        _ => format!("{value:.1} {}", plain(unit)).trim_end().to_owned(),
    }
}

/// A moment or a length of run time.
pub(crate) fn seconds(value: f64) -> String {
    match value {
        value if !value.is_finite() => NONE.into(),
        0.0 => "0 s".into(),
        value => format_seconds(value),
    }
}

/// `61.8 %`, and never 0 or 100 for what is only nearly so.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 {
        return NONE.into();
    }
    match 100.0 * part as f64 / whole as f64 {
        _ if part == 0 => "0 %".into(),
        _ if part == whole => "100 %".into(),
        percent if percent < 0.1 => "< 0.1 %".into(),
        percent if percent > 99.9 && part < whole => "> 99.9 %".into(),
        percent => format!("{percent:.1} %"),
    }
}

/// That a run is not to be believed, and why: line one of whatever is told of it.
pub(crate) fn not_valid(because: &[String]) -> String {
    match because {
        [] => "NOT VALID".into(),
        reasons => format!("NOT VALID: {}", plain(&reasons.join("; "))),
    }
}

/// Whether this is measured or predicted, and of what.
pub(crate) fn claim(told: &Told) -> String {
    let run = &told.findings.run;
    let target = &told.run.target;
    let host = match (&target.profile, target.emulated) {
        (Some(profile), true) => format!("an emulated {} host", plain(profile)),
        (None, true) => "an emulated host".into(),
        (Some(profile), false) => format!("{} ({})", plain(&target.address), plain(profile)),
        (None, false) => plain(&target.address),
    };
    let claim =
        format!("{} ({}): {}", plain(&run.claim), run.ground.as_str(), plain(&run.scenario));
    match told.findings.attempts {
        Some(_) => format!("{claim}, {} of load on {host}", seconds(run.seconds)),
        None => claim,
    }
}

/// How the target's durations were scaled, where they were.
pub(crate) fn scale(told: &Told) -> Option<String> {
    let k = told.run.target.time_scale;
    (k != 1.0).then(|| {
        format!(
            "time scale {k}: durations that the emulated host counts ran {k} times faster; rates are run rates, a host rate is a run rate / {k}"
        )
    })
}

/// A run that is this much shorter than planned ended early; ticks end a little before or after.
const SHORTER_S: f64 = 0.3;

/// Where the load was not made to its end: by how much.
fn ended_early(told: &Told) -> Option<String> {
    let (made, planned) = (told.findings.run.seconds, told.run.planned_seconds);
    let early = made + SHORTER_S < planned;
    early.then(|| {
        format!(
            "ended early, after {} of {} of load: what the scenario expects is not tested",
            seconds(made),
            seconds(planned)
        )
    })
}

/// How a run came out against what its scenario expects.
pub(crate) struct Expectation<'a> {
    pub(crate) sentence: String,
    pub(crate) differences: &'a [String],
    pub(crate) is_met: bool,
}

/// Whether the run came out as its scenario expects; `None` where it expects nothing and ran to its
/// end.
pub(crate) fn expectation(told: &Told) -> Option<Expectation<'_>> {
    if let Some(sentence) = ended_early(told) {
        return Some(Expectation { sentence, differences: &[], is_met: false });
    }
    let expect = told.run.expect.as_ref()?;
    let differences = &told.unexpected[..];
    let causes: Vec<_> = expect.causes.iter().map(|cause| cause.as_str()).collect();
    let sentence = match (differences, &causes[..]) {
        ([], []) => "as expected: no cause, since nothing should fail".into(),
        ([], _) => format!("as expected: {}", causes.join(", then ")),
        _ => "differs from what the scenario expects:".into(),
    };
    Some(Expectation { sentence, differences, is_met: differences.is_empty() })
}

/// What failed and how, in a word: `ECONNREFUSED (linux 111)`.
pub(crate) fn failure_name(failure: &FailureLine) -> String {
    let os = match failure.os {
        Os::Linux => "linux",
        Os::Windows => "windows",
        Os::Other => "errno",
    };
    match failure.os_code {
        Some(code) => format!("{} ({os} {code})", plain(&failure.name)),
        None => plain(&failure.name),
    }
}

/// A cause of the verdict with what stands behind it and what it explains.
pub(crate) fn cause(line: &CauseLine) -> String {
    let behind = match line.because_of.is_empty() {
        true => String::new(),
        false => format!(", because of {}", plain(&line.because_of.join(" and "))),
    };
    let noun = if line.failures == 1 { "attempt" } else { "attempts" };
    let (from, to) = (seconds(line.from_s), seconds(line.to_s));
    let when = if from == to { format!("at {from}") } else { format!("{from} to {to}") };
    format!("{}{behind}: explains {} {noun}, {when}", line.cause, format_count(line.failures))
}

/// The attempts that no single cause explains, where there are any.
pub(crate) fn unexplained(findings: &Findings) -> Option<String> {
    let count = findings.verdict.unexplained;
    let all: u64 = findings.failures.iter().fold(0, |sum, f| sum.saturating_add(f.count));
    (count > 0).then(|| {
        format!(
            "unexplained: {} of {} attempts that failed or were not sent",
            format_count(count),
            format_count(all.max(count))
        )
    })
}

/// When a resource runs out, if the trend holds.
pub(crate) fn forecast(forecast: &Forecast) -> String {
    format!(
        "{} runs out at {} ({} to {}), assuming {}; forecast made at {}",
        forecast.resource.as_str(),
        seconds(forecast.runs_out_at_s),
        seconds(forecast.low_s),
        seconds(forecast.high_s),
        plain(&forecast.assuming),
        seconds(forecast.made_at_s),
    )
}

/// What a stance means for a reader who sees the word for the first time.
pub(crate) fn stance(stance: Stance) -> &'static str {
    match stance {
        Stance::Supported => "supported: mechanism and order are both shown",
        Stance::Consistent => {
            "consistent: it fits what was read, yet order or a look-alike stays open"
        }
        Stance::Contradicted => "contradicted by a reading",
        Stance::Untested => "untested",
    }
}

/// The command as a shell takes it.
pub(crate) fn command(told: &Told) -> String {
    let quoted = |word: &String| {
        let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
        match !word.is_empty() && word.chars().all(safe) {
            true => word.clone(),
            false => format!("'{}'", plain(word).replace('\'', r"'\''")),
        }
    };
    told.run.command.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_people_say_them() {
        for (said, expected) in [
            (amount(113_311_744, "bytes"), "108.1 MiB"),
            (amount(28_232, "ports"), "28,232 ports"),
            (amount(-3, "ports"), "-3 ports"),
            (amount(28_232, ""), "28,232"),
            (amount(i128::MIN, "ports"), "-18,446,744,073,709,551,615 ports"),
            (level(0.4, "attempts/s"), "0.4 attempts/s"),
            (level(400.4, "attempts/s"), "400 attempts/s"),
            (level(2048.0, "bytes"), "2.0 KiB"),
            (seconds(0.0), "0 s"),
            (seconds(f64::NAN), "-"),
            (seconds(7.41), "7.4 s"),
        ] {
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        for (part, whole, expected) in [
            (0, 0, "-"),
            (0, 9, "0 %"),
            (9, 9, "100 %"),
            (1, 100_000, "< 0.1 %"),
            (99_999, 100_000, "> 99.9 %"),
            (618, 1000, "61.8 %"),
        ] {
            assert_eq!(share(part, whole), expected, "{part} of {whole}");
        }
    }
}
