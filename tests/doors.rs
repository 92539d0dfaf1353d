//! What an admin could save of the target while it refuses, its error log and the text of its tools,
//! gives the cause that a run would give.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::kit::{Folder, causes, churnlab};

/// Connections at most until it must refuse: the pool has 64 KiB above its gate, and each takes 10.
const TRIES: u32 = 200;
/// A page, or an answer, is there within this.
const PATIENCE: Duration = Duration::from_secs(5);

/// The emulated host by itself.
struct Target {
    child: Child,
    site: SocketAddr,
    doors: SocketAddr,
}

impl Target {
    fn new(log: &Path) -> Self {
        let mut child = churnlab()
            .args(["target", "nonpaged-pool-leak", "--listen=127.0.0.1:0", "--doors=127.0.0.1:0"])
            .args([
                "--set=target.pool.baseline=113180672",
                "--set=target.leak.0.bytes_per_connection=10240",
            ])
            .arg("--httperr-dir")
            .arg(log)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let address = |line: String| -> Option<SocketAddr> {
            let rest = line.split_once("http://")?.1;
            rest.split(['/', ',', ' ']).next()?.parse().ok()
        };
        let mut addresses = lines.filter_map(address);
        let (site, doors) = (addresses.next().unwrap(), addresses.next().unwrap());
        // What else it says must not fill the pipe.
        std::thread::spawn(move || addresses.for_each(drop));
        Self { child, site, doors }
    }

    /// One request on a connection of its own; false where it was refused.
    fn served(&self) -> bool {
        get(self.site, "/").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
    }

    /// Saves what the host's own tools show, named as the collecting script names it, for so many
    /// seconds ago.
    fn save(&self, folder: &Folder, what: &str, ago_s: u64) {
        let page = get(self.doors, &format!("/{what}")).unwrap();
        let body = page.split_once("\r\n\r\n").unwrap().1;
        folder.file(&format!("{}-{what}.txt", stamp(ago_s)), body);
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(address: SocketAddr, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: target\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// `20260201-100000Z`, so many seconds ago.
fn stamp(ago_s: u64) -> String {
    let unix_s = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() - ago_s;
    let now = jiff::Timestamp::from_second(i64::try_from(unix_s).unwrap()).unwrap();
    now.strftime("%Y%m%d-%H%M%SZ").to_string()
}

fn wait_for(what: &str, mut is_so: impl FnMut() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < until, "{what} did not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_log_and_saved_pages_of_the_target_alone_give_the_cause() {
    let (log, saved) = (Folder::new(), Folder::new());
    let target = Target::new(log.path());
    // Nobody has asked it for anything yet: a minute before, the page would have been the same.
    target.save(&saved, "poolmon", 60);
    let refused = (0..TRIES).filter(|_| !target.served()).count();
    assert!(refused > 0, "{TRIES} connections take more than the pool has");
    let file = log.path().join("httperr1.log");
    let row =
        || std::fs::read_to_string(&file).is_ok_and(|log| log.contains("_Connections_Refused"));
    wait_for("a row of refusals", row);
    target.save(&saved, "poolmon", 0);
    target.save(&saved, "netstat", 0);
    drop(target);
    let mut command = churnlab();
    command.args(["diagnose", "--format=json", "--profile=windows-2003-x86-3gb"]);
    let out = command.arg(log.path()).arg(saved.path()).output().unwrap();
    let found: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(causes(&found), ["nonpaged-pool"]);
    assert_eq!(found["verdict"]["causes"][0]["stance"], "supported");
    let because = found["verdict"]["causes"][0]["because_of"].to_string();
    assert!(because.contains("tag ISil"), "{because}");
    assert!(found["tcp"]["by_state"]["LISTENING"].as_u64().unwrap() > 0, "netstat was read");
}
