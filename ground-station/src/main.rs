//! `skyseal-ground`: the ground station. For now its headless commands for trust, recipients and the dock.

mod clock;
mod dock;
mod recipients;
mod trust;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// The ground station of a drone unit.
///
/// Exit code 0 when done, 1 when refused, 2 when the command is misused.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The unit's root and whom it trusts.
    #[command(subcommand)]
    Trust(trust::Command),
    /// Whom flights are sealed to.
    #[command(subcommand)]
    Recipients(recipients::Command),
    /// Takes flights over from an aircraft or its card into two stores, and has them erased aboard.
    Dock(Box<dock::Arguments>),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Trust(command) => trust::run(command).map(|facts| (facts, true)),
        Command::Recipients(command) => recipients::run(command).map(|facts| (facts, true)),
        Command::Dock(args) => {
            if let Some(missing) = args.missing() {
                Arguments::command().error(ErrorKind::MissingRequiredArgument, missing).exit();
            }
            dock::run(&args)
        }
    };
    let printed = done.and_then(|(facts, well)| {
        std::io::stdout().write_all(facts.as_bytes())?;
        Ok(well)
    });
    match printed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("skyseal-ground: {error:#}");
            ExitCode::from(1)
        }
    }
}
