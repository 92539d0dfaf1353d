//! Defines the nouns of churnlab and the formats in which they are published.
//!
//! Nothing here reads a clock, a file or a socket. In reading order: [`units`] (numbers as people
//! write them), [`attempt`] (what one try at a connection came to), [`reading`], [`os_event`] and [`row`] (what a
//! record holds), [`limit`], [`cause`], [`run`] (what was asked: `run.json`), [`threshold`] and [`findings`] (what
//! it means: `findings.json`), [`diagnosis`] (the same of captures), [`comparison`] (of runs), [`capacity`], [`told`] (all a report needs).

pub mod attempt;
pub mod capacity;
pub mod cause;
pub mod comparison;
pub mod diagnosis;
pub mod findings;
pub mod limit;
pub mod names;
pub mod os_event;
pub mod reading;
pub mod row;
pub mod run;
pub mod threshold;
pub mod told;
pub mod units;
