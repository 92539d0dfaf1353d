//! Provides real servers on 127.0.0.1 that behave well or badly, and plans against them.
#![allow(clippy::unwrap_used, reason = "in tests a surprise may panic")]
#![allow(dead_code, reason = "each test binary uses a part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use loadgen::{Plan, Totals};
use model::attempt::CloseStyle;
use model::row::{FailureCount, Interval, Row};
use scenarios::{Arrival, HttpVersion, Load, Schedule};
use socket2::SockRef;

/// What a server does with a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers every request, and closes after one with `Connection: close`.
    Good,
    /// The same with chunked bodies, sent byte by byte.
    Chunked,
    /// Answers 503 and closes.
    Busy,
    /// Resets at once.
    Reset,
    /// Reads and never answers.
    Silent,
    /// Answers and never closes.
    NeverCloses,
    /// Closes without an answer after the first request that follows an answer.
    OneOnly,
    /// By turns good, busy, resetting, closing unanswered.
    Flaky,
}

/// A server that lives as long as this value.
pub struct Server {
    pub address: SocketAddr,
    pub accepted: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let accepted = Arc::new(AtomicU64::new(0));
        let (stopped, count) = (stop.clone(), accepted.clone());
        let acceptor = thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let number = count.fetch_add(1, Ordering::SeqCst);
                let stopped = stopped.clone();
                thread::spawn(move || serve(stream.unwrap(), behaviour, number, &stopped));
            }
        });
        Self { address, accepted, stop, acceptor: Some(acceptor) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees the stop.
        let _wake = TcpStream::connect(self.address);
        self.acceptor.take().unwrap().join().unwrap();
    }
}

fn serve(mut stream: TcpStream, behaviour: Behaviour, number: u64, stop: &AtomicBool) {
    let mut served = 0;
    while let Some(request) = request(&mut stream, stop) {
        let closes = request.contains("Connection: close")
            || request.contains("HTTP/1.0") && !request.contains("keep-alive");
        let turn = match behaviour {
            Behaviour::Flaky => {
                [Behaviour::Good, Behaviour::Busy, Behaviour::Reset, Behaviour::OneOnly]
                    [(number % 4) as usize]
            }
            other => other,
        };
        let done = match turn {
            Behaviour::Silent => false,
            Behaviour::Reset => {
                SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
                true
            }
            Behaviour::OneOnly if served > 0 || behaviour == Behaviour::Flaky => true,
            Behaviour::Busy => {
                answer(&mut stream, "503 Service Unavailable", false);
                true
            }
            Behaviour::NeverCloses => {
                answer(&mut stream, "200 OK", false);
                false
            }
            _ => {
                answer(&mut stream, "200 OK", turn == Behaviour::Chunked);
                closes
            }
        };
        served += 1;
        if done {
            return;
        }
    }
}

/// Reads one request's head, looking for a stop now and then.
fn request(stream: &mut TcpStream, stop: &AtomicBool) -> Option<String> {
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut head = Vec::new();
    let mut byte = [0; 512];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(0) => return None,
            Ok(n) => head.extend_from_slice(&byte[..n]),
            Err(_) if stop.load(Ordering::SeqCst) => return None,
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    Some(String::from_utf8(head).unwrap())
}

fn answer(stream: &mut TcpStream, status: &str, chunked: bool) {
    stream.set_nodelay(true).unwrap();
    // The client may be gone; that is its right.
    if chunked {
        let text =
            format!("HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        for byte in text.as_bytes() {
            let _gone = stream.write_all(&[*byte]);
        }
    } else {
        let _gone = stream
            .write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nok").as_bytes());
    }
}

