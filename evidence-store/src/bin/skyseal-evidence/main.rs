//! `skyseal-evidence`: stores, people, the ledger, flights and packages, from the command line.

mod accounts;
mod clock;
mod desk;
mod flights;
mod ledger;
mod package;
mod store;
mod timestamps;

use clap::{Parser, Subcommand};
use std::io::Write as _;
use std::process::ExitCode;

/// What happens to a flight after it landed: who keeps it, who did what with it, and how it leaves.
///
/// Exit code 0 when done, 1 when refused or in doubt, 2 when the command is misused.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// The folder in which flights are kept.
    #[command(subcommand)]
    Store(store::Command),
    /// The people of the unit, each with their own PIN and key.
    #[command(subcommand)]
    Accounts(accounts::Command),
    /// Who did what to which evidence.
    #[command(subcommand)]
    Ledger(ledger::Command),
    /// The flights a store holds.
    #[command(subcommand)]
    Flights(flights::Command),
    /// Flights as they leave the unit.
    #[command(subcommand)]
    Package(package::Command),
    /// When flights existed, by the word of authorities outside the unit.
    #[command(subcommand)]
    Timestamps(timestamps::Command),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Store(command) => store::run(command),
        Command::Accounts(command) => accounts::run(command),
        Command::Ledger(command) => ledger::run(command),
        Command::Flights(command) => flights::run(command),
        Command::Package(command) => package::run(command),
        Command::Timestamps(command) => timestamps::run(command),
    };
    let printed = done.and_then(|done| {
        std::io::stdout().write_all(done.text.as_bytes())?;
        Ok(done.good)
    });
    match printed {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("skyseal-evidence: {error:#}");
            ExitCode::from(1)
        }
    }
}

/// What a command has to say, and whether nothing is in doubt.
pub(crate) struct Done {
    text: String,
    good: bool,
}

impl Done {
    /// Facts as JSON, or as people read them.
    pub(crate) fn say(as_json: bool, facts: &serde_json::Value, text: impl FnOnce() -> String) -> anyhow::Result<Self> {
        let text = if as_json { format!("{}\n", serde_json::to_string_pretty(facts)?) } else { text() };
        Ok(Self { text, good: true })
    }

    /// The same, in doubt unless `good`.
    pub(crate) fn unless(mut self, good: bool) -> Self {
        self.good = good;
        self
    }
}
