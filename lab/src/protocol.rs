//! Defines what the lab's parent and its other processes say to each other: a JSON object a line
//! upwards, words downwards.
//!
//! Parent: the order (JSON) → `net` once the wires are there → `start NANOSECONDS` → end of file.
//! Child: `unshared` (where isolated) → `ready` → `stopped`; or `failed` at any time.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use scenarios::Scenario;
use serde_json::{Value, json};

use crate::error::LabError;
use crate::os::mono_ns;

/// The wire is there.
pub const NET: &str = "net";

/// What a process of the lab is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The emulated host.
    Target,
    /// The host that the target calls.
    Backend,
    /// What lies between generator and target.
    Path,
}

impl Role {
    const ALL: [(Self, &str); 3] =
        [(Self::Target, "target"), (Self::Backend, "backend"), (Self::Path, "path")];
}

/// What a process of the lab is to be.
#[derive(Clone, Debug)]
pub struct Order {
    /// Which of them.
    pub role: Role,
    /// The scenario in force.
    pub scenario: Scenario,
    /// Whether it gets a namespace of its own.
    pub isolated: bool,
    /// Where its error log goes.
    pub httperr_dir: PathBuf,
    /// The process that it must not outlive.
    pub parent_pid: u32,
}

impl Order {
    /// As a line.
    pub fn to_line(&self) -> String {
        let role = Role::ALL.iter().find(|(role, _)| *role == self.role).map(|(_, word)| word);
        json!({
            "role": role,
            "scenario": self.scenario.to_json(),
            "isolated": self.isolated,
            "httperr_dir": self.httperr_dir,
            "parent_pid": self.parent_pid,
        })
        .to_string()
    }

    /// From a line.
    pub fn from_line(line: &str) -> Result<Self, LabError> {
        let bad = || LabError("the target was given an order that it does not understand".into());
        let order: Value = serde_json::from_str(line).map_err(|_| bad())?;
        let scenario = scenarios::read(&order["scenario"].to_string(), "scenario", &[]).map_err(
            |problems| LabError::because("the target cannot read the scenario", problems),
        )?;
        let word = order["role"].as_str();
        let role = Role::ALL.iter().find(|(_, w)| Some(*w) == word).map(|(role, _)| *role);
        Ok(Self {
            role: role.ok_or_else(bad)?,
            scenario,
            isolated: order["isolated"].as_bool().ok_or_else(bad)?,
            httperr_dir: order["httperr_dir"].as_str().ok_or_else(bad)?.into(),
            parent_pid: order["parent_pid"]
                .as_u64()
                .and_then(|n| n.try_into().ok())
                .ok_or_else(bad)?,
        })
    }
}

/// What the target says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is in a namespace of its own and waits for the wire.
    Unshared,
    /// It serves.
    Ready {
        /// The site.
        target: SocketAddr,
        /// The doors.
        doors: SocketAddr,
        /// What differs from what was asked.
        notes: Vec<String>,
    },
    /// It has flushed its log and ends.
    Stopped {
        /// What went wrong meanwhile.
        notes: Vec<String>,
    },
    /// It could not, and ends.
    Failed(String),
}

impl Said {
    /// As a line.
    pub fn to_line(&self) -> String {
        match self {
            Self::Unshared => json!({"state": "unshared"}),
            Self::Ready { target, doors, notes } => json!({
                "state": "ready", "target": target.to_string(), "doors": doors.to_string(),
                "notes": notes,
            }),
            Self::Stopped { notes } => json!({"state": "stopped", "notes": notes}),
            Self::Failed(sentence) => json!({"state": "failed", "sentence": sentence}),
        }
        .to_string()
    }

    /// From a line; `None` where it is none of these.
    pub fn from_line(line: &str) -> Option<Self> {
        let said: Value = serde_json::from_str(line).ok()?;
        let address = |key: &str| said[key].as_str()?.parse().ok();
        let notes = || {
            let all = said["notes"].as_array()?;
            Some(all.iter().filter_map(|n| n.as_str().map(str::to_owned)).collect())
        };
        match said["state"].as_str()? {
            "unshared" => Some(Self::Unshared),
            "ready" => Some(Self::Ready {
                target: address("target")?,
                doors: address("doors")?,
                notes: notes()?,
            }),
            "stopped" => Some(Self::Stopped { notes: notes()? }),
            "failed" => Some(Self::Failed(said["sentence"].as_str()?.to_owned())),
            _ => None,
        }
    }
}

/// `start NANOSECONDS`: the clock that processes of this machine share (CLOCK_MONOTONIC on Linux) at
/// run time 0.
pub fn start_line(t0_mono_ns: u64) -> String {
    format!("start {t0_mono_ns}")
}

/// The instant of a `start` line; `None` where it is none.
pub fn start_instant(line: &str) -> Option<Instant> {
    let at_ns: u64 = line.trim().strip_prefix("start ")?.parse().ok()?;
    let now_ns = mono_ns()?;
    let now = Instant::now();
    match at_ns.checked_sub(now_ns) {
        Some(ahead) => now.checked_add(Duration::from_nanos(ahead)),
        None => now.checked_sub(Duration::from_nanos(now_ns - at_ns)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_understood() {
        for said in [
            Said::Unshared,
            Said::Ready {
                target: "198.18.0.80:80".parse().unwrap(),
                doors: "198.18.0.80:9182".parse().unwrap(),
                notes: vec!["A \"quoted\" note\nof two lines.".into()],
            },
            Said::Stopped { notes: Vec::new() },
            Said::Failed("cannot listen".into()),
        ] {
            let line = said.to_line();
            assert!(!line.contains('\n'), "one line: {line}");
            assert_eq!(Said::from_line(&line), Some(said));
        }
        assert_eq!(Said::from_line("{\"state\":\"ready\",\"target\":\"nowhere\"}"), None);
        assert_eq!(Said::from_line("thread 'main' panicked"), None);
    }

    #[test]
    fn a_start_ahead_or_behind_becomes_an_instant() {
        let now = mono_ns().unwrap();
        let ahead = start_instant(&start_line(now + 5_000_000_000)).unwrap();
        let left = ahead.duration_since(Instant::now()).as_secs_f64();
        assert!((4.0..=5.0).contains(&left), "{left}");
        let behind = start_instant(&start_line(now - 1_000_000)).unwrap();
        assert!(behind < Instant::now());
        assert_eq!(start_instant("stop"), None);
    }
}
