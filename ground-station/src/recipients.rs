//! `recipients`: whom flights are sealed to, and the people who are entitled to open them.

use clap::{Args, Subcommand};
use flight_record::recipients::{self, OneTime};
use flight_record::verify::Identities;
use serde_json::json;
use std::path::PathBuf;

/// What to do with recipients.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes one-time recipients, one a flight: each secret is wrapped to those entitled, the list goes aboard.
    #[command(
        after_help = "Example:\n  skyseal-ground recipients make --count 20 --entitled entitled.txt --wraps wraps --public recipients.txt"
    )]
    Make(Make),
    /// Makes the identity of a person, or of escrow, who is to be entitled to flights.
    #[command(
        after_help = "Example:\n  skyseal-ground recipients person --out pilot.identity\nPut the recipient it prints on a line of the list that --entitled names."
    )]
    Person(Person),
    /// Opens the wrap of a flight's identity, so that the flight itself can be opened with it.
    #[command(
        after_help = "Example:\n  skyseal-ground recipients unwrap --identity pilot.identity --wrap wraps/age1….age --out flight.identity\n  skyseal-verify FLIGHT --identity flight.identity …\nThe same with stock age: age -d -i pilot.identity wraps/age1….age"
    )]
    Unwrap(Unwrap),
}

/// Arguments of `recipients make`.
#[derive(Args)]
#[command(group(clap::ArgGroup::new("keeping").required(true).args(["wraps", "secrets"])))]
pub(crate) struct Make {
    /// How many; each seals one flight.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    count: u32,
    /// Those entitled to open the flights, escrow among them: one `age1…` a line.
    #[arg(long, value_name = "FILE", requires = "wraps")]
    entitled: Option<PathBuf>,
    /// Folder for the wraps, one `<age1…>.age` each; no secret is ever on a disk in clear.
    #[arg(long, value_name = "DIR", requires = "entitled")]
    wraps: Option<PathBuf>,
    /// Instead, for trials: folder for the secrets in clear, one `<age1…>.identity` each, readable by its owner only.
    #[arg(long, value_name = "DIR")]
    secrets: Option<PathBuf>,
    /// The list to make, one `age1…` a line; it must not exist.
    #[arg(long, value_name = "FILE")]
    public: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `recipients person`.
#[derive(Args)]
pub(crate) struct Person {
    /// The file to make, readable by its owner only; it must not exist.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `recipients unwrap`.
#[derive(Args)]
pub(crate) struct Unwrap {
    /// Identities of the person who opens it.
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
    /// The wrap, `<age1…>.age`.
    #[arg(long, value_name = "FILE")]
    wrap: PathBuf,
    /// File for the flight's identity, readable by its owner only; absent: it is printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Prints the facts as JSON; needs --out, so that no secret stands among them.
    #[arg(long, requires = "out")]
    json: bool,
}

/// Does it; what to print.
pub(crate) fn run(command: Command) -> anyhow::Result<String> {
    match command {
        Command::Make(args) => make(&args),
        Command::Person(args) => person(&args),
        Command::Unwrap(args) => unwrap(&args),
    }
}

fn make(args: &Make) -> anyhow::Result<String> {
    let (made, kept, folder) = match (&args.entitled, &args.wraps, &args.secrets) {
        (Some(entitled), Some(wraps), _) => {
            let entitled = recipients::read_list(entitled)?;
            let made = OneTime::make_wrapped(args.count, wraps, &entitled, &args.public)?;
            (made, "wrapped to those entitled", wraps)
        }
        (_, _, Some(secrets)) => (OneTime::make(args.count, secrets, &args.public)?, "in clear", secrets),
        _ => anyhow::bail!("name those entitled with --entitled and a folder with --wraps"),
    };
    Ok(if args.json {
        let facts = json!({
            "recipients": made, "wraps": args.wraps, "secrets": args.secrets, "public": args.public,
        });
        format!("{}\n", serde_json::to_string_pretty(&facts)?)
    } else {
        format!(
            "{} one-time recipients in {}; their secrets, {kept}, in {}\n",
            made.len(),
            args.public.display(),
            folder.display()
        )
    })
}

fn person(args: &Person) -> anyhow::Result<String> {
    let recipient = recipients::make_person(&args.out)?;
    Ok(if args.json {
        format!("{}\n", serde_json::to_string_pretty(&json!({ "recipient": recipient, "identity": args.out }))?)
    } else {
        format!("{recipient}\n")
    })
}

fn unwrap(args: &Unwrap) -> anyhow::Result<String> {
    let identity = recipients::unwrap(&Identities::read(&args.identity)?, &args.wrap)?;
    let Some(out) = &args.out else {
        return Ok(identity.expose().to_owned());
    };
    identity.write(out)?;
    Ok(if args.json {
        let facts = json!({ "recipient": identity.recipient, "identity": out });
        format!("{}\n", serde_json::to_string_pretty(&facts)?)
    } else {
        format!("the identity of {} is in {}\n", identity.recipient, out.display())
    })
}
