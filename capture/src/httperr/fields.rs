//! Provides what the columns of one row hold.

use super::Record;
use super::columns::Columns;
use super::count::Counted;
use super::split::Split;
use super::stamps::Stamps;
use super::trouble::Trouble;

/// A row, split, with the names of its columns.
pub(super) struct Fields<'p, 'a> {
    pub(super) columns: &'p Columns,
    pub(super) split: &'p Split,
    pub(super) stamps: &'p mut Stamps,
    pub(super) row: &'a str,
}

impl<'a> Fields<'_, 'a> {
    /// The whole row.
    pub(super) fn record(self) -> Result<Record<'a>, Trouble<'a>> {
        let columns = self.columns;
        let (date, time) = (self.column(columns.date), self.column(columns.time));
        let reason = self.column(columns.reason);
        Ok(Record {
            stamp: self.stamps.read(date, time).ok_or(Trouble::Stamp(date, time))?,
            date,
            time,
            c_ip: self.text(columns.c_ip),
            c_port: self.number(columns.c_port, "c-port")?,
            s_ip: self.text(columns.s_ip),
            s_port: self.number(columns.s_port, "s-port")?,
            version: self.text(columns.version),
            method: self.text(columns.method),
            uri: self.text(columns.uri),
            status: self.number(columns.status, "sc-status")?,
            siteid: self.text(columns.siteid),
            reason,
            queue: self.text(columns.queue),
            refused: refused(reason),
        })
    }

    /// What it counts for. Every column is checked as [`Self::record`] does.
    #[inline]
    pub(super) fn counted(self) -> Result<Counted<'a>, Trouble<'a>> {
        let columns = self.columns;
        let (date, time) = (self.column(columns.date), self.column(columns.time));
        let reason = self.column(columns.reason);
        let unix_s = self.stamps.unix_s(date, time).ok_or(Trouble::Stamp(date, time))?;
        self.number(columns.c_port, "c-port")?;
        let refused = refused(reason);
        Ok(Counted {
            unix_s,
            s_port: self.number(columns.s_port, "s-port")?,
            status: self.number(columns.status, "sc-status")?,
            reason: if refused.is_some() { super::REFUSED } else { reason },
            queue: self.text(columns.queue),
            refused,
        })
    }

    #[inline]
    fn column(&self, at: usize) -> &'a str {
        self.split.column(self.row, at)
    }

    /// What a column holds.
    #[inline]
    fn text(&self, at: Option<usize>) -> Option<&'a str> {
        at.map(|at| self.column(at)).filter(|text| !is_nothing(text))
    }

    #[inline]
    fn number(&self, at: Option<usize>, what: &'static str) -> Result<Option<u16>, Trouble<'a>> {
        let text = self.text(at);
        text.map(|text| number(text).ok_or(Trouble::Number(text, what))).transpose()
    }
}

/// A decimal number of at most five digits.
#[inline]
fn number(text: &str) -> Option<u16> {
    if text.is_empty() || text.len() > 5 {
        return None;
    }
    let number = text.bytes().try_fold(0_u32, |number, byte| {
        byte.is_ascii_digit().then(|| 10 * number + u32::from(byte - b'0'))
    });
    u16::try_from(number?).ok()
}

/// N of `N_Connections_Refused`, in any case.
#[inline]
pub(super) fn refused(reason: &str) -> Option<u64> {
    if !reason.ends_with(['d', 'D']) {
        return None;
    }
    let (count, phrase) =
        reason.split_at_checked(reason.len().checked_sub(super::REFUSED.len())?)?;
    if !phrase.eq_ignore_ascii_case(super::REFUSED) {
        return None;
    }
    if count.is_empty() { Some(1) } else { count.strip_suffix('_')?.parse().ok() }
}

/// Whether a column holds nothing: `-`, of which blogs and word processors make a dash or a minus.
#[inline]
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(text, "-" | "\u{2013}" | "\u{2014}" | "\u{2212}")
}
