//! Measures how each target's time grows with its input: every input, and every word of its
//! dictionary, is repeated to 64 KiB and to 1 MiB, as lines and as one line. `growth DIR TARGET…`
//! reads `DIR/<target>/*` and prints a row per target; exit 1 where one grows faster than it may.

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use churnlab_fuzz::{PARSERS, Parser};

const KIB: usize = 1024;
/// What is measured first, and what is measured where that looks steep.
const SIZES_BYTES: [[usize; 2]; 2] = [[16 * KIB, 64 * KIB], [64 * KIB, KIB * KIB]];
/// The exponent that is looked at again, and the one that is too much: 1 is linear, 2 quadratic.
const EXPONENTS: [f64; 2] = [1.25, 1.5];
/// Inputs measured of one target, evenly chosen of all.
const INPUTS_MAX: usize = 100;
/// Each time is the best of so many.
const TRIES: usize = 3;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let corpus = arguments.next().ok_or("name the folder of the corpus")?;
    let wanted: Vec<String> = arguments.collect();
    let mut steep = false;
    println!("target\tinputs\tslowest_ns_per_byte\tsteepest_exponent\tsteepest_input");
    for parser in PARSERS.iter().filter(|p| wanted.is_empty() || wanted.iter().any(|w| w == p.name))
    {
        let inputs = inputs(&Path::new(&corpus).join(parser.name))?;
        let mut worst = (0.0_f64, String::new());
        let mut slowest_ns = 0.0_f64;
        for (name, input) in &inputs {
            for one_line in [false, true] {
                let (exponent, ns_per_byte) = measured(parser, input, one_line);
                slowest_ns = slowest_ns.max(ns_per_byte);
                if exponent > worst.0 {
                    worst =
                        (exponent, format!("{name}{}", if one_line { " as one line" } else { "" }));
                }
            }
        }
        let (exponent, name) = worst;
        steep |= exponent > EXPONENTS[1];
        println!("{}\t{}\t{slowest_ns:.1}\t{exponent:.2}\t{name}", parser.name, inputs.len());
    }
    if steep {
        Err(format!("a target grows steeper than n^{}", EXPONENTS[1]).into())
    } else {
        Ok(())
    }
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
fn measured(parser: &Parser, input: &[u8], one_line: bool) -> (f64, f64) {
    let mut found = (0.0, 0.0);
    for sizes in SIZES_BYTES {
        let [short, long] = sizes.map(|bytes| best_ns(parser, &repeated(input, bytes, one_line)));
        let exponent = (long / short).ln() / (sizes[1] as f64 / sizes[0] as f64).ln();
        found = (exponent, long / sizes[1] as f64);
        if exponent < EXPONENTS[0] {
            break;
        }
    }
    found
}

fn repeated(input: &[u8], bytes: usize, one_line: bool) -> Vec<u8> {
    let mut long: Vec<u8> = input.iter().copied().cycle().take(bytes).collect();
    if one_line {
        long.iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
    }
    long
}

fn best_ns(parser: &Parser, input: &[u8]) -> f64 {
    let once = || {
        let start = Instant::now();
        parser.read(input);
        start.elapsed().as_nanos() as f64
    };
    (0..TRIES).map(|_| once()).fold(f64::INFINITY, f64::min)
}
