//! Provides synthetic hosts whose pool fills, with an end that is known.

use std::collections::BTreeMap;

use model::reading::{KernelMemory, PoolTag, PoolType, TcpCounts, TcpState};
use model::row::{Interval, Row, Sample};
use model::run::RunInfo;
use serde_json::json;

use crate::forecast::Outlook;
use crate::tests::kit::Story;

pub const MIB: f64 = 1024.0 * 1024.0;
/// Server 2003 with /3GB: 128 MiB less the gate of 20 MiB.
pub const REFUSES_AT: f64 = 108.0 * MIB;
/// What TIME_WAIT of the synthetic host holds each; the profile assumes 256.
pub const BYTES_PER_TIME_WAIT: f64 = 700.0;

/// Seeded noise (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// About normal, of this spread.
    pub fn noise(&mut self, spread: f64) -> f64 {
        let sum: f64 = (0..12).map(|_| self.unit()).sum();
        (sum - 6.0) * spread
    }
}

/// A host whose pool a driver eats.
#[derive(Clone)]
pub struct Leaking {
    /// Connections a second by the hour; one figure for a steady load.
    pub rates: Vec<f64>,
    pub hour_s: f64,
    pub time_wait_s: f64,
    pub bytes_per_connection: f64,
    pub bytes_per_second: f64,
    /// The driver takes so much at once.
    pub chunk: f64,
    /// The counter counts in these.
    pub quantum: f64,
    pub noise: f64,
    pub every_s: f64,
    /// Share of rounds that are lost.
    pub lost: f64,
    /// Whether run.json tells the plan, and whether poolmon is read.
    pub planned: bool,
    pub tags: bool,
    /// When the driver stops to leak.
    pub stops_s: f64,
    pub baseline: f64,
}

impl Leaking {
    pub fn steady(rate: f64, seconds_to_fill: f64, dice: &mut Dice) -> Self {
        // No more than fits a pool of 128 MiB.
        let most_s = 30.0 * MIB / (rate * BYTES_PER_TIME_WAIT);
        let time_wait_s = (dice.within(0.05, 0.5) * seconds_to_fill).min(most_s);
        let room = dice.within(2.0, 20.0) * MIB;
        let held = rate * time_wait_s * BYTES_PER_TIME_WAIT;
        let baseline = REFUSES_AT - room - held;
        Self {
            rates: vec![rate],
            hour_s: 3600.0,
            time_wait_s,
            bytes_per_connection: room / (rate * seconds_to_fill),
            bytes_per_second: 0.0,
            chunk: 1.0,
            quantum: 4096.0,
            noise: 0.0,
            every_s: seconds_to_fill / 200.0,
            lost: 0.0,
            planned: true,
            tags: true,
            stops_s: f64::INFINITY,
            baseline,
        }
    }

    /// What the leak fills.
    pub fn room(&self) -> f64 {
        REFUSES_AT - self.baseline - self.rates[0] * self.time_wait_s * BYTES_PER_TIME_WAIT
    }

    /// How long that takes at the mean load.
    pub fn fills_in_s(&self) -> f64 {
        self.room() / (self.bytes_per_connection * self.rates[0])
    }

    pub fn due(&self, t_s: f64) -> f64 {
        let t_s = t_s.max(0.0);
        let cycle_s = self.hour_s * self.rates.len() as f64;
        let cycles = (t_s / cycle_s).floor();
        let mut due = cycles * self.rates.iter().sum::<f64>() * self.hour_s;
        let mut rest_s = t_s - cycles * cycle_s;
        for rate in &self.rates {
            due += rate * rest_s.clamp(0.0, self.hour_s);
            rest_s -= self.hour_s;
        }
        due
    }

    fn time_wait(&self, t_s: f64) -> f64 {
        self.due(t_s) - self.due(t_s - self.time_wait_s)
    }

    fn leaked(&self, t_s: f64) -> f64 {
        let t_s = t_s.min(self.stops_s);
        let leaked =
            self.bytes_per_connection * self.due(t_s) + self.bytes_per_second * t_s.max(0.0);
        (leaked / self.chunk).floor() * self.chunk
    }

    fn used(&self, t_s: f64) -> f64 {
        self.baseline + self.leaked(t_s) + self.time_wait(t_s) * BYTES_PER_TIME_WAIT
    }

    /// When the gate is reached, by small steps.
    pub fn end_s(&self, about_s: f64) -> f64 {
        let reached = |t_s: &f64| self.used(*t_s) >= REFUSES_AT;
        let first = |from_s: f64, step_s: f64| {
            (0..).map(|n| from_s + f64::from(n) * step_s).find(reached).unwrap()
        };
        let coarse_s = about_s / 500.0;
        first(first(0.0, coarse_s) - coarse_s, coarse_s / 100.0)
    }

    pub fn run(&self) -> RunInfo {
        let mut run = Story::new(1e6).run;
        // The profile's TIME_WAIT of 240 s is played as long as this host's.
        run.target.time_scale = 240.0 / self.time_wait_s;
        run.sample_every_s = self.every_s;
        if self.planned {
            run.scenario = json!({ "load": { "arrival": {
                "kind": "hourly", "per_second": self.rates, "hour": format!("{}s", self.hour_s)
            }}});
        }
        run
    }

    pub fn outlook(&self, until_s: f64, dice: &mut Dice) -> Outlook {
        let mut outlook = Outlook::new(&self.run());
        let mut sampled_s = -4.0 * self.every_s;
        let mut t_s = 0.0;
        while t_s < until_s {
            let seconds = self.every_s.min(until_s - t_s);
            let begun = self.due(t_s + seconds).floor() - self.due(t_s).floor();
            let interval = Interval { t_s, seconds, begun: begun as u64, ..Interval::default() };
            outlook.push(&Row::Interval(interval));
            t_s += self.every_s;
        }
        while sampled_s <= until_s {
            if dice.unit() >= self.lost {
                outlook.push(&Row::Sample(self.sample(sampled_s, dice)));
            }
            sampled_s += self.every_s * dice.within(0.95, 1.05);
        }
        outlook
    }

    pub fn sample(&self, t_s: f64, dice: &mut Dice) -> Sample {
        let noise = dice.noise(self.noise);
        let counted = ((self.used(t_s) + noise) / self.quantum).round() * self.quantum;
        let time_wait = self.time_wait(t_s);
        let tag = |tag: &str, bytes: f64| PoolTag {
            tag: tag.into(),
            pool: PoolType::Nonpaged,
            allocs: 10,
            frees: 1,
            bytes: bytes as u64,
        };
        let tags = || {
            vec![
                tag("File", self.baseline + noise),
                tag("ISil", self.leaked(t_s)),
                tag("TCPT", time_wait * BYTES_PER_TIME_WAIT),
            ]
        };
        Sample {
            t_s,
            vantage: "target".into(),
            memory: Some(KernelMemory {
                nonpaged_used_bytes: Some(counted as u64),
                ..KernelMemory::default()
            }),
            tcp: Some(TcpCounts {
                by_state: BTreeMap::from([(TcpState::TimeWait, time_wait as u64)]),
                time_wait_accepted: time_wait as u64,
                ..TcpCounts::default()
            }),
            pool_tags: self.tags.then(tags),
            ..Sample::default()
        }
    }
}

pub const SEEDS: u64 = 40;

/// The load of a day: low at night, twice as high at noon.
pub fn day(rate: f64, swing: f64) -> Vec<f64> {
    (0..24)
        .map(|hour| rate * (1.0 - swing * (f64::from(hour) / 24.0 * std::f64::consts::TAU).cos()))
        .collect()
}
