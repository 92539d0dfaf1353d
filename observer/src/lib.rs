//! Provides the witness: it reads hosts round by round, and what it cannot read is a gap with its
//! reason.
//!
//! Only I/O is here; what is read is understood by `capture`. In reading order: [`SourceSpec`]
//! (what can be read), [`Vantage`] and [`observe`] (rounds on absolute times), the sources
//! (`scrape`, `log_tail`, and one folder or file per operating system), [`Witness`] and
//! [`serve_rows`] (a witness in a process of its own, both ends), [`PageReader`] (pages handed over, no I/O).

mod clock;
mod event_page;
mod kernel_pages;
mod log_rows;
mod log_tail;
mod observe;
mod origin;
mod pace;
mod page_reader;
mod pages;
mod reading;
mod round;
mod scrape;
mod serve;
mod source;
mod witness;

// The one place where an operating system is chosen.
#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod os;
#[cfg(target_os = "linux")]
#[path = "linux/mod.rs"]
mod os;

pub use clock::clock_by_page;
pub use observe::{Vantage, observe, once};
pub use origin::Origin;
pub use os::{enter_net_of, tunables};
pub use page_reader::{PageOf, PageReader, PortsOf};
pub use serve::{serve_rows, serve_rows_on};
pub use source::{BadSource, SourceSpec};
pub use witness::{Gone, Witness, WitnessArgs};
