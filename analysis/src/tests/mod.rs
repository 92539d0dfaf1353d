//! Stories told row by row, and what must be found in each.

mod because;
mod captures;
mod doubt;
mod kit;
mod look_alikes;
mod rules;
mod sums;
