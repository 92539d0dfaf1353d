//! The integration test of churnlab: the built binary, used as a person would use it.
//!
//! - `house`: the rules between the crates that no compiler keeps.
//! - `stories`: every scenario gives its expected verdict, and so do others like it.
//! - `record`: what a run leaves on disk is complete and adds up.
//! - `bad_input`: every problem is a sentence, and nothing is started.
//! - `grounds`: what plain loopback and an ordinary user get.
//! - `capacity`: the highest sustainable rate, of a scenario and of a record.
//! - `compare`: runs against runs, with thresholds, and what is told where something is missing.
//! - `captures`: real captures hold what an independent script found in them.
//! - `collected`: the folder that a collecting script leaves goes straight into diagnose.
//! - `diagnose`: captures give a verdict, also those of a run of our own.
//! - `simulate`: the same scenarios in virtual time leave the same record and get the same verdict.
//! - `repro`: captures become a scenario that gives the same cause.
//! - `redact`: a report for others names nobody.
//! - `doors`: a log and saved pages of the target alone give the cause.
//! - `sources`: standard input, pipes, and what may not be read.
//! - `endings`: Ctrl-C leaves a complete record, kill -9 leaves nothing behind.

// A test crate as a whole is not under cfg(test), so clippy's own exceptions for tests miss it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

mod bad_input;
mod capacity;
mod captures;
mod collected;
mod compare;
mod diagnose;
mod doors;
mod endings;
mod grounds;
mod house;
mod kit;
mod record;
mod redact;
mod repro;
mod simulate;
mod sources;
mod stories;
