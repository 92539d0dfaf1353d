//! Provides `collect`: prints the script that an admin runs on a host, to write down with inbox
//! tools what `diagnose` reads. The scripts stand as they are printed in `collect/`.

use crate::cli::{CollectArgs, ScriptKind};
use crate::exit::Exit;
use crate::print;

/// Windows 2000 and later, without PowerShell.
const CMD: &str = include_str!("collect/collect.cmd");

/// Windows Server 2008 R2 and later, PowerShell 2 and later.
const PS1: &str = include_str!("collect/collect.ps1");

/// Prints the script that was asked for on stdout; fails only where stdout does.
pub fn collect(args: &CollectArgs) -> anyhow::Result<Exit> {
    print::data(&script(args.print_script))?;
    Ok(Exit::Ok)
}

/// The script as it is printed: told which version prints it, and with CRLF, without which cmd
/// loses labels.
fn script(kind: ScriptKind) -> String {
    let text = match kind {
        ScriptKind::Cmd => CMD,
        ScriptKind::Ps1 => PS1,
    };
    let text = text.replace("@VERSION@", env!("CARGO_PKG_VERSION"));
    text.lines().flat_map(|line| [line, "\r\n"]).collect()
}

#[cfg(test)]
mod tests;
