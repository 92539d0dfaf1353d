//! Provides the comparison of runs: each measure with its difference, the noise that repeats show, and
//! whether that is better, worse or no evidence.

mod measured;

pub use measured::Measured;
