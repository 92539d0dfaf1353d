//! Provides what was asked differently: keys of the scenarios that differ.

use std::collections::BTreeMap;

use model::comparison::Differs;
use serde_json::Value;

/// Keys that say nothing of what a run is like.
const OF_NO_MATTER: [&str; 4] = ["name", "summary", "seed", "expect"];

/// The keys of two scenarios that differ, by their dotted paths.
pub(super) fn differing(base: &Value, new: &Value) -> Vec<Differs> {
    let (base, new) = (leaves(base), leaves(new));
    let mut keys: Vec<&String> = base.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    let differs = keys.into_iter().filter(|key| base.get(*key) != new.get(*key));
    let line = |key: &String| Differs {
        key: key.clone(),
        base: base.get(key).cloned(),
        new: new.get(key).cloned(),
    };
    differs.map(line).collect()
}

fn leaves(scenario: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let top = scenario.as_object().into_iter().flatten();
    for (key, value) in top.filter(|(key, _)| !OF_NO_MATTER.contains(&key.as_str())) {
        walk(key.clone(), value, &mut found);
    }
    found
}

fn walk(path: String, value: &Value, found: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(key, v)| walk(format!("{path}.{key}"), v, found));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().for_each(|(i, v)| walk(format!("{path}.{i}"), v, found));
        }
        Value::String(text) => {
            found.insert(path, text.clone());
        }
        other => {
            found.insert(path, other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_differ_are_named_by_their_path() {
        let base = json!({
            "name": "a", "seed": 1,
            "target": { "leak": [{ "tag": "ISil" }, { "tag": "SavE" }] },
            "load": { "client_profile": "windows-2003-x86", "source_ips": ["10.0.0.1"] }
        });
        let new = json!({
            "name": "b", "seed": 2,
            "target": { "leak": [{ "tag": "ISil" }] },
            "load": { "client_profile": "windows-2003-x86", "client_time_wait": "30s", "source_ips": [] }
        });
        let found: Vec<(String, Option<String>, Option<String>)> =
            differing(&base, &new).into_iter().map(|d| (d.key, d.base, d.new)).collect();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            found,
            [
                ("load.client_time_wait".into(), None, some("30s")),
                ("load.source_ips".into(), some("[\"10.0.0.1\"]"), some("[]")),
                ("target.leak.1.tag".into(), some("SavE"), None),
            ]
        );
    }
}
