//! Provides the reader of boot options, from boot.ini (to Server 2003) or `bcdedit` (since Vista):
//! how the address space is divided, which decides the non-paged pool of 32-bit Windows.

use crate::{Skipped, SkippedRows};

/// One way to start Windows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Its path in boot.ini, or its identifier such as `{current}`.
    pub id: String,
    /// What the boot menu calls it.
    pub name: Option<String>,
    /// `/3GB`, or `increaseuserva` of any size: the kernel has 2 GiB no more.
    pub less_kernel_space: bool,
    /// MiB of address space for programs: `/userva`, `increaseuserva`.
    pub user_space_mb: Option<u32>,
    /// `/PAE` or `/NOPAE`, `pae` (`ForceEnable`, `ForceDisable`); `None` where it is left to Windows.
    pub pae: Option<bool>,
}

/// The boot options of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BootConfig {
    /// Entries in order; the boot manager's own is not among them.
    pub entries: Vec<Entry>,
    /// Path of the entry that boot.ini starts by default.
    pub default: Option<String>,
    /// Lines that could not be read.
    pub skipped: SkippedRows,
}

impl BootConfig {
    /// The entry that is running, as far as it is told: bcdedit's `{current}`, boot.ini's default,
    /// else the only one.
    pub fn current(&self) -> Option<&Entry> {
        let named = |id: &str| self.entries.iter().find(|entry| entry.id.eq_ignore_ascii_case(id));
        let told = named("{current}").or_else(|| named(self.default.as_deref()?));
        told.or_else(|| self.entries.first().filter(|_| self.entries.len() == 1))
    }
}

/// Reads boot.ini or what `bcdedit` prints.
pub fn parse(text: &str) -> BootConfig {
    let is_ini = text.lines().any(|line| section(line).is_some());
    if is_ini { boot_ini(text) } else { bcdedit(text) }
}

/// `[boot loader]`, `[operating systems]`.
fn section(line: &str) -> Option<String> {
    let name = line.trim().trim_start_matches('\u{feff}').strip_prefix('[')?.strip_suffix(']')?;
    let name = name.trim().to_ascii_lowercase();
    matches!(name.as_str(), "boot loader" | "operating systems").then_some(name)
}

fn boot_ini(text: &str) -> BootConfig {
    let mut config = BootConfig::default();
    let mut within = String::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(section) = section(line) {
            within = section;
            continue;
        }
        let line = line.trim();
        if line.is_empty() || line.starts_with(';') || within.is_empty() {
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            let reason = format!("has no = behind \"{line:.40}\"");
            config.skipped.push(Skipped::new(at + 1, reason));
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        if within == "boot loader" {
            if key.eq_ignore_ascii_case("default") {
                config.default = Some(value.to_owned());
            }
        } else {
            match started(key, value) {
                Ok(entry) => config.entries.push(entry),
                Err(reason) => config.skipped.push(Skipped::new(at + 1, reason)),
            }
        }
    }
    config
}

/// `multi(0)…="Windows Server 2003, Standard" /fastdetect /3GB /userva=3030`.
fn started(id: &str, value: &str) -> Result<Entry, String> {
    let quoted = value.strip_prefix('"').and_then(|rest| rest.split_once('"'));
    let (name, options) = quoted.unwrap_or_else(|| value.split_once(" /").unwrap_or((value, "")));
    let mut entry = Entry { id: id.to_owned(), ..Entry::default() };
    entry.name = Some(name.trim()).filter(|name| !name.is_empty()).map(str::to_owned);
    for option in options.split(['/', ' ', '\t']).filter(|option| !option.is_empty()) {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        match key.to_ascii_lowercase().as_str() {
            "3gb" => entry.less_kernel_space = true,
            "pae" => entry.pae = Some(true),
            "nopae" => entry.pae = Some(false),
            "userva" => {
                let size = value.parse().map_err(|_| format!("has \"{value:.20}\" for userva"))?;
                entry.user_space_mb = Some(size);
            }
            _ => {}
        }
    }
    Ok(entry)
}

