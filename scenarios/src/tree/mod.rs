//! Defines a scenario's text as a tree of values, each with the place it stands at; TOML, JSON and
//! `--set` all make the same tree.

mod json;
mod lines;
mod set;
mod toml;

use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) use json::parse_json;
pub(crate) use set::set;
pub(crate) use toml::parse_toml;

use crate::problem::Problem;

/// Values by key.
pub(crate) type Table = BTreeMap<String, Node>;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What stands there.
    pub value: Value,
    /// Where.
    pub place: Place,
    /// The characters of a bare word from `--set`, where no one can tell text from a number.
    pub bare: Option<String>,
}

/// What can stand in a scenario.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    Integer(i128),
    Float(f64),
    Bool(bool),
    /// Something that no key takes, by its name: a date, `null`.
    Other(&'static str),
    List(Vec<Node>),
    Table(Table),
}

impl Value {
    /// What it is, for sentences.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Bool(_) => "true or false",
            Self::Other(name) => name,
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file, or `--set KEY=VALUE`.
    pub origin: Arc<str>,
    /// The line, counted from 1.
    pub line: Option<usize>,
}

impl Place {
    pub fn problem(&self, sentence: impl Into<String>) -> Problem {
        Problem { origin: self.origin.to_string(), line: self.line, sentence: sentence.into() }
    }
}
