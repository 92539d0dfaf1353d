//! Provides the HTTPERR folder: `httperr1.log` and its successors, appended to and rolled over by
//! size as HTTP.sys does it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use host::HttperrEra;

use crate::doors::httperr::{Entry, TRUNCATE_BYTES, header, row};
use crate::error::LabError;

/// The log, open at its end.
#[derive(Debug)]
pub struct HttperrFile {
    folder: PathBuf,
    era: HttperrEra,
    software: &'static str,
    sequence: u32,
    file: File,
    size_bytes: u64,
}

impl HttperrFile {
    /// Opens the last file of the folder, or the first, and writes the header block. `None` where
    /// the era has no such log.
    pub fn open(
        folder: &Path,
        era: HttperrEra,
        software: &'static str,
        stamp: &str,
    ) -> Result<Option<Self>, LabError> {
        let Some(block) = header(era, software, stamp) else { return Ok(None) };
        let opened = || -> io::Result<Self> {
            std::fs::create_dir_all(folder)?;
            let mut sequence = 1;
            while name(folder, sequence + 1).exists() {
                sequence += 1;
            }
            let (file, size_bytes) = open_end(folder, sequence)?;
            let folder = folder.to_owned();
            let mut log = Self { folder, era, software, sequence, file, size_bytes };
            log.put(&block)?;
            Ok(log)
        };
        opened().map(Some).map_err(|e| {
            LabError(format!(
                "cannot write the HTTPERR log in {}: {e}; choose a folder that can be written",
                folder.display()
            ))
        })
    }

    /// Appends one row, in the next file when this one is full.
    pub fn write(&mut self, stamp: &str, entry: &Entry) -> io::Result<()> {
        let Some(line) = row(self.era, stamp, entry) else { return Ok(()) };
        if self.size_bytes + line.len() as u64 > TRUNCATE_BYTES {
            self.sequence += 1;
            (self.file, self.size_bytes) = open_end(&self.folder, self.sequence)?;
            if let Some(block) = header(self.era, self.software, stamp) {
                self.put(&block)?;
            }
        }
        self.put(&line)
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.size_bytes += text.len() as u64;
        Ok(())
    }
}

fn name(folder: &Path, sequence: u32) -> PathBuf {
    folder.join(format!("httperr{sequence}.log"))
}

fn open_end(folder: &Path, sequence: u32) -> io::Result<(File, u64)> {
    let file = OpenOptions::new().create(true).append(true).open(name(folder, sequence))?;
    let size_bytes = file.metadata()?.len();
    Ok((file, size_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOFTWARE: &str = "Microsoft HTTP API 1.0";
    const STAMP: &str = "2005-09-02 18:45:12";

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lab-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        folder
    }

    fn open(folder: &Path) -> HttperrFile {
        HttperrFile::open(folder, HttperrEra::Columns13, SOFTWARE, STAMP).unwrap().unwrap()
    }

    #[test]
    fn the_block_is_repeated_when_the_service_starts_again() {
        let folder = folder("again");
        open(&folder).write(STAMP, &Entry::Refused(3)).unwrap();
        open(&folder).write(STAMP, &Entry::Refused(4)).unwrap();
        let text = std::fs::read_to_string(folder.join("httperr1.log")).unwrap();
        let starts: Vec<&str> = text.lines().map(|l| &l[..5]).collect();
        let block = ["#Soft", "#Vers", "#Date", "#Fiel", "2005-"];
        assert_eq!(starts, [block, block].concat());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_full_file_is_followed_by_the_next_number_with_a_block_of_its_own() {
        let folder = folder("full");
        let mut log = open(&folder);
        for n in 0..20_000 {
            log.write(STAMP, &Entry::Refused(n + 1)).unwrap();
        }
        let size = |n: u32| std::fs::metadata(name(&folder, n)).unwrap().len();
        assert!(size(1) <= TRUNCATE_BYTES && size(1) > TRUNCATE_BYTES - 100, "{}", size(1));
        let second = std::fs::read_to_string(name(&folder, 2)).unwrap();
        assert!(second.starts_with("#Software: Microsoft HTTP API 1.0\r\n"));
        let rows =
            |n| std::fs::read_to_string(name(&folder, n)).unwrap().matches("_Refused").count();
        assert_eq!(rows(1) + rows(2), 20_000, "no row is lost between the two");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_a_sentence() {
        let file = folder("file");
        std::fs::write(&file, "").unwrap();
        let error = HttperrFile::open(&file, HttperrEra::Columns13, SOFTWARE, STAMP)
            .unwrap_err()
            .to_string();
        assert!(error.contains("choose a folder"), "{error}");
        std::fs::remove_file(file).unwrap();
    }
}
