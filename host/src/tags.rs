//! Provides what is known of pool tags: whose they are and what their growth means. Tags are told
//! apart by case. A host's own pooltag.txt knows better; this is what there is without one.

/// What kind of thing a tag's owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TagClass {
    /// HTTP.sys itself.
    HttpSys,
    /// The TCP/IP stack.
    Tcp,
    /// Winsock's kernel half.
    Afd,
    /// An object that a handle keeps: its growth means a handle leak of some process.
    NtObject,
    /// Network drivers' packets and buffers.
    Ndis,
    /// Another part of Windows.
    MicrosoftOther,
    /// Part of Windows, and odd to find large on a server.
    OddForServer,
    /// In no list of Windows' own tags: taken to be another vendor's.
    ThirdPartyGuess,
    /// No owner is to be had from the tag: allocations without one.
    Unlisted,
}

impl TagClass {
    /// Whether the owner is a part of Windows.
    pub fn is_microsoft(self) -> bool {
        !matches!(self, Self::ThirdPartyGuess | Self::Unlisted)
    }
}

/// What is known of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TagFact {
    /// The tag; `?` stands for any one character, shorter tags for themselves padded with spaces.
    pub tag: &'static str,
    /// The binary or part of the kernel; `None` where nobody has named it.
    pub owner: Option<&'static str>,
    /// What it is for.
    pub what: &'static str,
    /// What kind of owner.
    pub class: TagClass,
    /// Where this was read.
    pub source: &'static str,
}

const LIST: &str = "pooltag.txt of the debugging tools";
const LIST_2003: &str = "pooltag.txt of the Server 2003 resource kit";
const OUTAGE: &str = "a published outage of 2005, owner guessed there";

const fn fact(
    tag: &'static str,
    owner: &'static str,
    what: &'static str,
    class: TagClass,
    source: &'static str,
) -> TagFact {
    TagFact { tag, owner: Some(owner), what, class, source }
}

const fn ul(tag: &'static str, what: &'static str) -> TagFact {
    fact(tag, "http.sys", what, TagClass::HttpSys, LIST)
}

const fn tcp(tag: &'static str, what: &'static str) -> TagFact {
    fact(tag, "tcpip.sys", what, TagClass::Tcp, LIST)
}

const fn nt(tag: &'static str, what: &'static str) -> TagFact {
    fact(tag, "nt", what, TagClass::MicrosoftOther, LIST)
}

const fn object(tag: &'static str, what: &'static str) -> TagFact {
    fact(tag, "nt", what, TagClass::NtObject, LIST)
}

const fn ms(tag: &'static str, owner: &'static str, what: &'static str) -> TagFact {
    fact(tag, owner, what, TagClass::MicrosoftOther, LIST)
}

const fn net(tag: &'static str, owner: &'static str, what: &'static str) -> TagFact {
    fact(tag, owner, what, TagClass::Ndis, LIST)
}

const fn foreign(tag: &'static str, what: &'static str) -> TagFact {
    TagFact { tag, owner: None, what, class: TagClass::ThirdPartyGuess, source: OUTAGE }
}

