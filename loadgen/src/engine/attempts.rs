//! Provides what the engine does with one attempt: starting, driving, ending it.

use std::net::IpAddr;

use mio::{Interest, Token};
use model::attempt::{Outcome, Phase};
use scenarios::strikes;

use crate::attempt::Attempt;
use crate::engine::Engine;
use crate::fault::Fault;
use crate::os_error;
use crate::ports::Ports;
use crate::slot::{Ready, Slot};
use crate::step::{Action, Closing, Ending, Rest, Step};
use crate::timers::Holder;

impl Engine<'_> {
    /// Starts an attempt.
    pub(super) fn start(&mut self, serial: u64, intended_us: u64, now_us: u64) {
        let attempt = Attempt::new(intended_us, now_us);
        let source = source_of(&self.plan.source_ips, serial);
        let is_slow = self.plan.habits.slow.filter(|slow| strikes(slow.share, serial));
        let morsel = is_slow.map(|_| self.morsel);
        let held = Slot { attempt, serial, stream: None, source, port: None, morsel, rests: false };
        let slot = self.slots.insert(held);
        let action = self.dial(slot);
        let not_sent = |fault: Fault| fault.outcome == Outcome::NotSent;
        if !matches!(action, Action::Done(Ending::Fault(fault), _) if not_sent(fault)) {
            self.meter.begun();
        }
        let holder = Holder { slot, serial };
        if !matches!(action, Action::Done(..)) {
            self.connect_timers.set(now_us, holder);
            self.timers.set(now_us, holder);
        }
        self.settle(slot, action);
    }

    /// Starts one try of the attempt in `slot`.
    fn dial(&mut self, slot: usize) -> Action {
        let held = &mut self.slots[slot];
        let dialled = self.dialler.dial(&mut held.attempt, &self.talk, held.source, self.clock);
        held.port = dialled.port;
        held.stream = dialled.stream;
        if let Some(took_us) = dialled.connect_call_us {
            self.meter.connect_call(took_us);
        }
        let Some(stream) = held.stream.as_mut() else { return dialled.action };
        let interest = Interest::READABLE | Interest::WRITABLE;
        match self.poll.registry().register(stream, Token(slot), interest) {
            Ok(()) => dialled.action,
            Err(error) => {
                let step = Step::OsError(os_error::code(&error));
                held.attempt.step(&self.talk, step, self.clock.now_us())
            }
        }
    }

    /// Goes on with the attempt in `slot`.
    pub(super) fn on_ready(&mut self, slot: usize, ready: Ready) {
        let Some(held) = self.slots.get_mut(slot) else { return };
        let action = held.advance(&self.talk, &mut self.buffer, ready, self.clock);
        self.settle(slot, action);
    }

    /// Does what an attempt asks for when it cannot go on by itself.
    fn settle(&mut self, slot: usize, action: Action) {
        match action {
            Action::Done(ending, closing) => self.finish(slot, ending, closing),
            Action::Pause => {
                let held = &mut self.slots[slot];
                held.close(Closing::Ordinary);
                let holder = Holder { slot, serial: held.serial };
                self.give_back_port(slot);
                self.retries.set(self.clock.now_us(), holder);
            }
            Action::Rest(rest) => {
                let held = &mut self.slots[slot];
                held.rests = true;
                let holder = Holder { slot, serial: held.serial };
                let timers = match rest {
                    Rest::Pause => &mut self.pauses,
                    Rest::Slow => &mut self.morsels,
                };
                timers.set(self.clock.now_us(), holder);
            }
            _ => {}
        }
    }

    /// Lets connections go on that have rested long enough.
    pub(super) fn wake(&mut self, now_us: u64) {
        loop {
            let slots = &self.slots;
            let alive = |h: Holder| slots.get(h.slot).is_some_and(|s| s.serial == h.serial);
            let rested =
                self.pauses.expired(now_us, alive).or_else(|| self.morsels.expired(now_us, alive));
            let Some(holder) = rested else { return };
            self.slots[holder.slot].rests = false;
            self.on_ready(holder.slot, Ready::ANYTHING);
        }
    }

    fn finish(&mut self, slot: usize, ending: Ending, closing: Closing) {
        self.give_back_port(slot);
        let Some(mut held) = self.slots.try_remove(slot) else { return };
        match ending {
            Ending::Served { target_closed } => {
                self.meter.served(&held.attempt.times, target_closed);
            }
            Ending::Fault(fault) => {
                self.meter.fault(fault, held.source(), &held.attempt.times);
            }
        }
        held.close(closing);
    }

    fn give_back_port(&mut self, slot: usize) {
        let held = &mut self.slots[slot];
        if let (Some(port), Ports::Own(map)) = (held.port.take(), &mut self.dialler.ports) {
            map.give_back(held.source, port);
        }
    }

    /// Ends what has taken too long and tries again what has waited for it.
    pub(super) fn expire(&mut self, now_us: u64) {
        loop {
            let slots = &self.slots;
            let alive = |h: Holder| slots.get(h.slot).is_some_and(|s| s.serial == h.serial);
            let connecting =
                |h: Holder| alive(h) && slots[h.slot].attempt.phase() <= Phase::Connect;
            let expired = self
                .connect_timers
                .expired(now_us, connecting)
                .or_else(|| self.timers.expired(now_us, alive));
            let retry = if expired.is_none() { self.retries.expired(now_us, alive) } else { None };
            if let Some(holder) = expired {
                let attempt = &mut self.slots[holder.slot].attempt;
                let action = attempt.step(&self.talk, Step::Deadline, now_us);
                self.settle(holder.slot, action);
            } else if let Some(holder) = retry {
                self.slots[holder.slot].attempt.step(&self.talk, Step::RetryDue, now_us);
                let action = self.dial(holder.slot);
                self.settle(holder.slot, action);
            } else {
                return;
            }
        }
    }
}

fn source_of(source_ips: &[IpAddr], serial: u64) -> Option<IpAddr> {
    let at = serial.checked_rem(source_ips.len() as u64)?;
    source_ips.get(at as usize).copied()
}
