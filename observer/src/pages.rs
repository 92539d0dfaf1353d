//! Provides the readings of pages that were scraped: their text in, a [`Reading`] out.

use capture::netstat::Netstat;
use capture::tcp_fold::TcpFold;
use capture::{Skipped, exposition, netstat, poolmon, windows_exporter};
use model::reading::{GapKind, PoolTag, PoolType};

use crate::reading::Reading;

/// How many tags of each pool a sample keeps, the largest first: a record's size depends on its
/// duration, not on the number of drivers. Non-paged pool is the one that is attributed.
const TAGS_KEPT: [(PoolType, usize); 2] = [(PoolType::Nonpaged, 32), (PoolType::Paged, 8)];

/// A page of windows_exporter.
pub fn exporter(source: &str, text: &str) -> Reading {
    let page = exposition::parse(text);
    if page.samples.is_empty() {
        return strange(source, "holds no metric", "is this the address of windows_exporter?");
    }
    let said = windows_exporter::read(&page);
    let mut reading = Reading {
        memory: said.memory,
        counters: said.counters,
        processes: (!said.processes.is_empty()).then_some(said.processes),
        ..Reading::default()
    };
    if reading.memory.is_none() {
        reading.gap(
            "memory",
            GapKind::Unsupported,
            "the page has no windows_memory metric; enable the memory collector of windows_exporter",
        );
    }
    let advice = "add a page with the text of netstat -an";
    let tcp = if said.by_state.is_empty() {
        format!(
            "the page counts no sockets; enable the tcp collector of windows_exporter, or {advice}"
        )
    } else {
        format!(
            "windows_exporter counts sockets by state only, so neither listeners nor who opened a \
             TIME_WAIT show; {advice}"
        )
    };
    reading.gap("tcp", GapKind::Unsupported, tcp);
    for (state, count) in said.by_state {
        let state = serde_json::to_value(state).unwrap_or_default();
        let name = format!("windows_tcp_connections_state_count.{}", state.as_str().unwrap_or("?"));
        reading.counters.insert(name, count as f64);
    }
    for collector in said.failed_collectors {
        let told = format!("the {collector} collector of windows_exporter failed at this scrape");
        reading.gap(source, GapKind::Failed, told);
    }
    skipped(&mut reading, source, &page.skipped);
    reading
}

/// A page with the text of `netstat -an`.
pub fn netstat(source: &str, text: &str, fold: &mut TcpFold) -> Reading {
    netstat_of(source, &netstat::parse(text), fold)
}

/// The same of a page that has been parsed.
pub fn netstat_of(source: &str, page: &Netstat<'_>, fold: &mut TcpFold) -> Reading {
    if page.rows.is_empty() {
        return strange(source, "holds no socket", "does it show the text of netstat -an?");
    }
    let mut reading = Reading { tcp: Some(page.counts(fold)), ..Reading::default() };
    skipped(&mut reading, source, &page.skipped);
    reading
}

/// A page with the text of poolmon.
pub fn poolmon(source: &str, text: &str) -> Reading {
    let page = poolmon::parse(text);
    if page.rows.is_empty() && page.memory.is_none() {
        return strange(source, "holds no pool tag", "does it show the text of poolmon?");
    }
    let mut reading = Reading { pool_tags: Some(kept(page.tags())), ..Reading::default() };
    skipped(&mut reading, source, &page.skipped);
    reading.memory = page.memory;
    reading
}

fn kept(mut tags: Vec<PoolTag>) -> Vec<PoolTag> {
    let mut room = TAGS_KEPT;
    tags.retain(|tag| {
        let left = room.iter_mut().find(|(pool, left)| *pool == tag.pool && *left > 0);
        left.map(|(_, left)| *left -= 1).is_some()
    });
    tags
}

fn strange(source: &str, what: &str, question: &str) -> Reading {
    Reading::missing(source, GapKind::Failed, format!("the page {what}; {question}"))
}

fn skipped(reading: &mut Reading, source: &str, skipped: &[Skipped]) {
    if let Some(first) = skipped.first() {
        let told =
            format!("{} lines of the page could not be read; the first: {first}", skipped.len());
        reading.gap(source, GapKind::Failed, told);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_something_else_is_a_gap_that_asks() {
        let html = "<html>It works!</html>";
        for reading in
            [exporter("s", html), netstat("s", html, &mut TcpFold::new()), poolmon("s", html)]
        {
            assert_eq!(reading.gaps.len(), 1);
            let gap = &reading.gaps[0];
            assert!(gap.kind == GapKind::Failed && gap.reason.ends_with('?'), "{gap:?}");
        }
    }

    #[test]
    fn sockets_without_ports_are_counters_and_a_gap_that_says_what_to_add() {
        let reading = exporter(
            "s",
            "windows_memory_pool_nonpaged_bytes 5\n\
             windows_tcp_connections_state_count{af=\"ipv4\",state=\"TIME_WAIT\"} 40\n\
             windows_exporter_collector_success{collector=\"iis\"} 0\n?\n",
        );
        assert_eq!(reading.tcp, None, "no listener must not look like a listener that is down");
        assert_eq!(reading.counters["windows_tcp_connections_state_count.TIME_WAIT"], 40.0);
        let gaps: Vec<_> = reading.gaps.iter().map(|g| (g.what.as_str(), g.kind)).collect();
        assert_eq!(
            gaps,
            [("tcp", GapKind::Unsupported), ("s", GapKind::Failed), ("s", GapKind::Failed)]
        );
        assert!(reading.gaps[0].reason.contains("netstat -an"));
    }

    #[test]
    fn the_largest_tags_of_each_pool_are_kept() {
        let row = |i: usize, pool: &str| format!(" t{i:03} {pool} 9 1 8 {} 1\n", 1_000_000 - i);
        let text: String = (0..100).map(|i| row(i, "Nonp") + &row(i, "Paged")).collect();
        let tags = poolmon("s", &text).pool_tags.unwrap();
        let of = |pool| tags.iter().filter(|t| t.pool == pool).count();
        assert_eq!((of(PoolType::Nonpaged), of(PoolType::Paged)), (32, 8));
        assert_eq!(tags[0].tag, "t000");
        assert!(tags.is_sorted_by(|a, b| a.bytes >= b.bytes));
        let empty = poolmon("s", " Commit: 1K Limit: 2K Peak: 1K Pool N: 8K P: 9K\n");
        assert_eq!((empty.pool_tags, empty.gaps), (Some(vec![]), vec![]), "no tag is no failure");
    }
}
