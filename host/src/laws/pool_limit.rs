//! Provides the ceiling of a host's non-paged pool, with its origin.

use model::limit::{Limit, Origin};

use crate::profile::Profile;

/// How far a derived ceiling may be wrong either way, bytes. A Server 2003 host with /3GB refused
/// with 21.5 MiB free of a documented 128 MiB: its ceiling was then about 126.5 MiB, so 2 MiB.
pub const POOL_LIMIT_TOLERANCE_BYTES: u64 = 2 << 20;

/// The ceiling of the non-paged pool in bytes. What the user declared outranks the profile's rule;
/// `ram_bytes` is the host's RAM where known, else the profile's is taken. `None` where nothing was
/// declared and the host has no such pool.
pub fn pool_limit(
    profile: &Profile,
    ram_bytes: Option<u64>,
    declared_bytes: Option<u64>,
) -> Option<Limit> {
    match declared_bytes {
        Some(value) => Some(Limit { value, origin: Origin::Declared }),
        None => {
            profile.ceiling_bytes(ram_bytes).map(|value| Limit { value, origin: Origin::Derived })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_declared_outranks_the_rule() {
        const MIB: u64 = 1 << 20;
        let derived = |value| Some(Limit { value, origin: Origin::Derived });
        let declared = |value| Some(Limit { value, origin: Origin::Declared });
        for (name, ram, said, limit, why) in [
            ("windows-2003-x86-3gb", None, None, derived(128 * MIB), "the rule alone"),
            ("windows-2003-x86-3gb", None, Some(99), declared(99), "the user's word"),
            ("windows-2008", Some(400 * MIB), None, derived(300 * MIB), "the rule with RAM"),
            ("linux", None, None, None, "no pool, nothing declared"),
            ("linux", None, Some(7), declared(7), "no pool by rule, yet one was declared"),
        ] {
            let profile = crate::profile(name).unwrap();
            assert_eq!(pool_limit(profile, ram, said), limit, "{name}: {why}");
        }
    }

    #[test]
    fn the_tolerance_covers_the_published_outage() {
        let documented = crate::profile("windows-2003-x86-3gb").unwrap().ceiling_bytes(None);
        let seen = (109_056 + 20_480) * 1024;
        assert!(documented.unwrap() - seen <= POOL_LIMIT_TOLERANCE_BYTES);
    }
}
