//! Provides every parser as a function of bytes that panics where the parser breaks a promise: a
//! panic of its own, a row that it cannot place, a reason as long as its input.

mod promises;

use std::hint::black_box;

use capture::*;
use promises::{kept, within};

/// What a target does with one input.
#[derive(Clone, Copy)]
pub enum Read {
    /// A text; bytes that are none are made one.
    Text(fn(&str)),
    /// Bytes as they are.
    Bytes(fn(&[u8])),
}

/// A parser by the name of its target.
pub struct Parser {
    /// Name of the target.
    pub name: &'static str,
    /// Source files, without their `.rs`, whose words make its seeds and its dictionary.
    pub words_of: &'static [&'static str],
    /// Reads one input.
    pub read: Read,
}

impl Parser {
    /// The parser of this name.
    ///
    /// # Panics
    /// Where there is none.
    pub fn named(name: &str) -> &'static Self {
        let found = PARSERS.iter().find(|parser| parser.name == name);
        found.unwrap_or_else(|| panic!("{name} is no target of PARSERS"))
    }

    /// Reads one input.
    pub fn read(&self, bytes: &[u8]) {
        match self.read {
            Read::Text(read) => read(&String::from_utf8_lossy(bytes)),
            Read::Bytes(read) => read(bytes),
        }
    }
}

