//! Defines what can go wrong with a record, as sentences that say what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why a record could not be made, written or opened.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The folder for the run could not be made.
    #[error("cannot make the folder {path}: {source}; {}", remedy(source), path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file stands where the folder for runs should be.
    #[error(
        "{path} is a file, not a folder; name a folder for run directories with --out DIR",
        path = path.display()
    )]
    NotAFolder {
        /// The file.
        path: PathBuf,
    },
    /// Every name for this run is taken.
    #[error(
        "{path} and its numbered successors up to -{last} exist already; wait a second and run again, or name another folder with --out DIR",
        path = path.display()
    )]
    NamesTaken {
        /// The first name tried.
        path: PathBuf,
        /// The last number tried.
        last: u32,
    },
    /// A file of rows stands there already.
    #[error(
        "{path} exists already and a record is never overwritten; use a new run directory",
        path = path.display()
    )]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be written.
    #[error("cannot write {path}: {source}; {}", remedy(source), path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A value has no JSON form.
    #[error("cannot write {path}: {source}", path = path.display())]
    Encode {
        /// The file.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A latency row that would break the log's lines.
    #[error("a latency row cannot be logged: {0}")]
    BadLatency(String),
    /// The folder is no run directory.
    #[error(
        "{path} holds no run.json, so it is not a run directory; name one such as results/20260131T100000Z-SCENARIO",
        path = path.display()
    )]
    NotARecord {
        /// The folder.
        path: PathBuf,
    },
    /// `run.json` cannot be understood.
    #[error(
        "{path} cannot be understood: {reason}; without it the rows beside it have no meaning",
        path = path.display()
    )]
    BadRunInfo {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The record is of another format.
    #[error(
        "{path} is of format {format} and this churnlab reads format 1; use the version that made it",
        path = path.display()
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u64,
    },
    /// A file is there and cannot be read.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl RecordError {
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.into(), source }
    }

    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.into(), source }
    }
}

/// What to do about a failed write, by its kind.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "change its rights, or name a folder you may write to with --out DIR"
        }
        io::ErrorKind::ReadOnlyFilesystem => {
            "the file system is read-only; name a folder on another one with --out DIR"
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "free some space, or name a folder on another disk with --out DIR"
        }
        _ => "name another folder with --out DIR",
    }
}
