//! Defines a farm: several targets behind a balancer, several generators.

/// How many hosts there are of each kind. Each target is the scenario's, each generator too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farm {
    /// For each target how many connections it is given in turn; as many targets as entries.
    pub weights: Vec<u32>,
    /// Hosts that make the load together.
    pub generators: u32,
    /// Addresses of each.
    pub source_addresses: u32,
}

impl Default for Farm {
    fn default() -> Self {
        Self { weights: vec![1], generators: 1, source_addresses: 1 }
    }
}

impl Farm {
    /// Targets.
    pub fn targets(&self) -> usize {
        self.weights.len()
    }

    /// True for one target and one generator with one address, which is no farm.
    pub fn is_one(&self) -> bool {
        *self == Self::default()
    }
}
