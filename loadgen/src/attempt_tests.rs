//! The attempt machine, a sentence per row: what happens after the kernel gave a socket, and what
//! the attempt then asks for.

use super::Step::{Begun, Bound, Bytes, Connected, Deadline, Eof, Opened, OsError, RetryDue, Sent};
use super::*;
use crate::conversation::{Http, WINDOWS_TRIES};
use CloseStyle::{ClientFirst, Reset, TargetFirst};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const LAST: &[u8] = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
const FULL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno";
const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\n\r\nno";
const OPEN_ENDED: &[u8] = b"HTTP/1.0 200 OK\r\n\r\nsome";
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";

/// The whole request was taken, whatever its length.
const ALL: usize = usize::MAX;

fn talk(close: CloseStyle, requests: u32, tries: u32) -> Conversation {
    Conversation::new("h", "/", Http::V11, requests, close, tries)
}

/// Feeds the steps one microsecond apart and gives the last action.
fn last_action(talk: &Conversation, steps: &[Step<'_>]) -> (Action, Attempt) {
    let mut attempt = Attempt::new(0, 0);
    let mut action = Action::Open;
    for (at, step) in steps.iter().enumerate() {
        assert!(!matches!(action, Action::Done(..)), "nothing may follow the end: {step:?}");
        let step = match *step {
            Sent(ALL) => Sent(attempt.unsent(talk).len()),
            step => step,
        };
        action = attempt.step(talk, step, at as u64 + 1);
    }
    (action, attempt)
}

fn served(target_closed: bool) -> Action {
    Action::Done(Ending::Served { target_closed }, Closing::Ordinary)
}

fn failed(phase: Phase, why: Why) -> Action {
    Action::Done(Ending::Fault(Fault::failed(phase, why)), Closing::Ordinary)
}

fn not_sent(phase: Phase, code: i32) -> Action {
    Action::Done(Ending::Fault(Fault::not_sent(phase, Why::Os(code))), Closing::Ordinary)
}

const UP: &[Step<'static>] = &[Opened, Bound, Begun, Connected];

/// Steps after the connection is up.
fn check(rows: &[(CloseStyle, u32, &[Step<'_>], Action, &str)]) {
    for (close, requests, steps, expected, why) in rows {
        let steps: Vec<_> = UP.iter().chain(*steps).copied().collect();
        let (action, _) = last_action(&talk(*close, *requests, 1), &steps);
        assert_eq!(action, *expected, "{why}");
    }
}

#[test]
fn attempts_are_served() {
    check(&[
        (TargetFirst, 1, &[Sent(ALL), Bytes(LAST), Eof], served(true), "the target closes first"),
        (
            TargetFirst,
            1,
            &[Sent(ALL), Bytes(LAST)],
            Action::Read,
            "the answer alone is not the end",
        ),
        (ClientFirst, 1, &[Sent(ALL), Bytes(OK)], served(false), "we close after the last byte"),
        (
            ClientFirst,
            1,
            &[Sent(ALL), Bytes(CHUNKED)],
            served(false),
            "chunks have a last byte too",
        ),
        (
            ClientFirst,
            1,
            &[Sent(ALL), Bytes(&OK[..9]), Bytes(&OK[9..39]), Bytes(&OK[39..])],
            served(false),
            "however the answer is split",
        ),
        (ClientFirst, 1, &[Sent(ALL), Bytes(OPEN_ENDED), Eof], served(true), "EOF ends the body"),
        (ClientFirst, 2, &[Sent(ALL), Bytes(OK)], Action::Send, "the next request follows"),
        (ClientFirst, 2, &[Sent(ALL), Bytes(OK), Sent(ALL), Bytes(OK)], served(false), "twice"),
        (ClientFirst, 1, &[Sent(3)], Action::Send, "the rest of a request is sent"),
        (
            Reset,
            1,
            &[Sent(ALL), Bytes(OK)],
            Action::Done(Ending::Served { target_closed: false }, Closing::Reset),
            "we reset after the last byte",
        ),
    ]);
}

#[test]
fn attempts_fail_where_they_stand() {
    use Phase::{Body, Close, FirstByte, Send};
    check(&[
        (TargetFirst, 1, &[OsError(104)], failed(Send, Why::Os(104)), "reset before the request"),
        (TargetFirst, 1, &[Sent(3), OsError(32)], failed(Send, Why::Os(32)), "EPIPE within it"),
        (
            TargetFirst,
            1,
            &[Sent(ALL), OsError(104)],
            failed(FirstByte, Why::Os(104)),
            "or after it",
        ),
        (
            TargetFirst,
            1,
            &[Sent(ALL), Bytes(&OK[..9]), OsError(104)],
            failed(Body, Why::Os(104)),
            "or within the answer",
        ),
        (
            TargetFirst,
            1,
            &[Sent(ALL), Bytes(LAST), OsError(104)],
            failed(Close, Why::Os(104)),
            "or in place of the target's FIN",
        ),
        (TargetFirst, 1, &[Sent(ALL), Eof], failed(FirstByte, Why::NoAnswer), "closed unanswered"),
        (
            TargetFirst,
            1,
            &[Sent(ALL), Bytes(&LAST[..30]), Eof],
            failed(Body, Why::CutShort),
            "closed within the answer",
        ),
        (
            TargetFirst,
            1,
            &[Sent(ALL), Bytes(LAST), Deadline],
            failed(Close, Why::TimedOut),
            "the target never closes",
        ),
    ]);
}

#[test]
fn attempts_fail_where_time_or_the_target_leaves_them() {
    use Phase::{Body, FirstByte, Send};
    check(&[
        (TargetFirst, 1, &[Deadline], failed(Send, Why::TimedOut), "a request that is not taken"),
        (TargetFirst, 1, &[Sent(ALL), Deadline], failed(FirstByte, Why::TimedOut), "no answer"),
        (
            ClientFirst,
            1,
            &[Sent(ALL), Bytes(&OK[..30]), Deadline],
            failed(Body, Why::TimedOut),
            "half an answer",
        ),
        (
            ClientFirst,
            1,
            &[Sent(ALL), Bytes(b"SSH-2.0\r\n")],
            failed(Body, Why::Malformed),
            "no HTTP",
        ),
        (
            ClientFirst,
            2,
            &[Sent(ALL), Bytes(LAST)],
            failed(FirstByte, Why::NoAnswer),
            "the target says it closes before our last request",
        ),
        (
            ClientFirst,
            2,
            &[Sent(ALL), Bytes(OK), Sent(ALL), Eof],
            failed(FirstByte, Why::NoAnswer),
            "the second request finds it closed",
        ),
    ]);
}

#[test]
fn a_status_fails_the_attempt_and_the_close_style_is_kept() {
    let status = failed(Phase::FirstByte, Why::Status(503));
    check(&[
        (TargetFirst, 1, &[Sent(ALL), Bytes(FULL)], Action::Read, "the target's FIN is awaited"),
        (TargetFirst, 1, &[Sent(ALL), Bytes(FULL), Eof], status, "and then it is a failure"),
        (TargetFirst, 1, &[Sent(ALL), Bytes(FULL), OsError(104)], status, "whatever ends it"),
        (TargetFirst, 1, &[Sent(ALL), Bytes(FULL), Deadline], status, "or does not end it"),
        (ClientFirst, 1, &[Sent(ALL), Bytes(FULL)], status, "we close after its last byte"),
        (TargetFirst, 3, &[Sent(ALL), Bytes(BUSY)], status, "no further request is sent"),
        (
            ClientFirst,
            1,
            &[Sent(ALL), Bytes(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")],
            served(false),
            "a redirect is an answer",
        ),
    ]);
}

#[test]
fn what_the_kernel_holds_back_is_an_observed_close() {
    let talk = talk(ClientFirst, 1, 1);
    let mut attempt = Attempt::new(0, 0);
    for step in UP {
        attempt.step(&talk, *step, 0);
    }
    attempt.step(&talk, Sent(attempt.unsent(&talk).len()), 0);
    attempt.note_eof_behind();
    let action = attempt.step(&talk, Bytes(OK), 0);
    assert_eq!(action, served(true), "the FIN was there before our own close");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_begun_that_the_generator_could_not_begin() {
    let rows: &[(&[Step<'_>], Action, &str)] = &[
        (&[OsError(24)], not_sent(Phase::Open, 24), "no descriptor"),
        (&[Opened, OsError(98)], not_sent(Phase::Bind, 98), "no port to bind"),
        (&[Opened, Bound, OsError(99)], not_sent(Phase::Connect, 99), "no port to connect from"),
        (&[Opened, Bound, OsError(101)], failed(Phase::Connect, Why::Os(101)), "no route"),
        (&[Opened, Bound, Begun, OsError(111)], failed(Phase::Connect, Why::Os(111)), "refused"),
        (&[Opened, Bound, Begun, OsError(105)], failed(Phase::Connect, Why::Os(105)), "too late"),
        (&[Opened, Bound, Begun, Deadline], failed(Phase::Connect, Why::TimedOut), "no SYN-ACK"),
        (
            &[Opened, Bound, Begun, OsError(104)],
            failed(Phase::Send, Why::Os(104)),
            "a reset, not a refusal: it was established",
        ),
    ];
    for (steps, expected, why) in rows {
        let (action, _) = last_action(&talk(TargetFirst, 1, 1), steps);
        assert_eq!(action, *expected, "{why}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_refused_connection_is_tried_three_times_as_windows_does() {
    let talk = talk(TargetFirst, 1, WINDOWS_TRIES);
    let refused = [Opened, Bound, Begun, OsError(111)];
    let again = [RetryDue, Opened, Bound, Begun, OsError(111)];
    let twice: Vec<_> = refused.iter().chain(&again).copied().collect();
    let thrice: Vec<_> = twice.iter().chain(&again).copied().collect();
    let gone: Vec<_> = refused.iter().chain(&[RetryDue, OsError(24)]).copied().collect();
    let late: Vec<_> = refused.iter().chain(&[Deadline]).copied().collect();
    let reset = [Opened, Bound, Begun, OsError(104)];
    let rows: &[(&[Step<'_>], Action, &str)] = &[
        (&refused, Action::Pause, "the first refusal is followed by a pause"),
        (&twice, Action::Pause, "and so is the second"),
        (&thrice, failed(Phase::Connect, Why::Os(111)), "the third is final"),
        (&gone, failed(Phase::Open, Why::Os(24)), "once begun it can no longer be not sent"),
        (&late, failed(Phase::Connect, Why::TimedOut), "the time-out holds during the pause"),
        (&reset, failed(Phase::Send, Why::Os(104)), "only refusals are tried again"),
    ];
    for (steps, expected, why) in rows {
        assert_eq!(last_action(&talk, steps).0, *expected, "{why}");
    }
}

#[test]
fn times_are_those_of_the_first_answer_and_of_the_outcome() {
    let steps: Vec<_> = UP.iter().copied().chain([Sent(ALL), Bytes(FULL), Eof]).collect();
    let (_, attempt) = last_action(&talk(TargetFirst, 1, 1), &steps);
    assert_eq!(attempt.times.connected_us, Some(4));
    assert_eq!(attempt.times.first_byte_us, Some(6));
    assert_eq!(attempt.times.ended_us, 6, "a status is known before the close");
}
