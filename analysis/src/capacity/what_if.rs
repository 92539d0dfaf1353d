//! Provides the table of what each knob would do: the system under test with one setting changed, and the
//! law asked again.

use host::knobs::{Family, Knob};
use model::capacity::{Applies, Direction, KnobLine, WhatIf};
use model::run::PortAllocation;

use super::laws::{self, first};
use super::setup::Setup;
use super::{Tried, TriedKnob};

/// One setting at one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnobAt {
    /// Nothing changed.
    AsIs,
    /// TcpTimedWaitDelay of the host that closes first, seconds.
    TimeWait(u32),
    /// Ephemeral ports of the generator, both ends included.
    Ports(u16, u16),
    /// Requests on a connection.
    KeepAlive(u32),
    /// Addresses that the load comes from.
    Sources(u32),
    /// EnableAggressiveMemoryUsage = 1.
    Aggressive,
    /// No driver leaks.
    LeakFixed,
}

impl KnobAt {
    /// Every row of the table.
    pub const ALL: [Self; 16] = [
        Self::AsIs,
        Self::TimeWait(240),
        Self::TimeWait(120),
        Self::TimeWait(60),
        Self::TimeWait(30),
        Self::Ports(1025, 5000),
        Self::Ports(49152, 65535),
        Self::Ports(1025, 65535),
        Self::KeepAlive(1),
        Self::KeepAlive(10),
        Self::KeepAlive(100),
        Self::Sources(2),
        Self::Sources(4),
        Self::Sources(8),
        Self::Aggressive,
        Self::LeakFixed,
    ];

    pub(super) fn knob(self) -> Option<Knob> {
        Some(match self {
            Self::AsIs => return None,
            Self::TimeWait(_) => Knob::TimeWait,
            Self::Ports(..) => Knob::PortRange,
            Self::KeepAlive(_) => Knob::KeepAlive,
            Self::Sources(_) => Knob::SourceAddresses,
            Self::Aggressive => Knob::AggressiveMemory,
            Self::LeakFixed => Knob::LeakFixed,
        })
    }

    /// The value, as people write it.
    pub(super) fn value(self) -> String {
        match self {
            Self::AsIs | Self::LeakFixed => String::new(),
            Self::TimeWait(s) => format!("{s} s"),
            Self::Ports(low, high) => format!("{low}\u{2013}{high}"),
            Self::KeepAlive(n) => format!("{n} requests"),
            Self::Sources(n) => n.to_string(),
            Self::Aggressive => "1".into(),
        }
    }

    fn label(self, family: Family) -> String {
        match self.knob() {
            None => "as it is".into(),
            Some(knob) => format!("{} {}", knob.name(family), self.value()).trim_end().to_owned(),
        }
    }
}

/// Which direction the first bound has, and so which host's settings count.
pub(super) fn direction(setup: &Setup) -> Direction {
    laws::bounds(setup).first().map_or(Direction::Outgoing, |bound| bound.direction)
}

pub(super) fn family(setup: &Setup, direction: Direction) -> Family {
    match direction {
        Direction::Outgoing => setup.generator.family,
        Direction::Incoming => setup.target.family,
    }
}

/// Whether a setting works on the host that counts, on connections of that direction.
pub(super) fn applies(setup: &Setup, at: KnobAt) -> Applies {
    let direction = direction(setup);
    let Some(knob) = at.knob() else { return Applies::Yes };
    if at == KnobAt::LeakFixed && !leaks(setup) {
        return Applies::NoEffect;
    }
    let family = family(setup, direction);
    // MaxUserPort is the end of a range that always begins at 1025.
    if let (KnobAt::Ports(low, _), Family::Nt5) = (at, family)
        && low != 1025
    {
        return Applies::NoEffect;
    }
    let effect = knob.effect(family);
    match direction {
        Direction::Outgoing => effect.outgoing,
        Direction::Incoming => effect.incoming,
    }
}

pub(super) fn leaks(setup: &Setup) -> bool {
    setup.pool.as_ref().is_some_and(|pool| pool.held.leak_bytes > 0.0)
}