const fn text(name: &'static str, words_of: &'static [&'static str], read: fn(&str)) -> Parser {
    Parser { name, words_of, read: Read::Text(read) }
}

const fn bytes(name: &'static str, words_of: &'static [&'static str], read: fn(&[u8])) -> Parser {
    Parser { name, words_of, read: Read::Bytes(read) }
}

/// Every parser, those that meet the most hostile input first.
pub const PARSERS: &[Parser] = &[
    text("httperr", &["httperr"], |text| {
        let log = httperr::parse(text);
        kept(&log.skipped, text);
        log.records.iter().for_each(|row| {
            black_box((row.reason_name(), row.stamp_text()));
        });
    }),
    text("kind", &["kind", "httperr", "netstat", "poolmon", "event_log", "perfmon"], |text| {
        let parts = kind::sections(text);
        promises::cover(&parts, text);
        kind::detect(text);
    }),
    bytes("decode", &["decode"], |bytes| match decode::decode(bytes) {
        Ok(decoded) => assert!(!decoded.text.contains('\0')),
        Err(why) => assert!(!why.reason.is_empty()),
    }),
    bytes("diagnose", &["*"], |bytes| promises::diagnosed(bytes)),
    text("poolmon", &["poolmon"], |text| {
        let one = poolmon::parse(text);
        kept(&one.skipped, text);
        one.tags();
        let all = poolmon::snapshots(text);
        let rows = all.iter().map(|s| s.screen.rows.len()).sum::<usize>();
        assert_eq!(rows, one.rows.len(), "a snapshot lost a row");
        let lines = text.lines().count();
        all.iter().for_each(|s| promises::kept_of(&s.screen.skipped, lines));
    }),
    text("netstat", &["netstat"], |text| {
        let list = netstat::parse(text);
        kept(&list.skipped, text);
        promises::counted(&list);
    }),
    text("state_counts", &["state_counts", "sentence"], |text| {
        let lines = text.lines().count();
        for tally in state_counts::parse(text) {
            assert!(!tally.by_state.is_empty());
            within(tally.line, lines);
        }
    }),
    text("perfmon", &["perfmon"], |text| {
        let log = perfmon::parse(text);
        kept(&log.skipped, text);
        for table in &log.tables {
            assert!(table.rows.iter().all(|row| row.values.len() == table.columns.len()));
            within(table.unknown().count(), table.columns.len());
        }
    }),
    text("event_log", &["event_log"], |text| {
        let log = event_log::parse(text);
        kept(&log.skipped, text);
        for event in &log.events {
            event.meaning();
            event.installed();
            event.unix_s_at(-60);
            within(event.message.len(), 1024);
        }
    }),
    text("net_tcp_connection", &["net_tcp_connection"], |text| {
        let list = net_tcp_connection::parse(text);
        kept(&list.skipped, text);
        promises::counted(&list);
    }),
    text("reg_export", &["reg_export"], |text| {
        let file = reg_export::parse(text);
        kept(&file.skipped, text);
        reg_export::Setting::ALL.iter().for_each(|setting| {
            black_box(file.setting(*setting));
        });
    }),
    text("tasklist", &["tasklist"], |text| kept(&tasklist::parse(text).skipped, text)),
    text("kernel_debugger", &["kernel_debugger"], |text| {
        let log = kernel_debugger::parse(text);
        kept(&log.skipped, text);
        within(log.tags_once().len(), log.tags.len());
        black_box(log.vm.map(|vm| vm.nonpaged_used_bytes()));
    }),
    text("pooltag", &["pooltag"], |text| {
        let list = pooltag::parse(text);
        kept(&list.skipped, text);
        let found = |tag: &str| list.lookup(tag).iter().any(|entry| entry.tag == tag);
        let mut exact = list.entries.iter().filter(|entry| !entry.is_pattern()).take(16);
        assert!(exact.all(|entry| found(entry.tag)));
    }),
    text("netstat_statistics", &["netstat_statistics"], |text| {
        let read = netstat_statistics::parse(text);
        kept(&read.skipped, text);
        read.tcp();
    }),
    text("httperr_rejoined", &["httperr"], |text| {
        let (mut rows, mut bad) = (0, Vec::new());
        let count = |_: &httperr::Counted<'_>| rows += 1;
        httperr::Parser::new().count(text, count, |line, _, trouble| bad.push(trouble.at(line)));
        kept(&bad, text);
        let log = httperr::parse(text);
        within(log.records.len(), rows);
        assert!(bad.len() as u64 <= log.skipped.count());
    }),
    text("w3c", &["w3c"], |text| kept(&w3c::tally(text).1, text)),
    text("netsh_ports", &["netsh"], |text| {
        let (ranges, skipped) = netsh::dynamic_ports(text);
        kept(&skipped, text);
        assert!(ranges.iter().all(|range| range.last() >= range.start));
        kept(&netsh::excluded_ports(text).1, text);
    }),
    text("netsh_service_state", &["netsh"], |text| kept(&netsh::service_state(text).skipped, text)),
    text("systeminfo", &["systeminfo", "stamp"], |text| {
        kept(&systeminfo::parse(text).skipped, text)
    }),
    text("collect_notes", &["collect_notes"], |text| {
        let read = collect_notes::parse(text);
        kept(&read.skipped, text);
        within(read.notes.len(), text.lines().count());
    }),
    text("net_statistics", &["net_statistics"], |text| {
        black_box(net_statistics::parse(text));
    }),
    text("boot_config", &["boot_config"], |text| {
        let config = boot_config::parse(text);
        kept(&config.skipped, text);
        config.current();
    }),
    text("exposition", &["exposition", "windows_exporter"], |text| {
        let page = exposition::parse(text);
        kept(&page.skipped, text);
        assert!(windows_exporter::read(&page).counters.values().all(|value| !value.is_nan()));
    }),
    text("ss", &["ss"], |text| {
        let list = ss::parse(text);
        kept(&list.skipped, text);
        list.sockets();
    }),
    text("proc_net_tcp", &["proc_net_tcp"], |text| {
        let table = proc_net_tcp::parse(text);
        kept(&table.skipped, text);
        table.sockets();
    }),
    text("procfs", &["procfs"], |text| {
        kept(&procfs::sockstat(text).skipped, text);
        kept(&procfs::two_line(text).skipped, text);
        procfs::port_range(text);
        let reserved = procfs::reserved_ports(text).unwrap_or_default();
        procfs::reserved_within(&reserved, 1025, 5000);
    }),
    text("nstat", &["nstat"], |text| kept(&nstat::parse(text).skipped, text)),
    bytes("inet_diag", &["inet_diag"], |bytes| {
        // The sequence is taken from the input, so that it need not be guessed.
        let sequence = bytes.get(8..12).map_or(0, |b| u32::from_ne_bytes([b[0], b[1], b[2], b[3]]));
        let mut sockets = 0;
        inet_diag::decode(bytes, sequence, &mut |_| sockets += 1);
        within(sockets, bytes.len() / 72);
    }),
];
