//! Stories told row by row, and what must be found in each.

mod because;
mod captures;
mod controls;
mod distorted;
mod doubt;
mod every_cause;
pub(crate) mod kit;
mod look_alikes;
mod pairs;
mod rules;
mod sums;
