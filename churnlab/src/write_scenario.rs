//! `diagnose --write-scenario`: puts the scenario that reproduces what was found into a file that is
//! not there yet.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::print;

/// Writes `text` to `path`; what stands there and differs is only replaced by force.
pub fn write(path: &Path, text: &str, force: bool) -> Result<()> {
    check(text)?;
    let told = path.display();
    match std::fs::read(path) {
        Ok(there) if there == text.as_bytes() => {
            print::note(&format!("scenario: {told} (it stood there already)"));
            return Ok(());
        }
        Ok(_) if !force => bail!(
            "{told} exists and differs, so nothing was written: name another file, or give --force"
        ),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("cannot write the scenario to {told}"))?;
    print::note(&format!("scenario: {told}\nplay it: churnlab run {told}"));
    Ok(())
}

/// Nothing is written that `run` would refuse.
fn check(text: &str) -> Result<()> {
    match scenarios::read(text, "the scenario made of these captures", &[]) {
        Ok(_) => Ok(()),
        Err(problems) => bail!("no scenario was written, since it could not be run: {problems}"),
    }
}
