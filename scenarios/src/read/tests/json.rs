//! JSON: read like TOML, and written so that it reads back.

use super::{problems, sound};
use crate::{builtins, read};

#[test]
fn json_is_read_like_toml_and_its_problems_have_lines() {
    let text = "\u{feff}{
        \"name\": \"s\",
        \"target\": {\"profile\": \"linux\",
            \"time_scale\": 0},
        \"load\": {\"arrival\": {\"kind\": \"constant\", \"per_second\": 1e2},
            \"duration\": null}}";
    assert_eq!(
        problems(text, &[]),
        [
            "f.toml:4: target.time_scale: must be above 0",
            "f.toml:6: load.duration: a duration is wanted, such as \"15s\", not null",
        ]
    );
    for (text, expected) in [
        ("{\n\"name\": }", "f.toml:2: this is not JSON: expected value"),
        ("{\"name\": \"a\",\n\"name\": \"b\"}", "f.toml:2: \"name\" stands twice"),
        ("{\"name\":\n\"\\ud800\"}", "f.toml:2: this is not JSON: "),
    ] {
        let found = problems(text, &[]);
        assert!(found[0].starts_with(expected), "{found:#?}\nwanted {expected}");
    }
}

#[test]
fn a_scenario_survives_the_way_through_json() {
    let everything = sound(
        r#"close = "client-first"
requests_per_connection = 7
http = "1.0"
path = "/a?b=c"
connect_timeout = "1.1s"
timeout = "7us"
in_flight = "10k"
retry = "windows"
client_profile = "windows-2000"
client_time_wait = "31s"
client_ports = "1026-5001"
source_ports = "43000-43099"
source_ips = ["10.0.0.1", "fd00::1"]
request_bytes = "4MiB"
pause = "3ms"
slow = { share = 0.1, bytes_per_second = 20 }
reuse_ports = true
descriptors = 300
memory = "2MiB"
[target.pool]
baseline = "30MiB"
ceiling = "64MiB"
paged_ceiling = "70MiB"
[target.app]
workers = 3
service_time = "7ms"
queue_length = 12
queue_timeout = "5s"
connection_limit = 9
concurrency_limit = 8
errors = { share = 0.25, status = 404 }
[target.app.backend]
ports = "49152-49999"
latency = "1ms"
give_up = "0s"
leak = 0.5
[[network.fault]]
kind = "loss"
at = "1s"
for = "2s"
share = 0.3
[[network.fault]]
kind = "cut"
at = "4s"
for = "1ms"
[[target.leak]]
of = "handles"
process = "agent.exe"
handles_per_connection = 0.5
up_to = 1000
[[target.leak]]
of = "ptes"
ptes_per_second = 5
[[target.leak]]
of = "commit"
static = "1GiB"
[[target.leak]]
of = "paged"
tag = "Toke"
bytes_per_packet = 4
[[target.fault]]
kind = "slow-app"
at = "1s"
for = "1s"
factor = 10
[[target.fault]]
kind = "accept-stall"
at = "1s"
for = "1s"
backlog = 128
[[target.leak]]
tag = "Mm"
bytes_per_packet = 0.1
up_to = "1GB"
[[target.leak]]
tag = "b"
static = 5
[[target.leak]]
tag = "c"
bytes_per_second = "1KiB"
[[target.fault]]
kind = "listener-down"
at = "0s"
for = "3s"
[probe]
enabled = false
[expect]
cause = ["nonpaged-pool", "listener-down"]
first_failure = { before = "3.3s" }
thresholds = ["time_wait.peak < 12000"]"#,
        &[
            "seed=18446744073709551615",
            "summary=all of it",
            "target.refuse=accept-then-reset",
            "target.time_scale=0.3",
            "target.time_wait=61s",
            "target.aggressive_memory=true",
            "target.ram=1GiB",
            "target.gate_bytes=8MiB",
            "target.resume_bytes=9MiB",
            "target.bytes_per_open_connection=1",
            "target.bytes_per_time_wait=2",
            "target.idle_timeout=1m",
            "target.response_bytes=0",
            "observe.every=0.1s",
        ],
    );
    let farm = sound("[farm]\nweights = [2, 1, 1]\ngenerators = 4\nsource_addresses = 5", &[]);
    let stories = builtins().iter().map(|(name, text)| read(text, name, &[]).unwrap());
    for scenario in stories.chain([everything, farm]) {
        let json = scenario.to_json().to_string();
        let back = read(&json, &scenario.name, &[]).unwrap_or_else(|e| panic!("{e}\n{json}"));
        assert_eq!(back, scenario, "{json}");
    }
}
