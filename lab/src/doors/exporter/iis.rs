//! Provides the iis metrics: the site, its queue, its application pool and the one worker.

use super::{Page, View};

const SITE: &str = "site=\"Default Web Site\"";
const QUEUE: &str = "site=\"DefaultAppPool\"";
const APP: &str = "app=\"DefaultAppPool\"";

/// The four answers that a worker counts as errors, W3SVC_W3WP. The site gives none of them: it has a
/// page at every path, and refuses other methods with 405.
const ERROR_STATUSES: [&str; 4] = ["401", "403", "404", "500"];
/// The states of an application pool, in the order of their numbers from 1.
const POOL_STATES: [&str; 7] = [
    "Uninitialized",
    "Initialized",
    "Running",
    "Disabling",
    "Disabled",
    "Shutdown Pending",
    "Delete Pending",
];

/// Writes them all.
pub(super) fn iis(page: &mut Page, view: &View<'_>) {
    let [get, head, other] = view.counts.requests;
    let by_method = ["GET", "HEAD", "other"].map(|m| format!("method=\"{m}\",{SITE}"));
    page.family(
        "iis_connection_attempts_all_instances_total",
        "counter",
        "(WebService.ConnectionAttemptsAllInstances)",
        &[(SITE, view.counts.accepted)],
    );
    page.family(
        "iis_current_connections",
        "gauge",
        "Number of current connections established with the Web service",
        &[(SITE, view.ledger.open())],
    );
    page.family(
        "iis_requests_total",
        "counter",
        "Number of HTTP requests",
        &[(&by_method[0], get), (&by_method[1], head), (&by_method[2], other)],
    );
    page.family(
        "iis_http_requests_current_queue_size",
        "gauge",
        "Http Request Current queue size",
        &[(QUEUE, 0)],
    );
    page.family(
        "iis_http_request_total_rejected_request",
        "gauge",
        "Http Request total rejected request",
        &[(QUEUE, 0)],
    );
    page.family(
        "iis_http_requests_max_queue_item_age",
        "gauge",
        "Http Request Max Queue Item Age. The values might be bogus if the queue is empty.",
        &[(QUEUE, 0)],
    );
    // The exporter takes the counter raw: what arrived since the start, whatever the name says.
    page.family(
        "iis_http_requests_arrival_rate",
        "gauge",
        "Http Request Arrival Rate",
        &[(QUEUE, get + head + other)],
    );
    worker(page, view.worker_pid);
}

/// The pool and its worker, which never fail here.
fn worker(page: &mut Page, pid: u32) {
    let states = POOL_STATES
        .map(|state| (format!("{APP},state=\"{state}\""), u64::from(state == "Running")));
    let errors =
        ERROR_STATUSES.map(|status| (format!("{APP},pid=\"{pid}\",status_code=\"{status}\""), 0));
    for (name, kind, help, rows) in [
        (
            "iis_current_application_pool_state",
            "gauge",
            "The current status of the application pool (1 - Uninitialized, 2 - Initialized, \
             3 - Running, 4 - Disabling, 5 - Disabled, 6 - Shutdown Pending, 7 - Delete Pending) \
             (CurrentApplicationPoolState)",
            &states[..],
        ),
        ("iis_worker_request_errors_total", "counter", "", &errors[..]),
    ] {
        let samples: Vec<(&str, u64)> = rows.iter().map(|(l, v)| (l.as_str(), *v)).collect();
        page.family(name, kind, help, &samples);
    }
}
