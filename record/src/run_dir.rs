//! Provides the run directory: made under a name that was free, its whole files written so that a
//! reader sees the old one or the new one and never a part.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use model::findings::Findings;
use model::run::RunInfo;
use serde_json::to_string_pretty;

use crate::error::RecordError;
use crate::files;

/// Runs of one scenario that may start within one second before a name is refused.
const LAST_NUMBER: u32 = 999;

/// Longest scenario name kept in a directory's name; most file systems end at 255 bytes.
const NAME_BYTES: usize = 100;

/// The directory of one run.
#[derive(Clone, Debug)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// Makes `<parent>/<stamp>-<scenario>`, or the same with `-2`, `-3` … where that name is taken,
    /// and `parent` where it is missing. Characters that are no part of a portable file name become
    /// `-`.
    pub fn create(
        parent: &Path,
        scenario_name: &str,
        utc_stamp: &str,
    ) -> Result<Self, RecordError> {
        if parent.is_file() {
            return Err(RecordError::NotAFolder { path: parent.into() });
        }
        let folder = |path: &Path, source| RecordError::Folder { path: path.into(), source };
        fs::create_dir_all(parent).map_err(|e| folder(parent, e))?;
        let name = format!("{}-{}", portable(utc_stamp), portable(scenario_name));
        let first = parent.join(&name);
        for number in 1..=LAST_NUMBER {
            let path = match number {
                1 => first.clone(),
                n => parent.join(format!("{name}-{n}")),
            };
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
                Err(e) => return Err(folder(&path, e)),
            }
        }
        Err(RecordError::NamesTaken { path: first, last: LAST_NUMBER })
    }

    /// The directory of a run made earlier, so that its reports can be written anew.
    pub fn existing(path: &Path) -> Result<Self, RecordError> {
        match path.join(files::RUN_INFO).is_file() {
            true => Ok(Self { path: path.into() }),
            false => Err(RecordError::NotARecord { path: path.into() }),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes `run.json`.
    pub fn write_run_info(&self, run: &RunInfo) -> Result<(), RecordError> {
        self.write_json(files::RUN_INFO, to_string_pretty(run))
    }

    /// Writes `findings.json`.
    pub fn write_findings(&self, findings: &Findings) -> Result<(), RecordError> {
        self.write_json(files::FINDINGS, to_string_pretty(findings))
    }

    /// Writes a file of the directory whole, under a temporary name first. `name` is a plain file
    /// name.
    pub fn write_text(&self, name: &str, text: &str) -> Result<(), RecordError> {
        let path = self.path.join(name);
        let part = self.path.join(format!(".{name}.part"));
        let written = fs::write(&part, text).and_then(|()| fs::rename(&part, &path));
        written.map_err(|e| {
            // A half-written part helps nobody; that it cannot be removed changes nothing.
            let _ = fs::remove_file(&part);
            RecordError::write(&path, e)
        })
    }

    fn write_json(
        &self,
        name: &str,
        json: Result<String, serde_json::Error>,
    ) -> Result<(), RecordError> {
        let json =
            json.map_err(|source| RecordError::Encode { path: self.path.join(name), source })?;
        self.write_text(name, &(json + "\n"))
    }
}

/// A text as part of a file name that every system takes: no separators, no colons, not hidden.
fn portable(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
        .take(NAME_BYTES)
        .collect();
    name.trim_start_matches('.').to_owned()
}

/// Reads `run.json` of a run directory.
pub(crate) fn read_run_info(dir: &Path) -> Result<RunInfo, RecordError> {
    let path = dir.join(files::RUN_INFO);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(_) if !path.exists() => return Err(RecordError::NotARecord { path: dir.into() }),
        Err(e) => return Err(RecordError::read(&path, e)),
    };
    parse_run_info(&bytes).map_err(|e| match e {
        BadRunInfo::Format(format) => RecordError::OtherFormat { path: path.clone(), format },
        BadRunInfo::Reason(reason) => RecordError::BadRunInfo { path: path.clone(), reason },
    })
}

/// Why the bytes of a `run.json` cannot be understood.
pub(crate) enum BadRunInfo {
    /// It is of another format.
    Format(u64),
    /// It is damaged.
    Reason(String),
}

/// What the bytes of a `run.json` say.
pub(crate) fn parse_run_info(bytes: &[u8]) -> Result<RunInfo, BadRunInfo> {
    let bad = |e: serde_json::Error| BadRunInfo::Reason(e.to_string());
    // The format first: a later one need not have this one's fields.
    let value: serde_json::Value = serde_json::from_slice(bytes).map_err(bad)?;
    match value.get("format").and_then(serde_json::Value::as_u64) {
        Some(format) if format != 1 => Err(BadRunInfo::Format(format)),
        _ => serde_json::from_slice(bytes).map_err(bad),
    }
}
