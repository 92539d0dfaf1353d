//! Provides the change that raises what binds first, its gain, and what it costs.

use model::capacity::{Applies, Change, Decision, Direction, Gain, Means, Rate};
use model::limit::Origin;
use model::units::format_count;

use super::Tried;
use super::laws::{self, first, seconds};
use super::search::Found;
use super::setup::{Setup, Side};
use super::what_if::{KnobAt, applies, changed, direction, family, rate_words};

/// A gain below this is not worth a change. Chosen.
const LEAST_GAIN: f64 = 1.05;

/// A setting that raises the first bound, with the law's gain.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice {
    pub(super) at: KnobAt,
    pub(super) times: f64,
}

/// The setting with the greatest gain by law; of equal ones the first of the table. Keep-alive is left
/// to people: it changes the clients, not the host.
pub(super) fn choice(setup: &Setup) -> Option<Choice> {
    let now = first(setup).filter(|rate| *rate > 0.0)?;
    let mut best: Option<Choice> = None;
    for at in KnobAt::ALL {
        if matches!(
            at,
            KnobAt::AsIs | KnobAt::KeepAlive(_) | KnobAt::Aggressive | KnobAt::Sources(_)
        ) || applies(setup, at) == Applies::NoEffect
        {
            continue;
        }
        let Some(rate) = first(&changed(setup, at)) else { continue };
        let times = rate / now;
        if times >= LEAST_GAIN && best.is_none_or(|b| times > b.times * 1.001) {
            best = Some(Choice { at, times });
        }
    }
    best
}

/// The exact change.
pub(super) fn change(setup: &Setup, choice: Choice) -> Option<Change> {
    let direction = direction(setup);
    let recipe = choice.at.knob()?.recipe(family(setup, direction))?;
    let (host, side) = side(setup, direction);
    let before = match choice.at {
        KnobAt::TimeWait(_) => {
            format!("{} ({})", seconds(side.time_wait_s), side.time_wait_origin.as_str())
        }
        KnobAt::Ports(..) => {
            let ports = setup.ports.map_or(0.0, |p| p.limit);
            format!("{} ports ({})", format_count(ports as u64), setup.ports_origin.as_str())
        }
        _ => "as it is".into(),
    };
    Some(Change {
        host: host.into(),
        path: recipe.path.into(),
        kind: recipe.kind.into(),
        before,
        after: after(choice.at),
        reboot: recipe.reboot.into(),
        check: recipe.check.into(),
        rollback: recipe.rollback.into(),
    })
}

fn side(setup: &Setup, direction: Direction) -> (&'static str, &Side) {
    match direction {
        Direction::Outgoing => ("the host that opens the connections", &setup.generator),
        Direction::Incoming => ("the host that accepts them", &setup.target),
    }
}

fn after(at: KnobAt) -> String {
    match at {
        KnobAt::Ports(low, high) => {
            format!(
                "{} to {} ({} ports; MaxUserPort ends at 65534)",
                low,
                high,
                u32::from(high) + 1 - u32::from(low)
            )
        }
        other => other.value(),
    }
}

/// What a change costs.
pub(super) fn side_effects(setup: &Setup, choice: Option<Choice>) -> Vec<String> {
    let Some(choice) = choice else { return vec!["none: nothing is changed".into()] };
    let other = changed(setup, choice.at);
    let mut all = Vec::new();
    if let (Some(ports), Some(rate)) = (other.ports_count(), first(&other))
        && rate > 0.0
    {
        let reuse_s = ports / rate;
        let held_s = setup.generator.time_wait_s.max(setup.target.time_wait_s);
        all.push(format!(
            "at {}/s a source port comes back after {} at the soonest; an old segment may live for 2MSL, {} here: {}",
            rate_words(rate),
            seconds(reuse_s.round()),
            seconds(held_s),
            match reuse_s < held_s {
                true => "sooner than that, so a late segment can meet a new connection of the same ports",
                false => "not sooner than that",
            }
        ));
    }
    match choice.at {
        KnobAt::Ports(low, _) if low < 49152 => all.push(
            "the range then lies over ports that services listen on (1433, 3306, 3389, 5985, 8080 …): reserve those (netsh … add excludedportrange; ReservedPorts before Vista), or a service may not start"
                .into(),
        ),
        KnobAt::TimeWait(s) => all.push(format!(
            "TIME_WAIT of {s} s is shorter than the 240 s of RFC 9293; every connection that this host closes first is concerned, not only these"
        )),
        KnobAt::LeakFixed => all.push("a driver is replaced: its own risks are not known here".into()),
        _ => {}
    }
    all
}

