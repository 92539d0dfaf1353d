//! Provides the telling: a finished [`model::told::Told`] as text for a terminal, Markdown for a
//! ticket, JSON for programs.
//!
//! Everything here only formats; what is told was computed before, once.

mod advice;
mod cells;
mod diagnosis;
mod json;
mod markdown;
mod page;
mod sparkline;
mod text;
mod words;

pub use diagnosis::diagnosis;
pub use json::json;
pub use markdown::markdown;
pub use text::{TextStyle, text};
