//! A leak's end is told from its first quarter.

use model::findings::Forecast;

use super::kit::{BYTES_PER_TIME_WAIT, Dice, Leaking, REFUSES_AT, SEEDS, day};
use crate::forecast::theil_sen::median;

/// How a family of leaks was forecast from their first quarter.
#[derive(Default)]
struct Score {
    runs: u32,
    silent: u32,
    held: u32,
    off: Vec<f64>,
    width: Vec<f64>,
}

impl Score {
    fn add(&mut self, forecast: Option<Forecast>, end_s: f64) {
        self.runs += 1;
        let Some(f) = forecast else {
            self.silent += 1;
            return;
        };
        self.held += u32::from(f.low_s <= end_s && end_s <= f.high_s);
        self.off.push((f.runs_out_at_s / end_s - 1.0).abs());
        self.width.push((f.high_s - f.low_s) / end_s);
    }

    fn join(&mut self, other: Self) {
        self.runs += other.runs;
        self.silent += other.silent;
        self.held += other.held;
        self.off.extend(other.off);
        self.width.extend(other.width);
    }

    fn median_off(&mut self) -> f64 {
        median(&mut self.off)
    }
}

type Shape = fn(Leaking, &mut Dice) -> Leaking;

const FAMILIES: [(&str, Shape); 9] = [
    ("a clean leak", |l, _| l),
    ("noise of a hundredth of the room", |l, dice| Leaking {
        noise: l.room() * dice.within(0.001, 0.01),
        ..l
    }),
    ("a counter in 64 KiB", |l, _| Leaking { quantum: 65_536.0, ..l }),
    ("a driver that takes large pieces", |l, dice| Leaking {
        chunk: l.room() / dice.within(64.0, 200.0),
        ..l
    }),
    ("a third of the rounds lost", |l, _| Leaking { lost: 0.33, ..l }),
    ("by the second", |l, _| Leaking {
        bytes_per_second: l.bytes_per_connection * l.rates[0],
        bytes_per_connection: 0.0,
        ..l
    }),
    ("the load follows the hour, as planned", |l, dice| {
        let hour_s = l.fills_in_s() / dice.within(2.0, 8.0) / 24.0;
        let time_wait_s = l.time_wait_s.min(hour_s);
        Leaking { rates: day(l.rates[0], dice.within(0.3, 0.7)), hour_s, time_wait_s, ..l }
    }),
    ("the load follows the hour, and nobody knows the plan", |l, dice| {
        // The first quarter holds a day at least: half a day tells nothing of the other half.
        let hour_s = l.fills_in_s() / dice.within(4.0, 12.0) / 24.0;
        // What TIME_WAIT alone will hold at a noon not yet seen cannot be known either: it is small.
        let rates = day(l.rates[0], dice.within(0.3, 0.7));
        let few_s = 0.05 * l.room() / (l.rates[0] * BYTES_PER_TIME_WAIT);
        let time_wait_s = l.time_wait_s.min(hour_s).min(few_s);
        let baseline = REFUSES_AT - l.room();
        Leaking { rates, hour_s, time_wait_s, planned: false, baseline, ..l }
    }),
    ("by the second under a load that follows the hour", |l, dice| {
        let hour_s = l.fills_in_s() / dice.within(2.0, 8.0) / 24.0;
        Leaking {
            bytes_per_second: l.bytes_per_connection * l.rates[0],
            bytes_per_connection: 0.0,
            time_wait_s: l.time_wait_s.min(hour_s),
            rates: day(l.rates[0], 0.5),
            hour_s,
            ..l
        }
    }),
];

#[test]
fn the_first_quarter_of_a_leak_tells_its_end() {
    let mut all = Score::default();
    for (name, shape) in FAMILIES {
        let mut score = Score::default();
        for seed in 0..SEEDS {
            let dice = &mut Dice(seed);
            let about_s = [8.0, 120.0, 7_200.0, 400_000.0][seed as usize % 4];
            let rate = dice.within(5.0, 500.0).max(200.0 / about_s);
            let mut leak = shape(Leaking::steady(rate, about_s, dice), dice);
            let end_s = leak.end_s(about_s);
            // A quarter that holds fewer rounds tells nothing of noise.
            leak.every_s = end_s / 4.0 / dice.within(10.0, 150.0);
            let outlook = leak.outlook(end_s / 4.0, dice);
            score.add(outlook.forecast(), end_s);
        }
        let off = score.median_off();
        assert!(off <= 0.05, "{name}: off by {off}");
        all.join(score);
    }
    let told = all.runs - all.silent;
    assert!(f64::from(all.held) >= 0.95 * f64::from(told), "{} of {told} held", all.held);
    assert!(f64::from(all.silent) <= 0.05 * f64::from(all.runs), "{} silent", all.silent);
    assert!(all.median_off() <= 0.02);
    let width = median(&mut all.width);
    assert!(width <= 0.2, "an interval that says something, not {width} of the whole");
}
