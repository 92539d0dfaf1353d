//! Defines the command line. Parsing only: nothing here acts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Reproduces connection-churn outages of IIS in a lab, watches both hosts while they happen, and
/// says which resource caused each failure.
#[derive(Debug, Parser)]
#[command(name = "churnlab", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run scenarios: reproduce, witness, attribute, report
    Run(RunArgs),
    /// Read a host's sockets, ports, pool and logs: this one, or another through its sources
    Observe(ObserveArgs),
    /// Run the emulated IIS host by itself
    Target(TargetArgs),
    /// Tell a recorded run again
    Report(ReportArgs),
    /// Compare runs before and after a change, each side with its repeats
    Compare(CompareArgs),
    /// The highest sustainable rate of a scenario or a run, what binds it, and what a change would do
    Capacity(CapacityArgs),
    /// Say what happened from captures of a real outage: HTTPERR, poolmon, netstat, perfmon …
    Diagnose(DiagnoseArgs),
    /// Print a script that collects on a host what diagnose reads
    Collect(CollectArgs),
}

/// How results are printed on stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// findings.json.
    Json,
    /// For a ticket.
    Markdown,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Scenario files, or names of built-in scenarios
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<String>,
    /// Where to run: simulate (virtual time, no sockets), lab (the default) or live (implied by
    /// --target)
    #[arg(long, value_name = "GROUND")]
    pub ground: Option<String>,
    /// A real host to aim at instead of the emulated one, such as http://127.0.0.1:8080/
    #[arg(long, value_name = "URL")]
    pub target: Option<String>,
    /// The host you are allowed to load, exactly as it stands in --target
    #[arg(long, value_name = "HOST")]
    pub i_am_authorised_to_test: Vec<String>,
    /// What kind of host --target is, such as windows-2016: pool ceiling and gate follow from it
    #[arg(long, value_name = "NAME", requires = "target")]
    pub profile: Option<String>,
    /// Witness the real target through this source: windows-exporter+http://HOST:PORT,
    /// netstat+http://URL, poolmon+http://URL or httperr:PATH (repeatable)
    #[arg(long, value_name = "SOURCE", requires = "target")]
    pub observe: Vec<String>,
    /// Change one key of the scenario, such as load.arrival.per_second=500 (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// The folder in which the run directory is made
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub out: PathBuf,
    /// What to print on stdout when the run is over; with several scenarios, one after the other
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// No progress line, even on a terminal
    #[arg(long)]
    pub no_tui: bool,
    /// End when this process ends
    #[arg(long, value_name = "PID", hide = true)]
    pub child_of: Option<u32>,
}

/// Arguments of `observe`.
#[derive(Debug, Args)]
pub struct ObserveArgs {
    /// Read this source instead of this host (repeatable): local, windows-exporter+http://HOST:PORT,
    /// netstat+http://URL, poolmon+http://URL, httperr:PATH
    #[arg(long, value_name = "SOURCE")]
    pub from: Vec<String>,
    /// One sample, then stop
    #[arg(long)]
    pub once: bool,
    /// Time between samples
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    pub every: String,
    /// json: a line per row on stdout; ndjson: the same behind a clock line, until stdin ends
    #[arg(long, value_enum, default_value = "json")]
    pub format: RowFormat,
    /// Whose readings these are
    #[arg(long, value_name = "NAME", default_value = "local")]
    pub vantage: String,
    /// What kind of host it is, such as windows-2016: limits follow from it, and with them when they
    /// will be reached
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Read inside the network namespace of this process
    #[arg(long, value_name = "PID", hide = true)]
    pub netns_of: Option<u32>,
}

/// How `observe` prints rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RowFormat {
    /// A JSON line per row.
    Json,
    /// The same, behind a line with the witness' clock, until stdin ends.
    Ndjson,
}

