//! Provides the few system tools that the lab uses (`ip`, `nft`), fed on stdin.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::error::LabError;

/// How long a tool may take; what the lab asks of one takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a tool that has said its last is looked at.
const LOOK: Duration = Duration::from_millis(1);

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

/// Runs a tool with `input` on its stdin and gives its stdout. Fails with what the tool said, or where
/// it does not end within 5 s; it is ended then.
pub fn feed(tool: &Path, args: &[&str], input: &str) -> Result<String, LabError> {
    feed_within(PATIENCE, tool, args, input)
}

fn feed_within(
    patience: Duration,
    tool: &Path,
    args: &[&str],
    input: &str,
) -> Result<String, LabError> {
    let what = || format!("{} {}", tool.display(), args.join(" "));
    let until = Instant::now() + patience;
    let mut child = Command::new(tool)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| LabError::because(what(), e))?;
    if let Some(mut stdin) = child.stdin.take() {
        let input = input.as_bytes().to_vec();
        // A tool that ends without reading says why on stderr, which is told below.
        std::thread::spawn(move || stdin.write_all(&input));
    }
    let (stdout, stderr) = (read(child.stdout.take()), read(child.stderr.take()));
    let mut wait = || -> Option<(ExitStatus, Vec<u8>, Vec<u8>)> {
        let left = || until.saturating_duration_since(Instant::now());
        // Both end when the tool does, which is then waited for no longer than it takes to be gone.
        let (said, complained) =
            (stdout.recv_timeout(left()).ok()?, stderr.recv_timeout(left()).ok()?);
        loop {
            match child.try_wait().ok()? {
                Some(status) => return Some((status, said, complained)),
                None if left().is_zero() => return None,
                None => std::thread::sleep(LOOK),
            }
        }
    };
    let Some((status, said, complained)) = wait() else {
        let _ = child.kill();
        let _ = child.wait();
        let patience_s = patience.as_secs_f64();
        return Err(LabError(format!("{}: it did not end within {patience_s} s", what())));
    };
    if status.success() {
        return Ok(String::from_utf8_lossy(&said).into_owned());
    }
    let said = String::from_utf8_lossy(&complained);
    Err(LabError::because(what(), said.trim().replace('\n', "; ")))
}

/// A thread that reads a pipe to its end.
fn read(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (out, whole) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is all there is.
            let _ = pipe.read_to_end(&mut bytes);
        }
        let _ = out.send(bytes);
    });
    whole
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(patience: Duration, script: &str, input: &str) -> Result<String, LabError> {
        feed_within(patience, Path::new("/bin/sh"), &["-c", script], input)
    }

    #[test]
    fn a_tool_is_fed_and_heard() {
        assert_eq!(shell(PATIENCE, "cat", "fed\n"), Ok("fed\n".into()));
        let long = "x".repeat(300_000);
        assert_eq!(shell(PATIENCE, "cat", &long).unwrap().len(), 300_000, "more than pipes hold");
        let why = shell(PATIENCE, "echo one >&2; echo two >&2; exit 3", "").unwrap_err();
        assert!(why.to_string().ends_with(": one; two"), "{why}");
    }

    #[test]
    fn a_tool_that_does_not_end_is_ended() {
        for (script, why) in [
            ("exec sleep 60", "it says nothing"),
            ("exec >&- 2>&-; exec sleep 60", "it has closed its pipes"),
        ] {
            let began = Instant::now();
            let said = shell(Duration::from_millis(200), script, "").unwrap_err().to_string();
            assert!(said.contains("did not end within 0.2 s"), "{why}: {said}");
            assert!(began.elapsed() < Duration::from_secs(5), "{why}: {:?}", began.elapsed());
        }
    }
}
