//! Requests that HTTP.sys answers itself: what the client sees, and what the log tells.

use std::io::{Read, Write};
use std::net::SocketAddr;

use crate::client::{connect, keep_alive, metric, target_first};
use crate::set_up::{Made, loopback, reasons, scenario};

/// All that comes back, until the target closes.
fn answer(target: SocketAddr, request: &str) -> String {
    let mut stream = connect(target).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

/// The rows of the log, without their stamps and clients.
fn rows(made: Made) -> Vec<String> {
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    let text = std::fs::read_to_string(made.httperr_dir.join("httperr1.log")).unwrap();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.split(' ').skip(6).collect::<Vec<_>>().join(" ")).collect()
}

pub fn answered() {
    let made = loopback(scenario("profile = \"windows-2022\"\ntime_scale = 60", ""));
    let facts = made.lab.facts().clone();
    let ok = "GET /ok HTTP/1.1\r\nHost: lab\r\n\r\n";
    let flood = format!("GARBAGE\r\n{}", "more of it\r\n".repeat(3000));
    for (request, status, part, why) in [
        ("GET /a HTTP/1.1\r\n\r\n", "400 Bad Request", "Invalid Hostname", "no Host"),
        ("GET /a HTTP/9.9\r\n\r\n", "505 HTTP Version Not Supported", "Error 505", "a version"),
        (&flood, "400 Bad Request", "Invalid Verb", "garbage, and much more unread behind it"),
        ("GET /a b c\r\n\r\n", "400 Bad Request", "badly formed", "no version at all"),
    ] {
        let text = answer(facts.target, request);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{why}: {head}");
        assert!(head.contains("\r\nServer: Microsoft-HTTPAPI/2.0\r\n"), "{why}: {head}");
        assert!(
            head.contains("\r\nContent-Type: text/html; charset=us-ascii\r\n"),
            "{why}: {head}"
        );
        assert!(head.contains("\r\nConnection: close\r\n") && body.contains(part), "{why}: {text}");
    }
    let second = answer(facts.target, &format!("{ok}GET /b HTTP/1.1\r\n\r\n"));
    assert!(second.starts_with("HTTP/1.1 200 OK\r\n"), "the sound one first: {second}");
    assert!(second.contains("Invalid Hostname"), "then the wrong one: {second}");
    let put = "PUT / HTTP/1.1\r\nHost: lab\r\nContent-Length: 3\r\nConnection: close\r\n\r\nx:y";
    assert!(answer(facts.target, put).starts_with("HTTP/1.1 405 "), "a body is no head");
    let page = target_first(facts.doors_from_generator, "/metrics").unwrap();
    let requests = "windows_iis_requests_total{method=\"GET\",site=\"Default Web Site\"}";
    assert_eq!(metric(&page, requests), 1, "no worker saw the wrong ones");
    let site = format!("{} ", facts.target.port());
    let rows = rows(made);
    let rows: Vec<&str> =
        rows.iter().map(|row| row.strip_prefix(site.as_str()).unwrap_or(row)).collect();
    assert_eq!(
        rows,
        [
            "HTTP/1.1 GET /a - - 400 - Hostname - TCP - -",
            "HTTP/9.9 GET /a - - 505 - Version_N/S - TCP - -",
            "- - - - - 400 - Verb - TCP - -",
            "- GET /a - - 400 - BadRequest - TCP - -",
            "HTTP/1.1 GET /b - - 400 - Hostname - TCP - -",
        ],
    );
}

pub fn header_wait() {
    let made = loopback(scenario("profile = \"windows-2003-x86\"\ntime_scale = 400", ""));
    let target = made.lab.facts().target;
    let mut stream = connect(target).unwrap();
    keep_alive(&mut stream).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: l").unwrap();
    assert_eq!(stream.read(&mut [0; 16]).unwrap(), 0, "closed without an answer");
    let httperr_dir = made.httperr_dir.to_path_buf();
    assert_eq!(made.lab.stop().unwrap(), Vec::<String>::new());
    assert_eq!(reasons(&httperr_dir), ["Timer_HeaderWait"]);
}
