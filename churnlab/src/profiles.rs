//! Checks the name of a host profile that was given on the command line.

use crate::exit::Usage;

/// Refuses a name that no profile has, with those that there are.
pub fn check(name: Option<&str>) -> Result<(), Usage> {
    match name {
        Some(name) if host::profile(name).is_none() => {
            let names: Vec<&str> = host::all().iter().map(|p| p.name).collect();
            Err(Usage(format!("--profile {name}: the profiles are {}", names.join(", "))))
        }
        _ => Ok(()),
    }
}
