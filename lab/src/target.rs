//! Provides the target's end of a run: a child process that takes orders on stdin, tells its state on
//! stdout, and does not outlive its parent.

use std::io::{BufRead, Write, stdin, stdout};
use std::net::{Ipv4Addr, SocketAddr};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::LocalSet;

use crate::error::LabError;
use crate::isolation::TARGET_IP;
use crate::os::{die_with, leave_generator, raise_descriptors, wire_target};
use crate::protocol::{NET, Order, Said, start_instant};
use crate::server::{Ready, Server, Service, Start};
use crate::spec;

/// Port of the site, and of the doors: that of windows_exporter.
pub const PORTS: (u16, u16) = (80, 9182);

/// Is the target of a run until stdin ends. Must be called while the process has a single thread.
/// Fails with a sentence, which has then been told to the parent too.
pub fn run_child() -> Result<(), LabError> {
    let done = child();
    if let Err(why) = &done {
        // A parent that is gone needs no answer.
        let _ = say(&Said::Failed(why.to_string()));
    }
    done
}

fn child() -> Result<(), LabError> {
    let order = Order::from_line(&hear()?)?;
    die_with(order.parent_pid)?;
    if order.isolated {
        leave_generator()?;
        say(&Said::Unshared)?;
        if hear()?.trim() != NET {
            return Err(LabError("the target's parent gave up before the wire was there".into()));
        }
        wire_target()?;
    }
    let service = service(order);
    serve(&service, |ready| {
        say(&Said::Ready {
            target: outside(&service, ready.target),
            doors: outside(&service, ready.doors),
            notes: ready.notes.clone(),
        })?;
        Ok(listen_to_parent())
    })
    .and_then(|notes| say(&Said::Stopped { notes }))
}

fn service(order: Order) -> Service {
    let spec = spec::target(&order.scenario, order.isolated);
    let (ip, ports) =
        if order.isolated { (Ipv4Addr::UNSPECIFIED, PORTS) } else { (Ipv4Addr::LOCALHOST, (0, 0)) };
    Service {
        spec,
        isolated: order.isolated,
        listen: SocketAddr::from((ip, ports.0)),
        doors: SocketAddr::from((ip, ports.1)),
        httperr_dir: order.httperr_dir,
    }
}

/// An address as the generator reaches it.
fn outside(service: &Service, bound: SocketAddr) -> SocketAddr {
    if service.isolated { SocketAddr::from((TARGET_IP, bound.port())) } else { bound }
}

/// Serves until the orders that `ready` gives end, and tells what went wrong meanwhile.
pub fn serve(
    service: &Service,
    ready: impl FnOnce(&Ready) -> Result<UnboundedReceiver<Start>, LabError>,
) -> Result<Vec<String>, LabError> {
    raise_descriptors();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| LabError::because("cannot start the target's event loop", e))?;
    LocalSet::new().block_on(&runtime, async {
        let (server, at) = Server::open(service)?;
        Ok(server.serve(ready(&at)?).await)
    })
}

/// A thread that turns `start` lines into orders; the end of stdin ends them.
fn listen_to_parent() -> UnboundedReceiver<Start> {
    let (orders, out) = unbounded_channel();
    std::thread::spawn(move || forward(&orders));
    out
}

fn forward(orders: &UnboundedSender<Start>) {
    for line in stdin().lock().lines() {
        let Ok(line) = line else { return };
        if let Some(at) = start_instant(&line)
            && orders.send(Start(at)).is_err()
        {
            return;
        }
    }
}

fn hear() -> Result<String, LabError> {
    let mut line = String::new();
    match stdin().lock().read_line(&mut line) {
        Ok(0) => Err(LabError("the target's parent is gone".into())),
        Ok(_) => Ok(line),
        Err(e) => Err(LabError::because("cannot hear the target's parent", e)),
    }
}

fn say(said: &Said) -> Result<(), LabError> {
    let mut out = stdout().lock();
    writeln!(out, "{}", said.to_line())
        .and_then(|()| out.flush())
        .map_err(|e| LabError::because("cannot answer the target's parent", e))
}
