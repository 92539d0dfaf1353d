//! Provides the probes that connect anew: a full request from reserve ports or from another source
//! address, or a mere connect to another port. Each ends with a reset and leaves no TIME_WAIT.

use std::net::SocketAddr;
use std::time::Instant;

use model::reading::ProbeResult;

use crate::fault::Fault;
use crate::probes::connect::{ACT_TIMEOUT, From, connect};
use crate::probes::exchange::exchange;
use crate::probes::reserve::SpareDescriptor;

/// Connects to `target` and, given a request, has it answered.
pub fn fresh(
    target: SocketAddr,
    from: From<'_>,
    request: Option<&[u8]>,
    spare: &mut SpareDescriptor,
) -> ProbeResult {
    let start = Instant::now();
    let deadline = start + ACT_TIMEOUT;
    let act = connect(target, from, spare, deadline).and_then(|mut stream| match request {
        Some(request) => exchange(&mut stream, request, deadline).map(|_closes| ()),
        None => Ok(()),
    });
    spare.hold();
    result(act, start)
}

/// The form that a record keeps.
pub fn result(act: Result<(), Fault>, start: Instant) -> ProbeResult {
    let took_us = start.elapsed().as_micros() as u64;
    match act {
        Ok(()) => ProbeResult::Served { took_us },
        Err(fault) => ProbeResult::Failed { failure: fault.to_failure(), took_us },
    }
}
