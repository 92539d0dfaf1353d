//! Pairs that look alike on the client's side: two stories that differ in one fact, and the verdict that
//! this fact decides.

mod answers;
mod way;

use model::attempt::Failure;
use model::cause::Cause;
use model::reading::KernelMemory;
use model::row::{Row, Sample};

use super::kit::*;
use Cause::*;

/// A pool half full, and one at its gate of 20 MiB.
const HALF: u64 = 60 * MIB;
const AT_GATE: u64 = 109 * MIB;

/// Failures of one kind from 4 s to 9 s of 12.
fn failing(failure: fn() -> Failure) -> Story {
    Story::new(12.0).load(move |t| match during(t) {
        true => vec![(failure(), 40)],
        false => vec![],
    })
}

fn during(t_s: f64) -> bool {
    (4.0..9.0).contains(&t_s)
}

/// A counter that grows by so many a second while it lasts.
fn grows(t_s: f64, per_s: f64) -> f64 {
    1000.0 + per_s * (t_s.clamp(4.0, 9.0) - 4.0)
}

/// What a story must come to: cause, what stands behind it, words of the sentence.
struct Told<'a> {
    story: Story,
    cause: Option<Cause>,
    because_of: &'a [&'a str],
    why: &'a str,
}

fn told<'a>(story: Story, cause: Option<Cause>, because_of: &'a [&str], why: &'a str) -> Told<'a> {
    Told { story, cause, because_of, why }
}

fn check(all: Vec<Told<'_>>) {
    for Told { story, cause, because_of, why } in all {
        let findings = story.findings();
        let found: Vec<Cause> = causes(&findings);
        assert_eq!(found, Vec::from_iter(cause), "{why}: {findings:#?}");
        let line = findings.verdict.causes.first();
        let behind = line.map_or(&[][..], |l| &l.because_of);
        assert_eq!(behind, because_of, "{why}: {findings:#?}");
        let lines: u64 = findings.failures.iter().map(|f| f.count).sum();
        let claimed = line.map_or(0, |l| l.failures);
        assert_eq!(claimed + findings.verdict.unexplained, lines, "{why}");
        if cause.is_some() {
            assert!(claimed * 10 >= lines * 9, "{why}: {claimed} of {lines}");
        }
    }
}

#[test]
fn the_gate_or_no_listener() {
    let base = || failing(refused);
    let gate = |t| pool(if during(t) { AT_GATE } else { HALF });
    let gone = |t: f64| Host { listens: Some(!during(t)), ..pool(HALF) };
    check(vec![
        told(base().target(gate), Some(NonpagedPool), &[], "the pool is at its gate"),
        told(base().target(gone), Some(ListenerDown), &[], "nothing listens"),
        told(base().target(|_| pool(HALF)), None, &[], "neither: nobody is accused"),
    ]);
}

#[test]
fn what_stands_behind_10055_and_10048() {
    let ports =
        |full: bool| move |t: f64| Some(if full && during(t) { (3976, 100) } else { (900, 100) });
    let with_memory = |mut story: Story, available_bytes: u64| {
        for row in &mut story.rows {
            if let Row::Sample(Sample { vantage, memory, .. }) = row
                && vantage == "generator"
            {
                let available_bytes = Some(available_bytes);
                *memory = Some(KernelMemory { available_bytes, ..KernelMemory::default() });
            }
        }
        story
    };
    let base = |failure, full| failing(failure).target(|_| pool(HALF)).ports(ports(full));
    check(vec![
        told(base(no_buffers, true), Some(ClientPorts), &[], "10055, and its ports are full"),
        told(with_memory(base(no_buffers, false), 9 * MIB), Some(ClientMemory), &[], "memory is"),
        told(with_memory(base(no_buffers, false), 900 * MIB), None, &[], "neither is short"),
        told(base(no_buffers, false), None, &[], "ports are free, and memory was not read"),
        told(base(no_port, true), Some(ClientPorts), &[], "no port, and its ports are full"),
        told(base(no_port, false), None, &[], "no port, though they were free"),
        told(base(no_memory, false), Some(ClientMemory), &[], "ENOMEM means memory alone"),
        told(base(refused, true), None, &[], "a refusal is never the generator's own want"),
    ]);
}

