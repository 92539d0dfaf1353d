//! Defines the way between the hosts: what goes wrong on it, and when.

use scenarios::{NetworkFault, NetworkFaultKind, strikes};

/// The way.
#[derive(Clone, Debug)]
pub struct Path {
    faults: Vec<NetworkFault>,
}

impl Path {
    /// With these faults.
    pub fn new(faults: &[NetworkFault]) -> Self {
        Self { faults: faults.to_vec() }
    }

    fn now(&self, kind: NetworkFaultKind, now_s: f64) -> impl Iterator<Item = &NetworkFault> {
        let holds =
            move |f: &&NetworkFault| f.kind == kind && (f.at_s..f.at_s + f.for_s).contains(&now_s);
        self.faults.iter().filter(holds)
    }

    /// The probability that a packet and the answer to it do not both arrive.
    pub fn exchange_loss(&self, now_s: f64) -> f64 {
        if self.now(NetworkFaultKind::Cut, now_s).next().is_some() {
            return 1.0;
        }
        let passes = self.now(NetworkFaultKind::Loss, now_s).map(|f| (1.0 - f.share).powi(2));
        1.0 - passes.product::<f64>()
    }

    /// How many of the attempts `first_k`, `first_k + stride` … are refused on the way.
    pub fn refused(&self, now_s: f64, ks: Ks) -> u64 {
        self.struck(NetworkFaultKind::MiddleboxRefuse, now_s, ks)
    }

    /// How many of them are reset on the way.
    pub fn reset(&self, now_s: f64, ks: Ks) -> u64 {
        self.struck(NetworkFaultKind::MiddleboxReset, now_s, ks)
    }

    fn struck(&self, kind: NetworkFaultKind, now_s: f64, ks: Ks) -> u64 {
        let Some(fault) = self.now(kind, now_s).next() else { return 0 };
        ks.struck(fault.share)
    }

    /// When something begins or ends.
    pub fn edges_s(&self) -> impl Iterator<Item = f64> {
        self.faults.iter().flat_map(|f| [f.at_s, f.at_s + f.for_s])
    }
}

/// Numbers of attempts: the first, the distance to the next, how many.
#[derive(Clone, Copy, Debug)]
pub struct Ks {
    /// The first.
    pub first: u64,
    /// From one to the next.
    pub stride: u64,
    /// How many.
    pub n: u64,
}

impl Ks {
    /// How many of them are struck by what strikes this share of all.
    pub fn struck(self, share: f64) -> u64 {
        (0..self.n).filter(|i| strikes(share, self.first + i * self.stride)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(kind: NetworkFaultKind, share: f64) -> NetworkFault {
        NetworkFault { kind, at_s: 2.0, for_s: 3.0, share }
    }

    #[test]
    fn the_way_is_bad_only_while_it_is_planned() {
        use NetworkFaultKind::{Cut, Loss, MiddleboxRefuse, MiddleboxReset};
        let ks = Ks { first: 0, stride: 1, n: 1000 };
        for (kind, share, loss, refused, reset) in [
            (Cut, 1.0, 1.0, 0, 0),
            (Loss, 0.3, 1.0 - 0.49, 0, 0),
            (MiddleboxRefuse, 0.4, 0.0, 400, 0),
            (MiddleboxReset, 0.25, 0.0, 0, 250),
        ] {
            let path = Path::new(&[fault(kind, share)]);
            for (now_s, is_bad) in [(1.9, false), (2.0, true), (4.9, true), (5.0, false)] {
                let factor = u64::from(is_bad);
                let found = path.exchange_loss(now_s);
                assert!((found - loss * factor as f64).abs() < 1e-12, "{kind:?} at {now_s}");
                let struck = (path.refused(now_s, ks), path.reset(now_s, ks));
                assert_eq!(struck, (refused * factor, reset * factor), "{kind:?} at {now_s}");
            }
        }
    }
}
