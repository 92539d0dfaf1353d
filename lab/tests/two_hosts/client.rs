//! A client of blocking sockets: small, and written apart from anything that is tested.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Connects; never waits longer than a second for anything.
pub fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    Ok(stream)
}

/// Connects from a port of one's own choice, whoever used it before.
pub fn connect_from(port: u16, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from(([0, 0, 0, 0], port)).into())?;
    socket.connect_timeout(&to.into(), Duration::from_millis(300))?;
    Ok(socket.into())
}

/// One request on an open connection that stays open; gives the answer's head.
pub fn keep_alive(stream: &mut TcpStream) -> io::Result<String> {
    stream.write_all(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")?;
    let (mut got, mut buffer) = (Vec::new(), [0; 2048]);
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        got.extend_from_slice(&buffer[..n]);
        let text = String::from_utf8_lossy(&got);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && body.len() >= length(head)
        {
            return Ok(head.to_owned());
        }
    }
}

fn length(head: &str) -> usize {
    let of = |line: &str| line.strip_prefix("Content-Length: ").and_then(|n| n.parse().ok());
    head.lines().find_map(of).unwrap()
}

/// A request that the target closes after, read to its end: the whole answer.
pub fn target_first(to: SocketAddr, path: &str) -> io::Result<String> {
    asked_to_close(connect(to)?, path)
}

/// The same on a connection that is open.
pub fn asked_to_close(mut stream: TcpStream, path: &str) -> io::Result<String> {
    write!(stream, "GET {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

/// The value of the sample of the exporter's page that begins so.
pub fn metric(page: &str, name: &str) -> u64 {
    let row = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    row.unwrap_or_else(|| panic!("no {name} in\n{page}")).parse().unwrap()
}

/// Rows of netstat with this state.
pub fn rows(page: &str, state: &str) -> Vec<String> {
    let rows = page.lines().filter(|line| line.trim_end().ends_with(state));
    rows.map(str::to_owned).collect()
}

/// TIME_WAIT in this process's own namespace.
pub fn own_time_wait() -> usize {
    let text = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    text.lines().filter(|line| line.split_whitespace().nth(3) == Some("06")).count()
}
