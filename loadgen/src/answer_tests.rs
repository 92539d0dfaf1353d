//! Answers in portions: where they end, and what they leave behind.

use super::Progress::{Malformed, More, Whole};
use super::*;

/// An answer in portions, what the last portion leads to, what EOF then leads to, and whether
/// the answer closes the connection.
#[test]
fn answers_are_read_to_their_last_byte() {
    let rows: &[(&[&str], Progress, bool, &str)] = &[
        (&["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"], Whole, false, "one piece"),
        (&["HTTP/1.1 200 OK\r\nContent-", "Length: 2\r\n\r\n", "o", "k"], Whole, false, "split"),
        (&["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok"], More, false, "a byte is missing"),
        (&["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok"], Malformed, false, "one too many"),
        (&["HTTP/1.1 204 No Content\r\n\r\n"], Whole, false, "204 has no body"),
        (&["HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"], Whole, false, "nor has 304"),
        (
            &["HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n"],
            Whole,
            true,
            "close",
        ),
        (&["HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"], Whole, true, "HTTP/1.0 closes"),
        (
            &["HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n"],
            Whole,
            false,
            "unless it says keep-alive",
        ),
        (&["HTTP/1.1 200 OK\r\n\r\nsome"], More, true, "no length: until EOF"),
        (
            &["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
            Whole,
            false,
            "chunked",
        ),
        (
            &["HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"],
            Whole,
            false,
            "an interim answer is passed over",
        ),
        (
            &["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\n"],
            More,
            false,
            "and waited behind",
        ),
        (&["SSH-2.0-OpenSSH\r\n"], Malformed, false, "another protocol"),
        (&["HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"], Malformed, false, "no number"),
    ];
    for (portions, expected, closes, why) in rows {
        let mut answer = Answer::default();
        let last = portions.iter().map(|p| answer.push(p.as_bytes())).last();
        assert_eq!((last, answer.closes()), (Some(*expected), *closes), "{why}");
    }
}

#[test]
fn every_split_of_an_answer_reads_the_same() {
    let text = b"HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n\r\n\
                 5;x=y\r\nhello\r\n1\r\n!\r\n0\r\nTrailer: 1\r\n\r\n";
    for at in 1..text.len() {
        let mut answer = Answer::default();
        assert_eq!(answer.push(&text[..at]), More, "not whole at {at}");
        assert_eq!(answer.push(&text[at..]), Whole, "whole when split at {at}");
        assert_eq!(answer.status(), Some(503));
    }
}

#[test]
fn eof_ends_only_a_body_without_a_length() {
    for (text, expected, why) in [
        ("HTTP/1.1 200 OK\r\n\r\nsome", Whole, "the body ends with the connection"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome", Malformed, "cut short"),
        ("HTTP/1.1 200 OK\r\n", Malformed, "cut short within the head"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsome", Whole, "whole before"),
    ] {
        let mut answer = Answer::default();
        answer.push(text.as_bytes());
        assert_eq!(answer.eof(), expected, "{why}");
    }
}