/// The system with one setting changed. One that has no effect there changes nothing.
pub(super) fn changed(setup: &Setup, at: KnobAt) -> Setup {
    let mut other = setup.clone();
    if applies(setup, at) == Applies::NoEffect {
        return other;
    }
    match at {
        KnobAt::AsIs | KnobAt::Aggressive => {}
        KnobAt::TimeWait(s) => {
            let seconds = f64::from(s);
            match direction(setup) {
                Direction::Outgoing => other.generator.time_wait_s = seconds,
                Direction::Incoming => {
                    other.target.time_wait_s = seconds;
                    if let Some(pool) = &mut other.pool {
                        pool.held.time_wait_s = seconds;
                    }
                }
            }
        }
        KnobAt::Ports(low, high) => {
            if let Some(ports) = &mut other.ports {
                ports.limit = f64::from(high - low) + 1.0;
            }
        }
        KnobAt::KeepAlive(n) => other.requests = f64::from(n),
        KnobAt::Sources(n) => {
            if other.allocation == PortAllocation::PerTuple {
                other.sources = f64::from(n);
            }
        }
        KnobAt::LeakFixed => {
            if let Some(pool) = &mut other.pool {
                pool.held.leak_bytes = 0.0;
            }
        }
    }
    other
}

/// Every row. A column that was not done stays empty.
pub(super) fn rows(setup: &Setup, tried: &Tried) -> Vec<WhatIf> {
    let family = family(setup, direction(setup));
    let row = |at: &KnobAt| {
        let applies = applies(setup, *at);
        let other = changed(setup, *at);
        let law = if *at == KnobAt::Aggressive { None } else { first(&other) };
        let of = |column: &[TriedKnob]| {
            let done = column.iter().find(|t| t.at == *at);
            done.and_then(|t| t.found.sustained_per_s).map(|run_per_s| run_per_s / setup.scale)
        };
        WhatIf {
            knob: at.label(family),
            applies,
            law,
            simulation: of(&tried.simulation),
            lab: of(&tried.lab),
            measured: if *at == KnobAt::AsIs { tried.measured_per_s } else { None },
            note: note(setup, &other, *at, law),
        }
    };
    KnobAt::ALL.iter().map(row).collect()
}

fn note(setup: &Setup, other: &Setup, at: KnobAt, law: Option<f64>) -> String {
    match at {
        KnobAt::Aggressive if applies(setup, at) != Applies::NoEffect => {
            "no capacity: it refuses 12 MB nearer the cliff, and what fills the pool goes on".into()
        }
        KnobAt::LeakFixed if !leaks(setup) => "no leak was seen".into(),
        KnobAt::KeepAlive(n) => law.map_or(String::new(), |rate| {
            format!("{} requests/s", rate_words(rate * f64::from(n)))
        }),
        _ => {
            let binds = |of: &Setup| laws::bounds(of).first().map(|bound| bound.resource);
            match (binds(setup), binds(other)) {
                (Some(was), Some(is)) if was != is => format!("then {} binds", is.as_str()),
                _ => String::new(),
            }
        }
    }
}

/// A rate with as many digits as it deserves.
pub(super) fn rate_words(per_s: f64) -> String {
    match per_s {
        r if r < 0.095 => format!("{r:.4}"),
        r if r < 9.95 => format!("{r:.2}"),
        r if r < 999.5 => format!("{r:.1}"),
        r => model::units::format_count(r.round() as u64),
    }
}

/// Which knob works where, in both directions.
pub(super) fn knobs() -> Vec<KnobLine> {
    let mut all = Vec::new();
    for knob in Knob::ALL {
        for family in Family::ALL {
            let effect = knob.effect(family);
            all.push(KnobLine {
                knob: knob.name(family).into(),
                systems: family.as_str().into(),
                outgoing: effect.outgoing,
                incoming: effect.incoming,
                because: effect.because.into(),
            });
        }
    }
    all
}
