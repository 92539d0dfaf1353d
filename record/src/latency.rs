//! Provides percentiles over a whole run from the histograms of its ticks.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::Deserializer;
use model::row::Latency;
use model::told::LatencySpread;

/// Histograms by what was timed, added up.
#[derive(Debug, Default)]
pub struct Latencies {
    by_tag: BTreeMap<String, Histogram<u64>>,
    unreadable: u64,
}

impl Latencies {
    /// Adds the histogram of a tick. One that cannot be read is counted.
    pub fn add(&mut self, row: &Latency) {
        let added = STANDARD.decode(&row.v2_base64).ok().and_then(|bytes| {
            let tick: Histogram<u64> = Deserializer::new().deserialize(&mut &bytes[..]).ok()?;
            match self.by_tag.get_mut(&row.tag) {
                Some(sum) => sum.add(&tick).ok(),
                None => {
                    let mut sum = Histogram::new(3).ok()?;
                    sum.auto(true);
                    sum.add(&tick).ok()?;
                    self.by_tag.insert(row.tag.clone(), sum);
                    Some(())
                }
            }
        });
        self.unreadable += u64::from(added.is_none());
    }

    /// Histograms that could not be read.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }

    /// The percentiles by what was timed: `connect`, `first-byte`, `total`.
    pub fn spreads(&self) -> BTreeMap<String, LatencySpread> {
        let seconds = |us: u64| us as f64 / 1e6;
        let spread = |h: &Histogram<u64>| LatencySpread {
            count: h.len(),
            p50_s: seconds(h.value_at_quantile(0.5)),
            p99_s: seconds(h.value_at_quantile(0.99)),
            max_s: seconds(h.max()),
        };
        let some = self.by_tag.iter().filter(|(_, h)| !h.is_empty());
        some.map(|(tag, h)| (tag.clone(), spread(h))).collect()
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::{Serializer, V2DeflateSerializer};

    use super::*;

    fn row(tag: &str, values_us: &[u64]) -> Latency {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        values_us.iter().for_each(|v| histogram.record(*v).unwrap());
        let mut bytes = Vec::new();
        V2DeflateSerializer::new().serialize(&histogram, &mut bytes).unwrap();
        let v2_base64 = STANDARD.encode(bytes);
        Latency { t_s: 0.0, seconds: 1.0, tag: tag.into(), max_ms: 0.0, v2_base64 }
    }

    #[test]
    fn ticks_add_up_and_a_spoilt_one_is_counted() {
        let mut all = Latencies::default();
        all.add(&row("total", &[1000; 98]));
        all.add(&row("total", &[2000, 90_000_000]));
        all.add(&row("connect", &[300]));
        all.add(&Latency { v2_base64: "AAAA".into(), ..row("total", &[1]) });
        assert_eq!(all.unreadable(), 1);
        let spreads = all.spreads();
        let total = &spreads["total"];
        assert_eq!(total.count, 100);
        assert!((total.p50_s - 0.001).abs() < 1e-5, "{total:?}");
        assert!((total.p99_s - 0.002).abs() < 1e-5, "{total:?}");
        assert!((total.max_s - 90.0).abs() < 0.1, "{total:?}");
        assert_eq!(spreads["connect"].count, 1);
    }
}
