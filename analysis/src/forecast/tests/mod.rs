//! Forecasts of synthetic leaks whose end is known, and of levels that only look like leaks.

mod kit;
mod leaks;
mod look_alikes;
