//! Provides the stories of the matrix, each drawn anew: figures such that what its story tells comes
//! about somewhere in the middle of the run.

use super::dice::Dice;

/// A kind of run: how one of it is drawn, given how long it should last.
pub struct Kind {
    /// The story that it is told after.
    pub story: &'static str,
    /// Draws what is changed.
    pub draw: fn(&mut Dice, f64) -> Vec<String>,
}

/// Stories that virtual time cannot tell: a busy processor is a real one.
const NOT_TOLD: [&str; 1] = ["busy-generator"];
/// Name and text of a built-in story.
pub fn text_of(name: &str) -> (String, String) {
    (name.to_owned(), scenarios::builtin(name).unwrap().to_owned())
}

/// Every story, look-alike and control whose figures are not drawn here.
pub fn all() -> Vec<(String, String)> {
    let is_drawn = |name: &str| KINDS.iter().any(|kind| kind.story == name);
    let all = [scenarios::builtins(), scenarios::pairs(), scenarios::controls()].concat();
    let told = all.iter().map(|(name, _)| *name);
    told.filter(|name| !is_drawn(name) && !NOT_TOLD.contains(name)).map(text_of).collect()
}

/// Every kind of run.
pub const KINDS: &[Kind] = &[
    Kind { story: "healthy-baseline", draw: healthy },
    Kind { story: "target-time-wait", draw: time_wait },
    Kind { story: "exhausted-but-not-refused", draw: near_the_gate },
    Kind { story: "nonpaged-pool-leak", draw: pool_leak },
    Kind { story: "nonpaged-pool-leak", draw: pool_leak_by_the_clock },
    Kind { story: "nonpaged-pool-leak", draw: pool_leak_under_a_load_that_follows_the_hour },
    Kind { story: "nonpaged-pool-leak", draw: pool_leak_with_hysteresis },
    Kind { story: "refused-but-not-exhausted", draw: listener_down },
    Kind { story: "nonpaged-pool-leak", draw: listener_down_and_pool_leak },
    Kind { story: "client-port-exhaustion", draw: client_ports },
    Kind { story: "client-port-exhaustion", draw: client_ports_of_a_short_time_wait },
];

/// Hosts with HTTP.sys.
pub const WINDOWS: [&str; 7] = [
    "windows-2003-x86",
    "windows-2003-x86-3gb",
    "windows-2003-x64",
    "windows-2008",
    "windows-2012r2",
    "windows-2016",
    "windows-2022",
];
const TAGS: [&str; 5] = ["ISil", "SavE", "I100", "Ndis", "xyz1"];
const SHAPES: [&str; 2] = ["rst-to-syn", "accept-then-reset"];

pub fn set(key: &str, value: impl std::fmt::Display) -> String {
    format!("{key}={value}")
}

pub fn text(key: &str, value: &str) -> String {
    format!("{key}=\"{value}\"")
}

/// How often; rarer in long runs, so that none takes long.
fn per_second(dice: &mut Dice, lasts_s: f64) -> f64 {
    let most = (6000.0 / lasts_s).max(20.0);
    dice.between(most / 4.0, most).round()
}

fn healthy(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    vec![
        text("target.profile", dice.one(&WINDOWS)),
        set("target.time_scale", dice.one(&[10, 30, 60])),
        set("load.arrival.per_second", per_second(dice, lasts_s)),
        text("load.close", dice.one(&["target-first", "client-first", "reset"])),
    ]
}

fn time_wait(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    vec![
        text("target.profile", dice.one(&WINDOWS)),
        set("target.time_scale", dice.one(&[4, 12])),
        set("load.arrival.per_second", per_second(dice, lasts_s)),
    ]
}

/// A leak of this tag on this host, whose gate is reached after about `at_s`, if it goes on so long.
struct Leak {
    profile: &'static str,
    rate: f64,
    scale: f64,
    each: f64,
    at_s: f64,
}

impl Leak {
    fn draw(dice: &mut Dice, lasts_s: f64) -> Self {
        Self {
            profile: dice.one(&WINDOWS),
            rate: per_second(dice, lasts_s),
            scale: dice.one(&[30.0, 60.0, 120.0]),
            each: dice.between(800.0, 6000.0).round(),
            at_s: lasts_s * dice.between(0.35, 0.7),
        }
    }

    /// Pool in use at the start, so that the gate is where it should be.
    fn baseline(&self) -> u64 {
        let profile = host::profile(self.profile).unwrap();
        let ceiling = profile.ceiling_bytes(None).unwrap();
        let gate = profile.gate_bytes.unwrap().value;
        let time_wait_s = (profile.time_wait_s.value / self.scale).min(self.at_s);
        let waiting = self.rate * time_wait_s * profile.bytes_per_time_wait.value as f64;
        let leaked = self.rate * self.at_s * self.each;
        ceiling - gate - (waiting + leaked) as u64
    }

