//! Provides the web site's own log: one file a day in the folder of the site, rows appended when they
//! are flushed.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::doors::w3c::{Answered, header, row};
use crate::error::LabError;

/// The folder of the first site beneath that of the logs.
pub const FOLDER: &str = "W3SVC1";

/// The log, open at its end.
#[derive(Debug)]
pub struct IisLogFile {
    file: File,
    buffered: String,
}

impl IisLogFile {
    /// Opens today's file in the site's folder beneath `logs` and writes the header block. `version`
    /// is that of IIS, `stamp` is `YYYY-MM-DD HH:MM:SS`, UTC.
    pub fn open(logs: &Path, version: &str, stamp: &str) -> Result<Self, LabError> {
        let folder = logs.join(FOLDER);
        let day: String = stamp.chars().take(10).filter(char::is_ascii_digit).skip(2).collect();
        let opened = || -> io::Result<File> {
            std::fs::create_dir_all(&folder)?;
            let path = folder.join(format!("u_ex{day}.log"));
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            file.write_all(header(version, stamp).as_bytes())?;
            Ok(file)
        };
        let file = opened().map_err(|e| {
            LabError(format!(
                "cannot write the log of the site in {}: {e}; choose a folder that can be written",
                folder.display()
            ))
        })?;
        Ok(Self { file, buffered: String::new() })
    }

    /// Keeps a row for the next flush.
    pub fn add(&mut self, stamp: &str, answered: &Answered) {
        self.buffered.push_str(&row(stamp, answered));
    }

    /// Writes what has been kept.
    pub fn flush(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.buffered);
        self.file.write_all(rows.as_bytes())
    }
}
