//! Provides what becomes of connections that the target has taken: requests are sent, wait, are
//! answered or not, and somebody closes.

mod heard;

use model::attempt::Phase;
use model::cause::Cause;

use super::cohort::Cohort;
use super::failures::{FIRST_BYTE_US, ROUND_TRIP_US, TOTAL_US};
use super::tally::Served;
use super::world::{Later, Truth, World};
use crate::doors::httperr::{Entry, Timer, Why};
use crate::ledger::Closer;

/// Sub-status of the concurrency limit (KB943891: 503.2).
const CONCURRENCY: u16 = 2;
/// A segment that gets no acknowledgement is sent again after so long, then twice as long, seconds
/// (TCP_RTO_MIN, Linux).
const SEGMENT_AGAIN_S: f64 = 0.2;
/// A request and the close of an idle connection cross where they are no further apart, seconds: chosen,
/// some round trips and the coarseness of timers.
const RACE_S: f64 = 0.005;

/// Connections that were taken together and have fared alike since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// The attempts.
    pub cohort: Cohort,
    /// Requests that are still to be answered.
    left: u64,
    /// When they were connected, microseconds after they were due.
    connected_us: u64,
    /// When the first answer came; 0 before.
    first_byte_us: u64,
    /// One too many for the site.
    is_beyond: bool,
    /// How often the current request had to be sent again.
    resent: u32,
}

impl Visit {
    /// Connected just now, and nothing asked yet.
    pub(super) fn new(cohort: Cohort, requests: u64, connected_us: u64) -> Self {
        let (first_byte_us, is_beyond, resent) = (0, false, 0);
        Self { cohort, left: requests, connected_us, first_byte_us, is_beyond, resent }
    }

    /// The first `n` of them; the rest stay.
    fn take(&mut self, n: u64) -> Self {
        Self { cohort: self.cohort.take(n), ..*self }
    }
}

/// A visit that waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parked {
    pub visit: Visit,
    /// Why it fails if it waits too long.
    pub cause: Truth,
    /// In which phase.
    pub phase: Phase,
    /// The generator has given it up, and the target does not know.
    pub is_gone: bool,
}

/// What a visit waits for by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest {
    /// The next request, or the same once more.
    Request,
    /// The end of a slow request's head.
    SlowHead,
    /// The target is tired of waiting for the head.
    HeaderTimer,
    /// The target closes the connection as idle, though another request was meant to follow.
    IdleTimer,
    /// The target closes a connection that nobody wants any more.
    Abandoned,
}

impl World {
    /// The target accepts: some are one too many, some are reset on the way, some send slowly.
    pub(super) fn accept_visit(&mut self, mut visit: Visit) {
        let tuples = self.client.tuples() + u64::from(self.old_is_open);
        let at = visit.cohort.host;
        let beyond = self.hosts[at].accept(visit.cohort.n, tuples);
        if self.talk.is_plain && beyond == 0 {
            return self.request(visit);
        }
        let n = visit.cohort.n - beyond;
        let within = visit.take(n);
        self.first_request(Visit { is_beyond: true, ..visit });
        self.first_request(within);
    }

    fn first_request(&mut self, mut visit: Visit) {
        let struck = self.path.reset(self.now_s, visit.cohort.ks());
        if struck > 0 {
            let reset = visit.take(struck);
            self.reset_on_the_way(reset);
        }
        if let Some(slow) = self.talk.slow {
            let n = visit.cohort.ks().struck(slow.share);
            let part = visit.take(n);
            self.send_slowly(part, slow.bytes_per_second);
        }
        if visit.cohort.n > 0 {
            self.request(visit);
        }
    }

    /// The target goes on waiting for a request that never comes.
    fn reset_on_the_way(&mut self, visit: Visit) {
        let (n, host) = (visit.cohort.n, visit.cohort.host);
        let ends = self.ends();
        let idle_s = self.now_s + self.hosts[host].idle_s();
        let (client, server) = (ends.client, ends.server);
        let entry = Entry::TimedOut { timer: Timer::ConnectionIdle, client, server };
        self.hosts[host].logs.error(idle_s, entry, n);
        self.later.put(idle_s, Later::Forget(host, n));
        self.client.counts.estab_resets += n;
        self.client.close(n, false);
        let fate = self.client.spec.errors.reset();
        self.fail(visit.cohort, (fate, Some(Cause::Middlebox)));
    }

    fn send_slowly(&mut self, visit: Visit, bytes_per_second: f64) {
        if visit.cohort.n == 0 {
            return;
        }
        let takes_s = self.talk.request_bytes as f64 / bytes_per_second;
        let patience_s = self.hosts[visit.cohort.host].idle_s();
        let id = self.park(visit, Some(Cause::SlowClient), Phase::Send);
        let (after_s, rest) = match takes_s < patience_s {
            true => (takes_s, Rest::SlowHead),
            false => (patience_s, Rest::HeaderTimer),
        };
        self.later.put(self.now_s + after_s, Later::GoOn(id, rest));
    }

