//! Provides what the application's word makes of requests: done, in error, taken off line, let go.

use model::cause::Cause;

use super::Visit;
use crate::app::{Event, What};
use crate::doors::httperr::Why;
use crate::ledger::Closer;
use crate::simulate::world::World;

/// Sub-status of a call to another host that could not be made, and what Windows says of it: no port
/// (KB943891: 502.3; WSAEADDRINUSE).
const FORWARDER: (u16, u32) = (3, 10_048);

impl World {
    /// The application tells what became of requests.
    pub(in crate::simulate) fn heard(&mut self, host: usize, event: Event) {
        let Event { id, n, what, at_s } = event;
        if what == What::Started {
            return;
        }
        let Some(parked) = self.parked.get_mut(&id) else { return };
        let (visit, is_gone) = (parked.visit.take(n), parked.is_gone);
        if parked.visit.cohort.n == 0 {
            self.parked.remove(&id);
        }
        if is_gone {
            return self.hosts[host].forget(visit.cohort.n);
        }
        match what {
            What::Started => {}
            What::Answered => self.worked_on(visit, at_s),
            What::Offline => self.refuse(visit, Why::AppOffline),
            What::NoPort => {
                let status = (502, FORWARDER.0, FORWARDER.1);
                self.answered_badly(visit, status, Some(Cause::TargetPorts));
            }
            What::TimedOut => self.cut(visit, Why::QueueTimer, at_s),
            What::Abandoned => self.cut(visit, Why::Abandoned, at_s),
        }
    }

    /// The application is done with them; some answers are errors by its own doing.
    fn worked_on(&mut self, mut visit: Visit, at_s: f64) {
        let (bad, status) = self.hosts[visit.cohort.host].errors(visit.cohort.n);
        let part = visit.take(bad);
        let cause = if status >= 500 { Cause::Application } else { Cause::RejectedRequest };
        self.answered_badly(part, (status, 0, 0), Some(cause));
        if visit.cohort.n > 0 {
            self.answered(visit, at_s);
        }
    }

    /// HTTP.sys lets go of connections.
    fn cut(&mut self, visit: Visit, why: Why, at_s: f64) {
        let n = visit.cohort.n;
        let ends = self.ends();
        let host = &mut self.hosts[visit.cohort.host];
        host.answered(n);
        host.let_fail(n, why, at_s, ends);
        host.ended(n, Closer::Reset);
        self.client.close(n, false);
        self.client.counts.estab_resets += n;
        let took_us = self.since_due_us(&visit.cohort);
        let cause = if why == Why::QueueTimer { Cause::QueueWait } else { Cause::WorkerCrash };
        let fate = self.client.spec.errors.reset().after_us(took_us);
        self.fail(visit.cohort, (fate, Some(cause)));
    }
}
