//! Provides the engine: one thread, one event queue, paced by its own clock. It starts arrivals when
//! they are due whatever became of the earlier ones (open loop), and never blocks but to wait.

mod attempts;

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use mio::{Events, Poll, Token};
use model::attempt::Phase;
use slab::Slab;

use crate::conversation::Conversation;
use crate::dial::{Clock, Dialler};
use crate::fault::{Fault, Why};
use crate::meter::{Meter, Tick};
use crate::plan::{LoadError, Plan};
use crate::ports::Ports;
use crate::slot::{Ready, Slot};
use crate::step::Times;
use crate::sys;
use crate::timers::Timers;

/// The pause before another try at a refused connection, microseconds: Windows waits half a second
/// between the SYNs of one `connect()`.
const RETRY_PAUSE_US: u64 = 500_000;
/// Longest wait, so that a stop is seen.
const LONGEST_WAIT_US: u64 = 50_000;
/// Arrivals started before sockets are looked at again.
const STARTS_PER_TURN: usize = 256;
/// Events taken per turn.
const EVENTS_PER_TURN: usize = 1024;
/// Read buffer, bytes.
const BUFFER_BYTES: usize = 16 * 1024;
/// Where ports are used again at once and nothing says which: those of Windows since Vista.
const REUSED_PORTS: (u16, u16) = (49152, 65535);
const ALARM: Token = Token(usize::MAX - 1);

/// Which arrivals an engine takes: k ≡ `core` mod `of`.
#[derive(Clone, Copy, Debug)]
pub struct Lane {
    /// Number of this thread.
    pub core: usize,
    /// How many threads there are.
    pub of: usize,
}

impl Lane {
    /// This lane's part of a cap that holds for all threads together.
    fn share(self, cap: u32) -> usize {
        let cap = cap as usize;
        cap / self.of + usize::from(self.core < cap % self.of)
    }
}

/// One thread's engine.
pub struct Engine<'a> {
    plan: &'a Plan,
    lane: Lane,
    talk: Conversation,
    clock: Clock,
    poll: Poll,
    alarm: sys::Alarm,
    slots: Slab<Slot>,
    cap: usize,
    dialler: Dialler,
    connect_timers: Timers,
    timers: Timers,
    retries: Timers,
    pauses: Timers,
    morsels: Timers,
    /// Bytes that a slow sender sends at once.
    morsel: usize,
    meter: Meter,
    buffer: Vec<u8>,
    next: u64,
    drain_until_us: Option<u64>,
}

impl<'a> Engine<'a> {
    /// An engine for one lane of a plan. Made on the thread that runs it, before run time zero.
    ///
    /// # Errors
    /// No descriptor for the event queue.
    pub fn new(plan: &'a Plan, lane: Lane, clock: Clock) -> Result<Self, LoadError> {
        let poll = Poll::new().map_err(LoadError::Poll)?;
        let alarm = sys::Alarm::new(poll.registry(), ALARM).map_err(LoadError::Poll)?;
        let ports = if plan.habits.reuse_ports {
            let range = plan.source_ports.or_else(sys::kernel_ports).unwrap_or(REUSED_PORTS);
            Ports::reused(range, lane.core, lane.of)
        } else {
            Ports::choose(plan.source_ports, narrowable_ports(), lane.core, lane.of)
        };
        let (morsel, morsel_us) = morsels(plan.habits.slow.map_or(1.0, |s| s.bytes_per_second));
        let cap = lane.share(plan.in_flight);
        Ok(Self {
            plan,
            lane,
            talk: plan.conversation(),
            clock,
            poll,
            alarm,
            slots: Slab::with_capacity(cap.min(1 << 14)),
            cap,
            dialler: Dialler::new(plan.target, ports),
            connect_timers: Timers::new(plan.connect_timeout.as_micros() as u64),
            timers: Timers::new(plan.timeout.as_micros() as u64),
            retries: Timers::new(RETRY_PAUSE_US),
            pauses: Timers::new(plan.habits.pause.as_micros() as u64),
            morsels: Timers::new(morsel_us),
            morsel,
            meter: Meter::new(plan.tick.as_micros() as u64, sys::thread_cpu_s())?,
            buffer: vec![0; BUFFER_BYTES],
            next: lane.core as u64,
            drain_until_us: None,
        })
    }

    /// Runs to the end of the load or until `stop`, then waits for what is in flight. Gives every
    /// tick to `take`, which answers whether it wants more.
    ///
    /// # Errors
    /// The event queue failed, or nobody takes ticks any more.
    pub fn run(
        mut self,
        stop: &AtomicBool,
        mut take: impl FnMut(Tick) -> bool,
    ) -> Result<(), LoadError> {
        let mut events = Events::with_capacity(EVENTS_PER_TURN);
        loop {
            let now_us = self.clock.now_us();
            let in_flight = self.slots.len() as u64;
            while let Some(tick) = self.meter.roll(now_us, in_flight, sys::thread_cpu_s()) {
                if !take(tick) {
                    return Err(LoadError::Closed);
                }
            }
            self.expire(now_us);
            self.wake(now_us);
            let stopped = stop.load(Ordering::Relaxed);
            if self.is_over(now_us, stopped) {
                break;
            }
            self.start_due();
            self.wait(&mut events)?;
            for event in events.iter().filter(|event| event.token() != ALARM) {
                self.on_ready(event.token().0, Ready::from(event));
            }
        }
        let in_flight = self.slots.len() as u64;
        let last = self.meter.finish(self.clock.now_us(), in_flight, sys::thread_cpu_s());
        if take(last) { Ok(()) } else { Err(LoadError::Closed) }
    }

