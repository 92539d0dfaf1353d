//! Writes each target's seeds and dictionary: the texts and the words that stand in the sources and
//! tests of its parser. `seeds DIR` makes `DIR/<target>/*` and `DIR/<target>.dict`.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::{Path, PathBuf};

use churnlab_fuzz::PARSERS;
use proc_macro2::{TokenStream, TokenTree};
use syn::Lit;

/// Shorter ones are words for the dictionary.
const SEED_BYTES_MIN: usize = 24;
/// Longer than what a target is run with.
const SEED_BYTES_MAX: usize = 4096;
/// Where parsers stand, from the workspace's root.
const PLACES: [&str; 2] = ["capture/src", "postmortem/tests"];

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    PLACES.iter().try_for_each(|place| sources(&root.join(place), &mut files))?;
    for parser in PARSERS {
        let mut found = BTreeSet::new();
        for file in files.iter().filter(|file| is_of(file, parser.words_of)) {
            literals(std::fs::read_to_string(file)?.parse()?, &mut found);
        }
        let (seeds, words): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|text| text.len() >= SEED_BYTES_MIN);
        let folder = out.join(parser.name);
        std::fs::create_dir_all(&folder)?;
        for (at, seed) in seeds.iter().filter(|seed| seed.len() <= SEED_BYTES_MAX).enumerate() {
            std::fs::write(folder.join(format!("{at:04}")), seed)?;
        }
        let words = words.iter().filter(|word| word.len() > 1).map(|word| entry(word));
        std::fs::write(out.join(format!("{}.dict", parser.name)), words.collect::<String>())?;
    }
    Ok(())
}

/// Every Rust file below a folder.
fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// Whether a file is one of these modules or stands in the folder of one; `*` is every file.
fn is_of(file: &Path, modules: &[&str]) -> bool {
    let named = |part: &str| modules.contains(&part.trim_end_matches(".rs"));
    modules == ["*"] || file.iter().rev().take(2).filter_map(|part| part.to_str()).any(named)
}

/// The texts and bytes that are spelt out in a source.
fn literals(source: TokenStream, found: &mut BTreeSet<Vec<u8>>) {
    for token in source {
        match token {
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) => match Lit::new(literal) {
                Lit::Str(text) => drop(found.insert(text.value().into_bytes())),
                Lit::ByteStr(bytes) => drop(found.insert(bytes.value())),
                _ => {}
            },
            _ => {}
        }
    }
}

/// A word as a line of libFuzzer's dictionary.
fn entry(word: &[u8]) -> String {
    let escaped: String = word.iter().map(|byte| format!("\\x{byte:02x}")).collect();
    format!("\"{escaped}\"\n")
}
