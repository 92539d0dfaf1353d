//! Provides runs of the built binary in a folder of their own, and their findings.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

/// The built binary.
pub fn churnlab() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_churnlab"));
    command.env("NO_COLOR", "1").env_remove("COLUMNS").current_dir(root());
    command
}

/// The project's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("churnlab-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file into the folder.
    pub fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The one run directory in it.
    pub fn run(&self) -> PathBuf {
        let runs: Vec<PathBuf> = self.runs();
        assert_eq!(runs.len(), 1, "one run directory expected in {}", self.0.display());
        runs[0].clone()
    }

    /// Every run directory in it.
    pub fn runs(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).unwrap().map(|e| e.unwrap().path());
        entries.filter(|p| p.is_dir()).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A finished run.
pub struct Ran {
    pub folder: Folder,
    pub output: Output,
}

impl Ran {
    /// Runs `churnlab run` with these arguments.
    pub fn new(args: &[&str]) -> Self {
        let folder = Folder::new();
        let output =
            churnlab().arg("run").args(args).arg("--out").arg(folder.path()).output().unwrap();
        Self { folder, output }
    }

    pub fn exit(&self) -> i32 {
        self.output.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.output.stderr).into_owned()
    }

    /// findings.json of the one run.
    pub fn findings(&self) -> Value {
        json(&self.folder.run().join("findings.json"))
    }

    /// Fails with everything that was printed unless the exit code is `code`.
    pub fn exits(self, code: i32) -> Self {
        let said = format!("{}\n{}", self.stdout(), self.stderr());
        assert_eq!(self.exit(), code, "{said}");
        self
    }
}

/// A JSON file.
pub fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// What `diagnose --format json` says of a file or folder.
pub fn diagnosed(captures: &Path, more: &[&str]) -> Value {
    let mut command = churnlab();
    command.args(["diagnose", "--format=json"]).arg(captures).args(more);
    serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
}

/// The lines of an ndjson file.
pub fn ndjson(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The causes of a verdict, in order.
pub fn causes(findings: &Value) -> Vec<String> {
    let causes = findings["verdict"]["causes"].as_array().unwrap();
    causes.iter().map(|c| c["cause"].as_str().unwrap().to_owned()).collect()
}

/// The stance on a cause.
pub fn stance(findings: &Value, cause: &str) -> String {
    let all = findings["hypotheses"].as_array().unwrap();
    let one = all.iter().find(|h| h["cause"] == cause).unwrap();
    one["stance"].as_str().unwrap().to_owned()
}

/// Whether this machine lets namespaces be made; where not, runs fall back to loopback.
pub fn namespaces() -> bool {
    let made =
        Command::new("unshare").args(["--user", "--map-root-user", "--net", "true"]).output();
    let root = Command::new("unshare").args(["--net", "true"]).output();
    [made, root].into_iter().flatten().any(|o| o.status.success())
}
