//! Makes a lab for a test, and skips the test with a sentence where the system does not allow one.

use std::io::{Write, stderr};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use lab::{Isolation, Lab, LabPlan, enter_generator};
use scenarios::Scenario;

/// A lab, and the folder of its error log.
pub struct Made {
    pub lab: Lab,
    pub httperr_dir: Folder,
}

/// A folder that is removed with this.
pub struct Folder(PathBuf);

impl Deref for Folder {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A scenario with these lines in `[target]` and `[load]`.
pub fn scenario(target: &str, load: &str) -> Scenario {
    scenario_with(target, load, "")
}

/// The same with further tables.
pub fn scenario_with(target: &str, load: &str, more: &str) -> Scenario {
    let text = format!(
        "name = \"test\"\n[target]\n{target}\n[load]\n\
         arrival = {{ kind = \"constant\", per_second = 100 }}\nduration = \"10s\"\n{load}\n{more}\n"
    );
    scenarios::read(&text, "test.toml", &[]).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Enters a namespace; false, after a sentence, where that is not possible here.
pub fn isolated() -> bool {
    match enter_generator().unwrap() {
        Isolation::Namespaces => true,
        Isolation::Loopback { because } => {
            let _ = writeln!(stderr(), "skipped: {because}");
            false
        }
    }
}

/// A lab in two namespaces; the caller has entered the generator's.
pub fn two_hosts(scenario: Scenario) -> Made {
    make(scenario, Isolation::Namespaces)
}

/// A lab on plain loopback (of a namespace made for the test, where possible).
pub fn loopback(scenario: Scenario) -> Made {
    make(scenario, Isolation::Loopback { because: "asked for".into() })
}

fn make(scenario: Scenario, isolation: Isolation) -> Made {
    let httperr_dir = temp("httperr");
    let lab = Lab::start(LabPlan {
        scenario,
        exe: std::env::current_exe().unwrap(),
        httperr_dir: httperr_dir.to_path_buf(),
        isolation,
    })
    .unwrap();
    Made { lab, httperr_dir }
}

/// A folder of this process alone, not made yet.
pub fn temp(name: &str) -> Folder {
    let dir = std::env::temp_dir().join(format!("lab-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    Folder(dir)
}

/// Looks until `seen` gives something; fails after 3 s.
pub fn until<T>(what: &str, mut seen: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(3);
    while Instant::now() < end {
        if let Some(found) = seen() {
            return found;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("not within 3 s: {what}")
}

/// The reasons of all rows of the log.
pub fn reasons(httperr_dir: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(httperr_dir.join("httperr1.log")).unwrap_or_default();
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.split(' ').nth(11).map(str::to_owned)).collect()
}

/// The sum of N over the refusals of the log.
pub fn refused(httperr_dir: &Path) -> u64 {
    let of = |reason: &String| reason.strip_suffix("_Connections_Refused")?.parse::<u64>().ok();
    reasons(httperr_dir).iter().filter_map(of).sum()
}
