//! `skyseal-ground`: the ground station; for now its headless commands.

mod clock;
mod fly;
mod link;
mod recipients;
mod record;
mod trust;
mod witness;

use clap::{Parser, Subcommand};
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
    /// Uploads a plan, checks what the vehicle holds, starts it and follows it to the ground.
    Fly(fly::Arguments),
    /// Starts and stops the recording.
    #[command(subcommand)]
    Record(record::Command),
    /// Witnesses flights: keeps each head an aircraft signs, and signs it too, while it flies.
    Witness(witness::Arguments),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Trust(command) => trust::run(command),
        Command::Recipients(command) => recipients::run(command),
        Command::Fly(arguments) => fly::run(&arguments),
        Command::Record(command) => record::run(&command),
        Command::Witness(arguments) => witness::run(&arguments),
    };
    let printed = done.and_then(|facts| Ok(std::io::stdout().write_all(facts.as_bytes())?));
    match printed {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("skyseal-ground: {error:#}");
            ExitCode::from(1)
        }
    }
}
