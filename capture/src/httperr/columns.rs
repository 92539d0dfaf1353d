//! Defines where each column of an HTTPERR row stands, by header or by era.

use super::trouble::Trouble;

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

    /// Whether a row begins with date, time, the client's address and its port, as in every era.
    pub fn has_usual_head(&self) -> bool {
        (self.date, self.time, self.c_ip, self.c_port) == (0, 1, Some(2), Some(3))
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
    /// Whether rows below both are read alike.
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unseen(_), Self::Unseen(_)) | (Self::Unusable, Self::Unusable) => true,
            (Self::Seen(columns), Self::Seen(others)) => columns == others,
            _ => false,
        }
    }

    /// The columns of a row that holds this many.
    #[inline]
    pub fn columns(&mut self, held: usize) -> Result<&Columns, Trouble<'static>> {
        if let Self::Unseen(known) = self
            && known.as_ref().is_none_or(|columns| columns.count != held)
        {
            *known = Columns::assumed(held);
        }
        match &*self {
            Self::Unusable => Err(Trouble::UnderUnusable),
            Self::Unseen(Some(columns)) => Ok(columns),
            Self::Unseen(None) => Err(Trouble::NoHeader(held)),
            Self::Seen(columns) if columns.count == held => Ok(columns),
            Self::Seen(columns) => Err(Trouble::Columns { held, named: columns.count }),
        }
    }
}
