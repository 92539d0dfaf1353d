//! Heads whole, in part, and wrong.

use super::*;

#[test]
fn a_wrong_head_is_told_by_its_first_mistake() {
    for (text, status, reason, told, why) in [
        ("\x16\x03\x01\x02", 400, "Verb", "- - -", "TLS on a plain port, no line at all"),
        ("GARBAGE\r\n\r\n", 400, "Verb", "- - -", "a word where a verb and a space should be"),
        ("G(T / HTTP/1.1\r\n\r\n", 400, "Verb", "- - -", "a character that no verb has"),
        ("GET http://[ HTTP/1.1\r\n\r\n", 400, "URL", "HTTP/1.1 GET http://[", "no URL"),
        ("GET /a\r\n\r\n", 400, "BadRequest", "- GET /a", "no version"),
        ("GET /a FTP/1.1\r\n\r\n", 400, "BadRequest", "- GET /a", "another protocol"),
        ("GET /a HTTP/9.9\r\n\r\n", 505, "Version_N/S", "HTTP/9.9 GET /a", "as published in 2026"),
        ("GET /a HTTP/11.0\r\n\r\n", 505, "Version_N/S", "HTTP/?.? GET /a", "numbers from 10 on"),
        (
            "GET /a HTTP/1.1\r\nB d: 1\r\n\r\n",
            400,
            "Header",
            "HTTP/1.1 GET /a",
            "a blank in a name",
        ),
        ("GET /a HTTP/1.1\r\n\r\n", 400, "Hostname", "HTTP/1.1 GET /a", "no Host"),
        (
            "GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            400,
            "Hostname",
            "HTTP/1.1 GET /a",
            "two",
        ),
        (
            "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
            400,
            "Number",
            "HTTP/1.1 PUT /a",
            "no number",
        ),
        (
            "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
            501,
            "N/I",
            "HTTP/1.1 PUT /a",
            "an unknown coding",
        ),
    ] {
        let Head::Wrong(wrong) = judge(text.as_bytes()) else { panic!("{why}: not wrong") };
        let parts = [&wrong.version, &wrong.method, &wrong.url];
        let parts = parts.map(|part| part.as_deref().unwrap_or("-")).join(" ");
        assert_eq!((wrong.status, wrong.reason, &*parts), (status, reason, told), "{why}");
    }
}

#[test]
fn a_sound_head_passes_with_its_length_and_what_follows() {
    for (text, body, why) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", Body::Bytes(0), "the usual one"),
        (
            "\r\nGET / HTTP/1.0\r\n\r\n",
            Body::Bytes(0),
            "1.0 needs no Host, an empty line is let pass",
        ),
        ("PUT / HTTP/1.1\r\nHost:\r\nContent-Length: 7\r\n\r\n", Body::Bytes(7), "a body"),
        ("PUT / HTTP/1.1\r\nhost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", Body::Chunks, "chunks"),
    ] {
        let with_more = format!("{text}GARBAGE");
        let whole = Head::Whole { length: text.len(), body };
        assert_eq!(judge(with_more.as_bytes()), whole, "{why}");
        for end in 0..text.len() {
            assert_eq!(judge(&text.as_bytes()[..end]), Head::More, "{why}: cut at {end}");
        }
    }
}

#[test]
fn a_head_without_end_is_too_long() {
    let long = format!("GET / HTTP/1.1\r\nHost: {}", "a".repeat(MAX_HEAD_BYTES));
    assert_eq!(judge(long.as_bytes()), Head::Wrong(Wrong::bad("RequestLength")));
    let more = judge(&long.as_bytes()[..MAX_HEAD_BYTES]);
    assert_eq!(more, Head::More, "it may still end");
}