    /// A request goes out. What is lost of it is sent again.
    fn request(&mut self, mut visit: Visit) {
        if !self.talk.is_plain {
            let loss = self.path.exchange_loss(self.now_s);
            let lost = self.chance.of(visit.cohort.n, loss);
            if lost > 0 {
                let part = visit.take(lost);
                self.request_again(part);
            }
            if visit.cohort.n == 0 {
                return;
            }
        }
        let at = visit.cohort.host;
        if visit.is_beyond {
            return self.refuse(visit, Why::ConnLimit);
        }
        if let Some(why) = self.hosts[at].short() {
            return self.refuse(visit, why);
        }
        if self.hosts[at].app.is_none() {
            return self.answered(visit, self.now_s);
        }
        let id = self.park(visit, Some(Cause::QueueWait), Phase::FirstByte);
        let Some(taken) = self.hosts[at].arrive(id, visit.cohort.n) else {
            self.parked.remove(&id);
            return self.answered(visit, self.now_s);
        };
        // Who is not taken stands behind those who are.
        let stays = visit.take(taken.started + taken.queued);
        match (stays.cohort.n, self.parked.get_mut(&id)) {
            (0, _) => drop(self.parked.remove(&id)),
            (_, Some(parked)) => parked.visit = stays,
            (_, None) => {}
        }
        let full = visit.take(taken.queue_full);
        self.refuse(full, Why::QueueFull);
        let offline = visit.take(taken.offline);
        self.refuse(offline, Why::AppOffline);
        self.answered_badly(visit, (503, CONCURRENCY, 0), Some(Cause::ConcurrencyLimit));
    }

    fn request_again(&mut self, visit: Visit) {
        let counts = &mut self.client.counts;
        counts.retrans_segs += visit.cohort.n;
        counts.timeouts += visit.cohort.n;
        let after_s = SEGMENT_AGAIN_S * f64::from(1_u32 << visit.resent.min(10));
        let resent = Visit { resent: visit.resent + 1, ..visit };
        let id = self.park(resent, Some(Cause::NetworkLoss), Phase::FirstByte);
        self.later.put(self.now_s + after_s, Later::GoOn(id, Rest::Request));
    }

    /// HTTP.sys answers 503 by itself and closes.
    fn refuse(&mut self, visit: Visit, why: Why) {
        let n = visit.cohort.n;
        if n == 0 {
            return;
        }
        let cause = match why {
            Why::QueueFull => Cause::RequestQueue,
            Why::ConnLimit => Cause::ConnectionLimit,
            Why::AppOffline => Cause::AppOffline,
            Why::NotAvailable => Cause::KernelMemoryOther,
            Why::QueueTimer => Cause::QueueWait,
            Why::Abandoned => Cause::WorkerCrash,
        };
        let (ends, now_s) = (self.ends(), self.now_s);
        let host = &mut self.hosts[visit.cohort.host];
        host.let_fail(n, why, now_s, ends);
        host.ended(n, Closer::Target);
        self.client.close(n, false);
        let fate = self.client.spec.errors.status(503, self.took_us(&visit));
        self.fail(visit.cohort, (fate, Some(cause)));
    }

    /// The application answers an error, behind which the connection is closed as always.
    fn answered_badly(&mut self, visit: Visit, status: (u16, u16, u32), cause: Truth) {
        let n = visit.cohort.n;
        if n == 0 {
            return;
        }
        let ends = self.ends();
        let host = &mut self.hosts[visit.cohort.host];
        host.answered(n);
        host.error(n, status, ends);
        self.close(&visit);
        let fate = self.client.spec.errors.status(status.0, self.took_us(&visit));
        self.fail(visit.cohort, (fate, cause));
    }

    /// Since the attempts were due, with what a round trip and an answer take.
    fn took_us(&self, visit: &Visit) -> u64 {
        let us = self.since_due_us(&visit.cohort);
        if self.talk.is_plain && us < 100_000 { FIRST_BYTE_US } else { us + FIRST_BYTE_US }
    }

    fn close(&mut self, visit: &Visit) {
        let (n, closer) = (visit.cohort.n, self.talk.closer);
        self.hosts[visit.cohort.host].ended(n, closer);
        let waits = closer == Closer::Client;
        self.client.close(n, waits);
        if waits {
            self.client.counts.time_waited += n;
        }
    }

