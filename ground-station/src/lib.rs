//! The ground station: its window, and the same work headless.

mod airspace;
mod auth;
mod basemap;
mod clock;
mod command;
mod desk;
mod dock;
mod evidence;
mod fly;
mod link;
mod live;
pub mod live_view;
mod log;
mod papers;
mod pin;
mod plan;
mod rec;
mod recipients;
mod record;
mod signer;
mod state;
mod tasks;
mod trust;
mod ui;
mod vehicle;
mod video;
mod window;
mod witness;
mod zones;

pub use window::Window;
#[doc(hidden)]
pub use window::measure;

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
    /// Permissions to fly: entered, followed from state to state, listed.
    #[command(subcommand)]
    Auth(Box<auth::Command>),
    /// The flight log: drafts of flights entered, corrected, listed, shown, written out.
    ///
    /// `fly`, and `witness` with --log, draft an entry at each landing. Its pilot enters it, with remarks, defects and incidents; from then
    /// on it is a document of the unit's register, of which no version is ever lost. `dock` puts the flight's record beside it.
    #[command(subcommand)]
    Log(Box<log::Command>),
    /// Plans: makes them of a profile and a drawing, says whether they may be flown, converts and shows them.
    #[command(subcommand)]
    Plan(Box<plan::Command>),
    /// The zones in which flying is restricted: reads, imports and finds them.
    #[command(subcommand)]
    Zones(zones::Command),
    /// Uploads a plan, checks what the vehicle holds, starts it and follows it to the ground.
    Fly(fly::Arguments),
    /// Starts and stops the recording.
    #[command(subcommand)]
    Record(record::Command),
    /// Looks at what a vehicle holds and carries: parameters, logs, files, cameras, gimbals.
    #[command(subcommand)]
    Vehicle(vehicle::Command),
    /// Witnesses flights: keeps each head an aircraft signs, and signs it too, while it flies.
    Witness(witness::Arguments),
    /// Agrees keys for the live view of an aircraft, and hands it on to a player, a file or a pipe.
    Live(Box<live::Arguments>),
    /// The ground station's window: fly, plan, airspace, handover, evidence, records.
    Window(Box<window::Arguments>),
    /// Takes flights over from an aircraft or its card into two stores, and has them erased aboard.
    Dock(Box<dock::Arguments>),
}

/// Does what the command line says.
pub fn run() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Trust(command) => trust::run(command).map(well),
        Command::Recipients(command) => recipients::run(command).map(well),
        Command::Auth(command) => auth::run(&command).map(well),
        Command::Log(command) => log::run(&command),
        Command::Plan(command) => plan::run(&command),
        Command::Zones(command) => zones::run(&command),
        Command::Fly(arguments) => fly::run(&arguments).map(well),
        Command::Record(command) => record::run(&command).map(well),
        Command::Vehicle(command) => vehicle::run(&command).map(well),
        Command::Witness(arguments) => witness::run(&arguments).map(well),
        Command::Live(arguments) => live::run(&arguments).map(well),
        Command::Window(arguments) => window::run(&arguments).map(well),
        Command::Dock(arguments) => {
            if let Some(missing) = arguments.missing() {
                Arguments::command().error(ErrorKind::MissingRequiredArgument, missing).exit();
            }
            dock::run(&arguments)
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

/// What is printed by a command that has no doubts.
fn well(facts: String) -> (String, bool) {
    (facts, true)
}