/// Blocks of `name   value` beneath a rule; the first names the entry, in the system's language.
fn bcdedit(text: &str) -> BootConfig {
    let mut config = BootConfig::default();
    let mut first = false;
    for (at, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if !line.is_empty() && line.chars().all(|c| c == '-') {
            first = true;
            continue;
        }
        let Some((key, value)) = line.split_once(char::is_whitespace) else { continue };
        let value = value.trim();
        if key.is_empty() || value.is_empty() {
            continue;
        }
        if std::mem::take(&mut first) {
            config.entries.push(Entry { id: value.to_owned(), ..Entry::default() });
        } else if let Some(entry) = config.entries.last_mut()
            && let Err(reason) = set(entry, key, value)
        {
            config.skipped.push(Skipped::new(at + 1, reason));
        }
    }
    config.entries.retain(|entry| entry.id != "{bootmgr}");
    config
}

/// Takes in one line of a block; names of options are in no language.
fn set(entry: &mut Entry, key: &str, value: &str) -> Result<(), String> {
    match key.to_ascii_lowercase().as_str() {
        "description" => entry.name = Some(value.to_owned()),
        "increaseuserva" => {
            let size =
                value.parse().map_err(|_| format!("has \"{value:.20}\" for increaseuserva"))?;
            entry.less_kernel_space = true;
            entry.user_space_mb = Some(size);
        }
        "pae" if value.eq_ignore_ascii_case("ForceEnable") => entry.pae = Some(true),
        "pae" if value.eq_ignore_ascii_case("ForceDisable") => entry.pae = Some(false),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The form of Server 2003's boot.ini; names made up.
    const INI: &str = "[boot loader]\r\ntimeout=30\r\ndefault=multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS\r\n\
        [operating systems]\r\nmulti(0)disk(0)rdisk(0)partition(1)\\WINDOWS=\"Old\" /fastdetect /NoPAE\r\n\
        multi(0)disk(0)rdisk(0)partition(2)\\WINDOWS=\"Server, with /3GB in its name\" /fastdetect /3gb /PAE /userva=3030\r\n\
        C:\\x=\"Bad\" /3GB /userva=much\r\nnonsense\r\n";

    #[test]
    fn boot_ini_tells_which_entry_is_the_default() {
        let config = parse(INI);
        let current = config.current().unwrap();
        assert_eq!(current.name.as_deref(), Some("Server, with /3GB in its name"));
        assert_eq!((current.less_kernel_space, current.user_space_mb), (true, Some(3030)));
        assert_eq!(current.pae, Some(true));
        let old = &config.entries[0];
        assert_eq!((old.less_kernel_space, old.pae), (false, Some(false)));
        let lines: Vec<_> = config.skipped.iter().map(|s| s.line).collect();
        assert_eq!(lines, [7, 8]);
    }

    /// The form of a German bcdedit: only the identifier's label and the titles are translated.
    #[test]
    fn bcdedit_is_read_in_any_language() {
        let config = parse(
            "\r\nWindows-Start-Manager\r\n---------------------\r\nBezeichner              {bootmgr}\r\n\
             description             Windows Boot Manager\r\n\r\nWindows-Startladeprogramm\r\n\
             -------------------------\r\nBezeichner              {current}\r\ndevice                  partition=C:\r\n\
             description             Windows Server 2008\r\nincreaseuserva          3072\r\npae                     ForceDisable\r\n",
        );
        assert_eq!(
            config.entries,
            [Entry {
                id: "{current}".into(),
                name: Some("Windows Server 2008".into()),
                less_kernel_space: true,
                user_space_mb: Some(3072),
                pae: Some(false),
            }]
        );
        assert_eq!(config.current(), config.entries.first());
    }

    #[test]
    fn without_an_option_the_address_space_is_halved() {
        let config = parse("[operating systems]\nC:\\W=\"A /3GB\" /fastdetect\n");
        assert!(!config.current().unwrap().less_kernel_space, "the name is no option");
        let bare = parse("[boot loader]\n[operating systems]\nC:\\W=Plain name /3GB\n");
        assert!(bare.current().unwrap().less_kernel_space);
        let two = parse("[operating systems]\nC:\\W=\"A\"\nC:\\X=\"B\"\n");
        assert_eq!(two.current(), None, "two, and no default");
    }

    proptest! {
        #[test]
        fn every_line_of_boot_ini_is_an_entry_or_counted(lines in prop::collection::vec("[a-z/=\"0-9]{1,20}", 0..9)) {
            let config = parse(&format!("[operating systems]\n{}", lines.join("\n")));
            prop_assert_eq!(config.entries.len() + config.skipped.len(), lines.len());
        }

        #[test]
        fn any_text_is_read(text in any::<String>()) {
            parse(&text).current();
            parse(&format!("---\n{text}"));
        }
    }
}