    fn due_us(&self, k: u64) -> Option<u64> {
        (k < self.plan.schedule.count())
            .then(|| (self.plan.schedule.start_s(k) * 1e6).round() as u64)
    }

    /// Ends the arrivals when it is time, and says whether all is over.
    fn is_over(&mut self, now_us: u64, stopped: bool) -> bool {
        let duration_us = self.plan.duration.as_micros() as u64;
        let drain_us = self.plan.drain.min(self.plan.timeout).as_micros() as u64;
        let hopeless = now_us >= duration_us + drain_us;
        if self.drain_until_us.is_none() {
            // What came due while the user stopped was not asked for any more, and is not offered.
            if hopeless && !stopped {
                self.give_up_due(now_us);
            } else if !stopped && self.due_us(self.next).is_some() {
                return false;
            }
            self.drain_until_us = Some(now_us + drain_us);
        }
        let drained = self.slots.is_empty() || self.drain_until_us.is_some_and(|at| now_us >= at);
        drained && (stopped || now_us >= duration_us)
    }

    /// Counts what came due and will not be begun any more; nothing does so before run time zero.
    fn give_up_due(&mut self, now_us: u64) {
        while let Some(due_us) = self.due_us(self.next).filter(|due_us| *due_us < now_us) {
            self.next += self.lane.of as u64;
            self.meter.offered(now_us - due_us);
            self.not_begun(Why::BehindSchedule, due_us, now_us);
        }
    }

    fn start_due(&mut self) {
        if self.drain_until_us.is_some() {
            return;
        }
        for _ in 0..STARTS_PER_TURN {
            let now_us = self.clock.now_us();
            let Some(due_us) = self.due_us(self.next).filter(|due_us| *due_us <= now_us) else {
                return;
            };
            let serial = self.next;
            self.next += self.lane.of as u64;
            self.meter.offered(now_us - due_us);
            if self.slots.len() >= self.cap {
                self.not_begun(Why::InFlightCap, due_us, now_us);
            } else {
                self.start(serial, due_us, now_us);
            }
        }
    }

    fn not_begun(&mut self, why: Why, intended_us: u64, now_us: u64) {
        let times = Times { intended_us, started_us: now_us, ended_us: now_us, ..Times::default() };
        self.meter.fault(Fault::not_sent(Phase::Schedule, why), None, &times);
    }

    /// Waits for sockets, the next arrival, tick or deadline.
    fn wait(&mut self, events: &mut Events) -> Result<(), LoadError> {
        let now_us = self.clock.now_us();
        let due_us = match self.drain_until_us {
            None => self.due_us(self.next),
            Some(_) => None,
        };
        let wakes = [
            Some(now_us + LONGEST_WAIT_US),
            Some(self.meter.tick_end_us()),
            self.connect_timers.next_us(),
            self.timers.next_us(),
            self.retries.next_us(),
            self.pauses.next_us(),
            self.morsels.next_us(),
            due_us,
        ];
        let wake_us = wakes.into_iter().flatten().min().unwrap_or(now_us);
        if due_us.is_some_and(|due_us| due_us == wake_us && due_us > now_us) {
            self.alarm.set(wake_us, now_us);
        }
        let wait = Duration::from_micros(wake_us.saturating_sub(now_us));
        match self.poll.poll(events, Some(wait)) {
            Err(error) if error.kind() != ErrorKind::Interrupted => Err(LoadError::Poll(error)),
            _ => Ok(()),
        }
    }
}

/// A slow sender's bytes at once, and how often it sends them, microseconds: four times a second, or
/// a byte at a time.
fn morsels(bytes_per_second: f64) -> (usize, u64) {
    let bytes = (bytes_per_second / 4.0).round().max(1.0);
    (bytes as usize, (bytes / bytes_per_second * 1e6) as u64)
}

/// The kernel's own range, where its choice within it can be narrowed.
fn narrowable_ports() -> Option<(u16, u16)> {
    let (low, high) = sys::kernel_ports()?;
    let socket = sys::open_socket(socket2::Domain::IPV4).ok()?;
    sys::narrow_ports(&socket, low, high).ok()?;
    Some((low, high))
}

#[cfg(test)]
mod tests {
    use super::morsels;

    #[test]
    fn slow_senders_keep_their_rate() {
        for (per_second, expected) in [
            (20.0, (5, 250_000)),
            (1000.0, (250, 250_000)),
            (1.0, (1, 1_000_000)),
            (0.5, (1, 2_000_000)),
        ] {
            assert_eq!(morsels(per_second), expected, "{per_second}");
        }
    }
}
