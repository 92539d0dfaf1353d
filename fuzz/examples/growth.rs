//! Measures how each target's processor time grows with its input: inputs of its corpus, and characters
//! that repeat in hostile files, are repeated to 64 KiB and to 1 MiB, as lines and as one line. `growth DIR TARGET…`
//! reads `DIR/<target>/*` and prints a row per target; exit 1 where one grows faster than it may.

use std::error::Error;
use std::path::Path;

use churnlab_fuzz::{PARSERS, Parser};
use nix::time::{ClockId, clock_gettime};

const KIB: usize = 1024;
/// What is measured first, and what is measured where that looks steep.
const SIZES_BYTES: [[usize; 2]; 2] = [[16 * KIB, 64 * KIB], [64 * KIB, KIB * KIB]];
/// The exponent that is looked at again, and the one that is too much: 1 is linear, 2 quadratic.
const EXPONENTS: [f64; 2] = [1.25, 1.5];
/// Inputs measured of one target, evenly chosen of all.
const INPUTS_MAX: usize = 100;
/// Each time is the best of so many.
const TRIES: usize = 3;
/// Time spent on one target, after which its other inputs are left out, ns.
const SPENT_NS_MAX: f64 = 10e9;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let corpus = arguments.next().ok_or("name the folder of the corpus")?;
    let wanted: Vec<String> = arguments.collect();
    let is_wanted = |parser: &&Parser| wanted.is_empty() || wanted.iter().any(|w| w == parser.name);
    let mut is_steep = false;
    println!("target\tinputs\tslowest_ns_per_byte\tsteepest_exponent\tsteepest_input");
    for parser in PARSERS.iter().filter(is_wanted) {
        let Growth { inputs, slowest_ns_per_byte, exponent, steepest } =
            growth(parser, &inputs(&Path::new(&corpus).join(parser.name))?)?;
        println!("{}\t{inputs}\t{slowest_ns_per_byte:.1}\t{exponent:.2}\t{steepest}", parser.name);
        is_steep |= exponent > EXPONENTS[1];
    }
    if is_steep {
        Err(format!("a target grows steeper than n^{}", EXPONENTS[1]).into())
    } else {
        Ok(())
    }
}

/// How a target's time grows.
#[derive(Default)]
struct Growth {
    /// Inputs measured.
    inputs: usize,
    /// The slowest of them.
    slowest_ns_per_byte: f64,
    /// The steepest growth.
    exponent: f64,
    /// The input that grows so.
    steepest: String,
}

fn growth(parser: &Parser, inputs: &[(String, Vec<u8>)]) -> nix::Result<Growth> {
    let mut found = Growth::default();
    let begun_ns = cpu_ns()?;
    for (name, input) in inputs {
        if cpu_ns()? - begun_ns > SPENT_NS_MAX {
            break;
        }
        found.inputs += 1;
        for (one_line, shape) in [(false, ""), (true, " as one line")] {
            let (exponent, ns_per_byte) = measured(parser, input, one_line)?;
            found.slowest_ns_per_byte = found.slowest_ns_per_byte.max(ns_per_byte);
            if exponent > found.exponent {
                (found.exponent, found.steepest) = (exponent, format!("{name}{shape}"));
            }
        }
    }
    Ok(found)
}

/// Inputs by name, and the characters that repeat in hostile files.
fn inputs(folder: &Path) -> Result<Vec<(String, Vec<u8>)>, Box<dyn Error>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    let step = files.len().div_ceil(INPUTS_MAX).max(1);
    let mut inputs = Vec::new();
    for file in files.iter().step_by(step) {
        inputs.push((file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path())?));
    }
    for character in
        ["\n", " ", "\"", ",", ":", "=", "-", "#", "<Event ", "(", "\\", "\u{a0}", "0 "]
    {
        inputs.push((format!("{character:?}"), character.into()));
    }
    inputs.retain(|(_, input)| !input.is_empty());
    Ok(inputs)
}

/// The exponent of growth, and the time per byte of the longest input.
fn measured(parser: &Parser, input: &[u8], one_line: bool) -> nix::Result<(f64, f64)> {
    let mut found = (0.0, 0.0);
    for sizes in SIZES_BYTES {
        let short = best_ns(parser, &repeated(input, sizes[0], one_line))?;
        let long = best_ns(parser, &repeated(input, sizes[1], one_line))?;
        let exponent = (long / short).ln() / (sizes[1] as f64 / sizes[0] as f64).ln();
        found = (exponent, long / sizes[1] as f64);
        if exponent < EXPONENTS[0] {
            break;
        }
    }
    Ok(found)
}

fn repeated(input: &[u8], bytes: usize, one_line: bool) -> Vec<u8> {
    let mut long: Vec<u8> = input.iter().copied().cycle().take(bytes).collect();
    if one_line {
        long.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    }
    long
}

fn best_ns(parser: &Parser, input: &[u8]) -> nix::Result<f64> {
    let mut best = f64::INFINITY;
    for _ in 0..TRIES {
        let begun = cpu_ns()?;
        parser.read(input);
        best = best.min(cpu_ns()? - begun);
    }
    Ok(best)
}

/// Processor time of this process, all threads, ns: what else runs on the machine does not count.
fn cpu_ns() -> nix::Result<f64> {
    let now = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?;
    Ok(now.tv_sec() as f64 * 1e9 + now.tv_nsec() as f64)
}
