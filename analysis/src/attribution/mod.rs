//! Provides the hypotheses, one file each, and what each hands back: a [`Judgement`].

mod accept_backlog;
mod app_offline;
mod application;
mod behind;
mod burst;
pub(crate) mod client_memory;
pub(crate) mod client_ports;
mod concurrency_limit;
mod connection_limit;
pub(crate) mod generator_limit;
mod judgement;
pub(crate) mod kernel_memory;
mod listener_down;
mod middlebox;
mod name_resolution;
mod network_loss;
mod nonpaged_pool;
mod queue_wait;
mod rejected_request;
pub(crate) mod request_queue;
mod slow_client;
pub(crate) mod target_ports;
mod testified;
mod tls;
mod tuple_collision;
mod worker_crash;

use std::collections::{BTreeMap, BTreeSet};

use model::cause::{Cause, Stance};

use crate::facts::{Candidate, Facts, Place};
pub(crate) use judgement::{Judgement, Words};

/// What every hypothesis says of a run in which nothing failed.
const NOTHING_FAILED: &str = "no attempt failed, so there is nothing to explain";

/// What contradicts a hypothesis whose failures look otherwise than those there are.
const OTHER_LOOK: &str = "none of the failures looks like it";

/// What a hypothesis about the generator says where none was.
const NO_LOAD: &str = "no generator was observed: only what the host's own log counts is known";

/// How one cause is judged.
type Judge = fn(&Facts<'_>, &Known) -> Judgement;

/// Every cause, in the order in which they are judged: the hosts' own words first, then levels, then
/// what is told by the absence of others, which asks what the earlier ones found.
const HYPOTHESES: &[Judge] = &[
    request_queue::judge,
    connection_limit::judge,
    concurrency_limit::judge,
    app_offline::judge,
    worker_crash::judge,
    queue_wait::judge,
    slow_client::judge,
    nonpaged_pool::judge,
    kernel_memory::judge,
    listener_down::judge,
    target_ports::judge,
    application::judge,
    rejected_request::judge,
    tls::judge,
    name_resolution::judge,
    client_ports::judge,
    client_memory::judge,
    generator_limit::judge,
    accept_backlog::judge,
    tuple_collision::judge,
    network_loss::judge,
    middlebox::judge,
];

/// What has been judged so far.
#[derive(Debug, Default)]
pub(crate) struct Known(BTreeMap<Cause, Judgement>);

impl Known {
    /// The judgement of a cause that was judged earlier.
    pub(crate) fn of(&self, cause: Cause) -> Option<&Judgement> {
        self.0.get(&cause)
    }

    /// Whether a cause that was judged earlier is supported.
    pub(crate) fn supports(&self, cause: Cause) -> bool {
        self.of(cause).is_some_and(|j| j.stance == Stance::Supported)
    }

    /// The failures that a supported cause explains.
    pub(crate) fn explained_by(&self, cause: Cause) -> BTreeSet<Place> {
        let judged = self.of(cause).filter(|j| j.stance == Stance::Supported);
        judged.into_iter().flat_map(|j| &j.claims).map(|c| c.place).collect()
    }

    /// The failures that any supported cause explains, or a consistent one that nothing contradicts.
    pub(crate) fn explained(&self) -> BTreeSet<Place> {
        let claiming = self.0.values().filter(|j| j.may_claim());
        claiming.flat_map(|j| &j.claims).map(|c| c.place).collect()
    }

    /// Those of these candidates that nothing explains yet.
    pub(crate) fn left(&self, mut candidates: Vec<Candidate>) -> Vec<Candidate> {
        let explained = self.explained();
        candidates.retain(|c| !explained.contains(&c.place));
        candidates
    }
}

/// Every hypothesis, judged, in the order of [`Cause::ALL`].
pub(crate) fn judge(facts: &Facts<'_>) -> Vec<Judgement> {
    let mut known = Known::default();
    for judge in HYPOTHESES {
        let judged = judge(facts, &known);
        known.0.insert(judged.cause, judged);
    }
    behind::link(facts, &mut known.0);
    known.0.into_values().collect()
}
