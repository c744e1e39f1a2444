//! `recipients`: makes the one-time age recipients that are loaded when an aircraft is booked out.

use clap::{Args, Subcommand};
use flight_record::recipients::OneTime;
use serde_json::json;
use std::path::PathBuf;

/// What to do with recipients.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes one-time identities: the secrets stay here, the list of recipients goes aboard.
    #[command(
        after_help = "Example:\n  skyseal-ground recipients make --count 20 --secrets identities --public recipients.txt"
    )]
    Make(Make),
}

/// Arguments of `recipients make`.
#[derive(Args)]
pub(crate) struct Make {
    /// How many; each seals one flight.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Folder for the secrets, one `<age1…>.identity` each, readable by its owner only.
    #[arg(long, value_name = "DIR")]
    secrets: PathBuf,
    /// The list to make, one `age1…` a line; it must not exist.
    #[arg(long, value_name = "FILE")]
    public: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Does it; what to print.
pub(crate) fn run(command: Command) -> anyhow::Result<String> {
    let Command::Make(args) = command;
    let made = OneTime::make(args.count, &args.secrets, &args.public)?;
    Ok(if args.json {
        let facts = json!({ "recipients": made, "secrets": args.secrets, "public": args.public });
        format!("{}\n", serde_json::to_string_pretty(&facts)?)
    } else {
        format!(
            "{} one-time recipients in {}; their secrets in {}\n",
            made.len(),
            args.public.display(),
            args.secrets.display()
        )
    })
}
