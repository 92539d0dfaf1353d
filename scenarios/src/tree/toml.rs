//! Provides the tree of a TOML text, as much of it as can be made out, and its syntax errors.

use std::ops::RangeInclusive;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{Node, Place, Table, Value, lines::Lines};
use crate::problem::Problem;

/// What a TOML text holds.
pub(crate) struct Parsed {
    pub root: Node,
    /// Syntax errors, one a line.
    pub errors: Vec<Problem>,
    /// Lines whose meaning a syntax error hides: what else seems wrong there may not be.
    pub hidden: Vec<RangeInclusive<usize>>,
}

/// Reads a TOML text.
pub(crate) fn parse_toml(text: &str, origin: &Arc<str>) -> Parsed {
    let lines = Lines::of(text);
    let (table, found) = DeTable::parse_recoverable(text);
    let mut errors: Vec<Problem> = Vec::new();
    let mut hidden = Vec::new();
    for error in &found {
        let line = lines.line(error.span().map_or(0, |span| span.start));
        if errors.iter().any(|e| e.line == Some(line)) {
            continue;
        }
        let place = Place { origin: origin.clone(), line: Some(line) };
        errors.push(place.problem(format!("this is not TOML: {}", error.message())));
        hidden.push(line..=last_hidden(text, line));
    }
    let source = Source { lines: &lines, origin };
    let root_place = Place { origin: origin.clone(), line: Some(1) };
    let root = Node { value: source.table(table.get_ref()), place: root_place, bare: None };
    Parsed { root, errors, hidden }
}

/// Reads a lone value, as on a command line; `None` where it is not TOML.
pub(super) fn parse_value(text: &str, place: &Place) -> Option<Node> {
    let value = DeValue::parse(text).ok()?;
    let lines = Lines::of("");
    let source = Source { lines: &lines, origin: &place.origin };
    let mut node = source.node(value.get_ref(), 0);
    node.forget_lines();
    Some(node)
}

/// The last line hidden by an error in `line`: a broken `[header]` hides what stands under it.
fn last_hidden(text: &str, line: usize) -> usize {
    let is_header = |l: &str| l.trim_start().starts_with('[');
    let mut rest = text.lines().skip(line - 1);
    if rest.next().is_some_and(is_header) {
        line + rest.take_while(|l| !is_header(l)).count()
    } else {
        line
    }
}

struct Source<'a> {
    lines: &'a Lines,
    origin: &'a Arc<str>,
}

impl Source<'_> {
    fn table(&self, table: &DeTable<'_>) -> Value {
        let members = table.iter().map(|(key, value)| {
            // A member stands where its key does; a recovered value may have no place of its own.
            (key.get_ref().to_string(), self.node(value.get_ref(), key.span().start))
        });
        Value::Table(members.collect::<Table>())
    }

    fn node(&self, value: &DeValue<'_>, at: usize) -> Node {
        let value = match value {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(i) => match i128::from_str_radix(i.as_str(), i.radix()) {
                Ok(i) => Value::Integer(i),
                Err(_) => Value::Float(f64::INFINITY),
            },
            DeValue::Float(f) => Value::Float(f.as_str().parse().unwrap_or(f64::NAN)),
            DeValue::Boolean(b) => Value::Bool(*b),
            DeValue::Datetime(_) => Value::Other("a date"),
            DeValue::Array(list) => {
                let members = list.iter().map(|v| self.node(v.get_ref(), v.span().start));
                Value::List(members.collect())
            }
            DeValue::Table(table) => self.table(table),
        };
        let place = Place { origin: self.origin.clone(), line: Some(self.lines.line(at)) };
        Node { value, place, bare: None }
    }
}

impl Node {
    fn forget_lines(&mut self) {
        self.place.line = None;
        match &mut self.value {
            Value::List(list) => list.iter_mut().for_each(Self::forget_lines),
            Value::Table(table) => table.values_mut().for_each(Self::forget_lines),
            _ => {}
        }
    }
}
