use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use super::*;

/// What the server does on one connection: an answer per request, then it closes.
type Connection = &'static [&'static str];

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\npa\r\n2\r\nge\r\n0\r\n\r\n";

/// Serves these connections, one after the other; gives the heads of all requests.
fn serve(connections: &'static [Connection]) -> (SocketAddr, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for answers in connections {
            let (mut stream, _) = listener.accept().unwrap();
            for answer in *answers {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap() == 0 {
                        break;
                    }
                    head.push(byte[0]);
                }
                heads.push(String::from_utf8(head).unwrap());
                stream.write_all(answer.as_bytes()).unwrap();
            }
        }
        heads
    });
    (address, served)
}

fn run<T>(scraping: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(scraping)
}

const LONG: Duration = Duration::from_secs(10);

#[test]
fn one_connection_serves_many_rounds_and_is_opened_anew_when_it_has_closed() {
    let (address, served) = serve(&[&[OK, CHUNKED], &[OK]]);
    let mut page = Page::new(&format!("http://{address}/metrics?x=1"));
    run(async {
        for round in 0..3 {
            assert_eq!(page.get(LONG).await.unwrap(), "page", "round {round}");
        }
    });
    let heads = served.join().unwrap();
    assert_eq!(heads.len(), 3, "two on the first connection, one on the second");
    let head = heads[0].to_ascii_lowercase();
    assert!(head.starts_with("get /metrics?x=1 http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: {address}\r\n")), "{head}");
}

#[test]
fn what_goes_wrong_is_a_sentence() {
    const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    const CUT: &str = "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\npage";
    for (connections, word, why) in [
        (&[&[NOT_FOUND] as Connection] as &[Connection], "answered 404", "another page"),
        (&[&[CUT]], "broke off", "cut within the body"),
        (&[&["SSH-2.0-OpenSSH\r\n"]], "broke off", "another protocol"),
        (&[&[]], "broke off", "closed without an answer"),
    ] {
        let (address, served) = serve(connections);
        let told = run(Page::new(&format!("http://{address}/")).get(LONG)).unwrap_err().to_string();
        assert!(told.contains(word) && told.contains(&address.to_string()), "{why}: {told}");
        served.join().unwrap();
    }
}

#[test]
fn nobody_there_and_nobody_answering_are_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let late = run(Page::new(&url).get(Duration::from_millis(30))).unwrap_err();
    assert!(matches!(late, ScrapeError::Late { .. }), "{late}");
    drop(listener);
    let refused = run(Page::new(&url).get(LONG)).unwrap_err();
    assert!(matches!(refused, ScrapeError::Connect { .. }), "{refused}");
    let odd = run(Page::new("/metrics").get(LONG)).unwrap_err();
    assert!(matches!(odd, ScrapeError::Url(_)), "{odd}");
}
