use proptest::prelude::*;

use super::*;

/// The layout of XP and Server 2003 (windows-driver-docs, poolmon display); figures made up.
const SCREEN: &str =
    " Memory: 1048036K Avail:  530364K  PageFlts:     0   InRam Krnl: 1916K P:17856K
 Commit: 203500K Limit:2525916K Peak: 260632K            Pool N:109056K P:27220K
 System pool information
 Tag  Type     Allocs            Frees            Diff   Bytes       Per Alloc

 ISil Nonp    3971107 (  12)   3890168 (  -1)    80939 72845100 (  -872)    900
 Io   Nonp    1021112 (   1)   1020985 (   1)      127    91912 (     0)    723
 Dh 1 Paged        24 (   0)        24 (   0)        0        0 (     0)      0
 File Paged       100 (   0)        40 (   0)       60     4000 (     0)     66
 File Nonp        700 (   0)       100 (   0)      600   240000 (     0)    400
";

#[test]
fn a_screen_gives_memory_and_tags() {
    let screen = parse(SCREEN);
    assert_eq!(screen.skipped, []);
    let memory = screen.memory.clone().unwrap();
    assert_eq!(memory.nonpaged_used_bytes, Some(109_056 * 1024));
    assert_eq!(memory.paged_used_bytes, Some(27_220 * 1024), "not the P: of the first line");
    assert_eq!(memory.available_bytes, Some(530_364 * 1024));
    assert_eq!(memory.commit_limit_bytes, Some(2_525_916 * 1024), "the value touches its label");
    let first = &screen.rows[0];
    assert_eq!((first.diff, first.per_alloc_bytes), (80_939, 900));
    assert_eq!((first.tag.allocs, first.tag.frees), (3_971_107, 3_890_168));
    let tags: Vec<_> = screen.tags().into_iter().map(|t| (t.tag, t.pool, t.bytes)).collect();
    assert_eq!(
        tags,
        [
            ("ISil".into(), PoolType::Nonpaged, 72_845_100),
            ("File".into(), PoolType::Nonpaged, 240_000),
            ("Io".into(), PoolType::Nonpaged, 91_912),
            ("File".into(), PoolType::Paged, 4_000),
            ("Dh 1".into(), PoolType::Paged, 0),
        ]
    );
}

#[test]
fn rows_are_read_in_every_layout() {
    for (line, tag, bytes, owner, why) in [
        (
            " Thre Nonp  180351  176602  3749  13179648  3515  [nt!ps - Thread objects]",
            "Thre",
            13_179_648,
            Some("nt!ps - Thread objects"),
            "snapshot with -g",
        ),
        (
            " ConT Nonp 3097 2409 688 42770432 62166 Unknown Driver",
            "ConT",
            42_770_432,
            Some("Unknown Driver"),
            "an owner without brackets",
        ),
        (
            "Dh 2 Paged       367 (   0)       364 (   0)        3     912 (     0)    304",
            "Dh 2",
            912,
            None,
            "no leading space, and one within",
        ),
        (
            "     CM   Paged    1283 (   0)    1002 (   0)    281 1377312 (     0) 4901",
            "CM",
            1_377_312,
            None,
            "right-aligned in an indented block (gflags)",
        ),
        (
            "    Strg  Paged   10385 (  10)    6658 (   4)   3727  317952 (   512)   85",
            "Strg",
            317_952,
            None,
            "the same with four characters",
        ),
        (
            "\u{a0}ULHP\u{a0}Nonp\u{a0}\u{a0}10\u{a0}(\u{a0}1)\u{a0}4\u{a0}(\u{a0}0)\u{a0}6\u{a0}600\u{a0}(\u{a0}0)\u{a0}100",
            "ULHP",
            600,
            None,
            "pasted through a blog",
        ),
        (
            " ISil Nonp 13971107(  12) 13890168(  -1)    80939 72845100(  -872)    900",
            "ISil",
            72_845_100,
            None,
            "numbers so wide that they touch their changes",
        ),
        (" Nonp Nonp 1 0 1 64 64", "Nonp", 64, None, "a tag that is called like its pool"),
        ("  Ab  Nonp 1 0 1 64 64", " Ab", 64, None, "a leading space is part of the tag"),
        (" Wrap Nonp 5 4294967290 -4294967285 64 0", "Wrap", 64, None, "a wrapped counter"),
    ] {
        let parsed = parse(line);
        assert_eq!(parsed.skipped, [], "{why}");
        let row = &parsed.rows[0];
        assert_eq!((row.tag.tag.as_str(), row.tag.bytes), (tag, bytes), "{why}");
        assert_eq!(row.owner.as_deref(), owner, "{why}");
    }
}

