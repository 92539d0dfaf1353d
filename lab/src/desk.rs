//! Provides the application at work: its model, and the requests that wait for what it says of them.

use std::collections::HashMap;
use std::rc::Rc;

use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::app::{App, AppSpec, What};

/// What becomes of a request that has just come.
#[derive(Debug)]
pub enum Place {
    /// It has a worker or waits for one.
    Taken(Ticket),
    /// The queue is full.
    QueueFull,
    /// The application works on as many as it may.
    Concurrency,
    /// The pool is disabled.
    Offline,
}

/// A request that was taken.
#[derive(Debug)]
pub struct Ticket {
    /// Its number.
    pub id: u64,
    /// True where it has a worker at once.
    pub has_worker: bool,
    news: UnboundedReceiver<What>,
}

impl Ticket {
    /// What is next heard of it.
    pub async fn next(&mut self) -> What {
        // The desk never lets go of a ticket before it has told its end.
        self.news.recv().await.unwrap_or(What::Abandoned)
    }

    /// How it ends.
    pub async fn end(&mut self) -> What {
        loop {
            let what = self.next().await;
            if what != What::Started {
                return what;
            }
        }
    }
}

/// The application and those who wait.
#[derive(Debug)]
pub struct Desk {
    app: App,
    waiting: HashMap<u64, UnboundedSender<What>>,
    next_id: u64,
    rejected: u64,
    /// Told when something may happen earlier than was expected.
    changed: Rc<Notify>,
}

impl Desk {
    /// A desk with nobody at it.
    pub fn new(spec: &AppSpec) -> Self {
        Self {
            app: App::new(spec),
            waiting: HashMap::new(),
            next_id: 0,
            rejected: 0,
            changed: Rc::default(),
        }
    }

    /// A request comes at `now_s` of run time.
    pub fn arrive(&mut self, now_s: f64) -> Place {
        self.advance(now_s);
        let id = self.next_id;
        self.next_id += 1;
        let taken = self.app.arrive(id, 1);
        if taken.queue_full == 1 {
            self.rejected += 1;
            return Place::QueueFull;
        }
        if taken.offline == 1 {
            return Place::Offline;
        }
        if taken.concurrency == 1 {
            return Place::Concurrency;
        }
        let (told, news) = unbounded_channel();
        self.waiting.insert(id, told);
        self.changed.notify_one();
        Place::Taken(Ticket { id, has_worker: taken.started == 1, news })
    }

    /// Tells everybody what has become of them by `now_s`.
    pub fn advance(&mut self, now_s: f64) {
        let Self { app, waiting, .. } = self;
        app.advance(now_s, |event| tell(waiting, event.id, event.what));
    }

    /// The work on this request is done, or of no use any more since its process is gone.
    pub fn finish(&mut self, now_s: f64, id: u64) {
        self.advance(now_s);
        let Self { app, waiting, .. } = self;
        app.finish(id, 1, |event| tell(waiting, event.id, event.what));
        waiting.remove(&id);
        self.changed.notify_one();
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Requests that the full queue turned away.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// Notified when the next event may have come nearer.
    pub fn changed(&self) -> Rc<Notify> {
        Rc::clone(&self.changed)
    }
}

fn tell(waiting: &mut HashMap<u64, UnboundedSender<What>>, id: u64, what: What) {
    let told = match what {
        What::Started => waiting.get(&id).map(|to| to.send(what)),
        _ => waiting.remove(&id).map(|to| to.send(what)),
    };
    // A client that is gone hears nothing more.
    let _ = told;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Work;

    fn spec(work: Work) -> AppSpec {
        AppSpec {
            workers: 1,
            work,
            queue_length: 1,
            queue_timeout_s: 10.0,
            connection_limit: None,
            concurrency_limit: 5000,
            plan: Vec::new(),
        }
    }

    fn ticket(place: Place) -> Ticket {
        let Place::Taken(ticket) = place else { panic!("{place:?}") };
        ticket
    }

    #[tokio::test]
    async fn each_request_hears_its_own_end() {
        let mut desk = Desk::new(&spec(Work::Timed { service_s: 1.0, backend: None }));
        let (mut first, mut second) = (ticket(desk.arrive(0.0)), ticket(desk.arrive(0.0)));
        assert!(first.has_worker && !second.has_worker);
        assert!(matches!(desk.arrive(0.0), Place::QueueFull));
        assert_eq!(desk.rejected(), 1);
        desk.advance(1.0);
        assert_eq!((first.end().await, second.next().await), (What::Answered, What::Started));
        desk.advance(2.0);
        assert_eq!(second.end().await, What::Answered);
        assert!(desk.waiting.is_empty(), "nobody is waited for any more");
    }

    #[tokio::test]
    async fn work_done_elsewhere_lets_the_next_one_begin() {
        let mut desk = Desk::new(&spec(Work::Told));
        let (first, mut second) = (ticket(desk.arrive(0.0)), ticket(desk.arrive(0.0)));
        desk.finish(5.0, first.id);
        assert_eq!(second.next().await, What::Started);
        desk.finish(6.0, second.id);
        desk.finish(7.0, second.id);
        assert_eq!((desk.app().busy(), desk.waiting.len()), (0, 0), "no work is done twice");
    }
}
