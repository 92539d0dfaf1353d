//! Provides the tree of a JSON text. Raw values borrow from the text, which gives each its line.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Node, Place, Table, Value, lines::Lines};
use crate::problem::Problem;

/// A scenario is four levels deep; beyond this nothing is read, so that no text can exhaust the stack.
const MAX_DEPTH: usize = 16;

/// Reads a JSON text; on a syntax error, that error alone.
pub(crate) fn parse_json(text: &str, origin: &Arc<str>) -> Result<Node, Vec<Problem>> {
    let raw: &RawValue = serde_json::from_str(text).map_err(|e| {
        let place = Place { origin: origin.clone(), line: Some(e.line()) };
        vec![place.problem(format!("this is not JSON: {}", without_position(&e)))]
    })?;
    let lines = Lines::of(text);
    let mut source = Source { text, lines: &lines, origin, problems: Vec::new() };
    let root = source.node(raw, 0);
    if source.problems.is_empty() { Ok(root) } else { Err(source.problems) }
}

/// The message alone: the position that `serde_json` adds is that of the part, not of the text.
fn without_position(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.split(" at line ").next().unwrap_or(&message).to_owned()
}

struct Source<'a> {
    text: &'a str,
    lines: &'a Lines,
    origin: &'a Arc<str>,
    problems: Vec<Problem>,
}

impl Source<'_> {
    fn node(&mut self, raw: &RawValue, depth: usize) -> Node {
        let part = raw.get();
        let at = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let place = Place { origin: self.origin.clone(), line: Some(self.lines.line(at)) };
        let value = if depth > MAX_DEPTH {
            self.problems.push(place.problem("this is nested too deeply for a scenario"));
            Value::Other("too deep")
        } else {
            self.value(part, depth).unwrap_or_else(|e| {
                let sentence = format!("this is not JSON: {}", without_position(&e));
                self.problems.push(place.problem(sentence));
                Value::Other("not JSON")
            })
        };
        Node { value, place, bare: None }
    }

    fn value(&mut self, part: &str, depth: usize) -> serde_json::Result<Value> {
        Ok(match part.as_bytes().first() {
            Some(b'{') => {
                let mut table = Table::new();
                for (key, raw) in serde_json::from_str::<Members>(part)?.0 {
                    let node = self.node(raw, depth + 1);
                    if table.contains_key(&key) {
                        self.problems.push(node.place.problem(format!("\"{key}\" stands twice")));
                    }
                    table.insert(key, node);
                }
                Value::Table(table)
            }
            Some(b'[') => {
                let list: Vec<&RawValue> = serde_json::from_str(part)?;
                Value::List(list.into_iter().map(|raw| self.node(raw, depth + 1)).collect())
            }
            Some(b'"') => Value::Text(serde_json::from_str(part)?),
            Some(b't' | b'f') => Value::Bool(part == "true"),
            Some(b'n') => Value::Other("null"),
            _ => number(part),
        })
    }
}

/// A number that `serde_json` has found well-formed. Not read by it, since it may be wrong in the
/// last digit.
fn number(part: &str) -> Value {
    match part.parse::<i128>() {
        Ok(i) => Value::Integer(i),
        Err(_) => Value::Float(part.parse().unwrap_or(f64::NAN)),
    }
}

/// The members of an object in their order, doubles included.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
