//! The rules between the crates. A crate boundary is kept by the compiler; what may depend on what,
//! and what may not be named, is kept here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::kit::root;

/// Every room of the house and the rooms it may look into.
const MAY_SEE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("host", &["model"]),
    ("scenarios", &["model", "host"]),
    ("capture", &["model"]),
    ("record", &["model"]),
    ("loadgen", &["model", "scenarios"]),
    ("observer", &["model", "capture"]),
    ("lab", &["model", "host", "scenarios"]),
    ("analysis", &["model", "host"]),
    ("postmortem", &["model", "host", "capture", "record"]),
    ("report", &["model"]),
];

fn dependencies(room: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(room).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let sections = ["dependencies", "build-dependencies", "dev-dependencies"];
    let of_targets = manifest.get("target").and_then(|t| t.as_table());
    let places = of_targets.into_iter().flat_map(|t| t.values()).filter_map(|t| t.as_table());
    let places = places.chain([&manifest]);
    let tables = places.flat_map(|p| sections.iter().filter_map(|s| p.get(*s)?.as_table()));
    tables.flat_map(|t| t.keys().cloned()).collect()
}

fn rooms() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    MAY_SEE.iter().map(|(room, sees)| (*room, sees.iter().copied().collect())).collect()
}

#[test]
fn every_room_looks_only_into_the_rooms_it_may() {
    let rooms = rooms();
    for (room, may_see) in &rooms {
        for seen in dependencies(room).iter().filter(|d| rooms.contains_key(d.as_str())) {
            assert!(may_see.contains(seen.as_str()), "{room} depends on {seen}, and must not");
        }
    }
}

#[test]
fn every_member_of_the_workspace_has_its_rule() {
    let text = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = text.parse().unwrap();
    let members = manifest["workspace"]["members"].as_array().unwrap();
    for member in members.iter().filter_map(|m| m.as_str()).filter(|m| *m != "churnlab") {
        assert!(rooms().contains_key(member), "{member} has no rule in tests/house.rs");
    }
}

/// The source files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if entry.extension().is_some_and(|e| e == "rs") {
            found.push(entry);
        }
    }
    found
}

fn nowhere(folder: &str, word: &str, why: &str) {
    for file in sources(&root().join(folder).join("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        assert!(words.into_iter().all(|w| w != word), "{} names {word}: {why}", file.display());
    }
}

#[test]
fn the_lab_knows_profiles_but_no_laws() {
    nowhere("lab", "laws", "the stand-in must not compute what the judgement computes");
}

#[test]
fn unsafe_stands_only_in_named_ffi_files() {
    for (room, _) in MAY_SEE.iter().chain(&[("churnlab", &[][..])]) {
        for file in sources(&root().join(room).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            let is_ffi = file.file_stem().is_some_and(|s| s == "ffi");
            assert!(
                is_ffi || !text.contains("allow(unsafe_code)"),
                "{} allows unsafe",
                file.display()
            );
        }
    }
}

#[test]
fn no_file_outgrows_four_hundred_lines() {
    for (room, _) in MAY_SEE.iter().chain(&[("churnlab", &[][..])]) {
        for file in sources(&root().join(room).join("src")) {
            let lines = std::fs::read_to_string(&file).unwrap().lines().count();
            assert!(
                lines <= 400,
                "{} has {lines} lines; what second idea lives in it?",
                file.display()
            );
        }
    }
}

#[test]
fn every_parser_has_its_fuzz_target() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let (table, manifest) = (read("fuzz/src/lib.rs"), read("fuzz/Cargo.toml"));
    for file in std::fs::read_dir(root().join("capture/src")).unwrap().map(|e| e.unwrap().path()) {
        let is_parser = file.is_file() && read(file.to_str().unwrap()).contains("\npub fn parse(");
        let name = file.file_stem().unwrap().to_str().unwrap();
        if is_parser {
            assert!(table.contains(&format!("text(\"{name}\"")), "fuzz/src/lib.rs lacks {name}");
            assert!(
                manifest.contains(&format!("name = \"{name}\"")),
                "fuzz/Cargo.toml lacks {name}"
            );
        }
    }
}
