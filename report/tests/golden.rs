//! Whole reports, compared with the files in `golden/`. `UPDATE_GOLDEN=1` writes them anew; read
//! what changed before keeping it.

#![allow(clippy::unwrap_used)]

mod kit;

use std::fs;
use std::path::Path;

use report::{TextStyle, json, markdown, text};

fn check(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|v| v == "1") {
        fs::write(&path, got).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(got == kept, "{name} differs from what is kept; it now is:\n{got}");
}

#[test]
fn text_at_three_widths() {
    for (story, told) in kit::stories() {
        for width in [40, 80, 120] {
            let style = TextStyle { color: false, width };
            check(&format!("{story}-{width}.txt"), &text(&told, &style));
        }
    }
}

#[test]
fn text_in_colour() {
    let style = TextStyle { color: true, width: 80 };
    check("not-valid-colour.txt", &text(&kit::not_valid(), &style));
}

#[test]
fn markdown_of_every_story() {
    for (story, told) in kit::stories() {
        check(&format!("{story}.md"), &markdown(&told));
    }
}

#[test]
fn json_is_the_published_format() {
    let findings = kit::leak().findings;
    let written = json(&findings).unwrap();
    check("leak.json", &written);
    assert_eq!(serde_json::from_str::<model::findings::Findings>(&written).unwrap(), findings);
}
