//! Provides how long TIME_WAIT was seen to last, and where it levelled off.
//!
//! Of `C(t)` connections that a host has closed first, `N(t)` stand in TIME_WAIT: the rest has expired,
//! the last of them at `t − T`. So `C(t − T) = C(t) − N(t)`, whatever the load did meanwhile.

use super::Outlook;
use super::churn::settled_s;
use super::load::Load;
use super::theil_sen::median;

/// How long TIME_WAIT lasted, run time in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeWaitSeen {
    /// So long: the median over the readings that show expired entries.
    Lasted(f64),
    /// No entry was seen to expire: at least so long.
    AtLeast(f64),
}

/// An entry has expired when the share of them that has is at least this. Chosen: less is told apart
/// neither from a reading that is a little late nor from one that missed some.
const EXPIRED: f64 = 0.05;

/// Fewer entries than these tell nothing.
const LEAST_ENTRIES: f64 = 20.0;

impl Outlook {
    /// How long TIME_WAIT of a vantage lasted; `None` where it closed next to nothing first, or its
    /// sockets were not read.
    pub fn time_wait_seen(&self, vantage: &str) -> Option<TimeWaitSeen> {
        let load = Load::of(&self.ticks)?;
        let mut lasted = Vec::new();
        let mut longest = None::<f64>;
        let rounds = self.rounds.get(vantage)?.all().iter();
        for (t_s, standing) in rounds.filter_map(|r| Some((r.t_s, r.time_wait?))) {
            let closed = load.closed_by(vantage, t_s);
            if closed < LEAST_ENTRIES {
                continue;
            }
            let expired = closed - standing;
            if expired >= EXPIRED * closed && expired > 0.0 {
                // Once all are gone, the last may have gone long ago.
                if standing > 0.0 {
                    lasted.push(t_s - load.when_closed(vantage, expired));
                }
            } else if lasted.is_empty() {
                let age_s = t_s - load.began_s();
                longest = Some(longest.map_or(age_s, |l| l.max(age_s)));
            }
        }
        if lasted.len() >= 3 {
            return Some(TimeWaitSeen::Lasted(median(&mut lasted)));
        }
        longest.map(TimeWaitSeen::AtLeast)
    }

    /// Where TIME_WAIT of a vantage stayed once it had levelled off: the median from then to the end of
    /// the load. `None` where the load was shorter than that takes.
    pub fn time_wait_plateau(&self, vantage: &str) -> Option<f64> {
        let load = Load::of(&self.ticks)?;
        let seen_s = match self.time_wait_seen(vantage) {
            Some(TimeWaitSeen::Lasted(seconds)) => load.began_s() + seconds * 1.05,
            Some(TimeWaitSeen::AtLeast(_)) => return None,
            // Nobody counted who closed first: the length is then what the host is said to have.
            None => settled_s(&self.run, vantage, &load),
        };
        let rounds = self.rounds(vantage, Some(&load)).filter(|r| r.t_s >= seen_s);
        let mut levels: Vec<f64> = rounds.filter_map(|r| r.time_wait).collect();
        (levels.len() >= 3).then(|| median(&mut levels))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use model::reading::{TcpCounts, TcpState};
    use model::row::{Closers, Interval, Row, Sample};

    use super::*;
    use crate::tests::kit::Story;

    /// A target that closes first at a rate that swings, with TIME_WAIT of this length.
    fn outlook(length_s: f64, until_s: f64, swing: f64) -> Outlook {
        let mut outlook = Outlook::new(&Story::new(1e4).run);
        let closed = |t_s: f64| {
            let t_s = t_s.max(0.0);
            100.0 * t_s + swing * 100.0 * (1.0 - (t_s / 5.0).cos())
        };
        for n in 0..(until_s * 4.0) as u32 {
            let t_s = f64::from(n) * 0.25;
            let target = (closed(t_s + 0.25).floor() - closed(t_s).floor()) as u64;
            let closers = Closers { target, generator: 0 };
            let tick =
                Interval { t_s, seconds: 0.25, begun: target, closers, ..Interval::default() };
            outlook.push(&Row::Interval(tick));
            let standing = (closed(t_s) - closed(t_s - length_s)).floor() as u64;
            let by_state = BTreeMap::from([(TcpState::TimeWait, standing)]);
            let tcp = TcpCounts { by_state, time_wait_accepted: standing, ..TcpCounts::default() };
            let vantage = "target".into();
            outlook.push(&Row::Sample(Sample {
                t_s,
                vantage,
                tcp: Some(tcp),
                ..Sample::default()
            }));
        }
        outlook
    }

    #[test]
    fn time_wait_is_measured_from_what_was_closed_and_what_stands() {
        for (length_s, until_s, swing, why) in [
            (4.0, 12.0, 0.0, "a steady load"),
            (20.0, 60.0, 3.0, "a load that swings"),
            (30.0, 45.0, 0.0, "shortly after the first entries expired"),
        ] {
            let outlook = outlook(length_s, until_s, swing);
            let seen = outlook.time_wait_seen("target");
            let Some(TimeWaitSeen::Lasted(seconds)) = seen else { panic!("{why}: {seen:?}") };
            assert!((seconds / length_s - 1.0).abs() < 0.05, "{why}: {seconds}");
        }
        assert_eq!(
            outlook(60.0, 20.0, 0.0).time_wait_seen("target"),
            Some(TimeWaitSeen::AtLeast(19.75))
        );
        assert_eq!(outlook(60.0, 20.0, 0.0).time_wait_seen("generator"), None, "it closed nothing");
    }

    #[test]
    fn a_plateau_is_rate_times_length() {
        assert_eq!(outlook(4.0, 12.0, 0.0).time_wait_plateau("target"), Some(400.0));
        assert_eq!(outlook(60.0, 20.0, 0.0).time_wait_plateau("target"), None, "still growing");
    }
}
