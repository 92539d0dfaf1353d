//! Provides what happens to an application by itself at one moment: what begins by plan, what is
//! done, who gets a port or a worker, who has waited too long.

use super::{App, Done, Event, Ports, Stage, Trouble, Waiting, What, Work};

impl App {
    /// All that is due at this moment.
    pub(super) fn turn(&mut self, told: &mut impl FnMut(Event)) {
        while let Some((_, begins)) = self.edges.pop_if(|(at_s, _)| *at_s <= self.now_s) {
            begins.into_iter().for_each(|what| self.begin(what, told));
        }
        self.works_done(told);
        if let Some(ports) = &mut self.ports {
            ports.age(self.now_s);
            self.call();
            self.give_up(told);
        }
        self.dequeue(told);
        self.time_out(told);
    }

    fn begin(&mut self, what: Trouble, told: &mut impl FnMut(Event)) {
        match what {
            Trouble::Slow(_) => {}
            Trouble::Recycle => {
                self.processes += 1;
                self.ports.iter_mut().for_each(Ports::forget);
            }
            Trouble::Crash => {
                self.crashes += 1;
                self.processes += 1;
                self.abandon(told);
                self.ports.iter_mut().for_each(Ports::forget);
            }
            Trouble::Offline => {
                for w in std::mem::take(&mut self.queue) {
                    told(Event { id: w.id, n: w.n, what: What::Offline, at_s: self.now_s });
                }
                self.queued = 0;
            }
        }
    }

    /// The process that had these is gone, and its sockets are closed with it.
    fn abandon(&mut self, told: &mut impl FnMut(Event)) {
        let at_s = self.now_s;
        for (id, n, calling) in self.works.abandon() {
            if let (true, Some(ports)) = (calling, &mut self.ports) {
                ports.close(at_s, n);
            }
            told(Event { id, n, what: What::Abandoned, at_s });
        }
        for w in std::mem::take(&mut self.portless) {
            told(Event { id: w.id, n: w.n, what: What::Abandoned, at_s });
        }
    }

    fn works_done(&mut self, told: &mut impl FnMut(Event)) {
        while let Some(done) = self.works.pop_due(self.now_s) {
            let Done { at_s, id, n, stage } = done;
            match (stage, self.spec.work) {
                (Stage::Call, Work::Timed { service_s, .. }) => {
                    if let Some(ports) = &mut self.ports {
                        ports.close(at_s, n);
                    }
                    let at_s = at_s + service_s * self.slowness();
                    self.works.push(Done { at_s, id, n, stage: Stage::Work });
                }
                _ => told(Event { id, n, what: What::Answered, at_s }),
            }
        }
    }

    fn give_up(&mut self, told: &mut impl FnMut(Event)) {
        let give_up_s = self.give_up_s();
        let late = |w: &mut Waiting| w.since_s + give_up_s <= self.now_s;
        while let Some(w) = self.portless.pop_front_if(late) {
            told(Event { id: w.id, n: w.n, what: What::NoPort, at_s: self.now_s });
        }
    }

    /// Idle workers take what waits, the oldest first.
    pub(super) fn dequeue(&mut self, told: &mut impl FnMut(Event)) {
        let mut idle = self.idle();
        while idle > 0
            && let Some(first) = self.queue.front_mut()
        {
            let n = first.n.min(idle);
            let id = first.id;
            first.n -= n;
            if first.n == 0 {
                self.queue.pop_front();
            }
            self.queued -= n;
            idle -= n;
            self.start(id, n);
            told(Event { id, n, what: What::Started, at_s: self.now_s });
        }
    }

    fn time_out(&mut self, told: &mut impl FnMut(Event)) {
        let longest_s = self.spec.queue_timeout_s;
        let late = |w: &mut Waiting| w.since_s + longest_s <= self.now_s;
        while let Some(w) = self.queue.pop_front_if(late) {
            self.queued -= w.n;
            told(Event { id: w.id, n: w.n, what: What::TimedOut, at_s: self.now_s });
        }
    }
}
