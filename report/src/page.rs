//! Provides a page of a given width: wrapped sentences, and tables that fall back to a sentence a row
//! where the page is too narrow. Colour is laid over whole lines, after their width was counted.

use crate::cells::Table;

/// The narrowest page; a width below is taken as this one.
pub(crate) const MIN_WIDTH: usize = 20;

/// Sentences are wrapped here even on a wider page: longer lines are hard to read.
const PROSE_WIDTH: usize = 100;

/// How a line is painted where colour is allowed.
#[derive(Clone, Copy)]
pub(crate) enum Paint {
    Plain,
    Bold,
    Dim,
    Good,
    Warn,
    Bad,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "\x1b[1m",
            Self::Dim => "\x1b[2m",
            Self::Good => "\x1b[32m",
            Self::Warn => "\x1b[33m",
            Self::Bad => "\x1b[1;31m",
        }
    }
}

/// A page being written.
pub(crate) struct Page {
    width: usize,
    color: bool,
    out: String,
}

impl Page {
    pub(crate) fn new(width: usize, color: bool) -> Self {
        Self { width: width.max(MIN_WIDTH), color, out: String::new() }
    }

    pub(crate) fn width(&self) -> usize {
        self.width
    }

    /// A line as it is.
    pub(crate) fn line(&mut self, paint: Paint, line: &str) {
        let line = line.trim_end();
        match paint.code() {
            code if self.color && !code.is_empty() && !line.is_empty() => {
                self.out.push_str(&format!("{code}{line}\x1b[0m\n"));
            }
            _ => self.out.push_str(&format!("{line}\n")),
        }
    }

    /// An empty line and a heading.
    pub(crate) fn heading(&mut self, heading: &str) {
        self.line(Paint::Plain, "");
        self.prose(Paint::Bold, 0, heading);
    }

    /// A sentence from column `indent` on; what does not fit goes on two columns further in.
    pub(crate) fn prose(&mut self, paint: Paint, indent: usize, sentence: &str) {
        let hang = if indent == 0 { 0 } else { indent + 2 };
        for (nth, line) in
            wrap(sentence, self.width.min(PROSE_WIDTH), indent, hang).iter().enumerate()
        {
            let margin = if nth == 0 { indent } else { hang };
            self.line(paint, &format!("{:margin$}{line}", ""));
        }
    }

    /// A table, indented by two; a sentence a row where it is wider than the page.
    pub(crate) fn table(&mut self, table: &Table) {
        let widths: Vec<usize> =
            (0..table.columns.len()).map(|nth| column_width(table, nth)).collect();
        let total = widths.iter().map(|width| width + 2).sum::<usize>();
        if total > self.width {
            return self.stacked(table);
        }
        let headings: Vec<_> = table.columns.iter().map(|c| c.heading.to_owned()).collect();
        self.row(Paint::Dim, table, &widths, &headings);
        for row in &table.rows {
            self.row(Paint::Plain, table, &widths, row);
        }
    }

    fn row(&mut self, paint: Paint, table: &Table, widths: &[usize], cells: &[String]) {
        let mut line = String::new();
        for ((column, cell), width) in table.columns.iter().zip(cells).zip(widths) {
            line.push_str(&match column.right {
                true => format!("  {cell:>width$}"),
                false => format!("  {cell:<width$}"),
            });
        }
        self.line(paint, &line);
    }

    fn stacked(&mut self, table: &Table) {
        for row in &table.rows {
            let mut cells = table.columns.iter().zip(row);
            let lead = cells.next().map_or("", |(_, cell)| cell.as_str());
            let rest: Vec<_> = cells.map(|(c, cell)| format!("{} {cell}", c.heading)).collect();
            self.prose(Paint::Plain, 2, &format!("{lead}: {}", rest.join(", ")));
        }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }
}

fn column_width(table: &Table, nth: usize) -> usize {
    let cells = table.rows.iter().map(|row| row[nth].chars().count());
    cells.chain([table.columns[nth].heading.chars().count()]).max().unwrap_or(0)
}

/// Breaks a text into lines of at most `width` less their margin; a word longer than a line is cut.
fn wrap(text: &str, width: usize, first_margin: usize, hang: usize) -> Vec<String> {
    let room = |lines: &[String]| width - if lines.len() <= 1 { first_margin } else { hang };
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut rest: Vec<char> = word.chars().collect();
        while !rest.is_empty() {
            let limit = room(&lines);
            let used = lines.last().map_or(0, |line| line.chars().count());
            let space = usize::from(used > 0);
            let fits = used + space + rest.len() <= limit;
            // Cut only what would not fit a line of its own either.
            if fits || used == 0 {
                let take = rest.len().min(limit);
                if let Some(line) = lines.last_mut() {
                    line.extend(std::iter::repeat_n(' ', space).chain(rest.drain(..take)));
                }
            } else {
                lines.push(String::new());
            }
        }
    }
    lines
}
