//! Provides the level of pool use at which HTTP.sys refuses connections.

/// Pool use above which HTTP.sys refuses, in bytes:
///
/// `U = L − G`, with `L` the pool's ceiling and `G` the gate, both in bytes. Refusing begins when
/// the free pool `L − use` falls below `G` (KB820129). A gate above the ceiling gives 0.
pub fn refuse_level_bytes(ceiling_bytes: u64, gate_bytes: u64) -> u64 {
    ceiling_bytes.saturating_sub(gate_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_is_counted_down_from_the_ceiling() {
        const KIB: u64 = 1024;
        for (ceiling_kib, gate_kib, level_kib, why) in [
            (131_072, 20_480, 110_592, "128 MiB less 20 MiB: Server 2003 with /3GB"),
            (131_072, 8_192, 122_880, "with EnableAggressiveMemoryUsage"),
            (129_536, 20_480, 109_056, "a published outage: 109,056 KB in use while refusing"),
            (10_240, 20_480, 0, "a pool smaller than the gate refuses always"),
        ] {
            let level = refuse_level_bytes(ceiling_kib * KIB, gate_kib * KIB);
            assert_eq!(level, level_kib * KIB, "{why}");
        }
    }
}
