//! Provides what the host's own logs say as events of a record: the error log of HTTP.sys, the System
//! log, and IIS' answers.

use std::collections::BTreeMap;

use model::row::{Event, Happening};

use crate::answers::Answers;
use crate::clock::stamp_of;
use crate::facts::Noted;
use crate::join::TARGET;
use crate::tally::Tally;

/// Equal entries of the System log within so many seconds are one event: a shortage is told again and
/// again.
const MINUTE_S: f64 = 60.0;

fn event(unix_s: f64, zero_s: f64, what: Happening) -> Event {
    Event { t_s: unix_s - zero_s, vantage: TARGET.into(), what }
}

/// Rows of the error log.
pub(crate) fn httperr(tally: &Tally, zero_s: f64) -> impl Iterator<Item = Event> {
    tally.groups().map(move |(unix_s, reason, status, queue, rows, refused)| {
        let what = Happening::Httperr {
            stamp: stamp_of(unix_s as f64),
            reason: reason.to_owned(),
            status,
            queue: queue.map(str::to_owned),
            rows,
            refused,
        };
        event(unix_s as f64, zero_s, what)
    })
}

/// Equal entries within a minute.
struct Alike {
    first_s: f64,
    bound_s: f64,
    count: u64,
}

/// Entries of the System log; those without a stamp that can be read have no place on the clock.
pub(crate) fn system_log(noted: &[Noted], zero_s: f64) -> Vec<Event> {
    let mut merged = BTreeMap::new();
    for entry in noted {
        let Some(unix_s) = entry.unix_s else { continue };
        let minute = (unix_s / MINUTE_S).floor() as i64;
        let key = (minute, entry.provider.as_str(), entry.id, entry.meaning);
        let alike = merged.entry(key);
        let alike = alike.or_insert(Alike { first_s: unix_s, bound_s: 0.0, count: 0 });
        alike.first_s = alike.first_s.min(unix_s);
        alike.bound_s = alike.bound_s.max(entry.bound_s);
        alike.count += 1;
    }
    let told = merged.into_iter().map(|((_, provider, id, meaning), alike)| {
        let Alike { first_s, bound_s, count } = alike;
        let (provider, stamp) = (provider.to_owned(), stamp_of(first_s));
        event(first_s, zero_s, Happening::OsEvent { provider, id, meaning, stamp, count, bound_s })
    });
    told.collect()
}

/// IIS' failed answers.
pub(crate) fn answered(answers: &Answers, zero_s: f64) -> impl Iterator<Item = Event> {
    answers.failed().map(move |failed| {
        let what = Happening::Answered {
            stamp: stamp_of(failed.unix_s as f64),
            seconds: answers.span_s() as f64,
            status: failed.status,
            substatus: failed.substatus,
            count: failed.count,
        };
        event(failed.unix_s as f64, zero_s, what)
    })
}
