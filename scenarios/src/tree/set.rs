//! Provides `--set KEY=VALUE`: one value of the tree replaced or put in.

use super::{Node, Place, Table, Value, toml::parse_value};
use crate::problem::Problem;

/// No key of a scenario lies deeper.
const MAX_SEGMENTS: usize = 8;

/// Replaces one value. `KEY` is a dotted path, with a number for a place in a list (one past the last
/// puts a new entry in); `VALUE` is TOML, or else text. Whether the key exists is not judged here.
pub(crate) fn set(root: &mut Node, key_value: &str) -> Result<(), Problem> {
    let place = Place { origin: format!("--set {key_value}").into(), line: None };
    let Some((key, value)) = key_value.split_once('=') else {
        return Err(place.problem("write KEY=VALUE, such as load.duration=5s"));
    };
    let path: Vec<&str> = key.trim().split('.').collect();
    if path.iter().any(|segment| segment.is_empty()) || path.len() > MAX_SEGMENTS {
        return Err(place.problem(format!("\"{key}\" is not a dotted path to a key")));
    }
    let node = read_value(value, &place);
    put(root, &path, &path, node).map_err(|sentence| place.problem(sentence))
}

fn read_value(text: &str, place: &Place) -> Node {
    let bare = Some(text.trim().to_owned());
    match parse_value(text.trim(), place) {
        Some(node) if matches!(node.value, Value::Text(_)) => node,
        Some(node) => Node { bare, ..node },
        None => {
            let value = Value::Text(text.trim().to_owned());
            Node { value, place: place.clone(), bare: None }
        }
    }
}

/// Puts `node` at `rest` below `parent`; `whole` is the path from the root, for sentences.
fn put(parent: &mut Node, rest: &[&str], whole: &[&str], node: Node) -> Result<(), String> {
    let [segment, below @ ..] = rest else {
        *parent = node;
        return Ok(());
    };
    let walked = || whole[..whole.len() - rest.len()].join(".");
    let fresh = Node { value: empty_for(below), place: node.place.clone(), bare: None };
    let child = match &mut parent.value {
        Value::Table(table) => table.entry((*segment).to_owned()).or_insert(fresh),
        Value::List(list) => {
            let len = list.len();
            let Some(i) = segment.parse::<usize>().ok().filter(|i| *i <= len) else {
                return Err(format!(
                    "{} is a list of {len}; its entries are numbered from 0, and {len} adds one",
                    walked()
                ));
            };
            if i == len {
                list.push(fresh);
            }
            &mut list[i]
        }
        other => return Err(format!("{} is {}, nothing lies below it", walked(), other.kind())),
    };
    put(child, below, whole, node)
}

/// What a path that does not exist yet leads through.
fn empty_for(below: &[&str]) -> Value {
    match below.first() {
        Some(next) if next.bytes().all(|b| b.is_ascii_digit()) => Value::List(Vec::new()),
        _ => Value::Table(Table::new()),
    }
}
