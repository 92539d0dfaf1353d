//! The story of the founding outage.

use model::attempt::Phase;
use model::cause::{Cause, Stance};
use model::findings::*;
use model::run::{Clock, Expect};
use model::told::{Series, Told};

use super::{hypothesis, named, over, refused, resource, series, untested};

/// The founding outage: a leaking driver, the gate, and a gap in the witness.
pub fn leak() -> Told {
    let mut told = named("nonpaged-pool-leak", 15.0);
    told.run.target.time_scale = 60.0;
    told.run.probe_every_s = Some(1.0);
    told.run.expect = Some(Expect { causes: vec![Cause::NonpagedPool], ..Expect::default() });
    told.run.notes =
        vec!["the generator and the target have a network namespace each, joined by veth".into()];
    told.run.clocks.push(Clock {
        vantage: "target".into(),
        offset_s: 0.0,
        bound_s: 0.0021,
        drift_ppm: 0.0,
        how: "same machine, one monotonic clock".into(),
    });
    findings(&mut told.findings);
    told.series = leak_series();
    told
}

fn findings(f: &mut Findings) {
    f.attempts = Some(Attempts {
        offered: 6000,
        begun: 6000,
        served: 2964,
        failed: 3031,
        unfinished: 5,
        not_sent: 0,
    });
    f.failures = vec![
        refused(3028),
        FailureLine {
            phase: Phase::FirstByte,
            os_code: None,
            name: "HTTP 503".into(),
            ..refused(3)
        },
    ];
    f.verdict = Verdict {
        causes: vec![CauseLine {
            cause: Cause::NonpagedPool,
            because_of: vec!["tag ISil".into()],
            stance: Stance::Supported,
            failures: 3028,
            from_s: 7.41,
            to_s: 14.99,
        }],
        unexplained: 3,
        sentence: "HTTP.sys on the target refused 3,028 connections from 7.4 s on because free non-paged pool fell to its 20 MiB gate; tag ISil grew by 900 B per connection and holds 2.5 MiB more than at the start.".into(),
    };
    f.hypotheses = hypotheses();
    f.resources = leak_resources();
}

fn hypotheses() -> Vec<Hypothesis> {
    vec![
        hypothesis(
            Cause::NonpagedPool,
            Stance::Supported,
            &[
                "free non-paged pool was 19.9 MiB at 7.3 s, at the gate of 20.0 MiB, before the first refusal at 7.4 s",
                "the HTTP.sys error log counts 3,028 refused SYNs over 2 rows, the generator 3,028 refused attempts",
                "an old connection was served while a fresh one was refused",
            ],
            &["release not seen: headroom stayed below the gate until the end"],
        ),
        hypothesis(
            Cause::ListenerDown,
            Stance::Contradicted,
            &[],
            &["port 80 was listed as listening in all 60 samples"],
        ),
        hypothesis(
            Cause::ClientPorts,
            Stance::Contradicted,
            &[],
            &["at most 14 of 28,232 ports were in use"],
        ),
        untested(
            Cause::GeneratorLimit,
            "no attempt was late or not sent, so there is nothing to explain",
        ),
    ]
}

fn leak_resources() -> Vec<Resource> {
    vec![
        Resource {
            at_limit_from_s: Some(7.25),
            ..resource(
                ResourceName::NonpagedPool,
                "target",
                "bytes",
                Some(134_217_728),
                113_311_744,
            )
        },
        resource(ResourceName::ClientPorts, "generator", "ports", Some(28_232), 14),
        resource(ResourceName::TimeWait, "target", "entries", None, 1_604),
    ]
}

fn leak_series() -> Vec<Series> {
    let served = over(15, 0.25, |t| Some(if t < 7.25 { 400.0 } else { 0.0 }));
    let failed = over(15, 0.25, |t| Some(if t < 7.25 { 0.0 } else { 400.0 }));
    // A witness that fell silent from 10 to 12 s.
    let silent = |t: f64| (10.0..12.0).contains(&t);
    let waiting = over(15, 0.25, |t| (!silent(t)).then(|| (t * 400.0).min(1604.0)));
    let free = over(15, 0.25, |t| (!silent(t)).then(|| 24e6 - 400e3 * t.min(7.4)));
    vec![
        series("served", "generator", "attempts/s", served),
        series("failed", "generator", "attempts/s", failed),
        series("TIME_WAIT", "target", "entries", waiting),
        series("nonpaged-pool headroom", "target", "bytes", free),
    ]
}
