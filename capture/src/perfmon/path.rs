//! Defines the parts of a counter's path.

use super::Counter;

/// One counter of a log: `\\HOST\Object(instance)\Counter`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The path as it stands.
    pub path: String,
    /// The host, where the path names it.
    pub host: Option<String>,
    /// The object, such as `Memory`.
    pub object: String,
    /// The instance, such as `w3wp#1`.
    pub instance: Option<String>,
    /// The counter's name as it stands.
    pub name: String,
    /// The counter, where its name is known.
    pub counter: Option<Counter>,
}

impl Column {
    /// Takes a path apart; one that is no path is kept as a name without object.
    pub(super) fn of(path: &str) -> Self {
        let (host, rest) = match path.strip_prefix("\\\\").and_then(|p| p.split_once('\\')) {
            Some((host, rest)) => (Some(host.to_owned()), rest),
            None => (None, path.trim_start_matches('\\')),
        };
        // An instance may hold backslashes, and a name brackets: `Auslagerungsseiten (Bytes)`.
        let at = rest.find(['(', '\\']).unwrap_or(0);
        let (object, behind) = rest.split_at(at);
        let (instance, name) = match behind.strip_prefix('(').and_then(|b| b.rsplit_once(")\\")) {
            Some((instance, name)) => (Some(instance.to_owned()), name),
            None => (None, behind.trim_start_matches('\\')),
        };
        Self {
            path: path.to_owned(),
            host,
            object: object.to_owned(),
            instance,
            name: name.to_owned(),
            counter: Counter::of(object, name),
        }
    }
}
