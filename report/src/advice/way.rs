//! Provides advice about the way between the hosts, names and handshakes.

use super::{Told, told};

/// RFC 6191 (timestamps let a SYN take over a TIME_WAIT), Linux ip-sysctl, KB929851.
pub(super) fn tuple_collision() -> Told {
    told(
        "the same source port came back before the target's TIME_WAIT on it had ended: connect from more source addresses or a wider range of ports (behind one NAT address that is the gateway's), keep connections open, or let the client close first. Timestamps on both hosts let the target take such a SYN.",
        &[
            "netsh int tcp set global timestamps=enabled",
            "sysctl -w net.ipv4.tcp_timestamps=1",
            "netsh int ipv4 show dynamicport tcp",
        ],
    )
}

pub(super) fn network_loss() -> Told {
    told(
        "neither host is to blame: look for errors and drops on both hosts' interfaces and on the hops between, and for a link that is full. More retries and longer time-outs only hide it.",
        &["ip -s link", "netstat -e", "powershell Get-NetAdapterStatistics"],
    )
}

pub(super) fn middlebox() -> Told {
    told(
        "find what stands between the hosts (a firewall, a load balancer, a proxy, an intrusion filter) and its limits of connections and idle time. A capture on both hosts shows whose resets these are: they come with another TTL, and one side never sent them.",
        &[
            "tcpdump -ni any -v 'tcp[tcpflags] & tcp-rst != 0'",
            "pktmon start --capture --comp nics --pkt-size 128",
        ],
    )
}

/// Schannel's events (36871 to 36888) name the reason on the target.
pub(super) fn tls() -> Told {
    told(
        "compare the versions and ciphers that both sides allow, and the dates of the certificate; the target's System log names what Schannel objected to.",
        &[
            r#"wevtutil qe System /q:"*[System[Provider[@Name='Schannel']]]" /f:text /c:20 /rd:true"#,
            "powershell Get-TlsCipherSuite",
        ],
    )
}

pub(super) fn name_resolution() -> Told {
    told(
        "the target was not reached at all: ask the resolver that the generator uses for that name, and look whether it lost requests under the rate of this load (a cache on the generator spares them).",
        &["resolvectl statistics", "ipconfig /displaydns", "cat /etc/resolv.conf"],
    )
}
