//! Provides the iis metrics: the site, its queue, its application pool and the one worker.

use super::{Page, View};
use crate::app::App;

const SITE: &str = "site=\"Default Web Site\"";
const QUEUE: &str = "site=\"DefaultAppPool\"";
const APP: &str = "app=\"DefaultAppPool\"";

/// The four answers that a worker counts as errors, W3SVC_W3WP.
const ERROR_STATUSES: [u16; 4] = [401, 403, 404, 500];
/// Failures after which a pool is disabled: rapid-fail protection, 5 within 5 minutes.
const RAPID_FAIL: u64 = 5;
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
    let oldest_s = view.app.and_then(App::oldest_wait_s).unwrap_or(0.0);
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
        &[(QUEUE, view.app.map_or(0, App::queued))],
    );
    page.family(
        "iis_http_request_total_rejected_request",
        "gauge",
        "Http Request total rejected request",
        &[(QUEUE, view.rejected)],
    );
    page.family(
        "iis_http_requests_max_queue_item_age",
        "gauge",
        "Http Request Max Queue Item Age. The values might be bogus if the queue is empty.",
        &[(QUEUE, (oldest_s * 1e3) as u64)],
    );
    // The exporter takes the counter raw: what arrived since the start, whatever the name says.
    page.family(
        "iis_http_requests_arrival_rate",
        "gauge",
        "Http Request Arrival Rate",
        &[(QUEUE, get + head + other)],
    );
    worker(page, view);
}

/// The pool and its worker.
fn worker(page: &mut Page, view: &View<'_>) {
    let is_offline = view.app.is_some_and(App::is_offline);
    let current = if is_offline { "Disabled" } else { "Running" };
    let states =
        POOL_STATES.map(|state| (format!("{APP},state=\"{state}\""), u64::from(state == current)));
    let pid = view.worker_pid;
    let errors = ERROR_STATUSES.map(|status| {
        let count = view.counts.errors.get(&status).copied().unwrap_or(0);
        (format!("{APP},pid=\"{pid}\",status_code=\"{status}\""), count)
    });
    let crashes = view.app.map_or(0, App::crashes);
    let failures = crashes + if is_offline { RAPID_FAIL } else { 0 };
    for (name, kind, help, rows) in [
        (
            "iis_current_application_pool_state",
            "gauge",
            "The current status of the application pool (1 - Uninitialized, 2 - Initialized, \
             3 - Running, 4 - Disabling, 5 - Disabled, 6 - Shutdown Pending, 7 - Delete Pending) \
             (CurrentApplicationPoolState)",
            &states[..],
        ),
        (
            "iis_recent_worker_process_failures",
            "gauge",
            "The number of times that worker processes for the application pool failed during the \
             rapid-fail protection interval (RecentWorkerProcessFailures)",
            &[(APP.to_owned(), failures)],
        ),
        ("iis_worker_request_errors_total", "counter", "", &errors[..]),
    ] {
        let samples: Vec<(&str, u64)> = rows.iter().map(|(l, v)| (l.as_str(), *v)).collect();
        page.family(name, kind, help, &samples);
    }
}
