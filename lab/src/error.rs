//! Defines why the lab could not do something: a sentence that says what to do.

use std::fmt::Display;

/// A sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LabError(pub String);

impl LabError {
    /// `what` failed because of `why`.
    pub(crate) fn because(what: impl Display, why: impl Display) -> Self {
        Self(format!("{what}: {why}"))
    }
}
