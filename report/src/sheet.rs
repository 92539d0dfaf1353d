//! Provides a sheet: blocks of a report that is told alike as text and as Markdown.

use crate::cells::Table;
use crate::markdown::{escaped, list, table};
use crate::page::{Page, Paint};
use crate::text::TextStyle;
use crate::words::{not_valid, plain};

/// One part of a sheet. What came from a host is made harmless when it is told.
pub(crate) enum Block {
    Heading(&'static str),
    /// A sentence of its own.
    Prose(Paint, String),
    /// Sentences, one below the other.
    List(Vec<String>),
    Table(Table),
}

/// A report: what it is, whether it can be believed, what it says in a sentence, the rest.
pub(crate) struct Sheet {
    pub(crate) title: String,
    pub(crate) not_valid_because: Option<Vec<String>>,
    pub(crate) sentence: String,
    pub(crate) blocks: Vec<Block>,
}

impl Sheet {
    /// For a terminal; no line is longer than the style's width.
    pub(crate) fn text(&self, style: &TextStyle) -> String {
        let mut page = Page::new(style.width, style.color);
        if let Some(because) = &self.not_valid_because {
            page.prose(Paint::Bad, 0, &not_valid(because));
        }
        page.prose(Paint::Bold, 0, &plain(&self.sentence));
        for block in &self.blocks {
            match block {
                Block::Heading(heading) => page.heading(heading),
                Block::Prose(paint, sentence) => page.prose(*paint, 0, &plain(sentence)),
                Block::List(sentences) => {
                    sentences.iter().for_each(|s| page.prose(Paint::Plain, 2, &plain(s)));
                }
                Block::Table(table) => page.table(table),
            }
        }
        page.finish()
    }

    /// For a ticket.
    pub(crate) fn markdown(&self) -> String {
        let mut out = match &self.not_valid_because {
            Some(because) => {
                format!("# {} ({})\n\n", escaped(&not_valid(because)), escaped(&self.title))
            }
            None => format!("# {}\n\n", escaped(&self.title)),
        };
        out += &format!("**{}**\n\n", escaped(&self.sentence));
        for block in &self.blocks {
            match block {
                Block::Heading(heading) => out += &format!("## {heading}\n\n"),
                Block::Prose(_, sentence) => out += &format!("{}\n\n", escaped(sentence)),
                Block::List(sentences) => list(&mut out, sentences.iter().map(|s| escaped(s))),
                Block::Table(cells) => table(&mut out, cells),
            }
        }
        out
    }
}
