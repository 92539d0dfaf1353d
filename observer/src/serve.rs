//! Provides the far end of a witness in a process of its own: its clock, then rows as JSON lines,
//! until its input ends.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::row::Row;
use serde_json::json;

use crate::observe::{Vantage, observe};
use crate::origin::Origin;
use crate::os;

/// Serves on standard output until standard input ends, and dies with whoever started it. Enter the
/// namespace before, with [`crate::enter_net_of`].
///
/// # Errors
/// Where the output cannot be written, or the parent's death cannot be tied to this process's.
pub fn serve_rows(vantage: Vantage, every: Duration) -> io::Result<()> {
    os::die_with_parent()?;
    serve_rows_on(vantage, every, io::stdin(), &mut io::stdout().lock())
}

/// Serves on `out` until `input` ends. The first line is
/// `{"hello":{"origin_mono_ns":…,"origin_unix_ns":…,"vantage":"target"}}`; each further one is a
/// row, in run time of that origin. A reader that is gone ends it too.
///
/// # Errors
/// Where `out` cannot be written for another reason.
pub fn serve_rows_on(
    vantage: Vantage,
    every: Duration,
    input: impl Read + Send + 'static,
    out: &mut dyn Write,
) -> io::Result<()> {
    let origin = Origin::now();
    let hello = json!({"hello": {
        "origin_mono_ns": origin.mono_ns,
        "origin_unix_ns": origin.unix_ns,
        "vantage": vantage.name,
    }});
    writeln!(out, "{hello}")?;
    out.flush()?;
    let stop = Arc::new(AtomicBool::new(false));
    let ended = Arc::clone(&stop);
    // Not joined: it may sit in a read that no one will ever answer.
    std::thread::spawn(move || {
        wait_for_end(input);
        ended.store(true, Ordering::Relaxed);
    });
    let mut failed = None;
    observe(vantage, every, origin, &stop, &mut |row| {
        failed = write_row(out, &row).err();
        failed.is_none()
    });
    match failed {
        Some(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(e),
        _ => Ok(()),
    }
}

fn write_row(out: &mut dyn Write, row: &Row) -> io::Result<()> {
    let mut line = serde_json::to_vec(row)?;
    line.push(b'\n');
    out.write_all(&line)?;
    out.flush()
}

/// Reads to the end; what is said meanwhile does not matter.
fn wait_for_end(mut input: impl Read) {
    let mut said = [0; 64];
    loop {
        match input.read(&mut said) {
            Ok(0) => return,
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return,
            _ => {}
        }
    }
}
