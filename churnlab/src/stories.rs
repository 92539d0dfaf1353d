//! Finds scenarios by file or built-in name and reads them, all problems at once.

use anyhow::{Context, Result};
use scenarios::Scenario;

use crate::print;

/// A scenario with the name it was asked for.
#[derive(Debug)]
pub struct Story {
    /// The file or built-in name.
    pub asked: String,
    /// What it says.
    pub scenario: Scenario,
}

/// The text of a scenario: a file where one is there, else a built-in.
fn text(asked: &str) -> Result<String> {
    if std::path::Path::new(asked).exists() {
        return std::fs::read_to_string(asked).with_context(|| format!("cannot read {asked}"));
    }
    let built_in = scenarios::builtin(asked).map(str::to_owned);
    built_in.with_context(|| {
        let names: Vec<&str> = scenarios::builtins().iter().map(|(name, _)| *name).collect();
        format!("{asked} is neither a file nor a built-in scenario ({})", names.join(", "))
    })
}

/// Reads every scenario asked for. `None` where any has a problem: all of them have then been
/// printed, and nothing has been started.
pub fn read(asked: &[String], sets: &[String]) -> Option<Vec<Story>> {
    let mut stories = Vec::new();
    let mut sound = true;
    for name in asked {
        let read = text(name).map_err(|error| print::error(&error)).ok().and_then(|text| {
            scenarios::read(&text, name, sets).map_err(|all| print::note(&all.to_string())).ok()
        });
        match read {
            Some(scenario) => stories.push(Story { asked: name.clone(), scenario }),
            None => sound = false,
        }
    }
    sound.then_some(stories)
}
