//! Provides what an event says about an outage. Ids are told apart by their source: two sources may
//! use one id.

use model::os_event::Meaning;

use super::Event;

/// What was installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// The service's name.
    pub name: String,
    /// Its file, where it is told.
    pub file: Option<String>,
    /// Whether it is a driver: a file that ends in `.sys`.
    pub is_driver: bool,
}

impl Event {
    /// What it says about an outage; `None` where it says nothing known.
    ///
    /// Sources: netevent constants (Srv, Tcpip), the message tables of EventLog, USER32, Service
    /// Control Manager, WAS and W3SVC.
    pub fn meaning(&self) -> Option<Meaning> {
        let source = self.source.to_ascii_lowercase();
        let source = source.strip_prefix("microsoft-windows-").unwrap_or(&source);
        Some(match (source, self.id) {
            ("eventlog", 6005 | 6009) | ("kernel-general", 12) => Meaning::Boot,
            ("eventlog", 6006) | ("kernel-general", 13) => Meaning::Shutdown,
            ("eventlog", 6008) | ("kernel-power", 41) => Meaning::UnexpectedShutdown,
            ("user32", 1074) => Meaning::RestartAsked,
            ("service control manager", 7045) => Meaning::Installed,
            ("service control manager", 7031 | 7034) => Meaning::ServiceEnded,
            ("was", 5002) | ("w3svc", 1002) => Meaning::PoolDisabled,
            ("was", 5009..=5012) | ("w3svc", 1009..=1012) => Meaning::WorkerFailed,
            ("tcpip", 4226) => Meaning::ConnectLimit,
            ("tcpip", 4227) => Meaning::TimeWaitCollision,
            ("tcpip", 4231) => Meaning::TcpPortsExhausted,
            ("tcpip", 4266) => Meaning::UdpPortsExhausted,
            ("srv", 2017) => Meaning::NonpagedPoolLimit,
            ("srv", 2018) => Meaning::PagedPoolLimit,
            ("srv", 2019) => Meaning::NonpagedPoolEmpty,
            ("srv", 2020) => Meaning::PagedPoolEmpty,
            ("srv", 2021) => Meaning::WorkItemsShort,
            ("resource-exhaustion-detector", 2004) => Meaning::CommitLow,
            _ => return None,
        })
    }

    /// What a 7045 says was installed, from the English message or from the data of XML.
    pub fn installed(&self) -> Option<Installed> {
        if self.meaning() != Some(Meaning::Installed) {
            return None;
        }
        let between = |start: &str, end: &str| {
            let (_, rest) = self.message.split_once(start)?;
            let value = rest.split_once(end).map_or(rest, |(value, _)| value);
            let value = value.trim_end_matches(';').trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let name = between("Service Name:", "Service File Name:")
            .or_else(|| between("ServiceName=", "; "))?;
        let file =
            between("Service File Name:", "Service Type:").or_else(|| between("ImagePath=", "; "));
        let is_driver = file.as_ref().is_some_and(|file| {
            let file = file.trim_matches('"').to_ascii_lowercase();
            file.ends_with(".sys")
        });
        Some(Installed { name, file, is_driver })
    }
}
