//! Provides the files that names stand for: folders are walked in order, to a bounded depth.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::Source;

/// Folders within folders that are followed. Chosen: an archive of a week's captures has two or three.
const DEPTH_MAX: usize = 8;
/// Files taken of one command line. Chosen: twenty times the 500 that a week of captures makes.
const FILES_MAX: usize = 10_000;
/// Where pipes stand that a shell made of `<(command)`: they are open already, so reading does not wait
/// for somebody to write.
const OPEN_PIPES: [&str; 2] = ["/dev/fd/", "/proc/self/fd/"];

/// What names stand for.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What can be opened, in order.
    pub(crate) sources: Vec<Source>,
    /// What cannot, with a sentence each.
    pub(crate) refused: Vec<(String, String)>,
    /// Names by the file that they lead to.
    known: HashMap<PathBuf, PathBuf>,
    /// Entries of folders that were looked at.
    entries: usize,
}

/// Finds the files of these names. Links within folders are not followed, hidden files are passed over.
pub(crate) fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        if path == Path::new("-") {
            if !found.sources.contains(&Source::Stdin) {
                found.sources.push(Source::Stdin);
            }
            continue;
        }
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() => found.named_folder(path),
            Ok(about) if about.is_file() => found.file(path),
            Ok(_) if OPEN_PIPES.iter().any(|folder| path.starts_with(folder)) => {
                found.sources.push(Source::Pipe(path.clone()));
            }
            Ok(_) => {
                found.refuse(path, "is neither a file nor a folder: give what it holds as a file, or on standard input as -");
            }
            Err(error) => found.refuse(path, format!("cannot be opened: {error}")),
        }
    }
    found
}

impl Found {
    fn refuse(&mut self, path: &Path, why: impl Into<String>) {
        self.refused.push((path.display().to_string(), why.into()));
    }

    /// A folder in which nothing is found is told: the name may be wrong.
    fn named_folder(&mut self, path: &Path) {
        let before = (self.sources.len(), self.refused.len());
        self.folder(path, 0);
        if before == (self.sources.len(), self.refused.len()) {
            self.refuse(path, "holds no file");
        }
    }

    fn file(&mut self, path: &Path) {
        let leads_to = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if let Some(first) = self.known.get(&leads_to) {
            let why = format!("is the file {} once more, and was read once", first.display());
            return self.refuse(path, why);
        }
        self.known.insert(leads_to, path.to_owned());
        self.sources.push(Source::File(path.to_owned()));
    }

    fn folder(&mut self, path: &Path, depth: usize) {
        if depth > DEPTH_MAX {
            return self.refuse(path, format!("lies deeper than {DEPTH_MAX} folders"));
        }
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => return self.refuse(path, format!("cannot be listed: {error}")),
        };
        let room = FILES_MAX.saturating_sub(self.entries);
        let mut inside: Vec<PathBuf> = entries.flatten().take(room + 1).map(|e| e.path()).collect();
        inside.sort();
        for path in inside {
            self.entries += 1;
            match self.entries {
                n if n <= FILES_MAX => self.entry(&path, depth),
                n if n == FILES_MAX + 1 => {
                    let why = format!(
                        "was not read, nor what follows it: {FILES_MAX} files and folders within folders are the most"
                    );
                    self.refuse(&path, why);
                }
                _ => break,
            }
        }
    }

    fn entry(&mut self, path: &Path, depth: usize) {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        match std::fs::symlink_metadata(path) {
            _ if hidden => {}
            Ok(about) if about.is_dir() => self.folder(path, depth + 1),
            Ok(about) if about.is_file() => self.file(path),
            Ok(about) if about.is_symlink() => {
                self.refuse(path, "is a link, and links within a folder are not followed: name it");
            }
            Ok(_) => self.refuse(path, "is neither a file nor a folder"),
            Err(error) => self.refuse(path, format!("cannot be opened: {error}")),
        }
    }
}
