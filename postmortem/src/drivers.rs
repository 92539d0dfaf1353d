//! Provides the search of a drivers folder for pool tags, as KB298102 does it by hand: a driver
//! names its tag in its code, on x86 behind the byte of a push, `h`.

use std::collections::BTreeMap;
use std::path::Path;

use host::tags::TagClass;
use model::diagnosis::Tag;

use crate::pool::class;

/// Driver files read.
const FILES_MAX: usize = 2_000;
/// Bytes read of each; drivers are a few MiB.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Tags searched for, the largest.
const TAGS_MAX: usize = 20;

/// The files that hold each of the largest tags that Windows does not own. A file that holds it as
/// x86 code pushes it is named `driver.sys (as code)`.
pub(crate) fn search(folder: &Path, tags: &[Tag]) -> BTreeMap<String, Vec<String>> {
    let foreign = |tag: &&Tag| {
        tag.tag.len() == 4 && class(&tag.tag).is_none_or(|c| c == TagClass::ThirdPartyGuess)
    };
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for tag in tags.iter().filter(foreign).take(TAGS_MAX) {
        found.insert(tag.tag.clone(), Vec::new());
    }
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sys")));
    paths.sort();
    for path in paths.iter().take(FILES_MAX) {
        let Ok(mut file) = std::fs::File::open(path) else { continue };
        let Ok(bytes) = crate::open::fill(&mut file, FILE_BYTES_MAX) else { continue };
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        for (tag, files) in &mut found {
            let pushed = [b"h", tag.as_bytes()].concat();
            if memchr::memmem::find(&bytes, &pushed).is_some() {
                files.insert(0, format!("{name} (as code)"));
            } else if memchr::memmem::find(&bytes, tag.as_bytes()).is_some() {
                files.push(name.clone());
            }
        }
    }
    found
}
