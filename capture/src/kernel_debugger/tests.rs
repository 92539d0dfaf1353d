use proptest::prelude::*;

use super::*;
use crate::soup::soup;

/// The layout of `!vm 1` on Server 2003 x86 with /3GB; figures made up.
const VM_2003: &str = "0: kd> !vm 1

*** Virtual Memory Usage ***
\tPhysical Memory:      1048440 (   4193760 Kb)
\tPage File: \\??\\C:\\pagefile.sys
\t  Current:   2095104 Kb  Free Space:   2041500 Kb
\tAvailable Pages:       698445 (   2793780 Kb)
\tFree System PTEs:       11165 (     44660 Kb)
\tNonPagedPool Usage:     27264 (    109056 Kb)
\tNonPagedPool Max:       32768 (    131072 Kb)
\t********** Excessive NonPaged Pool Usage *****
\tPagedPool 0 Usage:       4660 (     18640 Kb)
\tPagedPool Usage:         6065 (     24260 Kb)
\tPagedPool Maximum:      65536 (    262144 Kb)

\t********** 15 pool allocations have failed **********

\tCommitted pages:       226966 (    907864 Kb)
\tCommit limit:         2096416 (   8385664 Kb)
";

#[test]
fn vm_gives_use_and_the_true_ceiling() {
    let log = parse(VM_2003);
    assert_eq!(log.skipped, []);
    let vm = log.vm.unwrap();
    assert_eq!(vm.nonpaged_used_bytes(), Some(109_056 * 1024));
    assert_eq!(vm.nonpaged_max_bytes, Some(128 << 20));
    assert_eq!(vm.paged_used_bytes, Some(24_260 * 1024), "not the sum of its parts");
    assert_eq!(vm.free_system_ptes, Some(11_165), "a count");
    assert_eq!(vm.commit_limit_bytes, Some(8_385_664 * 1024));
    assert_eq!(vm.nonpaged_commit_bytes, None, "a later build's");
    assert_eq!(vm.warnings, ["Excessive NonPaged Pool Usage", "15 pool allocations have failed"]);
}

/// Windows 10 x64: two kinds of non-paged pool, per node and summed, and a commit; `65080Kb` is
/// how the oldest debuggers join figure and unit.
#[test]
fn later_and_older_builds_are_read() {
    let vm = parse(
        "NonPagedPool    0:            231 (        924 Kb)
NonPagedPool Usage:           239 (        956 Kb)
NonPagedPoolNx Usage:       30120 (     120480 Kb)
NonPagedPool Max:      4294967296 (17179869184 Kb)
PagedPool Commit:  18446735282293205272 (18446708908044166240 Kb)
NonPagedPool Commit:        63749 (     254996 Kb)
 Available Pages:      5543   (   22172Kb)
",
    );
    assert_eq!(vm.skipped, []);
    let vm = vm.vm.unwrap();
    assert_eq!(vm.nonpaged_used_bytes(), Some((956 + 120_480) * 1024));
    assert_eq!(vm.nonpaged_max_bytes, Some(16 << 40));
    assert_eq!(vm.nonpaged_commit_bytes, Some(254_996 * 1024));
    assert_eq!(vm.available_bytes, Some(22_172 * 1024));
}

#[test]
fn poolused_gives_tags_of_both_pools() {
    let text = "kd> !poolused 2
..
 Sorting by NonPaged Pool Consumed

               NonPaged                  Paged
 Tag     Allocs         Used     Allocs         Used

 ISil     80939     72845100          0            0\tUNKNOWN pooltag 'ISil', please update pooltag.txt
 EtwB       148      5206272         16       442368\tEtw Buffer , Binary: nt!etw
 Io         127        91912          4          256\tgeneral use , Binary: nt!io
 Dh 1         3          912          0            0\t
 Cut          3
 TOTAL    81217     78144196         20       442624
0: kd> !poolused 4
 Sorting by Paged Pool Consumed
 Tag     Allocs         Used     Allocs         Used
 EtwB       149      5206999         16       442368\tEtw Buffer , Binary: nt!etw
0: kd> !irp 12 34 56 78
 Irp  7 4096 0 0
";
    let log = parse(text);
    let lines: Vec<_> = log.skipped.iter().map(|s| s.line).collect();
    assert_eq!(lines, [12]);
    let tags: Vec<_> = log
        .tags
        .iter()
        .map(|t| (t.tag, t.nonpaged.live, t.nonpaged.bytes, t.paged.bytes))
        .collect();
    assert_eq!(
        tags,
        [
            ("ISil", 80_939, 72_845_100, 0),
            ("EtwB", 148, 5_206_272, 442_368),
            ("Io", 127, 91_912, 256),
            ("Dh 1", 3, 912, 0),
            ("EtwB", 149, 5_206_999, 442_368),
        ],
        "what another command prints is no tag"
    );
    let once: Vec<_> = log.tags_once().iter().map(|t| (t.tag, t.nonpaged.live)).collect();
    assert_eq!(once, [("ISil", 80_939), ("EtwB", 149), ("Io", 127), ("Dh 1", 3)]);
    assert_eq!((log.tags[1].description, log.tags[1].binary), ("Etw Buffer", Some("nt!etw")));
    assert_eq!((log.tags[0].binary, log.vm), (None, None));
}

#[test]
fn poolused_is_read_in_every_layout() {
    let plain = " Tag  Allocs  Used  Allocs  Used\n";
    let verbose = " Tag    Allocs    Frees     Diff     Used   Allocs    Frees     Diff     Used\n";
    for (heading, row, tag, nonpaged, paged, why) in [
        (plain, "8042 4 3944 0 0 PS/2 keyboard", "8042", (4, 3944), (0, 0), "columns lost"),
        (plain, "1394 1 520 0 0UNKNOWN pooltag", "1394", (1, 520), (0, 0), "text that touches"),
        (plain, "Io 12 91912 4 256", "Io", (12, 91_912), (4, 256), "a short tag, columns lost"),
        (verbose, " Irp   90 70 20 4096   9 7 2 64  IRPs", "Irp", (20, 4096), (2, 64), "verbose"),
    ] {
        let text = format!("{heading}{row}\n");
        let log = parse(&text);
        let held = |(live, bytes)| Held { live, bytes };
        assert_eq!(log.skipped, [], "{why}");
        assert_eq!(log.tags[0].tag, tag, "{why}");
        assert_eq!(
            (log.tags[0].nonpaged, log.tags[0].paged),
            (held(nonpaged), held(paged)),
            "{why}"
        );
    }
    assert_eq!(parse("Irp 12 4096 0 0\n").tags, [], "no heading, no table");
}

proptest! {
    #[test]
    fn any_text_is_read_and_no_line_counts_twice(
        text in soup(&["NonPagedPool Max:", "(", " Kb)", " Tag Allocs Used Allocs Used\n", " Irp  1 2 3 4\n"])
    ) {
        let log = parse(&text);
        prop_assert!(log.tags.len() + log.skipped.len() <= text.lines().count());
    }

    #[test]
    fn junk_below_the_headings_loses_no_row(junk in "[^\n\r:*]{0,40}") {
        let text = format!(" Tag Allocs Used Allocs Used\n{junk}\n Good  7 4096 0 0\n");
        prop_assert!(parse(&text).tags.iter().any(|t| t.tag == "Good" && t.nonpaged.live == 7));
    }
}
