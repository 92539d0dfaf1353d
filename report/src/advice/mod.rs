//! Provides what to do next about each supported cause: a sentence or two, and commands ready to paste
//! on the host that they are for.

mod memory;
mod target;
mod way;

use model::cause::{Cause, Stance};
use model::findings::{CauseLine, Findings};

/// What to do about one cause.
pub(crate) struct Advice {
    pub(crate) cause: Cause,
    /// One or two sentences.
    pub(crate) text: &'static str,
    /// Commands that the sentences speak of, ready to paste.
    pub(crate) commands: Vec<String>,
}

/// What to do, and the commands for it.
type Told = (&'static str, Vec<String>);

/// What to do about each supported cause of the verdict, in its order.
pub(crate) fn advice(findings: &Findings) -> Vec<Advice> {
    let mut all: Vec<Advice> = Vec::new();
    for line in findings.verdict.causes.iter().filter(|c| c.stance == Stance::Supported) {
        // A cause may come back later in a run; once is enough.
        if all.iter().all(|told| told.cause != line.cause) {
            let (text, commands) = for_cause(line);
            all.push(Advice { cause: line.cause, text, commands });
        }
    }
    all
}

fn for_cause(line: &CauseLine) -> Told {
    let behind = &line.because_of[..];
    match line.cause {
        Cause::NonpagedPool => memory::nonpaged_pool(behind),
        Cause::KernelMemoryOther => memory::other(behind),
        Cause::ListenerDown => target::listener_down(),
        Cause::AcceptBacklog => target::accept_backlog(),
        Cause::ConnectionLimit => target::connection_limit(),
        Cause::TupleCollision => way::tuple_collision(),
        Cause::NetworkLoss => way::network_loss(),
        Cause::Middlebox => way::middlebox(),
        Cause::Tls => way::tls(),
        Cause::NameResolution => way::name_resolution(),
        Cause::RequestQueue => target::request_queue(behind),
        Cause::QueueWait => target::queue_wait(behind),
        Cause::AppOffline => target::app_offline(behind),
        Cause::WorkerCrash => target::worker_crash(),
        Cause::ConcurrencyLimit => target::concurrency_limit(),
        Cause::SlowClient => target::slow_client(),
        Cause::TargetPorts => target::target_ports(behind),
        Cause::Application => target::application(),
        Cause::RejectedRequest => target::rejected_request(),
        Cause::ClientPorts => client_ports(),
        Cause::ClientMemory => memory::client(),
        Cause::GeneratorLimit => generator_limit(),
    }
}

/// Linux ip-sysctl; KB929851 (the range since Vista); KB196271 (MaxUserPort).
fn client_ports() -> Told {
    told(
        "the target is not to blame: reuse connections (keep-alive), let the other side close first, or connect from more source addresses. A wider range (Linux; Windows since Vista; MaxUserPort before) only moves the limit.",
        &[
            "sysctl -w net.ipv4.ip_local_port_range='1024 65535'",
            "netsh int ipv4 set dynamicport tcp start=10000 num=55536",
        ],
    )
}

fn generator_limit() -> Told {
    told(
        "what was not sent says nothing about the target. Raise the limit named above (descriptors: ulimit -n; its cap: load.in_flight), lower the rate, or share the load among more hosts, and run again.",
        &[],
    )
}

fn told(text: &'static str, commands: &[&str]) -> Told {
    (text, commands.iter().map(|c| (*c).to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_advice_and_commands_that_can_be_pasted() {
        for cause in Cause::ALL {
            let because_of = vec!["tag ISil".into(), "handles of w3wp (4120)".into()];
            let line = CauseLine {
                cause: *cause,
                because_of,
                stance: Stance::Supported,
                failures: 1,
                from_s: 0.0,
                to_s: 0.0,
            };
            let (text, commands) = for_cause(&line);
            assert!(text.ends_with('.') && text.len() > 60, "{cause}: {text}");
            for command in commands {
                let quotes = command.matches('"').count();
                assert!(command.is_ascii() && quotes % 2 == 0, "{cause}: {command}");
                assert!(
                    !command.contains(['<', '>', '\n']),
                    "{cause}: nothing to fill in: {command}"
                );
            }
        }
    }

    #[test]
    fn what_stands_behind_decides_what_to_do() {
        for (cause, behind, words) in [
            (Cause::NonpagedPool, "tag ISil", "findstr /m /l ISil"),
            (Cause::NonpagedPool, "handles of w3wp (4120)", "handle64 -s -p 4120"),
            (Cause::NonpagedPool, "tag a|b", "poolmon"),
            (Cause::RequestQueue, "target-ports", "netstat -anoq"),
            (Cause::RequestQueue, "a slow application", "list requests"),
            (Cause::AppOffline, "worker-crash", "Application Error"),
            (Cause::TargetPorts, "a socket leak (CLOSE_WAIT)", "CLOSE_WAIT"),
        ] {
            let line = CauseLine {
                cause,
                because_of: vec![behind.into()],
                stance: Stance::Supported,
                failures: 1,
                from_s: 0.0,
                to_s: 0.0,
            };
            let (_, commands) = for_cause(&line);
            let all = commands.join("\n");
            assert!(all.contains(words), "{cause} because of {behind}: {all}");
        }
    }
}
