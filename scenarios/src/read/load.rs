//! Provides `[load]`.

use std::net::IpAddr;

use model::attempt::CloseStyle;

use super::section::{Reader, Section};
use crate::scenario::{Arrival, HttpVersion, Load, Retry};
use crate::tree::{Node, Value};
use crate::value::{
    above_zero, count, one_of, profile, seconds_above_zero, text, unknown_word, whole_above_zero,
};

const KEYS: &[&str] = &[
    "arrival",
    "duration",
    "close",
    "requests_per_connection",
    "http",
    "path",
    "connect_timeout",
    "timeout",
    "in_flight",
    "retry",
    "client_profile",
    "source_ports",
    "source_ips",
];

/// No generator makes more connections a second; more is a slip of the pen.
const MAX_PER_SECOND: f64 = 1e7;

pub(super) fn load(r: &mut Reader, root: &Section) -> Option<Load> {
    let s = r.section(root, "load", KEYS);
    let arrival = arrival(r, &s);
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
    let source_ports = r.optional(&s, "source_ports", port_range);
    let source_ips = r.optional(&s, "source_ips", addresses);
    Some(Load {
        arrival: arrival?,
        duration_s: duration_s?,
        close: close.unwrap_or(CloseStyle::TargetFirst),
        requests_per_connection: requests.unwrap_or(1),
        http: http.unwrap_or(HttpVersion::V11),
        path: path.unwrap_or_else(|| "/".into()),
        connect_timeout_s: connect_timeout_s.unwrap_or(5.0),
        timeout_s: timeout_s.unwrap_or(10.0),
        in_flight: in_flight.unwrap_or(10_000),
        retry,
        client_profile,
        source_ports,
        source_ips: source_ips.unwrap_or_default(),
    })
}

/// The duration alone, in seconds, whatever else is wrong with the load.
pub(super) fn duration_s(root: &Section) -> Option<f64> {
    let load = Section::root(root.get("load")?);
    seconds_above_zero(load.get("duration")?).ok()
}

fn arrival(r: &mut Reader, load: &Section) -> Option<Arrival> {
    r.required(load, "arrival", |_| Ok(()))?;
    // The keys of another kind of arrival are unknown too; the kind is the one problem to tell.
    let kinds = [((), "constant")];
    let kind = load.get("arrival").and_then(|node| match &node.value {
        Value::Table(table) => table.get("kind"),
        _ => None,
    });
    if let Some(Value::Text(word)) = kind.map(|node| &node.value)
        && !kinds.iter().any(|(_, known)| known == word)
    {
        let sentence = unknown_word(word, "a kind of arrival here", &["constant"]);
        r.wrong(load, "arrival", &sentence);
        return None;
    }
    let s = r.section(load, "arrival", &["kind", "per_second"]);
    s.table?;
    let kind = r.required(&s, "kind", |n| one_of(n, "a kind of arrival here", &kinds));
    let per_second = r.required(&s, "per_second", rate);
    kind.and(per_second).map(|per_second| Arrival::Constant { per_second })
}

fn rate(node: &Node) -> Result<f64, String> {
    let rate = above_zero(count(node)?)?;
    if rate > MAX_PER_SECOND { Err("rates over 10M are not taken".into()) } else { Ok(rate) }
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

/// `LOW-HIGH`, both ends included.
fn port_range(node: &Node) -> Result<(u16, u16), String> {
    let range = text(node)?;
    let ports = range.split_once('-').and_then(|(low, high)| {
        let port = |p: &str| p.trim().parse::<u16>().ok().filter(|p| *p > 0);
        Some((port(low)?, port(high)?))
    });
    match ports {
        Some((low, high)) if low <= high => Ok((low, high)),
        Some((low, high)) => Err(format!("\"{range}\" is upside down; write \"{high}-{low}\"")),
        None => Err(format!("\"{range}\" is not LOW-HIGH, such as \"43000-43099\"")),
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
