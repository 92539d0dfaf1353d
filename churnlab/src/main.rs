//! The churnlab command: parses the command line and hands over to one file per subcommand.

mod authorise;
mod capacity_cmd;
mod child;
mod cli;
mod collect;
mod compare_cmd;
mod diagnose;
mod exit;
mod interrupt;
mod measured;
mod observe;
mod preflight;
mod print;
mod profiles;
mod report_cmd;
mod run;
mod simulate;
mod stories;
mod target;
mod write_scenario;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::exit::Exit;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Run(args) => run::run(args),
        Command::Observe(args) => observe::observe(args),
        Command::Target(args) => target::target(args),
        Command::Report(args) => report_cmd::report(args),
        Command::Capacity(args) => capacity_cmd::capacity(args),
        Command::Compare(args) => compare_cmd::compare(args),
        Command::Diagnose(args) => diagnose::diagnose(args),
        Command::Collect(args) => collect::collect(args),
    };
    let exit = done.unwrap_or_else(|error| {
        // Whoever closed the pipe has read all that was wanted.
        let broken = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if broken == Some(std::io::ErrorKind::BrokenPipe) {
            return Exit::Ok;
        }
        print::error(&error);
        Exit::of_error(&error)
    });
    ExitCode::from(exit.code())
}
