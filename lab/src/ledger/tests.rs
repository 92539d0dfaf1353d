//! The ledger's invariants, and the level at which the gate of seed-like hosts closes.

use proptest::prelude::*;

use super::*;

fn spec(keeping: Keeping) -> LedgerSpec {
    LedgerSpec {
        ceiling_bytes: Some(128 << 20),
        baseline_bytes: 100 << 20,
        baseline: vec![
            Share { tag: "MmCm".into(), per_mille: 600, bytes_each: 8806 },
            Share { tag: "File".into(), per_mille: 399, bytes_each: 152 },
        ],
        connection: vec![
            Object { tag: "UlCO".into(), bytes: 700 },
            Object { tag: "TCPT".into(), bytes: 1348 },
        ],
        time_wait: Object { tag: "TCPT".into(), bytes: 512 },
        keeping,
        gate: Some(GateSpec { stop_bytes: 20 << 20, resume_bytes: 20 << 20 }),
        memory: MemorySpec {
            paged_ceiling_bytes: Some(50 << 20),
            handle_objects: [("File", 152), ("Even", 64), ("File", 152), ("Thre", 624)]
                .map(|(tag, bytes)| Object { tag: tag.into(), bytes })
                .into(),
            ..MemorySpec::of_ram(1 << 30)
        },
        leaks: Vec::new(),
    }
}

fn leak(tag: &str, rate: LeakRate, up_to: Option<u64>) -> LeakSpec {
    LeakSpec { of: Leaked::Nonpaged { tag: tag.into() }, rate, up_to }
}

/// A host on which something else leaks, 10 s after the leak began.
fn after_10_s(of: Leaked, per_second: f64) -> Ledger {
    let leaks = vec![LeakSpec { of, rate: LeakRate::PerSecond(per_second), up_to: None }];
    let mut ledger = Ledger::new(&LedgerSpec { leaks, ..spec(Keeping::Counted) });
    ledger.leak_since(0.0);
    ledger.advance(10.0);
    ledger
}

fn held(ledger: &Ledger, tag: &str) -> u64 {
    ledger.tags().iter().find(|t| t.name == tag).map_or(0, |t| t.bytes)
}

#[test]
fn the_baseline_is_laid_to_the_byte() {
    let ledger = Ledger::new(&spec(Keeping::Counted));
    assert_eq!(ledger.used_bytes(), 100 << 20);
    assert_eq!(ledger.free_bytes(), Some(28 << 20));
}

#[test]
fn a_leak_per_connection_closes_the_gate_at_its_level() {
    let asked = LedgerSpec {
        leaks: vec![leak("ISil", LeakRate::PerConnection(900.0), None)],
        ..spec(Keeping::Aged(240.0))
    };
    let mut ledger = Ledger::new(&asked);
    let mut served: u64 = 0;
    while !ledger.weigh() {
        ledger.connect(1);
        ledger.close(1, Closer::Client);
        served += 1;
    }
    assert_eq!(served, (8_u64 << 20) / 900 + 1, "8 MiB above the gate, 900 bytes each");
    assert!(ledger.free_bytes().unwrap_or(0) < 20 << 20);
    assert_eq!(held(&ledger, "ISil"), served * 900);
}

#[test]
fn each_leak_grows_with_its_own_thing_and_stops_at_its_end() {
    let asked = LedgerSpec {
        leaks: vec![
            leak("Conn", LeakRate::PerConnection(10.5), None),
            leak("Pack", LeakRate::PerPacket(3.0), Some(20)),
            leak("Secs", LeakRate::PerSecond(100.0), None),
            leak("Hog ", LeakRate::Static(1 << 20), None),
        ],
        ..spec(Keeping::Counted)
    };
    let mut ledger = Ledger::new(&asked);
    ledger.advance(5.0);
    ledger.leak_since(5.0);
    ledger.advance(8.0);
    ledger.connect(4);
    ledger.packets(6);
    ledger.packets(6);
    for (tag, bytes, why) in [
        ("Conn", 42, "4 connections of 10.5 bytes"),
        ("Pack", 20, "12 packets would be 36, it stops at 20"),
        ("Secs", 300, "3 s after it began, though the host is up for 8"),
        ("Hog ", 1 << 20, "there from the start"),
    ] {
        assert_eq!(held(&ledger, tag), bytes, "{tag}: {why}");
    }
}

