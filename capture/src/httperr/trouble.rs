//! Defines why a row could not be read; words are made of it only where somebody is told.

use std::fmt;

use crate::Skipped;

/// Why a row could not be read, as a clause: `holds 8 columns where 13 are named`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble<'a> {
    /// Its columns are not as many as the header names.
    Columns {
        /// Columns of the row.
        held: usize,
        /// Columns of the header.
        named: usize,
    },
    /// No header has been seen, and no era has rows of so many columns.
    NoHeader(usize),
    /// The header above it lacks date, time or reason.
    UnderUnusable,
    /// It is such a header.
    Unusable,
    /// More columns than any log has.
    TooManyColumns(usize),
    /// It is over 4 GiB long.
    TooLong,
    /// Date and time are none.
    Stamp(&'a str, &'a str),
    /// A column that should be a number is none: its text and the column.
    Number(&'a str, &'static str),
}

impl Trouble<'_> {
    /// What is kept of the row.
    pub fn at(&self, line: usize) -> Skipped {
        Skipped::new(line, self.to_string())
    }
}

impl fmt::Display for Trouble<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { held, named } => {
                write!(f, "holds {held} columns where {named} are named")
            }
            Self::NoHeader(held) => {
                write!(f, "holds {held} columns, and no #Fields line says which they are")
            }
            Self::UnderUnusable => f.write_str("stands under a header that cannot be used"),
            Self::Unusable => {
                f.write_str("names no date, time and s-reason, so rows under it are lost")
            }
            Self::TooManyColumns(most) => write!(f, "holds over {most} columns"),
            Self::TooLong => f.write_str("is over 4 GiB long"),
            Self::Stamp(date, time) => write!(f, "has \"{date} {time}\" for a stamp"),
            Self::Number(text, what) => write!(f, "has \"{text}\" for {what}"),
        }
    }
}
