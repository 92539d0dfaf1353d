//! The story of a host that tries to spoil its report.

use model::cause::{Cause, Stance};
use model::findings::*;
use model::run::Expect;
use model::told::Told;

use super::{hypothesis, named, refused, resource, series};

/// Everything that a host or a file could say to spoil a report, and numbers at their end.
pub fn hostile() -> Told {
    let evil = "</script><b>|`*_[x](y)\u{1b}[31m\u{202e}\r\n# Hi & bye";
    let mut told = named(evil, f64::INFINITY);
    told.run.command.push("--set=a b'c`".into());
    told.run.notes = vec![evil.into(), "w".repeat(130)];
    told.unexpected = vec![evil.into()];
    told.run.expect = Some(Expect::default());
    findings(&mut told.findings, evil);
    told.series = vec![
        series(evil, evil, evil, vec![(0.0, Some(f64::MAX)), (1.0, Some(f64::MIN)), (2.0, None)]),
        series(
            "all gaps",
            "target",
            "bytes",
            vec![(0.0, None), (f64::NAN, Some(1.0)), (2.0, None)],
        ),
        series("not a number", "target", "bytes", vec![(1.0, Some(f64::NAN))]),
        series("no point", "target", "bytes", Vec::new()),
    ];
    told
}

fn findings(f: &mut Findings, evil: &str) {
    f.attempts = Some(Attempts {
        offered: u64::MAX,
        begun: u64::MAX,
        served: u64::MAX - 1,
        failed: 1,
        unfinished: 0,
        not_sent: 0,
    });
    f.failures = vec![FailureLine { name: evil.into(), first_s: f64::NAN, ..refused(u64::MAX) }];
    f.failures.push(refused(u64::MAX));
    f.verdict.sentence = evil.into();
    f.verdict.unexplained = u64::MAX;
    f.verdict.causes = vec![CauseLine {
        cause: Cause::NonpagedPool,
        because_of: vec!["tag a`&;".into(), evil.into()],
        stance: Stance::Supported,
        failures: u64::MAX,
        from_s: -1.0,
        to_s: 1e9,
    }];
    f.hypotheses = vec![hypothesis(Cause::NonpagedPool, Stance::Consistent, &[evil], &[evil])];
    f.resources = vec![
        Resource {
            headroom_min: Some(i64::MIN),
            ..resource(ResourceName::NonpagedPool, evil, "bytes", Some(u64::MAX), u64::MAX)
        },
        Resource {
            headroom_min: Some(i64::MIN),
            ..resource(ResourceName::ClientPorts, "generator", evil, Some(0), u64::MAX)
        },
    ];
}
