//! Provides the memory of a run: its directory, the journal that fills it, and the reader.
//!
//! In reading order: [`files`] (what stands in a run directory), [`run_dir`] (makes one, writes whole
//! files), [`journal`] (appends rows, then publishes them), [`hlog`] (the latency log), [`reader`] (a
//! record back into rows), [`latency`] (percentiles over a run), [`part`] (single files of a record, from any stream), [`error`].

pub mod error;
pub mod files;
pub mod hlog;
pub mod journal;
pub mod latency;
mod lines;
pub mod part;
pub mod reader;
pub mod run_dir;

pub use error::RecordError;
pub use journal::Journal;
pub use latency::Latencies;
pub use part::{Part, PartRows};
pub use reader::{BadRow, Record, Rows, Skipped};
pub use run_dir::RunDir;
