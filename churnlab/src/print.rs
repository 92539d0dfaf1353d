//! The only place that prints: data on stdout, everything else on stderr.

use std::io::{IsTerminal, Write, stderr, stdout};

use terminal_size::{Height, Width};

/// Prints data. The error is that of stdout; a reader that went away (`| head`) is
/// [`std::io::ErrorKind::BrokenPipe`].
pub fn data(text: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        out.write_all(b"\n")?;
    }
    out.flush()
}

/// Prints a line about what is going on.
pub fn note(line: &str) {
    let _ = writeln!(stderr().lock(), "{line}");
}

/// Prints what went wrong, with its causes, as one sentence each.
pub fn error(error: &anyhow::Error) {
    let mut err = stderr().lock();
    let _ = writeln!(err, "churnlab: {error}");
    for cause in error.chain().skip(1) {
        let _ = writeln!(err, "  because: {cause}");
    }
}

/// True where stderr is a terminal that may be redrawn.
pub fn stderr_is_terminal() -> bool {
    stderr().is_terminal()
}

/// True where stdout is a terminal and colour is not forbidden by `NO_COLOR`.
pub fn stdout_has_colour() -> bool {
    stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

/// Columns to write in where no terminal says how wide it is.
const COLUMNS: usize = 100;

/// Width to wrap a report at: `COLUMNS` where it is set, else that of stdout's terminal.
pub fn width() -> usize {
    columns(terminal_size::terminal_size_of(stdout()))
}

/// Width of the terminal that progress is shown on.
pub fn stderr_width() -> usize {
    columns(terminal_size::terminal_size_of(stderr()))
}

fn columns(terminal: Option<(Width, Height)>) -> usize {
    let set = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
    set.or(terminal.map(|(width, _)| usize::from(width.0))).unwrap_or(COLUMNS)
}
