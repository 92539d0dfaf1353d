//! Provides the follower of a host's logs: rows that are written from now on.
//!
//! What exists when it first looks is read for its header only. A log is followed through growth,
//! truncation and the next file of its sequence (`httperr1.log`, `httperr2.log` …; a file a day); a line that is
//! not whole yet waits for the next round.

use std::fs::File;
use std::io::ErrorKind::NotFound;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use model::reading::GapKind;

use crate::log_rows::{Found, Log};
use crate::reading::Reading;

/// What one round reads at most; the rest is next round's.
const ROUND_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// A log or a folder of logs, followed.
#[derive(Debug)]
pub struct Tail<L: Log> {
    path: PathBuf,
    /// Whether it has looked before: what appears later is new from its first byte.
    looked: bool,
    place: Option<Place<L::Parser>>,
}

/// How far has been read.
#[derive(Debug)]
struct Place<P> {
    file: PathBuf,
    sequence: u64,
    offset: u64,
    parser: P,
}

impl<L: Log> Tail<L> {
    /// Follows this log, or those of its kind in this folder.
    pub fn new(path: PathBuf) -> Self {
        Self { path, looked: false, place: None }
    }

    /// Reads what is new. A folder or log that is not there (yet) is a gap.
    pub fn read(&mut self, source: &str) -> Reading {
        let mut found = Found::<L>::default();
        let followed = self.follow(&mut found);
        // A log that is there and cannot be read may hold rows of long ago.
        self.looked |= followed.as_ref().map_or_else(|e| e.kind() == NotFound, |()| true);
        let mut reading = Reading::default();
        if let Err(e) = followed {
            let told = format!(
                "{} cannot be read: {e}; it is looked for again each round",
                self.path.display()
            );
            reading.gap(source, GapKind::Failed, told);
        }
        reading.happened = found.happened(&self.path);
        reading
    }

    fn follow(&mut self, found: &mut Found<L>) -> io::Result<()> {
        // Listed before reading: once the next file is there, nothing is added to the one before.
        let files = self.files()?;
        if !self.looked {
            self.place = files.last().map(Place::at_end::<L>).transpose()?;
            return Ok(());
        }
        if let Some(place) = &self.place
            && !files.iter().any(|(sequence, _)| *sequence == place.sequence)
        {
            found.trouble(&place.file, "is gone; what was not read of it is lost");
            let next = files.iter().find(|(sequence, _)| *sequence > place.sequence);
            self.place = next.or(files.last()).map(Place::at_start);
        }
        if self.place.is_none() {
            self.place = files.first().map(Place::at_start);
        }
        while let Some(place) = &mut self.place {
            let next = files.iter().find(|(sequence, _)| *sequence > place.sequence);
            let at_end = place.read(next.is_some(), found)?;
            let Some(next) = next.filter(|_| at_end) else { break };
            self.place = Some(Place::at_start(next));
        }
        Ok(())
    }

    /// The logs with their sequence number, in order.
    fn files(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        if !std::fs::metadata(&self.path)?.is_dir() {
            return Ok(vec![(0, self.path.clone())]);
        }
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&self.path)? {
            let entry = entry?;
            let number = entry.file_name().to_str().and_then(L::sequence);
            files.extend(number.map(|number| (number, entry.path())));
        }
        files.sort();
        Ok(files)
    }
}

impl<P: Default> Place<P> {
    fn at_start((sequence, file): &(u64, PathBuf)) -> Self {
        Self { file: file.clone(), sequence: *sequence, offset: 0, parser: P::default() }
    }

    /// Behind the last whole line. Everything before it is read for its header.
    fn at_end<L: Log<Parser = P>>(found: &(u64, PathBuf)) -> io::Result<Self> {
        let mut place = Self::at_start(found);
        let mut passed = Found::<L>::default();
        let end = std::fs::metadata(&place.file)?.len();
        while place.offset < end {
            let before = place.offset;
            place.read(false, &mut passed)?;
            if place.offset == before {
                break;
            }
            passed = Found::default();
        }
        Ok(place)
    }

    /// Reads whole lines from here on; true where the file has been read to its end. The last line
    /// of a `finished` file is whole even without a line end.
    fn read<L: Log<Parser = P>>(
        &mut self,
        finished: bool,
        found: &mut Found<L>,
    ) -> io::Result<bool> {
        let mut file = File::open(&self.file)?;
        let length = file.metadata()?.len();
        if length < self.offset {
            let told =
                format!("was cut from {} to {length} bytes; read from its start", self.offset);
            found.trouble(&self.file, &told);
            self.offset = 0;
            self.parser = P::default();
        }
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.take(ROUND_BYTES_MAX).read_to_end(&mut bytes)?;
        let full = bytes.len() as u64 == ROUND_BYTES_MAX;
        let whole = match bytes.iter().rposition(|b| *b == b'\n') {
            Some(_) | None if finished && !full => bytes.len(),
            Some(last) => last + 1,
            None if full => {
                found.trouble(&self.file, "holds a line of over 8 MiB, which is passed over");
                bytes.len()
            }
            None => 0,
        };
        for line in bytes[..whole].split_inclusive(|b| *b == b'\n') {
            found.line(&mut self.parser, &String::from_utf8_lossy(line));
        }
        self.offset += whole as u64;
        Ok(!full)
    }
}

#[cfg(test)]
mod tests;
