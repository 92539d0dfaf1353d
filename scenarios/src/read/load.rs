//! Provides `[load]`.

use std::net::IpAddr;

use model::attempt::CloseStyle;

use super::arrival;
use super::section::{Reader, Section};
use crate::scenario::{HttpVersion, Load, Retry, Slow};
use crate::tree::{Node, Value};
use crate::value::{
    above_zero, bytes, count, one_of, port_range, profile, seconds, seconds_above_zero, share,
    text, whole_above_zero, yes,
};

const KEYS: &[&str] = &[
    "arrival",
    "duration",
    "close",
    "requests_per_connection",
    "request_bytes",
    "pause",
    "http",
    "path",
    "connect_timeout",
    "timeout",
    "in_flight",
    "retry",
    "client_profile",
    "client_time_wait",
    "client_ports",
    "source_ports",
    "source_ips",
    "slow",
    "reuse_ports",
    "descriptors",
    "memory",
];

pub(super) fn load(r: &mut Reader, root: &Section) -> Option<Load> {
    let s = r.section(root, "load", KEYS);
    let arrival = arrival::arrival(r, &s);
    let duration_s = r.required(&s, "duration", seconds_above_zero);
    let close = r.optional(&s, "close", |n| one_of(n, "a close style", &CloseStyle::ALL));
    let requests = r.optional(&s, "requests_per_connection", whole_above_zero);
    let http = r.optional(&s, "http", |n| one_of(n, "a version of HTTP here", &HttpVersion::ALL));
    let path = r.optional(&s, "path", path);
    let connect_timeout_s = r.optional(&s, "connect_timeout", seconds_above_zero);
    let timeout_s = r.optional(&s, "timeout", seconds_above_zero);
    let in_flight = r.optional(&s, "in_flight", whole_above_zero);
    let retry =
        r.optional(&s, "retry", |n| one_of(n, "a way to retry", &[(Retry::Windows, "windows")]));
    let client_profile = r.optional(&s, "client_profile", profile);
    let client_time_wait_s = r.optional(&s, "client_time_wait", seconds_above_zero);
    let client_ports = r.optional(&s, "client_ports", port_range);
    for key in ["client_time_wait", "client_ports"] {
        if s.get(key).is_some() && s.get("client_profile").is_none() {
            r.wrong(&s, key, "it tunes a client profile; set client_profile as well");
        }
    }
    let source_ports = r.optional(&s, "source_ports", port_range);
    let source_ips = r.optional(&s, "source_ips", addresses);
    let request_bytes = r.optional(&s, "request_bytes", request_bytes);
    let pause_s = r.optional(&s, "pause", seconds);
    if pause_s.is_some_and(|pause_s| pause_s > 0.0) && requests.is_none_or(|n| n < 2) {
        let told = "a pause lies between two requests; set requests_per_connection to 2 or more";
        r.wrong(&s, "pause", told);
    }
    let slow = slow(r, &s);
    let reuse_ports = r.optional(&s, "reuse_ports", yes);
    let descriptors = r.optional(&s, "descriptors", whole_above_zero);
    let memory_bytes = r.optional(&s, "memory", |n| above_zero(bytes(n)?));
    Some(Load {
        arrival: arrival?,
        duration_s: duration_s?,
        close: close.unwrap_or(CloseStyle::TargetFirst),
        requests_per_connection: requests.unwrap_or(1),
        request_bytes: request_bytes.unwrap_or(0),
        pause_s: pause_s.unwrap_or(0.0),
        http: http.unwrap_or(HttpVersion::V11),
        path: path.unwrap_or_else(|| "/".into()),
        connect_timeout_s: connect_timeout_s.unwrap_or(5.0),
        timeout_s: timeout_s.unwrap_or(10.0),
        in_flight: in_flight.unwrap_or(10_000),
        retry,
        client_profile,
        client_time_wait_s,
        client_ports,
        source_ports,
        source_ips: source_ips.unwrap_or_default(),
        slow,
        reuse_ports: reuse_ports.unwrap_or(false),
        descriptors,
        memory_bytes,
    })
}

/// Each connection holds them in memory while it sends them.
const MAX_REQUEST_BYTES: u64 = 1 << 30;

fn request_bytes(node: &Node) -> Result<u64, String> {
    let size = bytes(node)?;
    if size > MAX_REQUEST_BYTES {
        Err("requests over 1 GiB are not taken".into())
    } else {
        Ok(size)
    }
}

fn slow(r: &mut Reader, load: &Section) -> Option<Slow> {
    let s = r.section(load, "slow", &["share", "bytes_per_second"]);
    s.table?;
    let share = r.required(&s, "share", share);
    let bytes_per_second = r.required(&s, "bytes_per_second", |n| above_zero(count(n)?));
    Some(Slow { share: share?, bytes_per_second: bytes_per_second? })
}

/// The duration alone, in seconds, whatever else is wrong with the load.
pub(super) fn duration_s(root: &Section) -> Option<f64> {
    let load = Section::root(root.get("load")?);
    seconds_above_zero(load.get("duration")?).ok()
}

/// The path of a request: what stands in its first line unchanged.
fn path(node: &Node) -> Result<String, String> {
    let path = text(node)?;
    if path.starts_with('/') && path.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(path)
    } else {
        Err(format!("\"{path}\" is not a path; it begins with \"/\" and holds no blanks"))
    }
}

fn addresses(node: &Node) -> Result<Vec<IpAddr>, String> {
    let Value::List(list) = &node.value else {
        return Err(format!("a list of addresses is wanted, not {}", node.value.kind()));
    };
    let address = |node: &Node| {
        let word = text(node)?;
        word.parse().map_err(|_| format!("\"{word}\" is not an IP address"))
    };
    list.iter().map(address).collect()
}
