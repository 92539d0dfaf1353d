//! Provides advice about the target: its listener, its queue and what works behind it.

use super::{Told, told};

const REQUESTS: &str = r"%windir%\system32\inetsrv\appcmd list requests /elapsed:1000";
const QUEUES: &str = r#"typeperf "\HTTP Service Request Queues(*)\CurrentQueueSize" "\HTTP Service Request Queues(*)\MaxQueueItemAge" -si 5 -sc 12"#;
const WAS: &str = r#"wevtutil qe System /q:"*[System[Provider[@Name='Microsoft-Windows-WAS']]]" /f:text /c:50 /rd:true"#;
const CRASHES: &str = r#"wevtutil qe Application /q:"*[System[Provider[@Name='Application Error' or @Name='.NET Runtime']]]" /f:text /c:20 /rd:true"#;
const OUTGOING: &str = "netstat -anoq";
const RANGE: &str = "netsh int ipv4 show dynamicport tcp";

pub(super) fn listener_down() -> Told {
    told(
        "find out on the target whether HTTP.sys runs and which addresses are registered, and from its System log when the service or the site stopped. Pool and ports need no tuning for this.",
        &["sc query http", "netsh http show servicestate"],
    )
}

/// listen(2), Linux ip-sysctl (somaxconn).
pub(super) fn accept_backlog() -> Told {
    told(
        "look first at what keeps the server from accepting: a stalled accept loop, a process out of descriptors, a burst longer than its queue. A longer queue (the server's own backlog, and on Linux somaxconn above it) helps against bursts alone.",
        &[
            "ss -ltn",
            "nstat -az TcpExtListenOverflows TcpExtListenDrops",
            "sysctl -w net.core.somaxconn=4096",
        ],
    )
}

/// IIS configuration reference: sites/site/limits.
pub(super) fn connection_limit() -> Told {
    told(
        "find who keeps so many connections open (clients that never close, a proxy's pool) before raising the site's limit; an idle time-out shorter than the two minutes of old frees them sooner.",
        &[
            r"%windir%\system32\inetsrv\appcmd list config -section:system.applicationHost/sites",
            "netsh http show servicestate",
        ],
    )
}

pub(super) fn request_queue(because_of: &[String]) -> Told {
    if is_of_ports(because_of) {
        return by_ports();
    }
    told(
        "find what the workers wait for: a longer queue only makes requests wait longer. What is being worked on, and for how long, shows on the target while it lasts.",
        &[REQUESTS, QUEUES],
    )
}

pub(super) fn queue_wait(because_of: &[String]) -> Told {
    if is_of_ports(because_of) {
        return by_ports();
    }
    told(
        "requests waited longer than anybody would: find what the workers wait for, or give the pool more of them. A shorter queue (queueLength) says no sooner, which clients can handle better.",
        &[REQUESTS, QUEUES],
    )
}

fn is_of_ports(because_of: &[String]) -> bool {
    because_of.iter().any(|b| b == "target-ports")
}

/// PORTS (Microsoft's page on port exhaustion), KB929851, KB196271.
fn by_ports() -> Told {
    told(
        "the queue is a symptom: the target's own outgoing connections ran out of ports, and its workers wait for them. Reuse those connections (a pool of them), let the other side close first, or widen the range.",
        &[OUTGOING, RANGE, "netsh int ipv4 set dynamicport tcp start=10000 num=55536"],
    )
}

pub(super) fn app_offline(because_of: &[String]) -> Told {
    if because_of.iter().any(|b| b == "worker-crash") {
        return told(
            "rapid fail took the pool off line after crashes of its workers: find why they crash before starting it again.",
            &[CRASHES, WAS, r"%windir%\system32\inetsrv\appcmd list apppool"],
        );
    }
    told(
        "find out who or what took the application pool off line (an administrator, rapid fail, an identity that cannot log on), and start it again.",
        &[r"%windir%\system32\inetsrv\appcmd list apppool", WAS],
    )
}

pub(super) fn worker_crash() -> Told {
    told(
        "find why the worker process ended: its exception stands in the Application log; a dump at the next one shows where. Requests in its hands are lost each time.",
        &[CRASHES, WAS, "procdump -ma -e -w w3wp.exe"],
    )
}

/// IIS configuration reference: serverRuntime.
pub(super) fn concurrency_limit() -> Told {
    told(
        "find what so many requests wait for at once before raising appConcurrentRequestLimit: each of them holds memory and, with a backend, a port.",
        &[
            REQUESTS,
            r"%windir%\system32\inetsrv\appcmd list config -section:system.webServer/serverRuntime",
        ],
    )
}

/// KB820729 for the timers, IIS configuration reference: webLimits.
pub(super) fn slow_client() -> Told {
    told(
        "nothing ran out: the host keeps its rules. See which addresses are slow (a bad line, an attack that holds connections open, a proxy that trickles) before loosening the timers for all.",
        &[
            r#"findstr "Timer_HeaderWait Timer_EntityBody Timer_MinBytes" %SystemRoot%\System32\LogFiles\HTTPERR\httperr*.log"#,
            r"%windir%\system32\inetsrv\appcmd list config -section:system.applicationHost/webLimits",
        ],
    )
}

/// PORTS, KB929851, KB196271.
pub(super) fn target_ports(because_of: &[String]) -> Told {
    if because_of.iter().any(|b| b.contains("CLOSE_WAIT") || b.contains("BOUND")) {
        return told(
            "a process of the target opens sockets and never closes them: the last column names it. Restart it (a recycle of its pool), and have its code close what it opens; a wider range only puts off the end.",
            &["netstat -ano | findstr CLOSE_WAIT", "netstat -anoq | findstr BOUND"],
        );
    }
    told(
        "taking connections needs no port: it is the target's own outgoing connections that ran out. Reuse them (a pool of connections, keep-alive), let the other side close first, or widen the range; TcpTimedWaitDelay shortens TIME_WAIT where the system still heeds it.",
        &[
            OUTGOING,
            RANGE,
            "netsh int ipv4 set dynamicport tcp start=10000 num=55536",
            r"reg add HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters /v TcpTimedWaitDelay /t REG_DWORD /d 30",
        ],
    )
}

pub(super) fn application() -> Told {
    told(
        "connections and queues are in order: the application itself failed. Its sub-status in IIS' log and the Application log say how; pool, ports and queues need no tuning for this.",
        &[
            r#"findstr /r /c:" 50[0-9] " %SystemDrive%\inetpub\logs\LogFiles\W3SVC1\u_ex*.log"#,
            CRASHES,
        ],
    )
}

pub(super) fn rejected_request() -> Told {
    told(
        "the target answered as it was told to: look at what was asked (path, host name, rights, size), and correct the load before measuring again.",
        &[r#"findstr /r /c:" 4[0-9][0-9] " %SystemDrive%\inetpub\logs\LogFiles\W3SVC1\u_ex*.log"#],
    )
}