/// Arguments of `target`.
#[derive(Debug, Args)]
pub struct TargetArgs {
    /// The scenario whose [target] to play: a file or a built-in name
    #[arg(value_name = "SCENARIO", required_unless_present = "child")]
    pub scenario: Option<String>,
    /// Change one key of the scenario (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Where to serve
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
    /// Where to serve what a host can be asked for: /metrics, /netstat, /poolmon
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9182")]
    pub doors: std::net::SocketAddr,
    /// The folder for httperr1.log
    #[arg(long, value_name = "DIR", default_value = "HTTPERR")]
    pub httperr_dir: PathBuf,
    /// Be the target of a run: take orders on stdin
    #[arg(long, hide = true)]
    pub child: bool,
}

/// Arguments of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Run directories
    #[arg(required = true, value_name = "RUN")]
    pub runs: Vec<PathBuf>,
    /// Tell it to others: pseudonyms for addresses, hosts, accounts, paths and URLs
    #[arg(long)]
    pub redact: bool,
    /// How to tell it; of several runs, one after the other
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Arguments of `capacity`.
#[derive(Debug, Args)]
pub struct CapacityArgs {
    /// A scenario, whose highest sustainable rate is searched, or a run directory, from which it is
    /// computed
    #[arg(value_name = "SCENARIO|RUN")]
    pub subject: String,
    /// Where to search: simulate (the default) or lab
    #[arg(long, value_name = "GROUND")]
    pub ground: Option<String>,
    /// Change one key of the scenario (repeatable)
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// A rate is not sustained if a resource would run out within this time of the host
    #[arg(long, value_name = "DURATION", default_value = "7d")]
    pub horizon: String,
    /// … nor if 99 of 100 attempts are not quicker than this
    #[arg(long, value_name = "DURATION")]
    pub p99: Option<String>,
    /// Search only the scenario as it is; the table of what each knob would do then has the laws alone
    #[arg(long)]
    pub no_what_if: bool,
    /// The folder in which trials of the lab leave their records
    #[arg(long, value_name = "DIR", default_value = "results")]
    pub out: PathBuf,
    /// How to tell it
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Arguments of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// What to compare with: a run directory, a folder of repeats, or several with commas between them
    #[arg(value_name = "BASE")]
    pub base: String,
    /// What to compare: the same kinds
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Exit with 3 where this holds of NEW, such as 'time_wait.peak>+10%' or 'latency.p99>50ms'
    /// (repeatable)
    #[arg(long, value_name = "THRESHOLD")]
    pub fail_on: Vec<String>,
    /// How to tell it
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Arguments of `diagnose`.
#[derive(Debug, Args)]
pub struct DiagnoseArgs {
    /// Captures: files, folders, gzip or zip of them, or - for standard input; what each is shows by
    /// its content
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What kind of host they come from, such as windows-2003-x86-3gb
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// When undated captures (netstat, poolmon) were taken
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// A folder of drivers to search for the tags found
    #[arg(long, value_name = "DIR")]
    pub drivers: Option<PathBuf>,
    /// The same captures of a healthy peer, to compare with: files, folders or archives, behind the
    /// captures of the host in trouble
    #[arg(long, value_name = "GOOD", num_args = 1..)]
    pub baseline: Vec<PathBuf>,
    /// Tell it to others: pseudonyms for addresses, hosts, accounts, sites, paths and URLs, and the
    /// SHA-256 of every input
    #[arg(long)]
    pub redact: bool,
    /// Name the SHA-256 of every input
    #[arg(long)]
    pub hash: bool,
    /// Write a scenario that brings the found outage about again in the lab, each value with where it
    /// comes from
    #[arg(long, value_name = "OUT.toml")]
    pub write_scenario: Option<PathBuf>,
    /// Replace the scenario that stands there
    #[arg(long, requires = "write_scenario")]
    pub force: bool,
    /// How to tell it
    #[arg(long, value_enum, default_value = "text")]
    pub format: DiagnosisFormat,
}

/// How a diagnosis is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiagnosisFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Arguments of `collect`.
#[derive(Debug, Args)]
pub struct CollectArgs {
    /// Which script to print: cmd for any Windows since 2000, ps1 for PowerShell; write it to a file
    /// from cmd with >, from PowerShell with | Out-File -Encoding ascii
    #[arg(long, value_enum, value_name = "KIND")]
    pub print_script: ScriptKind,
}

/// Which script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScriptKind {
    /// A batch file.
    Cmd,
    /// A PowerShell script.
    Ps1,
}
