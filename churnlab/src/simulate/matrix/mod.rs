//! The matrix: hundreds of simulated runs, their records distorted, judged, and held against what the
//! model knows. It shows that the judgement does not accuse wrongly where the model behaves as assumed;
//! it shows nothing about real hosts.
//!
//! `CHURNLAB_MATRIX_SEED` draws other runs, `CHURNLAB_MATRIX_TIMES` so many times as many, and
//! `CHURNLAB_MATRIX_OUT` names a folder for the table.

mod case;
mod cases;
mod dice;
mod dilate;
mod distort;
mod stories;
mod table;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use case::{Case, Outcome};
use table::Confusion;

/// Drawn from this unless asked otherwise.
const SEED: u64 = 20_261_126;

/// Plays all of them, on every processor; the outcomes in the order of the cases.
fn play(cases: &[Case]) -> Vec<Outcome> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, case)) = Some(next.fetch_add(1, Ordering::Relaxed))
                    .and_then(|at| Some((at, cases.get(at)?)))
                {
                    let outcome = case.run();
                    done.lock().unwrap().push((at, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}

fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|s| s.parse().ok()).unwrap_or(otherwise)
}

fn seed() -> u64 {
    asked("CHURNLAB_MATRIX_SEED", SEED)
}

#[test]
fn nobody_is_accused_wrongly_and_what_is_seen_well_is_found() {
    let times = asked("CHURNLAB_MATRIX_TIMES", 1);
    let cases = cases::cases(seed(), times as usize);
    assert!(cases.len() >= 300, "{}", cases.len());
    let outcomes = play(&cases);
    let all = Confusion::of(&outcomes).text();
    let well = Confusion::of(outcomes.iter().filter(|o| o.is_well_seen())).text();
    let text = format!("seed {}\n\nseen well\n{well}\nall\n{all}", seed());
    eprintln!("{text}");
    if let Some(folder) = std::env::var_os("CHURNLAB_MATRIX_OUT") {
        std::fs::write(std::path::Path::new(&folder).join("matrix.txt"), &text).unwrap();
    }
    let mut bad = Vec::new();
    for outcome in &outcomes {
        if !outcome.wrong().is_empty() {
            bad.push(format!("accuses wrongly: {}", outcome.told()));
        } else if outcome.is_well_seen() && !outcome.missed().is_empty() {
            bad.push(format!("does not find: {}", outcome.told()));
        } else if outcome.truth.is_empty() && outcome.unexplained > 0 {
            bad.push(format!("is not clean: {}", outcome.told()));
        }
    }
    assert!(bad.is_empty(), "seed {}: {} runs\n{}", seed(), bad.len(), bad.join("\n"));
}