    fn sets(&self, dice: &mut Dice) -> Vec<String> {
        vec![
            text("target.profile", self.profile),
            set("target.time_scale", self.scale),
            text("target.refuse", dice.one(&SHAPES)),
            set("target.pool.baseline", self.baseline()),
            text("target.leak.0.tag", dice.one(&TAGS)),
            set("target.leak.0.bytes_per_connection", self.each),
            set("load.arrival.per_second", self.rate),
        ]
    }
}

fn near_the_gate(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let leak = Leak::draw(dice, lasts_s);
    let mut sets = leak.sets(dice);
    let up_to = leak.rate * leak.at_s * leak.each * dice.between(0.5, 0.9);
    sets.push(set("target.leak.0.up_to", up_to as u64));
    sets
}

fn pool_leak(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    Leak::draw(dice, lasts_s).sets(dice)
}

fn pool_leak_by_the_clock(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let leak = Leak::draw(dice, lasts_s);
    let mut sets = leak.sets(dice);
    let per_host_second = leak.rate * leak.each / leak.scale;
    let tag = dice.one(&TAGS);
    sets.retain(|set| !set.starts_with("target.leak"));
    sets.push(format!("target.leak=[{{tag=\"{tag}\", bytes_per_second={per_host_second:.0}}}]"));
    sets
}

fn pool_leak_under_a_load_that_follows_the_hour(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let leak = Leak::draw(dice, lasts_s);
    let mut sets = leak.sets(dice);
    let hours: Vec<f64> = (0..6).map(|_| (leak.rate * dice.between(0.2, 1.8)).round()).collect();
    sets.retain(|set| !set.starts_with("load.arrival"));
    let hour_s = lasts_s / 6.0;
    sets.push(format!(
        "load.arrival={{kind=\"hourly\", per_second={hours:?}, hour=\"{hour_s:.2}s\"}}"
    ));
    sets
}

fn pool_leak_with_hysteresis(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let mut sets = pool_leak(dice, lasts_s);
    let above = dice.between(20.0, 20.4);
    sets.push(text("target.resume_bytes", &format!("{above:.3}MiB")));
    sets
}

fn down(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let (at_s, for_s) = (lasts_s * dice.between(0.1, 0.3), lasts_s * dice.between(0.13, 0.25));
    vec![format!(
        "target.fault=[{{kind=\"listener-down\", at=\"{at_s:.3}s\", for=\"{for_s:.3}s\"}}]"
    )]
}

fn listener_down(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let mut sets = healthy(dice, lasts_s);
    sets.extend(down(dice, lasts_s));
    sets
}

fn listener_down_and_pool_leak(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let mut sets = pool_leak(dice, lasts_s);
    sets.extend(down(dice, lasts_s));
    sets
}

/// A client on this host whose ports are gone after about `at_s`.
fn ports(dice: &mut Dice, lasts_s: f64, time_wait_s: f64) -> Vec<String> {
    let rate = per_second(dice, lasts_s);
    let at_s = lasts_s.min(time_wait_s) * dice.between(0.4, 0.8);
    let count = (rate * at_s).max(100.0) as u64;
    let low = dice.between(1025.0, 40_000.0) as u64;
    vec![
        text("target.profile", dice.one(&WINDOWS)),
        set("load.arrival.per_second", rate),
        text("load.client_ports", &format!("{low}-{}", low + count - 1)),
    ]
}

const CLIENTS: [&str; 5] =
    ["windows-2000", "windows-2003-x86", "windows-2008", "windows-2016", "linux"];

fn client_ports(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let mut sets = ports(dice, lasts_s, lasts_s);
    sets.push(text("load.client_profile", dice.one(&CLIENTS)));
    sets.push("target.time_scale=1".into());
    sets.push(text("load.client_time_wait", &format!("{}s", 2.0 * lasts_s)));
    sets
}

/// Ports come back within the run, so that attempts fail and succeed in turn.
fn client_ports_of_a_short_time_wait(dice: &mut Dice, lasts_s: f64) -> Vec<String> {
    let time_wait_s = lasts_s * dice.between(0.2, 0.4);
    let mut sets = ports(dice, lasts_s, time_wait_s);
    sets.push(text("load.client_profile", dice.one(&CLIENTS)));
    sets.push("target.time_scale=1".into());
    sets.push(text("load.client_time_wait", &format!("{time_wait_s:.2}s")));
    sets
}