#[test]
fn a_leak_ends_at_the_ceiling() {
    let asked = LedgerSpec {
        leaks: vec![leak("Big ", LeakRate::PerSecond(1e9), None)],
        ..spec(Keeping::Counted)
    };
    let mut ledger = Ledger::new(&asked);
    ledger.leak_since(0.0);
    ledger.advance(100.0);
    assert_eq!(ledger.free_bytes(), Some(0));
    assert_eq!(ledger.used_bytes(), 128 << 20);
}

#[test]
fn kernel_memory_runs_short_of_what_leaks_and_of_nothing_else() {
    let w3wp = || "w3wp.exe".to_owned();
    let toke = || Leaked::Paged { tag: "Toke".into() };
    let mib = f64::from(1 << 20);
    for (of, per_second, short, why) in [
        (toke(), 0.5 * mib, None, "5 MiB of the 9 that the paged pool has left"),
        (toke(), mib, Some(Short::Paged), "10 MiB where 9 are left"),
        (Leaked::Ptes, 17_000.0, None, "10,000 of 180,000 entries are left"),
        (Leaked::Ptes, 17_501.0, Some(Short::Ptes), "4,990 are left"),
        (Leaked::Commit { process: w3wp() }, 190.0 * mib, None, "148 MiB of 2,560 are left"),
        (Leaked::Commit { process: w3wp() }, 200.0 * mib, Some(Short::Commit), "48 MiB are left"),
    ] {
        assert_eq!(after_10_s(of, per_second).short(), short, "{why}");
    }
}

#[test]
fn a_handle_is_an_object_of_the_kernel_too() {
    let ledger = after_10_s(Leaked::Handles { process: "agent.exe".into() }, 1000.0);
    let objects = |tag: &str| {
        let tag = ledger.tags().iter().find(|t| t.name == tag).unwrap();
        tag.allocs - tag.frees
    };
    let before = Ledger::new(&spec(Keeping::Counted));
    let files = before.tags().iter().find(|t| t.name == "File").map(|t| t.allocs - t.frees);
    assert_eq!(objects("File") - files.unwrap(), 5000, "every other one");
    assert_eq!((objects("Even"), objects("Thre")), (2500, 2500));
    let process = &ledger.memory().processes()[0];
    assert_eq!((process.name.as_str(), process.handles), ("agent.exe", 10_850));
    let grown = ledger.used_bytes() - before.used_bytes();
    assert_eq!(grown, 5000 * 152 + 2500 * 64 + 2500 * 624);
}

#[test]
fn what_the_pools_take_is_committed_and_no_longer_available() {
    let quiet = Ledger::new(&spec(Keeping::Counted));
    for of in [Leaked::Nonpaged { tag: "ISil".into() }, Leaked::Paged { tag: "Toke".into() }] {
        let ledger = after_10_s(of, 1e5);
        assert_eq!(ledger.committed_bytes() - quiet.committed_bytes(), 1_000_000);
        assert_eq!(quiet.available_bytes() - ledger.available_bytes(), 1_000_000);
    }
}

#[test]
fn time_wait_is_charged_while_it_lasts_and_then_given_back() {
    let mut ledger = Ledger::new(&spec(Keeping::Aged(240.0)));
    let before = ledger.used_bytes();
    ledger.connect(3);
    ledger.close(1, Closer::Target);
    ledger.close(1, Closer::Client);
    ledger.close(1, Closer::Reset);
    assert_eq!(ledger.time_wait(), 1, "only the one that the target closed first");
    assert_eq!(ledger.used_bytes(), before + 512);
    ledger.advance(241.0);
    assert_eq!((ledger.time_wait(), ledger.used_bytes()), (0, before));
}

