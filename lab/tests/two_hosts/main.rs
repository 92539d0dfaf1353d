//! The lab with real sockets, in namespaces made for each test. Every test is a process of its own,
//! with one thread until it has entered its namespace; as `target --child` this program is the
//! target.

// clippy.toml allows these in tests, but knows tests only by their attribute.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod client;
mod crash;
mod faults;
mod gate;
mod loopback;
mod set_up;
mod time_wait;
mod wrong;

use std::io::{Write, stderr, stdout};
use std::process::{Command, ExitCode};

/// A test: its name, and what it does.
type Test = (&'static str, fn());

const TESTS: &[Test] = &[
    ("time_wait_is_the_targets_own_and_charged_as_shown", time_wait::the_targets_own),
    ("time_wait_of_client_first_stays_with_the_client", time_wait::the_clients),
    ("time_wait_is_aged_to_the_profiles_length", time_wait::aged),
    ("an_idle_connection_is_closed_and_logged", time_wait::idle),
    ("a_client_profile_sets_the_generators_kernel", time_wait::client_profile),
    ("time_wait_longer_than_the_kernels_is_refused", time_wait::too_long),
    ("the_gate_refuses_syns_and_counts_each", gate::rst_to_syn),
    ("the_gate_accepts_and_resets_where_asked", gate::accept_then_reset),
    ("the_gate_opens_when_the_pool_has_room_again", gate::recovers),
    ("a_listener_that_is_down_is_no_refusal_of_the_gate", gate::listener_down),
    ("an_ordinary_user_gets_the_same_gate", gate::as_nobody),
    ("loopback_emulates_time_wait_and_says_so", loopback::time_wait),
    ("loopback_refuses_by_closing_the_listener", loopback::refuses),
    ("loopback_refuses_a_client_profile", loopback::client_profile),
    ("a_wrong_request_is_answered_and_logged_as_http_sys_does", wrong::answered),
    ("a_head_that_does_not_end_is_waited_for_and_logged_so", wrong::header_wait),
    ("outgoing_ports_of_the_target_run_out_for_real", faults::outgoing_ports),
    ("a_path_that_is_cut_passes_nothing_for_a_while", faults::cut),
    ("a_middlebox_refuses_in_the_targets_name", faults::middlebox),
    ("connections_wait_while_nobody_accepts", faults::stalled),
    ("a_killed_parent_takes_its_target_along", crash::killed),
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|a| a == flag);
    if args.first().is_some_and(|a| a == "target") {
        return if lab::run_child().is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if has("--hold") {
        crash::hold();
        return ExitCode::SUCCESS;
    }
    let chosen = TESTS.iter().filter(|(name, _)| chosen(&args, name)).collect::<Vec<_>>();
    if has("--list") {
        // Nothing here is ignored.
        for (name, _) in chosen.iter().filter(|_| !has("--ignored")) {
            let _ = writeln!(stdout(), "{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    match chosen[..] {
        [(_, test)] if has("--exact") => {
            test();
            ExitCode::SUCCESS
        }
        _ => each(&chosen),
    }
}

/// The filters of `cargo test` and of nextest: a name, whole or in part.
fn chosen(args: &[String], name: &str) -> bool {
    let exact = args.iter().any(|a| a == "--exact");
    let mut filters = args.iter().filter(|a| !a.starts_with("--") && *a != "terse").peekable();
    filters.peek().is_none()
        || filters.any(|f| if exact { name == f.as_str() } else { name.contains(f.as_str()) })
}

fn each(tests: &[&Test]) -> ExitCode {
    let exe = std::env::current_exe().unwrap();
    let mut failed = 0;
    for (name, _) in tests {
        let done = Command::new(&exe).args(["--exact", name]).status().unwrap();
        failed += u32::from(!done.success());
        let _ = writeln!(stderr(), "{name} ... {}", if done.success() { "ok" } else { "FAILED" });
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
