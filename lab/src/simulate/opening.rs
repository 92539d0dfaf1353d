//! Provides the opening of connections: SYNs on their way, lost, refused there or by the target, left
//! unanswered, ignored; and those that nobody accepts for a while.

use model::attempt::Phase;
use model::cause::Cause;
use scenarios::Refuse;

use super::cohort::Cohort;
use super::failures::ROUND_TRIP_US;
use super::path::Ks;
use super::visit::Visit;
use super::world::{Later, Truth, World};

/// From one try of a Windows client to the next, seconds.
const TRY_AGAIN_S: f64 = 0.5;

/// SYNs on their way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syn {
    cohort: Cohort,
    /// How many were sent for each attempt before.
    sent: u32,
    /// Why they get no answer, where none will ever come.
    doomed: Option<Cause>,
    /// Why the last one got none.
    because: Option<Cause>,
}

impl Cohort {
    /// The numbers of its attempts.
    pub(super) fn ks(&self) -> Ks {
        Ks { first: self.first_k, stride: self.stride, n: self.n }
    }
}

impl World {
    /// Connections are opened.
    pub(super) fn connect(&mut self, cohort: Cohort) {
        self.client.open(cohort.n);
        self.client.counts.active_opens += cohort.n;
        if self.talk.is_plain {
            return self.reach(cohort);
        }
        self.syn(Syn { cohort, sent: 0, doomed: None, because: None });
    }

    /// A SYN that got no answer is sent once more, or not.
    pub(super) fn send_again(&mut self, syn: Syn) {
        let began_s = syn.cohort.due_s(&self.schedule).0;
        if self.now_s + 1e-9 >= began_s + self.talk.connect_timeout_s {
            self.client.counts.attempt_fails += syn.cohort.n;
            self.client.close(syn.cohort.n, false);
            let took_us = (self.talk.connect_timeout_s * 1e6) as u64;
            let fate = self.client.spec.errors.connect_timed_out(took_us);
            return self.fail(syn.cohort, (fate, syn.because));
        }
        let counts = &mut self.client.counts;
        counts.syn_retrans += syn.cohort.n;
        counts.retrans_segs += syn.cohort.n;
        counts.timeouts += syn.cohort.n;
        self.syn(Syn { sent: syn.sent + 1, ..syn });
    }

    /// SYNs cross the way.
    fn syn(&mut self, mut syn: Syn) {
        if let Some(cause) = syn.doomed {
            return self.unanswered(syn, cause);
        }
        let loss = self.path.exchange_loss(self.now_s);
        let lost = self.chance.of(syn.cohort.n, loss);
        if lost > 0 {
            let cohort = syn.cohort.take(lost);
            self.unanswered(Syn { cohort, ..syn }, Cause::NetworkLoss);
        }
        if syn.sent == 0 {
            let ignored = self.ignored(&syn.cohort);
            if ignored > 0 {
                self.hosts[syn.cohort.host].dropped_syns.1 += ignored;
                let doomed = Some(Cause::TupleCollision);
                let cohort = syn.cohort.take(ignored);
                self.unanswered(Syn { cohort, doomed, ..syn }, Cause::TupleCollision);
            }
        }
        let refused = self.path.refused(self.now_s, syn.cohort.ks());
        if refused > 0 {
            let cohort = syn.cohort.take(refused);
            self.refused(cohort, Some(Cause::Middlebox));
        }
        self.reach_after(syn);
    }

    /// How many SYNs meet a TIME_WAIT of their own tuple and are ignored.
    fn ignored(&mut self, cohort: &Cohort) -> u64 {
        let Some(reused) = &mut self.reused else { return 0 };
        let (first_k, stride, now_s) = (cohort.first_k, cohort.stride, self.now_s);
        let ignored = |i: &u64| reused.take(first_k + i * stride, now_s);
        (0..cohort.n).filter(ignored).count() as u64
    }

    /// SYNs that nobody answers are sent again by the generator's system.
    fn unanswered(&mut self, syn: Syn, cause: Cause) {
        if syn.cohort.n == 0 {
            return;
        }
        let began_s = syn.cohort.due_s(&self.schedule).0;
        let again_s = self.now_s + self.client.spec.errors.syn_again_s(syn.sent);
        let until_s = (began_s + self.talk.connect_timeout_s).max(self.now_s);
        let because = Some(cause);
        self.later.put(again_s.min(until_s), Later::Syn(Syn { because, ..syn }));
    }