/// The table. Of several that fit, the one with fewest `?` is meant.
const FACTS: &[TagFact] = &[
    ul("UlCO", "connections"),
    ul("UlHC", "HTTP connections"),
    ul("UlHT", "hash tables"),
    ul("UlNO", "configuration objects"),
    ul("UlDO", "disconnect objects"),
    ul("UlEP", "endpoints"),
    ul("UlID", "table of connection ids"),
    ul("UlIR", "internal responses"),
    ul("UlHR", "internal requests"),
    ul("UlRB", "receive buffers"),
    ul("UlRP", "request buffers"),
    ul("UlRE", "request body buffers"),
    ul("UlLL", "log file buffers"),
    ul("UlUC", "cached URIs"),
    ul("UlFC", "cached files"),
    ul("Ul??", "server side, in use"),
    ul("Uc??", "client side, in use"),
    ul("uL??", "server side, freed"),
    ul("uC??", "client side, freed"),
    fact(
        "ULHP",
        "http.sys",
        "in no list of tags; HTTP.sys by its first letters",
        TagClass::HttpSys,
        OUTAGE,
    ),
    tcp("TTcb", "open connections"),
    tcp("TcTW", "connections in TIME_WAIT"),
    tcp("TcST", "connections whose SYN has come"),
    tcp("TcPC", "connections that wait to be accepted"),
    tcp("TcpL", "listeners"),
    tcp("TcpE", "endpoints"),
    tcp("TcHT", "hash tables"),
    tcp("TcPt", "partitions"),
    tcp("Tcpt", "timers"),
    tcp("TcCR", "connect requests"),
    tcp("TcDR", "disconnect requests"),
    tcp("TcAR", "abort requests"),
    tcp("TcCC", "connections being made"),
    tcp("TcCT", "connection tuples"),
    tcp("TcSR", "send requests"),
    tcp("TcRR", "receive requests"),
    tcp("InPa", "port assignments"),
    tcp("InPA", "port assignments"),
    tcp("InPP", "port pool"),
    tcp("InPE", "excluded ports"),
    tcp("TWTa", "timers of echo requests, not TIME_WAIT"),
    tcp("UdpA", "UDP endpoints"),
    tcp("AleE", "filter contexts of endpoints"),
    tcp("Ala4", "filter contexts of remote endpoints, IPv4"),
    tcp("Ala6", "filter contexts of remote endpoints, IPv6"),
    tcp("Ipng", "IP buffers"),
    fact("TCPT", "tcpip.sys", "pool of connection blocks", TagClass::Tcp, LIST_2003),
    fact("TCPC", "tcpip.sys", "pool of connections", TagClass::Tcp, LIST_2003),
    fact("TCPY", "tcpip.sys", "pool of half-open connections", TagClass::Tcp, LIST_2003),
    fact("TCPr", "tcpip.sys", "requests", TagClass::Tcp, LIST_2003),
    fact("TCPt", "tcpip.sys", "TCP/IP, large tables", TagClass::Tcp, "KB298102"),
    fact("AfdC", "afd.sys", "Winsock connections", TagClass::Afd, LIST),
    fact("AfdE", "afd.sys", "Winsock endpoints, one per socket handle", TagClass::NtObject, LIST),
    fact("AfdX", "afd.sys", "Winsock contexts", TagClass::Afd, LIST),
    fact("AfdB", "afd.sys", "Winsock data buffers", TagClass::Afd, LIST),
    fact("AfdP", "afd.sys", "Winsock polls", TagClass::Afd, LIST),
    fact("Afd?", "afd.sys", "Winsock", TagClass::Afd, LIST),
    object("File", "file objects (a socket is one)"),
    object("Even", "events"),
    object("Thre", "threads"),
    object("Proc", "processes"),
    object("Sema", "semaphores"),
    object("Muta", "mutexes"),
    object("Toke", "access tokens"),
    nt("Irp", "I/O requests"),
    nt("Io", "I/O, general"),
    nt("Devi", "device objects"),
    nt("Driv", "driver objects"),
    nt("Wait", "waits"),
    nt("MmCm", "contiguous memory, asked for by drivers"),
    nt("Mm", "memory manager, general"),
    nt("MmSt", "tables of mapped files"),
    nt("Pool", "the pools' own tables"),
    nt("PooL", "the pools' own tables"),
    nt("VadS", "address ranges of processes"),
    nt("Vadl", "address ranges of processes"),
    nt("SeTl", "locks of access tokens"),
    nt("ObNm", "names of objects"),
    nt("ObSt", "objects, temporary"),
    nt("Key", "registry keys"),
    nt("CM??", "registry"),
    nt("EtwB", "trace buffers"),
    nt("EtwR", "trace registrations"),
    ms("smNp", "rdyboost.sys", "memory store"),
    ms("Wfp?", "netio.sys", "filtering platform"),
    ms("Fwpn", "fwpkclnt.sys", "packets held by a filter"),
    ms("Fwpi", "fwpkclnt.sys", "packets put in by a filter"),
    net("Nbuf", "netio.sys", "packet buffers"),
    net("NDpp", "ndis.sys", "packet pools of network drivers"),
    net("NDnd", "ndis.sys", "pools of network drivers"),
    net("NDam", "ndis.sys", "memory that network drivers asked for"),
    net("NDkr", "ndis.sys", "kernel RDMA"),
    ms("Nbt?", "netbt.sys", "NetBIOS over TCP/IP"),
    ms("LSwi", "srv.sys", "file server, work item at start"),
    ms("LSwn", "srv.sys", "file server, work contexts"),
    ms("LSwr", "srv.sys", "file server, raw work contexts"),
    ms("LSbf", "srvnet.sys", "file server, buffers"),
    ms("LS2c", "srv2.sys", "file server, connections"),
    ms("LS??", "srv.sys", "file server"),
    ms("NpFr", "npfs.sys", "data in named pipes"),
    ms("NpFs", "npfs.sys", "named pipes"),
    ms("NtF?", "ntfs.sys", "file system"),
    ms("Ntf?", "ntfs.sys", "file system"),
    ms("NtxF", "ntfs.sys", "open files"),
    ms("FMfn", "fltmgr.sys", "cached file names"),
    ms("FMsl", "fltmgr.sys", "open streams"),
    TagFact {
        tag: "PcNw",
        owner: Some("WDM audio"),
        what: "audio streams",
        class: TagClass::OddForServer,
        source: LIST_2003,
    },
    foreign("ISil", "perhaps a network card's driver"),
    foreign("I100", "perhaps a 100 Mbit network card's driver"),
    foreign("SavE", "perhaps a virus scanner"),
    foreign("IAM", "not known"),
    foreign("tdLL", "not known"),
    foreign("R200", "not known"),
    foreign("PTrk", "not known"),
    foreign("rg81", "not known"),
    TagFact {
        tag: "None",
        owner: None,
        what: "allocations without a tag",
        class: TagClass::Unlisted,
        source: LIST,
    },
    TagFact {
        tag: "Cont",
        owner: None,
        what: "contiguous memory, whoever asked for it",
        class: TagClass::Unlisted,
        source: LIST,
    },
];

