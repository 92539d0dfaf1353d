//! Provides the few system tools that the lab uses (`ip`, `nft`), fed on stdin.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::LabError;

/// Where tools for root lie; an ordinary user's PATH often leaves these out.
const SYSTEM_FOLDERS: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// Where a tool lies, or `None` where it is not installed.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(SYSTEM_FOLDERS.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Runs a tool with `input` on its stdin and gives its stdout. Fails with what the tool said.
pub fn feed(tool: &Path, args: &[&str], input: &str) -> Result<String, LabError> {
    let what = || format!("{} {}", tool.display(), args.join(" "));
    let mut child = Command::new(tool)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| LabError::because(what(), e))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A tool that ends without reading says why on stderr, which is told below.
        let _ = stdin.write_all(input.as_bytes());
    }
    let done = child.wait_with_output().map_err(|e| LabError::because(what(), e))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    Err(LabError::because(what(), said.trim().replace('\n', "; ")))
}
