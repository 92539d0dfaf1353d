//! Provides `[farm]`.

use super::section::{Reader, Section};
use crate::scenario::Farm;
use crate::tree::{Node, Value};
use crate::value::whole_above_zero;

/// More hosts of a kind than this are a slip of the pen.
const MOST_HOSTS: u32 = 1000;
/// Addresses of all generators together: those of 198.18.0.0/15 that the farm's generators have.
const MOST_ADDRESSES: u64 = 50_000;
/// A target is given at most so many connections in one turn.
const MOST_WEIGHT: u32 = 100;

pub(super) fn farm(r: &mut Reader, root: &Section) -> Farm {
    let s = r.section(root, "farm", &["targets", "weights", "generators", "source_addresses"]);
    let targets = r.optional(&s, "targets", up_to(MOST_HOSTS));
    let weights = r.optional(&s, "weights", weights);
    let generators = r.optional(&s, "generators", up_to(MOST_HOSTS)).unwrap_or(1);
    let source_addresses = r.optional(&s, "source_addresses", whole_above_zero).unwrap_or(1);
    if let (Some(targets), Some(weights)) = (targets, &weights)
        && weights.len() != targets as usize
    {
        let sentence = format!("{} weights are given for {targets} targets", weights.len());
        r.wrong(&s, "weights", &sentence);
    }
    let all = u64::from(generators) * u64::from(source_addresses);
    if all > MOST_ADDRESSES {
        let sentence = format!("{all} addresses of all generators are more than {MOST_ADDRESSES}");
        r.wrong(&s, "source_addresses", &sentence);
    }
    let weights = match weights {
        Some(weights) if weights.len() > 1 => weights,
        _ => vec![1; targets.unwrap_or(1) as usize],
    };
    Farm { weights, generators, source_addresses }
}

fn up_to(most: u32) -> impl Fn(&Node) -> Result<u32, String> {
    move |node| match whole_above_zero(node)? {
        n if n <= most => Ok(n),
        n => Err(format!("{n} is more than {most}")),
    }
}

fn weights(node: &Node) -> Result<Vec<u32>, String> {
    let Value::List(list) = &node.value else {
        return Err(format!("a list of whole numbers is wanted, not {}", node.value.kind()));
    };
    if list.is_empty() || list.len() > MOST_HOSTS as usize {
        return Err(format!("a weight for each of 1 to {MOST_HOSTS} targets is wanted"));
    }
    list.iter().map(up_to(MOST_WEIGHT)).collect()
}
