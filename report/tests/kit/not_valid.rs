//! The story of a generator that was the limit.

use model::attempt::{Outcome, Phase};
use model::cause::{Cause, Stance};
use model::findings::*;
use model::run::{Expect, Ground, TargetHost};
use model::told::Told;

use super::{hypothesis, named, refused};

/// A live run whose generator ran out of descriptors.
pub fn not_valid() -> Told {
    let mut told = named("too-much-at-once", 20.0);
    told.run.ground = Ground::Live;
    told.run.target = TargetHost {
        address: "192.0.2.7:443".into(),
        profile: None,
        emulated: false,
        ..told.run.target
    };
    told.run.expect = Some(Expect { causes: vec![Cause::NonpagedPool], ..Expect::default() });
    told.unexpected = vec!["expected nonpaged-pool, found generator-limit".into()];
    findings(&mut told.findings);
    told
}

fn findings(f: &mut Findings) {
    f.run.ground = Ground::Live;
    f.run.claim = "measured".into();
    f.valid = false;
    f.not_valid_because =
        vec!["the generator had 1,024 of 1,024 descriptors open from 3.0 s on".into()];
    f.attempts = Some(Attempts {
        offered: 100_000,
        begun: 99_999,
        served: 99_998,
        failed: 0,
        unfinished: 1,
        not_sent: 1,
    });
    f.failures = vec![FailureLine {
        outcome: Outcome::NotSent,
        phase: Phase::Open,
        os_code: Some(24),
        name: "EMFILE".into(),
        ..refused(1)
    }];
    f.verdict = Verdict {
        causes: vec![CauseLine {
            cause: Cause::GeneratorLimit,
            because_of: Vec::new(),
            stance: Stance::Supported,
            failures: 1,
            from_s: 3.02,
            to_s: 3.02,
        }],
        unexplained: 0,
        sentence: "The generator ran out of descriptors; about the target this run says nothing."
            .into(),
    };
    f.hypotheses = vec![hypothesis(
        Cause::GeneratorLimit,
        Stance::Supported,
        &["1,024 of 1,024 descriptors were open at 3.0 s"],
        &[],
    )];
    f.forecast = Some(Forecast {
        resource: ResourceName::NonpagedPool,
        made_at_s: 20.0,
        runs_out_at_s: 11_000.0,
        low_s: 9_000.0,
        high_s: 14_000.0,
        assuming: "the rate and the growth per connection stay as they are".into(),
    });
}