/// What is known of a tag; `None` where it is in no list.
pub fn owner(tag: &str) -> Option<&'static TagFact> {
    let wild = |fact: &&TagFact| fact.tag.matches('?').count();
    FACTS.iter().filter(|fact| fits(fact.tag, tag)).min_by_key(wild)
}

/// Whether a pattern stands for a tag; spaces at either's end do not count.
fn fits(pattern: &str, tag: &str) -> bool {
    let tag = tag.trim_end();
    pattern.chars().count() == tag.chars().count()
        && pattern.chars().zip(tag.chars()).all(|(wanted, found)| wanted == '?' || wanted == found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_told_apart_by_case_and_exact_ones_come_first() {
        for (tag, owner_name, class, why) in [
            ("UlHC", Some("http.sys"), TagClass::HttpSys, "exact, though Ul?? fits too"),
            ("UlZZ", Some("http.sys"), TagClass::HttpSys, "by pattern"),
            ("uLHC", Some("http.sys"), TagClass::HttpSys, "freed memory has its case turned"),
            ("ULHP", Some("http.sys"), TagClass::HttpSys, "the published outage's"),
            ("TCPt", Some("tcpip.sys"), TagClass::Tcp, "not TCPT"),
            ("TWTa", Some("tcpip.sys"), TagClass::Tcp, "not TIME_WAIT"),
            ("AfdE", Some("afd.sys"), TagClass::NtObject, "a socket handle keeps it"),
            ("AfdC", Some("afd.sys"), TagClass::Afd, "exact"),
            ("AfdQ", Some("afd.sys"), TagClass::Afd, "by pattern"),
            ("Mm  ", Some("nt"), TagClass::MicrosoftOther, "trailing spaces"),
            ("PcNw", Some("WDM audio"), TagClass::OddForServer, "audio on a server"),
            ("ISil", None, TagClass::ThirdPartyGuess, "in no list of Windows"),
            ("None", None, TagClass::Unlisted, "no tag"),
        ] {
            let fact = owner(tag).unwrap_or_else(|| panic!("{tag}"));
            assert_eq!((fact.owner, fact.class), (owner_name, class), "{tag}: {why}");
        }
        for tag in ["Xyz1", "ulhc", "FILE", "", "Ul"] {
            assert_eq!(owner(tag), None, "{tag:?}");
        }
    }

    #[test]
    fn every_tag_fits_the_pools_and_stands_once() {
        for (at, fact) in FACTS.iter().enumerate() {
            assert!((1..=4).contains(&fact.tag.len()) && !fact.source.is_empty(), "{}", fact.tag);
            assert!(FACTS[..at].iter().all(|f| f.tag != fact.tag), "{} stands twice", fact.tag);
        }
    }

    #[test]
    fn connection_tags_of_every_profile_are_known() {
        for profile in crate::all().iter().filter(|p| p.os == crate::HostOs::Windows) {
            for tag in [profile.tags.tcp_control_block, profile.tags.time_wait] {
                assert_eq!(owner(tag).map(|f| f.class), Some(TagClass::Tcp), "{tag}");
            }
        }
    }
}
