//! Provides which host profile captures come from, where nobody said: from systeminfo, or from what
//! only one age of Windows can show.

use host::Profile;
use host::laws::{POOL_LIMIT_TOLERANCE_BYTES, refuse_level_bytes};

use crate::facts::HostFacts;

/// 2007-01-30: before it there was neither Vista nor Server 2008, so a log of HTTP.sys is from Server
/// 2003 (or XP SP2, which has the same pools).
const BEFORE_VISTA_S: i64 = 1_170_115_200;

/// What is known without a profile.
pub(crate) struct Clues<'a> {
    pub(crate) facts: &'a HostFacts,
    /// The earliest and the last row of refusals, seconds since 1970.
    pub(crate) first_refusal_s: Option<i64>,
    /// Non-paged pool in use at the last snapshot, bytes.
    pub(crate) nonpaged_used_bytes: Option<u64>,
}

/// The profile and why it is thought so; `None` where nothing tells.
pub(crate) fn infer(clues: &Clues<'_>) -> Option<(&'static Profile, String)> {
    let by_name = clues.facts.os_name.as_deref().and_then(|os| by_name(os, clues.facts));
    by_name.or_else(|| by_age(clues))
}

/// From what systeminfo prints.
fn by_name(os_name: &str, facts: &HostFacts) -> Option<(&'static Profile, String)> {
    let os = os_name.to_lowercase();
    let is_64 = facts.system_type.as_deref().is_some_and(|t| t.to_lowercase().contains("64"))
        || os.contains("x64");
    let name = match () {
        () if os.contains("2025") => "windows-2025",
        () if os.contains("2022") || os.contains("windows 11") => "windows-2022",
        () if os.contains("2016") || os.contains("2019") || os.contains("windows 10") => {
            "windows-2016"
        }
        () if os.contains("2012") || os.contains("windows 8") => "windows-2012r2",
        () if os.contains("2008") || os.contains("vista") || os.contains("windows 7") => {
            "windows-2008"
        }
        () if (os.contains("2003") || os.contains("windows xp")) && is_64 => "windows-2003-x64",
        () if os.contains("2003") || os.contains("windows xp") => match facts.three_gb {
            Some(true) => "windows-2003-x86-3gb",
            _ => "windows-2003-x86",
        },
        () if os.contains("2000") => "windows-2000",
        () => return None,
    };
    let beside = match (name, facts.three_gb) {
        ("windows-2003-x86", None) => {
            "; whether it starts with /3GB, which halves its non-paged pool, is not known: give boot.ini"
        }
        ("windows-2003-x86" | "windows-2003-x86-3gb", Some(_)) => ", boot options as given",
        _ => "",
    };
    Some((host::profile(name)?, format!("systeminfo says {os_name:?}{beside}")))
}

/// Refusals before Vista are Server 2003's; which of its ceilings fits the pool that was in use?
fn by_age(clues: &Clues<'_>) -> Option<(&'static Profile, String)> {
    let refused_s = clues.first_refusal_s.filter(|s| *s < BEFORE_VISTA_S)?;
    let day = crate::clock::stamp_of(refused_s as f64);
    let since =
        format!("refusals of {} can only be Server 2003's (IIS 6)", &day[..day.len().min(10)]);
    let name = match clues.facts.three_gb {
        Some(true) => {
            return Some((
                host::profile("windows-2003-x86-3gb")?,
                since + " and its boot options hold /3GB",
            ));
        }
        Some(false) => {
            return Some((
                host::profile("windows-2003-x86")?,
                since + " and its boot options hold no /3GB",
            ));
        }
        None => "windows-2003-x86-3gb",
    };
    let profile = host::profile(name)?;
    let used = clues.nonpaged_used_bytes?;
    let level = refuse_level_bytes(profile.ceiling_bytes(None)?, profile.gate_bytes?.value);
    let fits = used + POOL_LIMIT_TOLERANCE_BYTES >= level && used <= profile.ceiling_bytes(None)?;
    fits.then(|| {
        let used = model::units::format_bytes(used.into());
        (profile, format!("{since}, and {used} of non-paged pool in use while refusing fits its ceiling with /3GB; inferred from the fit, so the ceiling proves nothing by itself: boot.ini would"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infer_of(
        facts: HostFacts,
        first_refusal_s: Option<i64>,
        used: Option<u64>,
    ) -> Option<&'static str> {
        let clues = Clues { facts: &facts, first_refusal_s, nonpaged_used_bytes: used };
        infer(&clues).map(|(profile, _)| profile.name)
    }

    #[test]
    fn profiles_are_inferred_only_from_what_tells() {
        let os = |name: &str, three_gb, kind: &str| HostFacts {
            os_name: Some(name.into()),
            three_gb,
            system_type: Some(kind.into()),
            ..HostFacts::default()
        };
        let none = HostFacts::default;
        let refused = Some(1_125_686_712);
        for (facts, refused_s, used, wanted, why) in [
            (
                os(
                    "Microsoft(R) Windows(R) Server 2003, Standard Edition",
                    Some(true),
                    "X86-based PC",
                ),
                None,
                None,
                Some("windows-2003-x86-3gb"),
                "with boot.ini",
            ),
            (
                os(
                    "Microsoft(R) Windows(R) Server 2003 Standard x64 Edition",
                    None,
                    "x64-based PC",
                ),
                None,
                None,
                Some("windows-2003-x64"),
                "64-bit",
            ),
            (
                os("Microsoft Windows Server 2019 Standard", None, "x64-based PC"),
                None,
                None,
                Some("windows-2016"),
                "2019 is as 2016",
            ),
            (os("Plan 9", None, ""), None, None, None, "unknown"),
            (
                none(),
                refused,
                Some(111_673_344),
                Some("windows-2003-x86-3gb"),
                "106.5 MiB fit 128 MiB less 20",
            ),
            (none(), refused, Some(60 << 20), None, "far from any gate"),
            (none(), refused, None, None, "no reading of the pool"),
            (none(), Some(1_500_000_000), Some(111_673_344), None, "2017: any age"),
            (none(), None, Some(111_673_344), None, "no refusals"),
        ] {
            assert_eq!(infer_of(facts, refused_s, used), wanted, "{why}");
        }
    }
}