/// How the rate is best known.
pub(super) fn sustainable(setup: &Setup, tried: &Tried) -> Option<Rate> {
    let of = |found: &Found, by| {
        Some(Rate {
            per_s: found.sustained_per_s? / setup.scale,
            fails_at_per_s: found.fails_at_per_s.map(|rate| rate / setup.scale),
            by,
        })
    };
    let by_law = || first(setup).map(|per_s| Rate { per_s, fails_at_per_s: None, by: Means::Law });
    let tried_as_is = |column: &[super::TriedKnob], by| {
        column.iter().find(|t| t.at == KnobAt::AsIs).and_then(|t| of(&t.found, by))
    };
    tried_as_is(&tried.lab, Means::Lab)
        .or_else(|| tried_as_is(&tried.simulation, Means::Simulation))
        .or_else(by_law)
}

/// The gain, from trials where both were tried, else by law.
fn gain(setup: &Setup, tried: &Tried, choice: Choice) -> Gain {
    let tried_at = |at| tried.simulation.iter().find(|t| t.at == at).map(|t| &t.found);
    if let (Some(base), Some(new)) = (tried_at(KnobAt::AsIs), tried_at(choice.at))
        && let (Some(was), Some(is)) = (base.sustained_per_s, new.sustained_per_s)
    {
        return Gain {
            times: is / was,
            low: is / base.fails_at_per_s.unwrap_or(was),
            high: new.fails_at_per_s.unwrap_or(is) / was,
        };
    }
    let (mut low, mut high) = (choice.times, choice.times);
    let (_, side) = side(setup, direction(setup));
    if let (KnobAt::TimeWait(_), Origin::Derived, Some(profile)) =
        (choice.at, side.time_wait_origin, side.profile)
    {
        // Sources name other lengths: where one of them is right, the gain is another.
        for (other_s, _) in profile.time_wait_s.others {
            let times = choice.times * other_s / side.time_wait_s;
            (low, high) = (low.min(times), high.max(times));
        }
    }
    Gain { times: choice.times, low, high }
}

/// The first line.
pub(super) fn decision(
    setup: &Setup,
    tried: &Tried,
    choice: Option<Choice>,
    claim: &str,
) -> Decision {
    let bounds = laws::bounds(setup);
    let rate = sustainable(setup, tried);
    let Some((rate, binds)) = rate.zip(bounds.first()) else {
        let sentence = match bounds.is_empty() {
            true => "No limit of either host is on record, so no rate can be given.".to_owned(),
            false => format!(
                "Nothing on record binds below {}/s: processors and the application will, and nobody has looked at those.",
                format_count(laws::NEVER_PER_S as u64)
            ),
        };
        return Decision { sentence, gain: None, claim: claim.into() };
    };
    let now = format!(
        "{}/s {} ({} to {}), bound by {}",
        rate_words(rate.per_s),
        binds.direction.as_str(),
        binds.source,
        binds.destination,
        binds.resource.as_str(),
    );
    let Some(choice) = choice else {
        let sentence =
            format!("Sustains {now} ({}); no setting of that host raises it.", rate.by.as_str());
        return Decision { sentence, gain: None, claim: claim.into() };
    };
    let family = family(setup, direction(setup));
    let knob = choice.at.knob().map_or("", |knob| knob.name(family));
    let gain = gain(setup, tried, choice);
    let sentence = format!(
        "{knob} {}: \u{d7} {:.1} ({:.1} to {:.1}), to {}/s from {now} ({}).",
        choice.at.value(),
        gain.times,
        gain.low,
        gain.high,
        rate_words(gain.times * rate.per_s),
        rate.by.as_str()
    );
    Decision { sentence, gain: Some(gain), claim: claim.into() }
}
