//! Defines the walk over a scenario's tables that keeps going and gathers what is wrong.

use crate::nearest::nearest;
use crate::problem::Problem;
use crate::tree::{Node, Place, Table, Value};

/// A problem, and whether it is a key's absence (which a syntax error may only feign).
pub(super) struct Found {
    pub problem: Problem,
    pub missing: bool,
}

/// Gathers problems.
#[derive(Default)]
pub(super) struct Reader {
    found: Vec<Found>,
}

/// A table of the scenario under its dotted path; one that is absent has no members.
pub(super) struct Section<'n> {
    path: String,
    pub place: Place,
    pub table: Option<&'n Table>,
}

impl<'n> Section<'n> {
    pub fn root(node: &'n Node) -> Self {
        let table = if let Value::Table(table) = &node.value { Some(table) } else { None };
        Self { path: String::new(), place: node.place.clone(), table }
    }

    /// The node at `key`.
    pub fn get(&self, key: &str) -> Option<&'n Node> {
        self.table.and_then(|table| table.get(key))
    }

    /// The place of `key`, else of the table.
    pub fn place_of(&self, key: &str) -> &Place {
        self.get(key).map_or(&self.place, |node| &node.place)
    }

    /// The dotted path of `key`.
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl Reader {
    /// Keeps a problem.
    pub fn problem(&mut self, place: &Place, sentence: String) {
        self.found.push(Found { problem: place.problem(sentence), missing: false });
    }

    /// Keeps a problem with the value of `key`.
    pub fn wrong(&mut self, s: &Section, key: &str, sentence: &str) {
        self.problem(s.place_of(key), format!("{}: {sentence}", s.path_of(key)));
    }

    /// The value of `key`, read by `how`; `None` where it is absent or wrong.
    pub fn optional<T>(
        &mut self,
        s: &Section,
        key: &str,
        how: impl Fn(&Node) -> Result<T, String>,
    ) -> Option<T> {
        match how(s.get(key)?) {
            Ok(value) => Some(value),
            Err(sentence) => {
                self.wrong(s, key, &sentence);
                None
            }
        }
    }

    /// The value of `key`; its absence is a problem.
    pub fn required<T>(
        &mut self,
        s: &Section,
        key: &str,
        how: impl Fn(&Node) -> Result<T, String>,
    ) -> Option<T> {
        if s.get(key).is_none() {
            let problem = s.place.problem(format!("{} is missing", s.path_of(key)));
            self.found.push(Found { problem, missing: true });
        }
        self.optional(s, key, how)
    }

    /// The table at `key`, whose keys are all of `known`.
    pub fn section<'n>(&mut self, parent: &Section<'n>, key: &str, known: &[&str]) -> Section<'n> {
        let absent =
            Section { path: parent.path_of(key), place: parent.place_of(key).clone(), table: None };
        match parent.get(key) {
            Some(node) => self.table(node, absent.path, known),
            None => absent,
        }
    }

    /// The tables of the list at `key`.
    pub fn sections<'n>(
        &mut self,
        parent: &Section<'n>,
        key: &str,
        known: &[&str],
    ) -> Vec<Section<'n>> {
        match parent.get(key).map(|node| &node.value) {
            None => Vec::new(),
            Some(Value::List(list)) => {
                let named = list.iter().enumerate().map(|(i, node)| (node, format!("{key}.{i}")));
                named.map(|(node, key)| self.table(node, parent.path_of(&key), known)).collect()
            }
            Some(other) => {
                let header = parent.path_of(key);
                let kind = other.kind();
                self.wrong(parent, key, &format!("write it as [[{header}]], it is {kind} here"));
                Vec::new()
            }
        }
    }

    fn table<'n>(&mut self, node: &'n Node, path: String, known: &[&str]) -> Section<'n> {
        let section = Section { path, ..Section::root(node) };
        if section.table.is_none() {
            let sentence = format!("{} is a table, not {}", section.path, node.value.kind());
            self.problem(&node.place, sentence);
        }
        self.refuse_unknown(&section, known);
        section
    }

    /// Makes a problem of each key that is not one of `known`.
    pub fn refuse_unknown(&mut self, s: &Section, known: &[&str]) {
        for (key, node) in s.table.into_iter().flatten() {
            if known.contains(&key.as_str()) {
                continue;
            }
            let hint = match nearest(key, known) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("the keys here are {}", known.join(", ")),
            };
            self.problem(&node.place, format!("{} is not a key; {hint}", s.path_of(key)));
        }
    }

    /// All that was found.
    pub fn into_found(self) -> Vec<Found> {
        self.found
    }
}
