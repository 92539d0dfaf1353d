//! Provides the screen of `poolmon -b`: the tags of both pools by bytes, each with its change since
//! the page before.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::ledger::{Ledger, Tag};

/// The page, and what the next one is compared with.
#[derive(Clone, Debug, Default)]
pub struct Poolmon {
    before: BTreeMap<(&'static str, String), Tag>,
}

impl Poolmon {
    /// The page of this moment.
    pub fn page(&mut self, ledger: &Ledger) -> String {
        let nonpaged = ledger.tags().iter().map(|tag| ("Nonp", tag));
        let paged = ledger.memory().paged().tags().iter().map(|tag| ("Paged", tag));
        let mut tags: Vec<(&'static str, &Tag)> =
            nonpaged.chain(paged).filter(|(_, tag)| tag.allocs > 0).collect();
        tags.sort_by(|(_, a), (_, b)| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        let mut out = header(ledger);
        for (pool, tag) in &tags {
            let before = self.before.get(&(*pool, tag.name.clone()));
            row(&mut out, pool, tag, before.unwrap_or(tag));
        }
        let seen = tags.into_iter().map(|(pool, tag)| ((pool, tag.name.clone()), tag.clone()));
        self.before = seen.collect();
        out
    }
}

fn header(ledger: &Ledger) -> String {
    let kib = |bytes: u64| bytes / 1024;
    let memory = ledger.memory();
    let (physical, available) = (kib(memory.physical_bytes()), kib(ledger.available_bytes()));
    let committed = kib(ledger.committed_bytes());
    let (limit, paged) = (kib(memory.commit_limit_bytes()), kib(memory.paged().used_bytes()));
    let nonpaged = kib(ledger.used_bytes());
    format!(
        " Memory:{physical:>8}K Avail:{available:>8}K  PageFlts:{:>6}   InRam Krnl:{:>5}K P:{:>5}K\r\n \
         Commit:{committed:>7}K Limit:{limit:>7}K Peak:{committed:>7}K            \
         Pool N:{nonpaged:>5}K P:{paged:>5}K\r\n System pool information\r\n \
         Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\r\n\r\n",
        0, 3604, paged,
    )
}

fn row(out: &mut String, pool: &str, tag: &Tag, before: &Tag) {
    let diff = tag.allocs - tag.frees;
    let each = tag.bytes.checked_div(diff).unwrap_or(0);
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        " {:<4} {pool:<5}{:>10} ({:>4}) {:>10} ({:>4}) {:>8} {:>7} ({:>6}) {:>6}\r\n",
        tag.name,
        tag.allocs,
        tag.allocs - before.allocs,
        tag.frees,
        tag.frees - before.frees,
        diff,
        tag.bytes,
        tag.bytes as i128 - before.bytes as i128,
        each,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Keeping, LedgerSpec, MemorySpec, Object, Share};

    fn ledger() -> Ledger {
        Ledger::new(&LedgerSpec {
            ceiling_bytes: None,
            baseline_bytes: 8_532_000,
            baseline: vec![Share { tag: "Mm".into(), per_mille: 1000, bytes_each: 1000 }],
            connection: vec![Object { tag: "UlCO".into(), bytes: 700 }],
            time_wait: Object { tag: "TCPT".into(), bytes: 512 },
            keeping: Keeping::Counted,
            gate: None,
            memory: MemorySpec { paged_bytes: 1_024_000, ..MemorySpec::of_ram(1 << 30) },
            leaks: Vec::new(),
        })
    }

    #[test]
    fn the_screen_has_poolmons_header_and_rows_by_bytes() {
        let mut ledger = ledger();
        ledger.connect(3);
        let text = Poolmon::default().page(&ledger);
        let expected = "\x20Memory: 1048576K Avail:  440399K  PageFlts:     0   InRam Krnl: 3604K P: 1000K\r\n\
            \x20Commit: 524290K Limit:2621440K Peak: 524290K            Pool N: 8334K P: 1000K\r\n\
            \x20System pool information\r\n\
            \x20Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc\r\n\
            \r\n\
            \x20Mm   Nonp     213300 (   0)     204768 (   0)     8532 8532000 (     0)   1000\r\n\
            \x20CM31 Paged      2625 (   0)       2520 (   0)      105  430080 (     0)   4096\r\n\
            \x20MmSt Paged      4150 (   0)       3984 (   0)      166  245760 (     0)   1480\r\n\
            \x20NtfF Paged      4500 (   0)       4320 (   0)      180  184320 (     0)   1024\r\n\
            \x20Toke Paged      2525 (   0)       2424 (   0)      101   92160 (     0)    912\r\n\
            \x20Key  Paged     17375 (   0)      16680 (   0)      695   71680 (     0)    103\r\n\
            \x20UlCO Nonp          3 (   0)          0 (   0)        3    2100 (     0)    700\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn changes_are_since_the_page_before_and_may_be_negative() {
        let (mut ledger, mut poolmon) = (ledger(), Poolmon::default());
        ledger.connect(3);
        poolmon.page(&ledger);
        ledger.connect(1);
        ledger.close(3, crate::ledger::Closer::Client);
        let text = poolmon.page(&ledger);
        let row = text.lines().find(|line| line.contains("UlCO"));
        let expected =
            " UlCO Nonp          4 (   1)          3 (   3)        1     700 ( -1400)    700";
        assert_eq!(row, Some(expected));
    }
}
