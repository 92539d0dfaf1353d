//! Provides a child's end of the lab's protocol: what it hears from its parent and says to it.

use std::io::{BufRead, Write, stdin, stdout};
use std::time::Instant;

use crate::error::LabError;
use crate::os::leave_generator;
use crate::protocol::{NET, Said, start_instant};

/// The next line.
pub fn hear() -> Result<String, LabError> {
    let mut line = String::new();
    match stdin().lock().read_line(&mut line) {
        Ok(0) => Err(LabError("the lab's parent is gone".into())),
        Ok(_) => Ok(line),
        Err(e) => Err(LabError::because("cannot hear the lab's parent", e)),
    }
}

/// Says something.
pub fn say(said: &Said) -> Result<(), LabError> {
    let mut out = stdout().lock();
    writeln!(out, "{}", said.to_line())
        .and_then(|()| out.flush())
        .map_err(|e| LabError::because("cannot answer the lab's parent", e))
}

/// Moves into a namespace of its own and waits until the wires are there.
pub fn unshare() -> Result<(), LabError> {
    leave_generator()?;
    say(&Said::Unshared)?;
    if hear()?.trim() == NET {
        Ok(())
    } else {
        Err(LabError("the lab's parent gave up before the wires were there".into()))
    }
}

/// Hands each `start` line's instant to `begin`, which says whether it wants more; returns when stdin
/// ends.
pub fn each_start(mut begin: impl FnMut(Instant) -> bool) {
    for line in stdin().lock().lines() {
        let Ok(line) = line else { return };
        if let Some(at) = start_instant(&line)
            && !begin(at)
        {
            return;
        }
    }
}
