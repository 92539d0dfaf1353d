//! Writes the scenario of a generator that runs out of ephemeral ports.

use host::Profile;
use model::reading::Ports;
use model::row::Row;
use model::units::format_count;

use super::Case;
use super::draft::{Draft, number, quoted};
use super::load::Load;
use super::target::{self, Fit};

/// The ports last for so many seconds of load, where the captures' own would last for longer.
const LAST_S: f64 = 8.0;
/// They are played as they were if they last at most so long, seconds.
const OWN_MOST_S: f64 = 20.0;
/// The load goes on for so long after the last port is taken, seconds. TIME_WAIT outlasts it, so that no
/// port comes back meanwhile.
const AFTER_S: f64 = 4.0;
/// A lab's kernel keeps TIME_WAIT for so long at most, seconds.
const LAB_TIME_WAIT_S: f64 = 60.0;
/// The first port of a range that is narrowed: above those of services.
const FIRST_PORT: u16 = 20_000;
/// The client that is played where no run says which.
const CLIENT: &str = "linux";

/// Writes it.
pub(super) fn write(case: &Case<'_>, draft: &mut Draft) -> Result<(), String> {
    let Some(ports) = measured(case) else {
        return Err("no reading of the generator's ports is among the captures: give the whole run directory".into());
    };
    let host = target::write(case, Fit::TimeWait(LAB_TIME_WAIT_S), draft)?;
    let mut load = Load::of(case, &host);
    let declared = case.g.run.generator.profile.as_deref().and_then(host::profile);
    let client = declared.or(host::profile(CLIENT)).ok_or("no host profile is known")?;
    let own_last_s = f64::from(ports.usable()) / load.per_second;
    let kept_s = client.time_wait_s.value / host.time_scale;
    let as_it_was = declared.is_some() && own_last_s <= OWN_MOST_S;
    let last_s = if as_it_was { own_last_s } else { LAST_S };
    if kept_s < last_s + AFTER_S {
        return Err(format!(
            "the generator's TIME_WAIT of {} s ends before its ports do, so the lab could not show it",
            number(kept_s)
        ));
    }
    load.target_first = false;
    load.write(last_s + AFTER_S, draft);
    let because =
        if declared.is_some() { "as in the run" } else { "assumed: the generator's own kernel" };
    draft.set("client_profile", quoted(client.name), because);
    if as_it_was {
        own(client, &ports, draft);
    } else {
        narrowed(&ports, (load.per_second * LAST_S) as u16, draft);
    }
    super::expect(case, (last_s * 0.6, last_s + AFTER_S), draft);
    Ok(())
}

/// The fullest reading of the generator's ports.
fn measured(case: &Case<'_>) -> Option<Ports> {
    let samples = case.g.rows.iter().filter_map(|row| match row {
        Row::Sample(sample) if sample.vantage == "generator" => sample.ports.clone(),
        _ => None,
    });
    samples.max_by_key(|ports| ports.used_any)
}

/// The ports of the run, where they are not the profile's.
fn own(client: &Profile, ports: &Ports, draft: &mut Draft) {
    let range = client.ports.value;
    if (range.low, range.high) != (ports.low, ports.high) {
        let count = format_count(u64::from(ports.usable()));
        let because = format!("measured: the generator's {count} ports");
        draft.set("client_ports", quoted(&format!("{}-{}", ports.low, ports.high)), &because);
    }
}

fn narrowed(ports: &Ports, count: u16, draft: &mut Draft) {
    let because = format!(
        "assumed: {} ports last {} s at this rate; measured: the generator had {}",
        format_count(count.into()),
        number(LAST_S),
        format_count(u64::from(ports.usable()))
    );
    let last = FIRST_PORT + count - 1;
    draft.set("client_ports", quoted(&format!("{FIRST_PORT}-{last}")), &because);
}