    /// SYNs reach the target.
    fn reach(&mut self, cohort: Cohort) {
        self.reach_after(Syn { cohort, sent: 0, doomed: None, because: None });
    }

    fn reach_after(&mut self, mut syn: Syn) {
        let at = syn.cohort.host;
        if self.hosts[at].is_absent() {
            return self.refused(syn.cohort, Some(Cause::ListenerDown));
        }
        while syn.cohort.n > 0 {
            let room = self.hosts[at].room(syn.cohort.n);
            if room == 0 {
                return self.meet_gate(syn.cohort);
            }
            let mut part = syn.cohort.take(room);
            if self.hosts[at].stall().is_some() {
                let waits = self.hosts[at].wait(part.n);
                let held = part.take(waits);
                self.hold(held);
                self.turned_away(Syn { cohort: part, ..syn });
                continue;
            }
            self.accept(part);
        }
    }

    fn meet_gate(&mut self, cohort: Cohort) {
        let host = &mut self.hosts[cohort.host];
        host.refused(cohort.n);
        match host.refuse() {
            Refuse::RstToSyn => self.refused(cohort, Some(Cause::NonpagedPool)),
            Refuse::AcceptThenReset => {
                self.client.counts.estab_resets += cohort.n;
                self.client.close(cohort.n, false);
                let fate = self.client.spec.errors.reset();
                self.fail(cohort, (fate, Some(Cause::NonpagedPool)));
            }
        }
    }

    /// The backlog is full: a Linux kernel drops the SYN, Windows answers it with a reset.
    fn turned_away(&mut self, syn: Syn) {
        match self.hosts[syn.cohort.host].spec.is_linux {
            true => self.unanswered(syn, Cause::AcceptBacklog),
            false => self.refused(syn.cohort, Some(Cause::AcceptBacklog)),
        }
    }

    /// Connected, and accepted by nobody.
    fn hold(&mut self, cohort: Cohort) {
        if cohort.n > 0 {
            let visit = self.visitor(cohort);
            let id = self.park(visit, Some(Cause::AcceptBacklog), Phase::FirstByte);
            self.held[cohort.host].push(id);
        }
    }

    /// What has waited is accepted, once somebody does.
    pub(super) fn accept_held(&mut self, at: usize) {
        if self.held[at].is_empty() || self.hosts[at].stall().is_some() {
            return;
        }
        for id in std::mem::take(&mut self.held[at]) {
            let Some(parked) = self.parked.remove(&id) else { continue };
            let cohort = parked.visit.cohort;
            let waiting = &mut self.hosts[at].counts.waiting;
            *waiting = waiting.saturating_sub(cohort.n);
            if parked.is_gone {
                self.hosts[at].accept(cohort.n, u64::MAX);
                self.hosts[at].forget(cohort.n);
            } else {
                self.accept_visit(parked.visit);
            }
        }
    }

    /// A reset in answer to their SYN: some clients try again.
    pub(super) fn refused(&mut self, mut cohort: Cohort, cause: Truth) {
        if cohort.n == 0 {
            return;
        }
        self.client.counts.attempt_fails += cohort.n;
        self.client.close(cohort.n, false);
        if cohort.tries < self.talk.tries {
            cohort.tries += 1;
            return self.later.put(self.now_s + TRY_AGAIN_S, Later::Again(cohort));
        }
        let waited_us = (f64::from(cohort.tries - 1) * TRY_AGAIN_S * 1e6) as u64;
        let fate = self.client.spec.errors.refused().after_us(waited_us + ROUND_TRIP_US);
        self.fail(cohort, (fate, cause));
    }

    fn accept(&mut self, cohort: Cohort) {
        let visit = self.visitor(cohort);
        self.accept_visit(visit);
    }

    /// Connected just now.
    fn visitor(&self, cohort: Cohort) -> Visit {
        let us = match self.talk.is_plain && cohort.tries == 1 {
            true => 0,
            false => self.slowness_us(&cohort),
        };
        Visit::new(cohort, self.talk.requests, us + ROUND_TRIP_US)
    }

    /// How much later than at once a cohort got here: steps are no delay.
    fn slowness_us(&self, cohort: &Cohort) -> u64 {
        let us = self.since_due_us(cohort);
        if us < 100_000 { 0 } else { us }
    }
}
