//! Provides names told by their place: a log holds few, over and over.

/// Distinct names kept; the reasons of a real log are some forty.
pub(super) const NAMES_MAX: usize = 512;
/// What names beyond [`NAMES_MAX`] are called together.
const UNNAMED: &str = "(others)";

/// Names in order of their first appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    names: Vec<String>,
    /// The place of the last: most rows are like the one before.
    last: usize,
    overflowed: bool,
}

impl Names {
    /// The place of a name.
    #[inline]
    pub(super) fn place(&mut self, name: &str) -> u16 {
        if self.names.get(self.last).is_none_or(|last| last != name) {
            self.last = self.search(name);
        }
        // There are at most NAMES_MAX.
        self.last as u16
    }

    fn search(&mut self, name: &str) -> usize {
        if let Some(at) = self.names.iter().position(|known| known == name) {
            return at;
        }
        if self.names.len() < NAMES_MAX {
            self.names.push(name.to_owned());
        } else {
            self.names[NAMES_MAX - 1] = UNNAMED.to_owned();
            self.overflowed = true;
        }
        self.names.len() - 1
    }

    /// The name at a place; empty where there is none.
    pub(super) fn name(&self, place: u16) -> &str {
        self.names.get(usize::from(place)).map_or("", String::as_str)
    }

    /// All of them, by place.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether there were more than find room, so that some share one.
    pub(super) fn overflowed(&self) -> bool {
        self.overflowed
    }

    /// Forgets which was the last.
    pub(super) fn settle(&mut self) {
        self.last = 0;
    }
}
