//! Defines where each column of an HTTPERR row stands, by header or by era.

/// No log seen so far names more than 18 columns; a row beyond this is no HTTPERR row.
pub const COLUMNS_MAX: usize = 40;

/// The columns before the first that differs between eras.
const COMMON: [&str; 9] =
    ["date", "time", "c-ip", "c-port", "s-ip", "s-port", "cs-version", "cs-method", "cs-uri"];
/// What follows [`COMMON`] in each era, told apart by the number of columns where no header has
/// been seen: 12 (Server 2003 RTM), 13 (to 2012 R2), 14 (2016, 2019), 18 (2022 and later).
const ERAS: [&[&str]; 4] = [
    &["sc-status", "s-siteid", "s-reason"],
    &["sc-status", "s-siteid", "s-reason", "s-queuename"],
    &["streamid", "sc-status", "s-siteid", "s-reason", "s-queuename"],
    &[
        "streamid",
        "streamid_ex",
        "sc-status",
        "s-siteid",
        "s-reason",
        "s-queuename",
        "transport",
        "fault-code",
        "extended-fault-code",
    ],
];

/// Where each known column stands.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub count: usize,
    pub date: usize,
    pub time: usize,
    pub reason: usize,
    pub c_ip: Option<usize>,
    pub c_port: Option<usize>,
    pub s_ip: Option<usize>,
    pub s_port: Option<usize>,
    pub version: Option<usize>,
    pub method: Option<usize>,
    pub uri: Option<usize>,
    pub status: Option<usize>,
    pub siteid: Option<usize>,
    pub queue: Option<usize>,
}

impl Columns {
    /// The columns with these names; `None` without date, time and reason, which every row needs.
    pub fn named(names: &[&str]) -> Option<Self> {
        let at = |name: &str| names.iter().position(|n| n.eq_ignore_ascii_case(name));
        Some(Self {
            count: names.len(),
            date: at("date")?,
            time: at("time")?,
            reason: at("s-reason")?,
            c_ip: at("c-ip"),
            c_port: at("c-port"),
            s_ip: at("s-ip"),
            s_port: at("s-port"),
            version: at("cs-version"),
            method: at("cs-method"),
            uri: at("cs-uri"),
            status: at("sc-status"),
            siteid: at("s-siteid"),
            queue: at("s-queuename"),
        })
    }

    /// The columns of a row of `count` where no header has been seen.
    pub fn assumed(count: usize) -> Option<Self> {
        let era = ERAS.iter().find(|era| COMMON.len() + era.len() == count)?;
        Self::named(&[&COMMON, *era].concat())
    }
}

/// What is known of the columns.
#[derive(Clone, Debug)]
pub enum Header {
    /// No header seen: each row's number of columns decides.
    Unseen(Option<Columns>),
    /// The latest header's.
    Seen(Columns),
    /// The latest header lacks date, time or reason.
    Unusable,
}

impl Header {
    /// The columns of a row that holds this many.
    pub fn columns(&mut self, count: usize) -> Result<&Columns, String> {
        if let Self::Unseen(known) = self
            && known.as_ref().is_none_or(|columns| columns.count != count)
        {
            *known = Columns::assumed(count);
        }
        match &*self {
            Self::Unusable => Err("stands under a header that cannot be used".into()),
            Self::Unseen(Some(columns)) => Ok(columns),
            Self::Unseen(None) => {
                Err(format!("holds {count} columns, and no #Fields line says which they are"))
            }
            Self::Seen(columns) if columns.count == count => Ok(columns),
            Self::Seen(columns) => {
                Err(format!("holds {count} columns where {} are named", columns.count))
            }
        }
    }
}
