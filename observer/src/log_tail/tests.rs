use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use model::row::Happening;

use super::*;
use crate::log_rows::Httperr;

const HEADER_13: &str = "#Software: Microsoft HTTP API 2.0\r\n#Fields: date time c-ip c-port s-ip s-port \
    cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\r\n";
const HEADER_SHORT: &str = "#Fields: date time s-reason sc-status\r\n";

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("churnlab-httperr-{}-{number}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        fs::create_dir_all(&folder.0).unwrap();
        folder
    }

    fn append(&self, name: &str, text: &str) {
        use std::io::Write;
        let file = fs::OpenOptions::new().create(true).append(true).open(self.0.join(name));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn tail(&self) -> Tail<Httperr> {
        Tail::new(self.0.clone())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn refused(second: u32, n: u32) -> String {
    format!("2026-05-02 21:10:{second:02} - - - - - - - - - {n}_Connections_Refused -\r\n")
}

/// Stamps (seconds), rows and refusals of a round; troubles as their sentence.
fn round(tail: &mut Tail<Httperr>) -> (Vec<(String, u64, u64)>, Vec<String>) {
    let reading = tail.read("httperr");
    assert_eq!(reading.gaps, []);
    let (mut rows, mut troubles) = (Vec::new(), Vec::new());
    for (_, what) in reading.happened {
        match what {
            Happening::Httperr { stamp, rows: n, refused, .. } => {
                rows.push((stamp[17..].to_owned(), n, refused));
            }
            Happening::LogTrouble { sentence, .. } => troubles.push(sentence),
            other => panic!("{other:?}"),
        }
    }
    (rows, troubles)
}

fn seen(second: &str, rows: u64, refused: u64) -> (String, u64, u64) {
    (second.to_owned(), rows, refused)
}

#[test]
fn rows_from_before_are_no_events_but_their_header_is_learnt() {
    let folder = Folder::new();
    folder.append("httperr1.log", &format!("{HEADER_SHORT}2026-05-02 21:10:01 QueueFull 503\r\n"));
    let mut tail = folder.tail();
    assert_eq!(round(&mut tail), (vec![], vec![]));
    folder.append("httperr1.log", "2026-05-02 21:10:06 QueueFull 503\r\n");
    let (rows, troubles) = round(&mut tail);
    assert_eq!((rows, troubles), (vec![seen("06", 1, 0)], vec![]), "four columns, as named");
    assert_eq!(round(&mut tail), (vec![], vec![]), "a row is told once");
}

#[test]
fn a_line_that_is_not_whole_waits() {
    let folder = Folder::new();
    folder.append("httperr1.log", HEADER_13);
    let mut tail = folder.tail();
    round(&mut tail);
    let row = refused(2, 7);
    folder.append("httperr1.log", &row[..30]);
    assert_eq!(round(&mut tail), (vec![], vec![]));
    folder.append("httperr1.log", &row[30..]);
    assert_eq!(round(&mut tail), (vec![seen("02", 1, 7)], vec![]));
}

#[test]
fn a_line_begun_before_and_ended_after_the_first_look_is_an_event() {
    let folder = Folder::new();
    let row = refused(2, 7);
    folder.append("httperr1.log", &format!("{HEADER_13}{}", &row[..30]));
    let mut tail = folder.tail();
    round(&mut tail);
    folder.append("httperr1.log", &row[30..]);
    assert_eq!(round(&mut tail), (vec![seen("02", 1, 7)], vec![]));
}

#[test]
fn the_next_file_of_the_sequence_is_followed_from_its_start() {
    let folder = Folder::new();
    folder.append("httperr9.log", HEADER_13);
    let mut tail = folder.tail();
    round(&mut tail);
    folder.append("httperr9.log", refused(2, 1).trim_end());
    folder.append("httperr10.log", &format!("{HEADER_SHORT}2026-05-02 21:10:07 Verb 400\r\n"));
    folder.append("HTTPERR11.LOG", &format!("{HEADER_13}{}", refused(12, 3)));
    folder.append("other.log", &refused(13, 100));
    let (rows, troubles) = round(&mut tail);
    let all = vec![seen("02", 1, 1), seen("07", 1, 0), seen("12", 1, 3)];
    assert_eq!((rows, troubles), (all, vec![]), "9, 10, 11: by number; each by its own header");
}

#[test]
fn a_header_that_changes_within_the_file_is_followed() {
    let folder = Folder::new();
    folder.append("httperr1.log", HEADER_13);
    let mut tail = folder.tail();
    round(&mut tail);
    let later = format!("{}{HEADER_SHORT}2026-05-02 21:10:08 Verb 400\r\n", refused(3, 2));
    folder.append("httperr1.log", &later);
    assert_eq!(round(&mut tail).0, [seen("03", 1, 2), seen("08", 1, 0)]);
}

#[test]
fn a_log_that_is_cut_is_told_and_read_from_its_start() {
    let folder = Folder::new();
    folder.append("httperr1.log", &format!("{HEADER_13}{}", refused(1, 5).repeat(9)));
    let mut tail = folder.tail();
    round(&mut tail);
    fs::write(folder.0.join("httperr1.log"), format!("{HEADER_13}{}", refused(4, 4))).unwrap();
    let (rows, troubles) = round(&mut tail);
    assert_eq!(rows, [seen("04", 1, 4)]);
    assert!(troubles.len() == 1 && troubles[0].contains("was cut"), "{troubles:?}");
}

#[test]
fn a_log_that_is_gone_is_told_and_the_next_one_taken() {
    let folder = Folder::new();
    folder.append("httperr1.log", HEADER_13);
    let mut tail = folder.tail();
    round(&mut tail);
    fs::remove_file(folder.0.join("httperr1.log")).unwrap();
    folder.append("httperr2.log", &format!("{HEADER_13}{}", refused(4, 4)));
    let (rows, troubles) = round(&mut tail);
    assert_eq!(rows, [seen("04", 1, 4)]);
    assert!(troubles.len() == 1 && troubles[0].contains("is gone"), "{troubles:?}");
}

#[test]
fn rows_of_one_stamp_and_reason_are_one_event() {
    let folder = Folder::new();
    let mut tail = folder.tail();
    assert_eq!(round(&mut tail), (vec![], vec![]), "an empty folder is a quiet host");
    let idle =
        "2026-05-02 21:10:05 192.0.2.1 50001 192.0.2.2 80 - - - - - Timer_ConnectionIdle -\r\n";
    let text = [HEADER_13, &idle.repeat(3), &refused(5, 2), &refused(5, 3), "junk\r\n"].concat();
    folder.append("httperr1.log", &text);
    let reading = tail.read("httperr");
    let happened: Vec<_> = reading.happened.into_iter().map(|(_, what)| what).collect();
    let httperr = |reason: &str, rows, refused| Happening::Httperr {
        stamp: "2026-05-02 21:10:05".into(),
        reason: reason.into(),
        status: None,
        queue: None,
        rows,
        refused,
    };
    assert_eq!(happened[0], httperr("Connections_Refused", 2, 5), "ΣN, and how many rows");
    assert_eq!(happened[1], httperr("Timer_ConnectionIdle", 3, 0));
    let Happening::LogTrouble { sentence, .. } = &happened[2] else { panic!("{happened:?}") };
    assert!(sentence.contains("line 8 holds 1 columns"), "{sentence}");
}

#[test]
fn a_folder_that_is_not_there_yet_is_a_gap_and_all_new_once_it_is() {
    let folder = Folder::new();
    let mut tail = Tail::new(folder.0.join("HTTPERR"));
    let reading = tail.read("httperr");
    assert_eq!((reading.gaps.len(), reading.gaps[0].kind), (1, GapKind::Failed));
    assert_eq!(reading.gaps[0].what, "httperr");
    fs::create_dir(folder.0.join("HTTPERR")).unwrap();
    folder.append("HTTPERR/httperr1.log", &format!("{HEADER_13}{}", refused(9, 6)));
    assert_eq!(round(&mut tail).0, [seen("09", 1, 6)]);
}

#[test]
fn one_log_may_be_named_itself() {
    let folder = Folder::new();
    folder.append("pasted.txt", HEADER_13);
    let mut tail = Tail::new(folder.0.join("pasted.txt"));
    round(&mut tail);
    folder.append("pasted.txt", &refused(9, 6));
    folder.append("httperr2.log", &refused(10, 1));
    assert_eq!(round(&mut tail).0, [seen("09", 1, 6)]);
}
