//! Provides the telling: a finished [`model::told::Told`] as text for a terminal, Markdown for a
//! ticket, JSON for programs.
//!
//! Everything here only formats; what is told was computed before, once.

mod advice;
mod capacity;
mod cells;
mod comparison;
mod diagnosis;
mod json;
mod markdown;
mod page;
mod redact;
mod sheet;
mod sparkline;
mod text;
mod words;

pub use capacity::{capacity, capacity_json, capacity_markdown};
pub use comparison::{comparison, comparison_json, comparison_markdown};
pub use diagnosis::diagnosis;
pub use json::json;
pub use markdown::markdown;
pub use redact::redact;
pub use text::{TextStyle, text};
