//! Provides the host that the target calls: it answers each request after a while, and leaves it to
//! the target to close.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use scenarios::Scenario;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::error::LabError;
use crate::front::Front;
use crate::os::{raise_descriptors, wire_backend};
use crate::parent::{each_start, say};
use crate::protocol::Said;

/// Its port: any will do, this is SQL Server's.
pub const PORT: u16 = 1433;
/// How long it waits for the target to close.
const PATIENCE: Duration = Duration::from_secs(1);
/// What it answers; how long it is, both ends know.
pub const ANSWER: &[u8; 64] = &[b'.'; 64];
/// What it is asked.
pub const QUESTION: &[u8; 32] = &[b'?'; 32];

/// Serves until stdin ends, in the namespace that this process is in.
pub fn serve(scenario: &Scenario) -> Result<(), LabError> {
    wire_backend()?;
    raise_descriptors();
    let latency_s = scenario.target.app.and_then(|app| app.backend).map_or(0.0, |b| b.latency_s);
    let latency = Duration::from_secs_f64(latency_s);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| LabError::because("cannot start the backend's event loop", e))?;
    LocalSet::new().block_on(&runtime, async {
        let front = Front::open(SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)))?;
        let at = front.address();
        say(&Said::Ready { target: at, doors: at, notes: Vec::new() })?;
        let (gone, over) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            each_start(|_| true);
            let _ = gone.send(());
        });
        tokio::select! {
            () = accept(&front, latency) => {}
            _ = over => {}
        }
        say(&Said::Stopped { notes: Vec::new() })
    })
}

async fn accept(front: &Front, latency: Duration) {
    loop {
        match front.accept().await {
            Ok(stream) => drop(tokio::task::spawn_local(answer(stream, latency))),
            // Out of descriptors: the next try may find one.
            Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
        }
    }
}

/// A caller that goes away early is its own affair.
async fn answer(mut stream: TcpStream, latency: Duration) {
    let mut question = [0; QUESTION.len()];
    if stream.read_exact(&mut question).await.is_err() {
        return;
    }
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    if stream.write_all(ANSWER).await.is_ok() {
        // The target closes first, and keeps the TIME_WAIT; unless it has forgotten the connection.
        let _ = tokio::time::timeout(PATIENCE, stream.read(&mut question)).await;
    }
}