    /// A request has been answered at `at_s`.
    fn answered(&mut self, mut visit: Visit, at_s: f64) {
        let n = visit.cohort.n;
        let host = &mut self.hosts[visit.cohort.host];
        if host.app.is_none() && self.talk.pause_s <= 0.0 {
            // Nothing comes between one answer and the next request.
            host.answered(n * visit.left);
            visit.left = 0;
        } else {
            host.answered(n);
            visit.left -= 1;
        }
        let after_us = ((at_s - visit.cohort.due_s(&self.schedule).0).max(0.0) * 1e6) as u64;
        // A step that an attempt waited for its turn is no part of what it takes.
        let late_us = if after_us < 5_000 { 0 } else { after_us };
        if visit.first_byte_us == 0 {
            visit.first_byte_us = late_us + FIRST_BYTE_US;
        }
        visit.resent = 0;
        match visit.left {
            0 if self.talk.abandons => self.abandon(visit),
            0 => self.served(&visit, late_us + TOTAL_US),
            _ if self.talk.pause_s > 0.0 => self.pause(visit),
            _ => self.request(visit),
        }
    }

    fn served(&mut self, visit: &Visit, total_us: u64) {
        self.close(visit);
        self.in_flight[visit.cohort.host] -= visit.cohort.n;
        if let Some(reused) = &mut self.reused {
            reused.give_back(visit.cohort.first_k);
        }
        let how = Served {
            connect_us: visit.connected_us.max(ROUND_TRIP_US),
            first_byte_us: visit
                .first_byte_us
                .max(visit.connected_us + FIRST_BYTE_US - ROUND_TRIP_US),
            total_us: total_us.max(visit.connected_us + TOTAL_US - ROUND_TRIP_US),
            by_target: self.talk.closer == Closer::Target,
        };
        self.tallies[visit.cohort.host].served(visit.cohort.n, &how);
    }

    /// The generator leaves the connection as it is, until the target closes it as idle.
    fn abandon(&mut self, visit: Visit) {
        let idle_s = self.hosts[visit.cohort.host].idle_s();
        let id = self.park(visit, None, Phase::Close);
        self.later.put(self.now_s + idle_s, Later::GoOn(id, Rest::Abandoned));
    }

    /// The connection rests. The target may close it meanwhile, or just as the next request comes.
    fn pause(&mut self, mut visit: Visit) {
        let idle_s = self.hosts[visit.cohort.host].idle_s();
        let pause_s = self.talk.pause_s;
        if pause_s > idle_s - RACE_S {
            // Where both fall together, every other one is too late.
            let closed = match pause_s < idle_s + RACE_S {
                true => visit.cohort.ks().struck(0.5),
                false => visit.cohort.n,
            };
            let part = visit.take(closed);
            if closed > 0 {
                let id = self.park(part, None, Phase::Send);
                self.later.put(self.now_s + idle_s, Later::GoOn(id, Rest::IdleTimer));
            }
        }
        if visit.cohort.n > 0 {
            let id = self.park(visit, None, Phase::Send);
            self.later.put(self.now_s + pause_s, Later::GoOn(id, Rest::Request));
        }
    }

    /// A visit has waited long enough.
    pub(super) fn rested(&mut self, id: u64, rest: Rest) {
        let Some(parked) = self.parked.remove(&id) else { return };
        let (visit, host) = (parked.visit, parked.visit.cohort.host);
        if parked.is_gone {
            return self.hosts[host].forget(visit.cohort.n);
        }
        let timer = match rest {
            Rest::Request | Rest::SlowHead => return self.request(visit),
            Rest::HeaderTimer => Timer::HeaderWait,
            Rest::IdleTimer | Rest::Abandoned => Timer::ConnectionIdle,
        };
        let ends = self.ends();
        let (client, server) = (ends.client, ends.server);
        let entry = Entry::TimedOut { timer, client, server };
        self.hosts[host].logs.error(self.now_s, entry, visit.cohort.n);
        if matches!(rest, Rest::Abandoned) {
            let total_us = self.since_due_us(&visit.cohort);
            return self.served(&visit, total_us);
        }
        self.hosts[host].ended(visit.cohort.n, Closer::Target);
        self.client.close(visit.cohort.n, false);
        let took_us = self.since_due_us(&visit.cohort);
        let errors = &self.client.spec.errors;
        let is_race =
            matches!(rest, Rest::IdleTimer) && self.talk.pause_s > self.hosts[host].idle_s();
        let fate = match rest {
            Rest::IdleTimer if !is_race => errors.reset().after_us(took_us),
            _ => errors.no_answer(Phase::Send, took_us),
        };
        self.fail(visit.cohort, (fate, parked.cause));
    }

    /// The generator's patience is over.
    pub(super) fn deadline(&mut self, id: u64) {
        let Some(parked) = self.parked.get_mut(&id).filter(|parked| !parked.is_gone) else {
            return;
        };
        let (visit, cause, phase) = (parked.visit, parked.cause, parked.phase);
        // Whoever has them on the target learns of it when it turns to them.
        parked.is_gone = true;
        self.client.close(visit.cohort.n, self.talk.closer != Closer::Reset);
        let took_us = (self.talk.timeout_s * 1e6) as u64;
        let fate = self.client.spec.errors.timed_out(phase, took_us);
        self.fail(visit.cohort, (fate, cause));
    }
}