#[test]
fn a_driver_that_leaks_or_a_process_that_leaks_handles() {
    let full_s = 6.0;
    let host = move |t: f64, tags: Vec<(&'static str, u64, u64)>, handles: u64| {
        let grown = t.clamp(0.0, full_s) / full_s * 3.2 * MIB as f64;
        Host {
            tags,
            processes: vec![("w3wp", 4120, handles, 0), ("svchost", 900, 500, 0)],
            ..pool(105 * MIB + grown as u64)
        }
    };
    let leaked = move |t: f64| (t.clamp(0.0, full_s) * 1000.0) as u64;
    let fails = move |t: f64| if t >= full_s { vec![(refused(), 40)] } else { vec![] };
    let base = || Story::new(9.0).load(fails).log(7.0, 90).log(8.0, 90).log(9.0, 90);
    let driver = move |t: f64| host(t, vec![("ISil", leaked(t) * 500, leaked(t))], 850);
    let objects = move |t: f64| {
        let n = leaked(t);
        vec![("File", n * 200, n), ("Even", n * 180, n), ("Thre", n * 90, n / 8)]
    };
    let process = move |t: f64| host(t, objects(t), 850 + 2 * leaked(t));
    let unknown = move |t: f64| Host { processes: vec![], ..host(t, objects(t), 0) };
    check(vec![
        told(base().target(driver), Some(NonpagedPool), &["tag ISil"], "a tag of some driver"),
        told(
            base().target(process),
            Some(NonpagedPool),
            &["handles of w3wp (4120)", "tag File", "tag Even", "tag Thre"],
            "tags of objects, and a process whose handles grow",
        ),
        told(
            base().target(unknown),
            Some(NonpagedPool),
            &["a handle leak", "tag File", "tag Even", "tag Thre"],
            "the same, and nobody read the processes",
        ),
    ]);
    let findings = base().target(process).findings();
    assert!(says(&findings, NonpagedPool, "process w3wp (4120) had 850 handles at"));
    assert!(!says(&findings, NonpagedPool, "move together"), "they are told as handles instead");
}

#[test]
fn a_leak_or_a_plateau_that_follows_the_load() {
    let opened = |t: f64| (t.clamp(0.0, 12.0) * 400.0) as u64;
    let waiting = |t: f64| (t.clamp(0.0, 4.0) * 400.0) as u64;
    let leak = move |t: f64| Host {
        tags: vec![("SavE", opened(t) * 2000, opened(t))],
        time_wait: waiting(t),
        ..pool(105 * MIB + opened(t) * 2000)
    };
    let plateau = move |t: f64| Host {
        tags: vec![("TCPT", waiting(t) * 1000, waiting(t))],
        time_wait: waiting(t),
        ..pool(105 * MIB + waiting(t) * 1000)
    };
    let fails = |t: f64| if t >= 4.0 { vec![(refused(), 40)] } else { vec![] };
    let leaking = (4..12).fold(Story::new(12.0).load(fails), |s, t| s.log(f64::from(t) + 1.0, 200));
    check(vec![
        told(leaking.target(leak), Some(NonpagedPool), &["tag SavE"], "it goes on growing"),
        told(Story::new(12.0).load(|_| vec![]).target(plateau), None, &[], "rate × TIME_WAIT"),
    ]);
}

#[test]
fn which_kernel_memory_ran_out() {
    let memory = |free_system_ptes, committed, paged| KernelMemory {
        free_system_ptes: Some(free_system_ptes),
        committed_bytes: Some(committed * MIB),
        commit_limit_bytes: Some(1000 * MIB),
        paged_used_bytes: Some(paged * MIB),
        ..KernelMemory::default()
    };
    let host = |used: u64, memory: KernelMemory| Host { memory, ..pool(used) };
    let story = |reads: &dyn Fn(bool) -> Host| {
        let mut story = failing(reset).target(|t| reads(during(t)));
        story.run.target.paged_ceiling_bytes = Some(160 * MIB);
        story
    };
    let quiet = || memory(180_000, 500, 40);
    check(vec![
        told(
            story(&|low| host(if low { AT_GATE } else { HALF }, quiet())),
            Some(NonpagedPool),
            &[],
            "non-paged pool",
        ),
        told(
            story(&|low| host(HALF, memory(if low { 3_000 } else { 180_000 }, 500, 40))),
            Some(KernelMemoryOther),
            &[],
            "free page table entries",
        ),
        told(
            story(&|low| host(HALF, memory(180_000, if low { 991 } else { 500 }, 40))),
            Some(KernelMemoryOther),
            &[],
            "commit",
        ),
        told(
            story(&|low| host(HALF, memory(180_000, 500, if low { 159 } else { 40 }))),
            Some(KernelMemoryOther),
            &[],
            "paged pool",
        ),
        told(story(&|_| host(HALF, quiet())), None, &[], "none of them"),
    ]);
    let findings = story(&|low| host(HALF, memory(if low { 3_000 } else { 180_000 }, 500, 40)));
    let sentence = findings.findings().verdict.sentence;
    assert!(sentence.contains("free system page table entries had fallen to 3,000"), "{sentence}");
}
