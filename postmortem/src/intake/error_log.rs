//! Provides what an HTTPERR log adds up to while it is read, as a whole or in parts.

use capture::httperr::{Parser, Trouble};

use super::skips::Skips;
use crate::tally::Tally;

/// A log, or a part of one, that is being read.
#[derive(Clone, Debug)]
pub(super) struct ErrorLog {
    parser: Parser,
    tally: Tally,
    skips: Skips,
    /// Lines that do not begin with a digit: prose around an excerpt, where there is no header.
    prose: Skips,
}

impl ErrorLog {
    /// What follows the lines that this parser has read.
    pub(super) fn below(parser: &Parser) -> Self {
        Self {
            parser: parser.below(),
            tally: Tally::default(),
            skips: Skips::default(),
            prose: Skips::default(),
        }
    }

    /// The parser behind the last line.
    pub(super) fn parser(&self) -> &Parser {
        &self.parser
    }

    /// Takes in the next lines; a row stands in them as a whole, over however many.
    pub(super) fn lines(&mut self, text: &str) {
        let Self { parser, tally, skips, prose } = self;
        let bad = |number: usize, line: &str, trouble: Trouble<'_>| {
            let is_row = line.trim_start().starts_with(|c: char| c.is_ascii_digit());
            let skips = if is_row { &mut *skips } else { &mut *prose };
            skips.add(number, || trouble.at(number).reason);
        };
        parser.count(text, |row| tally.add(row), bad);
    }

    /// Takes in a line that was too long to be held.
    pub(super) fn too_long(&mut self) {
        self.parser.skip_lines(1);
        self.skips.add_too_long(self.parser.lines());
    }

    /// Takes in the part that follows, whose reading began with a parser that agrees with this one.
    /// False where it has to be read again behind this one, since names were lost in it.
    pub(super) fn join(&mut self, mut below: Self) -> bool {
        if below.tally.overflowed() {
            return false;
        }
        let lines = self.parser.lines();
        self.tally.settle();
        below.tally.settle();
        self.tally.join(&below.tally);
        self.skips.join(below.skips, lines);
        self.prose.join(below.prose, lines);
        self.parser = below.parser;
        self.parser.skip_lines(lines);
        true
    }

    /// What it adds up to, and the lines that could not be read.
    pub(super) fn end(mut self) -> (Tally, Skips) {
        self.tally.settle();
        if self.parser.has_header() {
            self.skips.join(self.prose, 0);
        }
        (self.tally, self.skips)
    }
}
