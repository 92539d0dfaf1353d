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
/// code hands it to the pool's functions is named `driver.sys (as code)`, and first.
///
/// # Errors
/// Where the folder cannot be listed or holds no driver, as a sentence.
pub(crate) fn search(folder: &Path, tags: &[Tag]) -> Result<BTreeMap<String, Vec<String>>, String> {
    let foreign = |tag: &&Tag| {
        (3..=4).contains(&tag.tag.len())
            && class(&tag.tag).is_none_or(|c| c == TagClass::ThirdPartyGuess)
    };
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for tag in tags.iter().filter(foreign).take(TAGS_MAX) {
        found.insert(tag.tag.clone(), Vec::new());
    }
    let shown = folder.display();
    let entries = std::fs::read_dir(folder)
        .map_err(|e| format!("the folder of drivers {shown} cannot be listed: {e}"))?;
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sys")));
    paths.sort();
    if paths.is_empty() {
        return Err(format!("the folder of drivers {shown} holds no .sys file"));
    }
    for path in paths.iter().take(FILES_MAX) {
        let Ok(mut file) = std::fs::File::open(path) else { continue };
        let (bytes, _) = crate::open::fill(&mut file, FILE_BYTES_MAX);
        let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
        for (tag, files) in &mut found {
            match held(&bytes, tag) {
                Some(Held::AsCode) => files.insert(0, format!("{name} (as code)")),
                Some(Held::AsText) => files.push(name.clone()),
                None => {}
            }
        }
    }
    Ok(found)
}

/// How a file holds a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// As code hands it to the pool's functions.
    AsCode,
    /// As bytes that may be anything.
    AsText,
}

/// What stands before a tag in code, where it is an argument of the pool's functions: on x86 `push`
/// (`h`, KB298102), on x64 `mov r8d` for allocations and `mov edx` for frees, by the processor's
/// encoding.
const BEFORE_IN_CODE: &[&[u8]] = &[b"h", &[0x41, 0xb8], &[0xba]];

/// A tag is four characters; a shorter one ends in spaces.
fn held(bytes: &[u8], tag: &str) -> Option<Held> {
    let tag = format!("{tag:<4}");
    let mut found = None;
    for at in memchr::memmem::find_iter(bytes, tag.as_bytes()) {
        if BEFORE_IN_CODE.iter().any(|before| bytes[..at].ends_with(before)) {
            return Some(Held::AsCode);
        }
        found = Some(Held::AsText);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_in_code_is_told_from_one_in_text() {
        for (bytes, tag, wanted, why) in [
            (&b"\x00hISil\x00"[..], "ISil", Some(Held::AsCode), "x86: push"),
            (
                b"\x33\x41\xb8ISil\xff\x15",
                "ISil",
                Some(Held::AsCode),
                "x64: mov r8d, an allocation",
            ),
            (b"\xbaISil\xff\x15", "ISil", Some(Held::AsCode), "x64: mov edx, a free"),
            (b"this ISil is text", "ISil", Some(Held::AsText), "text"),
            (b"text ISil, then code hISil", "ISil", Some(Held::AsCode), "both"),
            (b"ISil", "ISil", Some(Held::AsText), "the file's first bytes"),
            (b"hIAM \x00", "IAM", Some(Held::AsCode), "three characters and a space"),
            (b"DIAMOND", "IAM", None, "no space behind it"),
            (b"isil", "ISil", None, "tags are told apart by case"),
        ] {
            assert_eq!(held(bytes, tag), wanted, "{why}");
        }
    }
}
