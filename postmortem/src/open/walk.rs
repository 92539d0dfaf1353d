//! Provides the files that names stand for: folders are walked in order, to a bounded depth.

use std::path::{Path, PathBuf};

use super::Source;

/// Folders within folders that are followed. Chosen: an archive of a week's captures has two or three.
const DEPTH_MAX: usize = 8;
/// Files taken of one command line. Chosen: twenty times the 500 that a week of captures makes.
const FILES_MAX: usize = 10_000;

/// What names stand for.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// What can be opened, in order.
    pub(crate) sources: Vec<Source>,
    /// What cannot, with a sentence each.
    pub(crate) refused: Vec<(String, String)>,
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
            Ok(about) if about.is_dir() => folder(path, 0, &mut found),
            Ok(about) if about.is_file() => file(path.clone(), &mut found),
            Ok(_) => refuse(path, "is neither a file nor a folder".into(), &mut found),
            Err(error) => refuse(path, format!("cannot be opened: {error}"), &mut found),
        }
    }
    found
}

fn refuse(path: &Path, why: String, found: &mut Found) {
    found.refused.push((path.display().to_string(), why));
}

fn file(path: PathBuf, found: &mut Found) {
    match found.sources.len() {
        n if n < FILES_MAX => found.sources.push(Source::File(path)),
        n if n == FILES_MAX && !found.refused.iter().any(|(_, why)| why.starts_with("was not")) => {
            let why = format!("was not read, nor what follows it: {FILES_MAX} files are the most");
            refuse(&path, why, found);
        }
        _ => {}
    }
}

fn folder(path: &Path, depth: usize, found: &mut Found) {
    if depth > DEPTH_MAX {
        return refuse(path, format!("lies deeper than {DEPTH_MAX} folders"), found);
    }
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) => return refuse(path, format!("cannot be listed: {error}"), found),
    };
    let mut inside: Vec<PathBuf> = entries.flatten().take(FILES_MAX).map(|e| e.path()).collect();
    inside.sort();
    for path in inside {
        let hidden = path.file_name().is_some_and(|n| n.to_string_lossy().starts_with('.'));
        match std::fs::symlink_metadata(&path) {
            _ if hidden => {}
            Ok(about) if about.is_dir() => folder(&path, depth + 1, found),
            Ok(about) if about.is_file() => file(path, found),
            Ok(_) => {}
            Err(error) => refuse(&path, format!("cannot be opened: {error}"), found),
        }
    }
}
