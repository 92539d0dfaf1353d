//! Provides the text of a scenario: TOML in which each value says where it comes from.

/// Columns that comments are wrapped at.
const COLUMNS: usize = 98;

/// A scenario that is being written.
#[derive(Debug, Default)]
pub(super) struct Draft {
    text: String,
}

impl Draft {
    /// A paragraph about what follows.
    pub(super) fn comment(&mut self, sentence: &str) {
        let mut line = String::from("#");
        for word in sentence.split_whitespace() {
            if line.len() > 1 && line.chars().count() + 1 + word.chars().count() > COLUMNS {
                self.line(&line);
                line = String::from("#");
            }
            line.push(' ');
            line.extend(word.chars().filter(|c| !c.is_control()));
        }
        self.line(&line);
    }

    /// A table: `[target]`, `[[target.leak]]`.
    pub(super) fn table(&mut self, header: &str) {
        self.line("");
        self.line(header);
    }

    /// A key with its value as TOML has it, below the reason for it.
    pub(super) fn set(&mut self, key: &str, value: impl AsRef<str>, because: &str) {
        if !because.is_empty() {
            self.comment(because);
        }
        self.line(&format!("{key} = {}", value.as_ref()));
    }

    /// Everything of another draft.
    pub(super) fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// The whole text.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// A string as TOML has it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

/// A number with as many digits as mean something.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 || value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.4}"),
    }
}

/// A time in seconds as precise as it means something.
pub(super) fn tenths(seconds: f64) -> f64 {
    (seconds * 10.0).round() / 10.0
}

/// A duration as scenarios have it.
pub(super) fn seconds(value_s: f64) -> String {
    quoted(&format!("{}ms", (value_s * 1000.0).round())).replace("000ms\"", "s\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_stands_below_its_reason() {
        let mut draft = Draft::default();
        draft.comment("What\nis found.");
        draft.table("[target]");
        draft.set("tag", quoted("a\"\\b"), "measured: it grew");
        draft.set("seed", "1", "");
        assert_eq!(
            draft.finish(),
            "# What is found.\n\n[target]\n# measured: it grew\ntag = \"a\\\"\\\\b\"\nseed = 1\n"
        );
    }

    #[test]
    fn long_reasons_are_wrapped_and_numbers_are_plain() {
        let mut draft = Draft::default();
        draft.comment(&"word ".repeat(40));
        let text = draft.finish();
        assert!(
            text.lines().count() > 1
                && text.lines().all(|l| l.len() <= COLUMNS && l.starts_with("# "))
        );
        for (value, wanted) in [(900.0, "900"), (453.25, "453"), (1.84, "1.8"), (0.064, "0.0640")] {
            assert_eq!(number(value), wanted);
        }
        for (value_s, wanted) in
            [(4.0, "\"4s\""), (0.25, "\"250ms\""), (7.5, "\"7500ms\""), (0.0, "\"0ms\"")]
        {
            assert_eq!(seconds(value_s), wanted);
        }
    }
}
