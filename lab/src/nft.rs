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
    /// Each is reset, and not counted: nobody is there. Without a rule Linux answers a SYN that meets
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
            Position::Absent => Some(""),
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

    /// SYNs refused since the table was made.
    pub fn refused(&self) -> Result<u64, LabError> {
        let args = ["-j", "list", "counter", "inet", "churnlab", "refused"];
        let text = tool::feed(&self.tool, &args, "")?;
        packets(&text).ok_or_else(|| LabError(format!("nft counts in an unknown form: {text}")))
    }
}

fn packets(json: &str) -> Option<u64> {
    let whole: serde_json::Value = serde_json::from_str(json).ok()?;
    whole["nftables"].as_array()?.iter().find_map(|part| part["counter"]["packets"].as_u64())
}

#[cfg(test)]
mod tests {
    use super::packets;

    #[test]
    fn the_counter_is_read_from_the_json_of_nft() {
        // nft 1.1.
        let text = r#"{"nftables": [{"metainfo": {"version": "1.1.3", "json_schema_version": 1}},
            {"counter": {"family": "inet", "name": "refused", "table": "churnlab", "handle": 2,
            "packets": 7868, "bytes": 472080}}]}"#;
        assert_eq!(packets(text), Some(7868));
        assert_eq!(packets(r#"{"nftables": []}"#), None, "no counter in it");
        assert_eq!(packets("Error: No such file"), None, "not JSON");
    }
}