#[test]
fn a_bad_row_is_counted_and_other_tables_are_not_poolmon() {
    let parsed = parse(" Good Nonp 2 1 1 64 64\n Cut  Nonp 2 (  0) 1\n Neg  Paged 2 1 1 -64 64\n");
    assert_eq!(parsed.rows.len(), 1);
    let lines: Vec<_> = parsed.skipped.iter().map(|s| s.line).collect();
    assert_eq!(lines, [2, 3]);
    let other = parse("Tag    NP_MB      share\nNtFC   21353.2    97.1%\n");
    assert_eq!(other, Poolmon::default());
}

/// A script's log: a date before each snapshot, the last one of a session, headers made up.
#[test]
fn several_snapshots_in_a_file_stay_apart() {
    let header = " Memory: 1048016K Avail: 438396K  PageFlts: 2  InRam Krnl: 3604K P:42372K\n \
         Commit: 538908K Limit:1124509K Peak: 609576K          Pool N:109056K P:43740K\n";
    let columns = " Tag  Type     Allocs     Frees     Diff   Bytes  Per Alloc\n\n";
    let text = format!(
        "Fri 09/02/2005 18:45:00\n\n{header} System pool information\n{columns} \
         ISil Nonp 3 1 2 200 100\n Bad  Nonp 1\n\nFri 09/02/2005 18:50:00\n{header}{columns} \
         ISil Nonp 9 1 8 800 100\n File Nonp 1 0 1 64 64\n{header} Session 3 pool information\n\
         {columns}\n Dh 1 Paged 1 0 1 8 8\n{columns} Tail Nonp 1 0 1 8 8\n"
    );
    let all = snapshots(&text);
    let seen: Vec<_> = all
        .iter()
        .map(|s| (s.line, s.before.as_deref(), s.screen.view, s.screen.rows.len()))
        .collect();
    assert_eq!(
        seen,
        [
            (3, Some("Fri 09/02/2005 18:45:00"), View::System, 1),
            (12, Some("Fri 09/02/2005 18:50:00"), View::System, 2),
            (18, None, View::Session(3), 1),
            (25, None, View::System, 1),
        ]
    );
    assert_eq!(all[0].screen.skipped[0].line, 9, "counted in the file, not in the snapshot");
    assert_eq!(all[1].screen.memory, all[0].screen.memory);
    assert_eq!(all[3].screen.memory, None, "headings without a header begin a snapshot too");
    assert_eq!(parse(&text).rows.len(), 5, "read as one, all run together");
}

/// The layout of gflags' documentation (NT 4): indented, tags to the right, a rule of dashes.
#[test]
fn an_indented_screen_with_a_rule_is_one_snapshot() {
    let all = snapshots(
        "    Memory: 16224K Avail: 4564K PageFlts: 31 InRam Krnl: 684K P: 680K\n     \
         Commit: 24140K Limit: 24952K Peak: 24932K  Pool N: 744K P: 2180K\n\n     \
         Tag  Type    Allocs          Frees         Diff   Bytes      Per Alloc\n    \
         -----------------------------------------------------------------------\n\n     \
         CM   Paged    1283 (   0)    1002 (   0)    281 1377312 (     0) 4901\n    \
         Strg  Paged   10385 (  10)    6658 (   4)   3727  317952 (   512)   85\n",
    );
    assert_eq!(all.len(), 1);
    let screen = &all[0].screen;
    let tags: Vec<_> = screen.rows.iter().map(|row| row.tag.tag.as_str()).collect();
    assert_eq!(tags, ["CM", "Strg"]);
    assert_eq!(screen.memory.as_ref().unwrap().nonpaged_used_bytes, Some(744 * 1024));
}

proptest! {
    #[test]
    fn every_row_is_read_or_counted(
        lines in prop::collection::vec(
            ("[A-Za-z]{4} (Nonp|Paged) [0-9 ()-]{0,40}", "[ -~é]{0,8}", any::<bool>()),
            0..12,
        )
    ) {
        let text: String =
            lines.iter().map(|(row, other, is_row)| format!("{}\n", if *is_row { row } else { other })).collect();
        let wanted = lines.iter().filter(|(_, _, is_row)| *is_row).count();
        let one = parse(&text);
        prop_assert_eq!(one.rows.len() + one.skipped.len(), wanted);
        one.tags();
        let all = snapshots(&text);
        prop_assert_eq!(all.iter().map(|s| s.screen.rows.len()).sum::<usize>(), one.rows.len());
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        parse(&text).tags();
    }
}
