//! Provides the judgement: a [`Timeline`] takes the rows of a record one by one and tells at any
//! moment what they mean. Everything here is pure: no clock, no file, no socket.
//!
//! Reading order: [`Timeline`] and its store, `facts` (what all hypotheses share), `matched` (the hosts' own
//! rows, one for one with failures), `weigh` (mechanism, order and release of one hypothesis), `attribution`
//! (a file per hypothesis), `assign` (every failure to exactly one cause or to none), `verdict` (the
//! sentence), [`mod@forecast`], [`expect`].

mod assign;
mod attribution;
mod bracket;
pub mod capacity;
pub mod compare;
pub mod expect;
mod facts;
pub mod forecast;
mod growth;
mod kinds;
mod matched;
mod pool;
mod probes;
mod resources;
mod series;
mod signs;
mod store;
mod testimony;
#[cfg(test)]
mod tests;
pub mod threshold;
mod timeline;
mod validity;
mod verdict;
mod weigh;
mod witnessed;
mod words;

pub use timeline::{Timeline, told};
