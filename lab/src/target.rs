//! Provides the target's end of a run: a child process that takes orders on stdin, tells its state on
//! stdout, and does not outlive its parent.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::LocalSet;

use crate::check::has_path;
use crate::error::LabError;
use crate::isolation::TARGET_IP;
use crate::os::{die_with, raise_descriptors, timestamps, wire_target, wire_target_back};
use crate::parent::{each_start, hear, say, unshare};
use crate::protocol::{Order, Role, Said};
use crate::server::{Ready, Server, Service, Start};
use crate::{backend, path, spec};

/// Port of the site, and of the doors: that of windows_exporter.
pub const PORTS: (u16, u16) = (80, 9182);

/// Is a process of the lab, the target or another, until stdin ends. Must be called while the process
/// has a single thread. Fails with a sentence, which has then been told to the parent too.
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
        unshare()?;
    }
    match order.role {
        Role::Target => target(order),
        Role::Backend => backend::serve(&order.scenario),
        Role::Path => path::serve(&order.scenario),
    }
}

fn target(order: Order) -> Result<(), LabError> {
    if order.isolated {
        wire_target(has_path(&order.scenario))?;
        if !order.scenario.target.timestamps {
            timestamps(false)?;
        }
        if let Some(ports) = order.scenario.target_ports() {
            wire_target_back(ports)?;
        }
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
    std::thread::spawn(move || each_start(|at| orders.send(Start(at)).is_ok()));
    out
}
