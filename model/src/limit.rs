//! Defines a limit together with where its value comes from.

use serde::{Deserialize, Serialize};

/// How a limit came to be known; the further down, the less it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Read from the host while it ran.
    Measured,
    /// Set by an operator and read back.
    Configured,
    /// Computed from a documented rule (OS version, RAM).
    Derived,
    /// Said by the user, checked by nobody.
    Declared,
}

impl Origin {
    /// The spelling used in `findings.json` and on screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Configured => "configured",
            Self::Derived => "derived",
            Self::Declared => "declared",
        }
    }
}

/// A limit and its origin. The unit is that of the resource it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// The level at which the resource is exhausted.
    pub value: u64,
    /// Where the value comes from.
    pub origin: Origin,
}