#[test]
fn five_days_at_200_a_second_leave_no_more_than_one_time_wait_length() {
    let mut ledger = Ledger::new(&spec(Keeping::Aged(240.0)));
    for second in 0..5 * 86_400_u32 {
        ledger.advance(f64::from(second));
        ledger.connect(200);
        ledger.packets(2000);
        ledger.close(200, Closer::Target);
    }
    // An entry may leave a thousandth of its time late, here one step of a second.
    assert!((200 * 240..=200 * 241).contains(&ledger.time_wait()), "{}", ledger.time_wait());
    assert_eq!(ledger.tags().len(), 4, "memory does not grow with the run");
}

#[derive(Clone, Debug)]
enum Act {
    Connect(u64),
    Close(u64, Closer),
    Packets(u64),
    Table(u64),
    Wait(f64),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        (0..50_u64).prop_map(Act::Connect),
        (0..50_u64, prop_oneof![Just(Closer::Target), Just(Closer::Client), Just(Closer::Reset)])
            .prop_map(|(n, who)| Act::Close(n, who)),
        (0..500_u64).prop_map(Act::Packets),
        (0..500_u64).prop_map(Act::Table),
        (0.0..300.0).prop_map(Act::Wait),
    ]
}

fn apply(ledger: &mut Ledger, act: &Act, now_s: &mut f64) {
    match act {
        Act::Connect(n) => ledger.connect(*n),
        Act::Close(n, who) => ledger.close(*n, *who),
        Act::Packets(n) => ledger.packets(*n),
        Act::Table(n) => ledger.set_time_wait(*n),
        Act::Wait(seconds) => {
            *now_s += seconds;
            ledger.advance(*now_s);
        }
    }
}

fn leaking(keeping: Keeping) -> LedgerSpec {
    LedgerSpec {
        leaks: vec![
            leak("ISil", LeakRate::PerConnection(0.3), None),
            leak("I100", LeakRate::PerPacket(1.7), Some(5000)),
            leak("Clok", LeakRate::PerSecond(9.9), None),
        ],
        ..spec(keeping)
    }
}

proptest! {
    #[test]
    fn tags_add_up_and_nothing_is_freed_twice(
        acts in prop::collection::vec(act(), 0..120),
        aged in any::<bool>(),
    ) {
        let keeping = if aged { Keeping::Aged(120.0) } else { Keeping::Counted };
        let mut ledger = Ledger::new(&leaking(keeping));
        ledger.leak_since(0.0);
        let mut now_s = 0.0;
        for act in &acts {
            apply(&mut ledger, act, &mut now_s);
            let sum: u64 = ledger.tags().iter().map(|tag| tag.bytes).sum();
            prop_assert_eq!(sum, ledger.used_bytes());
            prop_assert!(ledger.tags().iter().all(|tag| tag.frees <= tag.allocs));
            prop_assert!(ledger.used_bytes() >= 100 << 20, "the baseline stays");
        }
    }

    #[test]
    fn cohorts_may_be_split_and_reordered(
        sizes in prop::collection::vec(1..20_u64, 1..20),
        first in 0..20_usize,
    ) {
        let total: u64 = sizes.iter().sum();
        let mut whole = Ledger::new(&leaking(Keeping::Aged(240.0)));
        whole.connect(total);
        whole.close(total, Closer::Target);
        let mut parts = Ledger::new(&leaking(Keeping::Aged(240.0)));
        for (i, n) in sizes.iter().enumerate() {
            parts.connect(*n);
            if i >= first {
                parts.close(*n, Closer::Target);
            }
        }
        parts.close(parts.open(), Closer::Target);
        prop_assert_eq!(whole.tags(), parts.tags());
        prop_assert_eq!(whole.time_wait(), parts.time_wait());
    }
}