/// A plan of `per_second` × `seconds` attempts against `target`, all with short time-outs.
pub fn plan(target: SocketAddr, per_second: f64, seconds: f64, close: CloseStyle) -> Plan {
    let load = Load {
        arrival: Arrival::Constant { per_second },
        duration_s: seconds,
        close,
        requests_per_connection: 1,
        pause_s: 0.0,
        request_bytes: 0,
        http: HttpVersion::V11,
        path: "/".into(),
        connect_timeout_s: 1.0,
        timeout_s: 1.0,
        in_flight: 10_000,
        retry: None,
        client_profile: None,
        client_time_wait_s: None,
        client_ports: None,
        source_ports: None,
        source_ips: vec![],
        slow: None,
        reuse_ports: false,
        descriptors: None,
        memory_bytes: None,
    };
    Plan {
        target,
        host_header: loadgen::host_header(target),
        path: load.path.clone(),
        http: loadgen::Http::V11,
        schedule: Schedule::new(&load, 1),
        duration: Duration::from_secs_f64(seconds),
        requests: 1,
        close,
        connect_timeout: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        in_flight: load.in_flight,
        windows_retry: false,
        habits: loadgen::plan::Habits::default(),
        descriptors: None,
        source_ports: None,
        source_ips: vec![],
        tick: Duration::from_millis(100),
        drain: Duration::from_secs(1),
        threads: 1,
    }
}

/// The rows of a run and its totals, after the accounting has been checked.
pub struct Ran {
    pub totals: Totals,
    pub rows: Vec<Row>,
}

impl Ran {
    pub fn intervals(&self) -> Vec<&Interval> {
        self.rows
            .iter()
            .filter_map(|r| if let Row::Interval(i) = r { Some(i) } else { None })
            .collect()
    }

    /// Failures over the run: phase, code, name and how many.
    pub fn failures(&self) -> Vec<(&'static str, Option<i32>, String, u64)> {
        let mut sums: Vec<(&'static str, Option<i32>, String, u64)> = Vec::new();
        for FailureCount { failure, count, .. } in self.intervals().iter().flat_map(|i| &i.failures)
        {
            let key = (failure.phase.as_str(), failure.os_code, failure.name.clone());
            match sums.iter_mut().find(|s| (s.0, s.1, &s.2) == (key.0, key.1, &key.2)) {
                Some(sum) => sum.3 += count,
                None => sums.push((key.0, key.1, key.2, *count)),
            }
        }
        sums.sort();
        sums
    }

    pub fn target_closed(&self) -> u64 {
        self.intervals().iter().map(|i| i.closers.target).sum()
    }
}

/// Runs a plan to its end.
pub fn run(plan: &Plan) -> Ran {
    run_until(plan, &AtomicBool::new(false))
}

/// Runs a plan to its end or to the stop, and checks that every attempt is accounted for.
pub fn run_until(plan: &Plan, stop: &AtomicBool) -> Ran {
    let (out, rows) = channel();
    let t0 = Instant::now() + Duration::from_millis(5);
    let totals = loadgen::run(plan, t0, stop, &out).unwrap();
    drop(out);
    let ran = Ran { totals, rows: rows.iter().collect() };
    check_accounts(&ran);
    ran
}

fn check_accounts(ran: &Ran) {
    let Totals { offered, begun, served, failed, not_sent, unfinished } = ran.totals;
    assert_eq!(offered, begun + not_sent, "offered = begun + not sent: {:?}", ran.totals);
    assert_eq!(begun, served + failed + unfinished, "begun attempts: {:?}", ran.totals);
    let rows = ran.intervals();
    let sum = |of: fn(&Interval) -> u64| rows.iter().map(|row| of(row)).sum::<u64>();
    assert_eq!(
        [offered, begun, served, failed, not_sent],
        [
            sum(|i| i.offered),
            sum(|i| i.begun),
            sum(|i| i.served),
            sum(|i| i.failed),
            sum(|i| i.not_sent)
        ],
        "totals are the sums of the rows"
    );
    assert_eq!(rows.last().unwrap().in_flight, unfinished);
    let counted: u64 = rows.iter().flat_map(|row| &row.failures).map(|f| f.count).sum();
    assert_eq!(counted, failed + not_sent, "every failure is counted under one kind");
    for pair in rows.windows(2) {
        assert!((pair[0].t_s + pair[0].seconds - pair[1].t_s).abs() < 1e-6, "ticks have no holes");
    }
}
