//! What holds for every report, whatever it tells.

mod kit;

use model::cause::{Cause, Stance};
use model::findings::CauseLine;
use report::{TextStyle, markdown, text};

fn plain(told: &model::told::Told, width: usize) -> String {
    text(told, &TextStyle { color: false, width })
}

#[test]
fn no_line_is_wider_than_the_page() {
    for (story, told) in kit::stories() {
        for width in 0..=140 {
            for line in plain(&told, width).lines() {
                let length = line.chars().count();
                assert!(length <= width.max(20), "{story} at {width}: {length} columns: {line}");
                assert_eq!(line, line.trim_end(), "{story} at {width}: spaces at the end");
            }
        }
    }
}

#[test]
fn colour_changes_no_word() {
    for (story, told) in kit::stories() {
        let coloured = text(&told, &TextStyle { color: true, width: 80 });
        let mut without = String::new();
        for (nth, part) in coloured.split('\x1b').enumerate() {
            without.push_str(if nth == 0 { part } else { part.split_once('m').unwrap().1 });
        }
        assert_eq!(without, plain(&told, 80), "{story}");
        assert!(coloured.contains('\x1b'), "{story} has headings at least");
    }
}

#[test]
fn nothing_from_a_host_reaches_the_terminal_as_a_command() {
    let told = kit::hostile();
    for report in [plain(&told, 80), markdown(&told)] {
        let odd = report.chars().find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
        assert_eq!(odd, None);
    }
}

#[test]
fn markdown_from_a_host_stays_text() {
    let report = markdown(&kit::hostile());
    let mut fenced = false;
    for line in report.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            continue;
        }
        assert!(!line.contains('<'), "a tag could begin: {line}");
        let bare = line.replace("\\`", "");
        assert!(!bare.contains('`'), "a code span could begin: {line}");
        if line.starts_with('|') {
            let pipes = line.replace("\\|", "").matches('|').count();
            assert!([4, 7].contains(&pipes), "a cell was split: {line}");
        }
    }
    assert!(!fenced, "every fence is closed");
}

#[test]
fn a_line_cannot_begin_a_list_or_heading() {
    for (sentence, escaped) in [
        ("- not an item", "\\- not an item"),
        ("1. not an item", "1\\. not an item"),
        ("# not a heading", "\\# not a heading"),
        ("7.4 s stays readable", "7.4 s stays readable"),
        ("2) not an item", "2\\) not an item"),
        ("at 7.4 s a-b stays", "at 7.4 s a-b stays"),
    ] {
        let mut told = kit::empty();
        told.run.notes = vec![sentence.into()];
        let report = markdown(&told);
        assert!(report.contains(&format!("\n- {escaped}\n")), "{sentence}: {report}");
    }
}

#[test]
fn the_first_line_is_the_verdict_and_says_when_not_to_believe_it() {
    assert!(plain(&kit::leak(), 80).starts_with("HTTP.sys on the target refused 3,028"));
    assert!(plain(&kit::not_valid(), 80).starts_with("NOT VALID: the generator"));
    assert!(markdown(&kit::not_valid()).starts_with("# NOT VALID: the generator had 1,024"));
    assert!(!plain(&kit::leak(), 80).contains("VALID"));
    assert!(plain(&kit::leak(), 80).contains("\npredicted (lab): "));
    assert!(plain(&kit::not_valid(), 80).contains("\nmeasured (live): "));
}

#[test]
fn advice_is_given_once_and_only_for_what_is_supported() {
    let line = |cause, stance, because_of: &[&str]| CauseLine {
        cause,
        because_of: because_of.iter().map(|b| (*b).into()).collect(),
        stance,
        failures: 1,
        from_s: 0.0,
        to_s: 1.0,
    };
    for (causes, wanted, why) in [
        (vec![line(Cause::ClientPorts, Stance::Supported, &[])], 1, "supported"),
        (vec![line(Cause::ClientPorts, Stance::Consistent, &[])], 0, "consistent is not enough"),
        (vec![line(Cause::ClientPorts, Stance::Supported, &[]); 2], 1, "the same cause twice"),
    ] {
        let mut told = kit::empty();
        told.findings.verdict.causes = causes;
        let report = plain(&told, 100);
        assert_eq!(report.matches("set dynamicport").count(), wanted, "{why}");
        assert_eq!(report.matches("What to do next").count(), wanted, "{why}");
    }
    for (because_of, command, why) in [
        (&["tag ISil"][..], "findstr /m /l ISil %SystemRoot%", "a tag is looked for"),
        (&["tag a&b"], "poolmon -n pool.txt", "an odd tag never enters a command"),
        (&[], "poolmon -n pool.txt", "without a tag, find it first"),
    ] {
        let mut told = kit::empty();
        told.findings.verdict.causes =
            vec![line(Cause::NonpagedPool, Stance::Supported, because_of)];
        assert!(plain(&told, 100).contains(command), "{why}");
        assert!(markdown(&told).contains(command), "{why}");
    }
}
