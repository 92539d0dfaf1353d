//! Provides the gate on the wire: a rule of nf_tables in the target's namespace that answers SYNs
//! with a reset, and a named counter of how many. Queue and established connections are untouched.

use std::path::PathBuf;

use crate::error::LabError;
use crate::tool;

/// What happens to SYNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// They come in.
    Open,
    /// Each is reset, and counted.
    Refusing,
    /// Each is reset, and counted as no refusal: nobody is there, or nobody takes them. Without a rule Linux answers a SYN that meets
    /// a TIME_WAIT with an ACK where no listener is left, and the client is kept waiting for seconds
    /// (tcp_v4_rcv, Linux 6.18).
    Absent,
}

/// The table, present and open.
#[derive(Debug)]
pub struct Nft {
    tool: PathBuf,
    port: u16,
}

impl Nft {
    /// Makes the table in the calling thread's namespace, for connections to `port`. The error says
    /// why nf_tables cannot be used here.
    pub fn lay(port: u16) -> Result<Self, LabError> {
        let tool = tool::find("nft")
            .ok_or_else(|| LabError("no `nft` is installed (package nftables)".into()))?;
        let table = "table inet churnlab {\n\
             counter refused { }\n\
             counter absent { }\n\
             chain input { type filter hook input priority 0; }\n\
             }\n";
        tool::feed(&tool, &["-f", "-"], table)?;
        Ok(Self { tool, port })
    }

    /// Changes over in one transaction.
    pub fn put(&self, position: Position) -> Result<(), LabError> {
        let mut batch = "flush chain inet churnlab input\n".to_owned();
        let counter = match position {
            Position::Open => None,
            Position::Refusing => Some("counter name refused "),
            Position::Absent => Some("counter name absent "),
        };
        if let Some(counter) = counter {
            batch.push_str(&format!(
                "add rule inet churnlab input tcp dport {} tcp flags & (syn|ack) == syn \
                 {counter}reject with tcp reset\n",
                self.port
            ));
        }
        tool::feed(&self.tool, &["-f", "-"], &batch).map(drop)
    }

    /// SYNs reset since the table was made.
    pub fn counts(&self) -> Result<Counted, LabError> {
        let text =
            tool::feed(&self.tool, &["-j", "list", "counters", "table", "inet", "churnlab"], "")?;
        counted(&text).ok_or_else(|| LabError(format!("nft counts in an unknown form: {text}")))
    }
}

/// SYNs that were reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// By the gate.
    pub refused: u64,
    /// Since nobody was there, or took them.
    pub absent: u64,
}

fn counted(json: &str) -> Option<Counted> {
    let whole: serde_json::Value = serde_json::from_str(json).ok()?;
    let all = whole["nftables"].as_array()?;
    let packets = |name: &str| {
        let named = all.iter().map(|part| &part["counter"]).find(|counter| counter["name"] == name);
        named?["packets"].as_u64()
    };
    Some(Counted { refused: packets("refused")?, absent: packets("absent")? })
}

#[cfg(test)]
mod tests {
    use super::{Counted, counted};

    #[test]
    fn the_counters_are_read_from_the_json_of_nft() {
        // nft 1.1.
        let text = r#"{"nftables": [{"metainfo": {"version": "1.1.3", "json_schema_version": 1}},
            {"counter": {"family": "inet", "name": "refused", "table": "churnlab", "handle": 2,
            "packets": 7868, "bytes": 472080}},
            {"counter": {"family": "inet", "name": "absent", "table": "churnlab", "handle": 3,
            "packets": 12, "bytes": 720}}]}"#;
        assert_eq!(counted(text), Some(Counted { refused: 7868, absent: 12 }));
        assert_eq!(counted(r#"{"nftables": []}"#), None, "no counter in it");
        assert_eq!(counted("Error: No such file"), None, "not JSON");
    }
}
