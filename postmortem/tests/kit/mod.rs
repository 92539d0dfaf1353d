//! Captures made for the tests, and folders to put them in.

#![allow(dead_code, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use model::diagnosis::Reading;
use model::findings::{Findings, RunLine, Verdict};
use model::run::Ground;
use postmortem::{Asked, Gathered, gather, readings};

/// A folder that is gone with its test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("postmortem-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, folders included, and gives its path.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One capture, read.
pub fn read(name: &str, text: impl AsRef<[u8]>) -> Gathered {
    let folder = Folder::new();
    gather(&[folder.put(name, text)], &Asked::default())
}

/// A verdict that says nothing.
pub fn no_verdict() -> Findings {
    Findings {
        format: 1,
        run: RunLine {
            scenario: "captures".into(),
            ground: Ground::Live,
            seconds: 0.0,
            claim: "measured".into(),
        },
        valid: true,
        not_valid_because: Vec::new(),
        attempts: None,
        failures: Vec::new(),
        verdict: Verdict::default(),
        hypotheses: Vec::new(),
        resources: Vec::new(),
        forecast: None,
    }
}

/// All that is said, for searching.
pub fn said(gathered: &Gathered) -> String {
    let readings: Vec<Reading> = readings(gathered, &no_verdict());
    let lines = readings.iter().map(|r| format!("{}: {}", r.about, r.sentences.join("\n")));
    lines.collect::<Vec<_>>().join("\n")
}

/// Seconds after 18:45:12 and N of the refusals of a published outage (2005-09-02, Server 2003).
pub const REFUSALS: [(u32, u32); 27] = [
    (0, 1),
    (55, 1),
    (75, 2),
    (90, 1),
    (110, 2),
    (190, 2),
    (225, 2),
    (230, 1),
    (270, 7),
    (290, 3),
    (325, 6),
    (330, 2),
    (350, 2),
    (395, 1),
    (410, 3),
    (435, 1),
    (485, 1),
    (490, 2),
    (530, 2),
    (550, 1),
    (560, 1),
    (610, 1),
    (650, 2),
    (690, 1),
    (785, 2),
    (810, 2),
    (825, 1),
];

/// Tag, allocations, frees, bytes of that host's twenty largest tags.
pub const TAGS: [(&str, u64, u64, u64); 20] = [
    ("ISil", 1_408_366, 1_327_427, 36_678_632),
    ("I100", 11_048_877, 10_967_968, 14_886_928),
    ("PcNw", 292_427, 88_967, 12_203_296),
    ("SavE", 1_596_066, 1_595_659, 11_717_016),
    ("IAM ", 1_946_164, 1_904_725, 8_519_576),
    ("tdLL", 74_748, 69_830, 2_672_832),
    ("LSwi", 1, 0, 2_576_384),
    ("R200", 22, 1, 2_297_816),
    ("MmCm", 302, 48, 2_236_960),
    ("TCPt", 190_486, 190_462, 1_392_264),
    ("ULHP", 3_127, 41, 1_047_216),
    ("PTrk", 999_750, 996_561, 956_824),
    ("File", 9_628_160, 9_623_252, 750_688),
    ("rg81", 6_910, 5_294, 603_864),
    ("Pool", 6, 3, 602_112),
    ("Devi", 680, 262, 558_552),
    ("Thre", 417_221, 416_457, 476_736),
    ("LSwr", 128, 0, 416_768),
    ("Mm  ", 26, 2, 379_880),
    ("AfdC", 21_989, 19_872, 338_720),
];

/// The log of that outage, its hyphens as `dash` (a blog made en dashes of them).
pub fn refusals(dash: &str) -> String {
    let row = |(after, n): &(u32, u32)| {
        let s = 45 * 60 + 12 + after;
        let dashes = [dash; 9].join(" ");
        format!("2005-09-02 18:{:02}:{:02} {dashes} {n}_Connections_Refused -\n", s / 60, s % 60)
    };
    REFUSALS.iter().map(row).collect()
}

/// poolmon's screen of that host, its spaces as `space` (a blog made no-break spaces of them).
pub fn poolmon(space: &str) -> String {
    let head = "Memory: 1048016K Avail:  438396K  PageFlts:   219   InRam Krnl: 3604K P:42372K\n\
                Commit: 538908K Limit:11245092K Peak: 609576K          Pool N:109056K P:43740K\n\
                System pool information\n\
                Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\n";
    let row = |(tag, allocs, frees, bytes): &(&str, u64, u64, u64)| {
        let diff = allocs - frees;
        let each = bytes / diff;
        format!(
            "{tag} Nonp {allocs:>10} (   0) {frees:>10} (   0) {diff:>8} {bytes} (     0) {each:>6}\n"
        )
    };
    let rows: String = TAGS.iter().map(row).collect();
    format!("{head}{rows}").replace("  ", &format!("{space} "))
}

/// A list of sockets with so many ESTABLISHED and TIME_WAIT on port 80.
pub fn netstat(established: u32, time_wait: u32) -> String {
    let row = |n: u32, state: &str| {
        let (peer, port) = (n % 200 + 1, 1025 + n);
        format!("  TCP    192.168.0.1:80         10.0.0.{peer}:{port}       {state}\n")
    };
    let head = "\nActive Connections\n\n  Proto  Local Address          Foreign Address        State\n  TCP    0.0.0.0:80             0.0.0.0:0              LISTENING\n";
    let open = (0..established).map(|n| row(n, "ESTABLISHED"));
    let waiting = (0..time_wait).map(|n| row(established + n, "TIME_WAIT"));
    head.to_owned() + &open.chain(waiting).collect::<String>()
}
