//! Stories told row by row, and what must be found in each.

mod because;
mod captures;
mod doubt;
pub(crate) mod kit;
mod look_alikes;
mod rules;
mod sums;
