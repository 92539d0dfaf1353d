//! Provides the shape of PowerShell's `Format-List`: `Label : value` lines, wrapped values indented
//! below, one block per object.

/// More labels than any object has: one with more is read as several.
const LABELS_MAX: usize = 128;

/// One object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Labels with the lines of their values, trimmed.
    pub fields: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Block<'a> {
    /// The first line of the first of these labels that is there and not blank.
    pub fn value(&self, labels: &[&str]) -> Option<&'a str> {
        let is_named = |label: &str| labels.iter().any(|l| l.eq_ignore_ascii_case(label));
        let lines = &self.fields.iter().find(|(label, _)| is_named(label))?.1;
        lines.first().copied().filter(|value| !value.is_empty())
    }

    fn lacks(&self, label: &str) -> bool {
        self.fields.len() < LABELS_MAX && self.fields.iter().all(|(seen, _)| *seen != label)
    }

    /// All lines of a label's value.
    pub fn lines(&self, label: &str) -> &[&'a str] {
        let field = self.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(label));
        field.map(|(_, lines)| lines.as_slice()).unwrap_or_default()
    }
}

/// Reads the blocks. A block ends where one of its labels comes again: a value may hold blank lines.
pub(crate) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut indent = None;
    for (at, line) in text.lines().enumerate() {
        let labelled = label(line).filter(|(found, ..)| *found == *indent.get_or_insert(*found));
        match (labelled, blocks.last_mut()) {
            (Some((_, label, value)), last) => match last {
                Some(block) if block.lacks(label) => {
                    block.fields.push((label, vec![value]));
                }
                _ => blocks.push(Block { line: at + 1, fields: vec![(label, vec![value])] }),
            },
            (None, Some(block)) if !line.trim().is_empty() => {
                if let Some((_, value)) = block.fields.last_mut() {
                    value.push(line.trim());
                }
            }
            _ => {}
        }
    }
    blocks
}

/// The indent, label and value of a line: `TimeCreated  : 6/10/2021`. A label is one word.
fn label(line: &str) -> Option<(usize, &str, &str)> {
    let (label, value) = line.split_once(':')?;
    let indent = label.len() - label.trim_start().len();
    let label = label.trim();
    let is_word = !label.is_empty() && label.chars().all(char::is_alphanumeric);
    (is_word && (value.is_empty() || value.starts_with(' '))).then_some((
        indent,
        label,
        value.trim(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_end_where_a_label_comes_again() {
        let text = "

Id      : 7045
Message : A service was installed.

          Service Name:  agent
          wrapped:

Id      : 6005
Message :
";
        let blocks = blocks(text);
        assert_eq!(blocks.iter().map(|b| b.line).collect::<Vec<_>>(), [3, 9]);
        assert_eq!(
            blocks[0].lines("Message"),
            ["A service was installed.", "Service Name:  agent", "wrapped:"],
            "a label of another indent is text"
        );
        assert_eq!(blocks[0].value(&["EventID", "id"]), Some("7045"));
        assert_eq!(blocks[1].value(&["Message"]), None, "blank");
        assert_eq!(blocks[1].lines("Level"), [""; 0]);
    }
}
