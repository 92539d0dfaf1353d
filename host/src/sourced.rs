//! Defines a value together with where it was read, and what other sources say.

/// A fact about a host. Units are those named by the field that holds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sourced<T: 'static> {
    /// The value this program goes by.
    pub value: T,
    /// Where it comes from: an article, a measurement, or why it was assumed.
    pub source: &'static str,
    /// True where nobody has measured or documented it for this very system.
    pub assumed: bool,
    /// What other sources say, each with its name.
    pub others: &'static [(T, &'static str)],
}

impl<T: 'static> Sourced<T> {
    /// A value that a source states for this system.
    pub(crate) const fn stated(value: T, source: &'static str) -> Self {
        Self { value, source, assumed: false, others: &[] }
    }

    /// A value taken for want of a source, with the reason.
    pub(crate) const fn assumed(value: T, why: &'static str) -> Self {
        Self { value, source: why, assumed: true, others: &[] }
    }

    /// The same fact, with what others say beside it.
    pub(crate) const fn beside(mut self, others: &'static [(T, &'static str)]) -> Self {
        self.others = others;
        self
    }
}
