//! Decides whether a target may be loaded at all.
//!
//! Loopback always may; the emulated host in a namespace of our own never comes here. Anything else
//! must be named by the user, private addresses included, since production IIS lives there.

use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, bail};

use crate::exit::Usage;

/// A target URL, taken apart and resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Where to connect.
    pub address: SocketAddr,
    /// The `Host` header.
    pub host_header: String,
    /// Path and query.
    pub path: String,
}

/// The parts of `http://HOST[:PORT][/PATH]`.
#[derive(Debug, PartialEq, Eq)]
struct Parts {
    host: String,
    port: u16,
    path: String,
}

const SHAPE: &str = "write it as http://HOST[:PORT][/PATH]";

fn bad(url: &str, why: &str) -> anyhow::Error {
    Usage(format!("--target {url}: {why}")).into()
}

fn parts(url: &str) -> Result<Parts> {
    let Some(rest) = url.strip_prefix("http://") else {
        if url.starts_with("https://") {
            return Err(bad(url, "TLS is not built yet; aim at a plain http:// address"));
        }
        return Err(bad(url, SHAPE));
    };
    let (authority, path) = match rest.find('/') {
        Some(at) => (&rest[..at], &rest[at..]),
        None => (rest, "/"),
    };
    let bracketed_end = authority.rfind(']');
    let (host, port) = match authority.rfind(':').filter(|at| bracketed_end.is_none_or(|b| *at > b))
    {
        Some(at) => {
            let port = authority[at + 1..].parse().ok().filter(|p| *p != 0u16);
            let not_a_port = || bad(url, &format!("\"{}\" is not a port", &authority[at + 1..]));
            (&authority[..at], port.ok_or_else(not_a_port)?)
        }
        None => (authority, 80),
    };
    if host.is_empty() || host.contains('@') {
        return Err(bad(url, SHAPE));
    }
    Ok(Parts { host: host.to_owned(), port, path: path.to_owned() })
}

/// Resolves `url`, and refuses it unless it is loopback or named in `authorised`.
pub fn target(url: &str, authorised: &[String]) -> Result<Target> {
    let Parts { host, port, path } = parts(url)?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses: Vec<SocketAddr> = (bare, port)
        .to_socket_addrs()
        .with_context(|| format!("--target {url}: the name {bare} does not resolve"))?
        .collect();
    let Some(address) =
        addresses.iter().copied().find(SocketAddr::is_ipv4).or(addresses.first().copied())
    else {
        bail!("--target {url}: the name {bare} resolves to no address");
    };
    let named = authorised.iter().any(|a| a == &host || a == bare);
    if !address.ip().is_loopback() && !named {
        return Err(Usage(format!(
            "{bare} ({}) is not this machine's loopback, and a load like this can take a server \
             down. If you are authorised to do that, say so by name: --i-am-authorised-to-test {bare}",
            address.ip()
        ))
        .into());
    }
    let host_header = if port == 80 { host } else { format!("{host}:{port}") };
    Ok(Target { address, host_header, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        for (url, host, port, path) in [
            ("http://127.0.0.1", "127.0.0.1", 80, "/"),
            ("http://127.0.0.1:8080/a?b=c", "127.0.0.1", 8080, "/a?b=c"),
            ("http://[::1]:81/", "[::1]", 81, "/"),
            ("http://[::1]", "[::1]", 80, "/"),
        ] {
            let want = Parts { host: host.into(), port, path: path.into() };
            assert_eq!(parts(url).unwrap(), want);
        }
        for url in [
            "https://a/",
            "ftp://a",
            "a",
            "http://",
            "http://a:99999/",
            "http://u@h/",
            "http://a:0",
        ] {
            assert!(parts(url).is_err(), "{url} must be refused");
        }
    }

    #[test]
    fn only_loopback_needs_no_permission() {
        let mine = ["192.168.0.4".to_owned()];
        for (url, authorised, allowed, why) in [
            ("http://127.0.0.1:8080/", &[][..], true, "loopback"),
            ("http://[::1]:8080/", &[], true, "loopback over IPv6"),
            ("http://192.168.0.4/", &[], false, "a private address is no exception"),
            ("http://192.0.2.1/", &mine, false, "another host was named"),
            ("http://192.168.0.4/", &mine, true, "this very host was named"),
        ] {
            assert_eq!(target(url, authorised).is_ok(), allowed, "{why}");
        }
    }
}
