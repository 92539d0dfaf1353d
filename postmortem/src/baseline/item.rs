//! Provides the judgement of one thing on two hosts.

use model::diagnosis::{Compared, Standing, Subject};

use super::Ages;

/// From this ratio on a thing differs. Chosen: two servers behind one balancer differ by less.
pub(super) const DIFFERS: f64 = 1.5;
/// From this ratio of ages on it matters which host is older.
const OLDER: f64 = 1.5;

/// One thing that is on both hosts.
pub(super) struct Item<'a> {
    pub(super) subject: Subject,
    pub(super) name: &'a str,
    pub(super) unit: &'a str,
    pub(super) here: f64,
    pub(super) peer: f64,
    /// The peer lists no such thing: `peer` is the most that it can be.
    pub(super) at_most: bool,
    /// What `here` is a part of.
    pub(super) whole: f64,
    /// The ages of both hosts, for what can grow with them.
    pub(super) ages: Ages,
    /// It grew steadily here between snapshots.
    pub(super) grows: bool,
}

impl Item<'_> {
    /// Judges it; the sentence is made from what was found.
    pub(super) fn judged(&self, sentence: impl FnOnce(&Compared) -> String) -> Compared {
        let ratio = (self.peer > 0.0).then(|| self.here / self.peer);
        let per_day = self.ages.here.zip(self.ages.peer).filter(|(a, b)| *a > 0.0 && *b > 0.0);
        let per_day = per_day.map(|(a, b)| (self.here / a, self.peer / b));
        let mut compared = Compared {
            subject: self.subject,
            name: self.name.to_owned(),
            unit: self.unit.to_owned(),
            here: Some(self.here),
            peer: Some(self.peer),
            peer_at_most: self.at_most,
            ratio,
            share: (self.whole > 0.0)
                .then(|| ((self.here - self.peer) / self.whole).clamp(0.0, 1.0)),
            here_per_day: per_day.map(|(here, _)| here),
            peer_per_day: per_day.map(|(_, peer)| peer),
            standing: self.standing(),
            sentence: String::new(),
        };
        compared.sentence = sentence(&compared);
        compared
    }

    fn standing(&self) -> Standing {
        let larger = self.here > 0.0 && self.here >= DIFFERS * self.peer;
        let older = self.ages.here.zip(self.ages.peer).filter(|(_, peer)| *peer > 0.0);
        match older.map(|(here, peer)| here / peer) {
            // As much per day as the peer, for longer.
            Some(older) if larger && older >= OLDER && self.here < DIFFERS * self.peer * older => {
                Standing::Older
            }
            _ if larger => Standing::Differs,
            // As large as there today, and not tomorrow.
            _ if self.grows && self.here * DIFFERS >= self.peer => Standing::Grows,
            _ => Standing::Alike,
        }
    }
}

/// `43 ×`, `1.6 ×`, or nothing where the other is zero.
pub(super) fn times(compared: &Compared) -> String {
    match compared.ratio {
        Some(ratio) if ratio >= 10.0 => format!(", {ratio:.0} \u{d7}"),
        Some(ratio) => format!(", {ratio:.1} \u{d7}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_explains_what_grows_in_step_with_it() {
        let both = |here, peer| Ages { here: Some(here), peer: Some(peer) };
        let none = Ages::default();
        for (here, peer, ages, grows, standing, why) in [
            (12.0, 0.3, none, false, Standing::Differs, "43 times as much"),
            (12.0, 11.0, none, false, Standing::Alike, "as much"),
            (1.0, 12.0, none, false, Standing::Alike, "less than the peer is no trouble"),
            (12.0, 0.0, none, false, Standing::Differs, "the peer has none"),
            (0.0, 0.0, none, false, Standing::Alike, "neither has any"),
            (30.0, 3.0, both(30.0, 3.0), false, Standing::Older, "ten times as much, as long"),
            (30.0, 3.0, both(3.0, 3.0), false, Standing::Differs, "as old"),
            (30.0, 3.0, both(3.0, 30.0), false, Standing::Differs, "younger, and yet larger"),
            (12.0, 12.0, both(4.0, 40.0), false, Standing::Alike, "it has long stopped growing"),
            (12.0, 12.0, both(4.0, 40.0), true, Standing::Grows, "as much, and it grows here"),
            (2.0, 12.0, none, true, Standing::Alike, "it grows, and is far from the peer's"),
            (30.0, 3.0, none, true, Standing::Differs, "larger, and it grows"),
        ] {
            let (subject, name, unit, whole) = (Subject::NonpagedTag, "T", "bytes", 100.0);
            let at_most = false;
            let item = Item { subject, name, unit, here, peer, at_most, whole, ages, grows };
            assert_eq!(item.judged(|_| String::new()).standing, standing, "{why}");
        }
    }
}
