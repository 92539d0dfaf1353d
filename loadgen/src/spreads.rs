//! Provides the spreads of a tick's durations, and their two forms in a record.

use base64::Engine as _;
use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};
use hdrhistogram::{CreationError, Histogram};
use model::row::SpreadUs;

/// Durations above this are recorded as this: ten minutes, microseconds.
const LONGEST_US: u64 = 600_000_000;

/// Spreads of durations in microseconds.
#[derive(Clone, Debug)]
pub struct Spreads {
    /// Intended start to actual start.
    pub lateness: Histogram<u32>,
    /// Inside `connect()`.
    pub connect_call: Histogram<u32>,
    /// Intended start to connection, of served attempts.
    pub connect: Histogram<u32>,
    /// Intended start to first byte, of served attempts.
    pub first_byte: Histogram<u32>,
    /// Intended start to end, of served attempts.
    pub total: Histogram<u32>,
}

impl Spreads {
    /// Empty ones, with three significant digits.
    ///
    /// # Errors
    /// Never with these bounds; the library cannot know.
    pub fn new() -> Result<Self, CreationError> {
        let one = Histogram::<u32>::new_with_bounds(1, LONGEST_US, 3)?;
        Ok(Self {
            lateness: one.clone(),
            connect_call: one.clone(),
            connect: one.clone(),
            first_byte: one.clone(),
            total: one,
        })
    }

    /// Empty ones like these.
    pub fn fresh(&self) -> Self {
        Self {
            lateness: Histogram::new_from(&self.lateness),
            connect_call: Histogram::new_from(&self.connect_call),
            connect: Histogram::new_from(&self.connect),
            first_byte: Histogram::new_from(&self.first_byte),
            total: Histogram::new_from(&self.total),
        }
    }

    /// Adds what others hold; all have the same bounds, so that every value fits.
    pub fn add(&mut self, more: &Self) {
        self.lateness += &more.lateness;
        self.connect_call += &more.connect_call;
        self.connect += &more.connect;
        self.first_byte += &more.first_byte;
        self.total += &more.total;
    }
}

/// The form in an interval row; zeros for an empty one.
pub fn spread(histogram: &Histogram<u32>) -> SpreadUs {
    if histogram.is_empty() {
        return SpreadUs::default();
    }
    SpreadUs {
        p50: histogram.value_at_quantile(0.5),
        p99: histogram.value_at_quantile(0.99),
        max: histogram.max(),
    }
}

/// The same of durations that were only counted: microseconds, with how often each was seen.
pub fn encode_counted(durations: impl IntoIterator<Item = (u64, u64)>) -> Option<String> {
    let mut histogram = Histogram::<u32>::new_with_bounds(1, LONGEST_US, 3).ok()?;
    for (us, n) in durations {
        histogram.saturating_record_n(us, u32::try_from(n).unwrap_or(u32::MAX));
    }
    encode(&histogram)
}

/// The V2 compressed form in base64; `None` for an empty histogram.
pub fn encode(histogram: &Histogram<u32>) -> Option<String> {
    if histogram.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    V2DeflateSerializer::new().serialize(histogram, &mut bytes).ok()?;
    Some(base64::engine::general_purpose::STANDARD.encode(bytes))
}
