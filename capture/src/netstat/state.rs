//! Provides the meaning of the words that tools print for a TCP state.

use model::reading::TcpState;

/// The state that a word stands for: as netstat, its manual page, PowerShell, `ss` and Linux spell
/// it, in any case and with any joint (`TIME_WAIT`, `TIME-WAIT`, `TimeWait`), and in German.
///
/// Windows in French, Spanish, Russian, Chinese and Japanese prints the English words below its
/// translated headings (public transcripts of each); German alone was found to translate them.
pub fn state(word: &str) -> TcpState {
    plain(word).unwrap_or_else(|| {
        let is_joint = |c: &char| matches!(c, '_' | '-');
        let bare: String =
            word.chars().filter(|c| !is_joint(c)).flat_map(char::to_uppercase).collect();
        joined(&bare)
    })
}

/// The words of netstat, without a copy: a listing has a hundred thousand of them.
fn plain(word: &str) -> Option<TcpState> {
    Some(match word {
        "LISTENING" => TcpState::Listening,
        "SYN_SENT" => TcpState::SynSent,
        "SYN_RECEIVED" => TcpState::SynReceived,
        "ESTABLISHED" => TcpState::Established,
        "FIN_WAIT_1" => TcpState::FinWait1,
        "FIN_WAIT_2" => TcpState::FinWait2,
        "CLOSE_WAIT" => TcpState::CloseWait,
        "CLOSING" => TcpState::Closing,
        "LAST_ACK" => TcpState::LastAck,
        "TIME_WAIT" => TcpState::TimeWait,
        "BOUND" => TcpState::Bound,
        _ => return None,
    })
}

fn joined(word: &str) -> TcpState {
    match word {
        "LISTENING" | "LISTEN" => TcpState::Listening,
        // Ö depends on the code page that the text came through.
        _ if word.starts_with("ABH") && word.ends_with("REN") => TcpState::Listening,
        "SYNSENT" | "SYNSEND" | "SYNGESENDET" => TcpState::SynSent,
        "SYNRECEIVED" | "SYNRECV" | "SYNRCVD" | "SYNEMPFANGEN" => TcpState::SynReceived,
        "ESTABLISHED" | "ESTAB" | "HERGESTELLT" => TcpState::Established,
        "FINWAIT1" | "FINWARTEN1" => TcpState::FinWait1,
        "FINWAIT2" | "FINWARTEN2" => TcpState::FinWait2,
        "CLOSEWAIT" | "SCHLIESSENWARTEN" => TcpState::CloseWait,
        "CLOSING" | "SCHLIESSEND" => TcpState::Closing,
        "LASTACK" => TcpState::LastAck,
        "TIMEWAIT" | "TIMEDWAIT" | "WARTEND" => TcpState::TimeWait,
        "BOUND" => TcpState::Bound,
        _ => TcpState::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_known_however_it_is_spelt() {
        for (words, state) in [
            (&["LISTENING", "Listen", "LISTEN", "ABHÖREN", "ABH™REN"][..], TcpState::Listening),
            (&["SYN_SENT", "SynSent", "SYN-SENT", "SYN_SEND"], TcpState::SynSent),
            (&["SYN_RECEIVED", "SYN-RECV", "SYN_RCVD"], TcpState::SynReceived),
            (&["ESTABLISHED", "ESTAB", "Established", "HERGESTELLT"], TcpState::Established),
            (&["FIN_WAIT_1", "FIN_WAIT1", "FIN-WAIT-1", "FIN_WARTEN_1"], TcpState::FinWait1),
            (&["FIN_WAIT_2", "FinWait2"], TcpState::FinWait2),
            (&["CLOSE_WAIT", "CloseWait", "SCHLIESSEN_WARTEN"], TcpState::CloseWait),
            (&["CLOSING", "Closing", "SCHLIESSEND"], TcpState::Closing),
            (&["LAST_ACK", "LastAck", "LAST-ACK"], TcpState::LastAck),
            (&["TIME_WAIT", "TIMED_WAIT", "TIME-WAIT", "TimeWait", "WARTEND"], TcpState::TimeWait),
            (&["BOUND", "Bound"], TcpState::Bound),
            (&["DELETE_TCB", "UNCONN", "InHost", "", "REN"], TcpState::Other),
        ] {
            for word in words {
                assert_eq!(super::state(word), state, "{word}");
            }
        }
    }
}
