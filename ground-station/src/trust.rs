//! `trust`: makes the unit's root, enrols devices, shows who is trusted.

use crate::clock;
use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use flight_record::Label;
use flight_record::trust::{Authority, Class, EnrolmentRequest, Grant, Passphrase, TrustList, Validity};
use serde_json::json;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What to do with the unit's trust.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes the unit's root under a passphrase, and the first trust list.
    #[command(
        after_help = "Example:\n  skyseal-ground trust init --dir root --unit \"Force X drone unit\" --passphrase-file pass"
    )]
    Init(Init),
    /// Adds a device to the trust list.
    #[command(
        after_help = "Example:\n  skyseal-ground trust enrol --dir root --request device-request.json --class training --valid-days 365 --passphrase-file pass"
    )]
    Enrol(Enrol),
    /// Shows the trust list.
    #[command(after_help = "Example:\n  skyseal-ground trust show --dir root --json")]
    Show(Show),
}

/// Arguments of `trust init`.
#[derive(Args)]
pub(crate) struct Init {
    /// Folder for root.key, trust.json and root.fingerprint; it must hold no root yet.
    #[arg(long)]
    dir: PathBuf,
    /// The unit's name for itself: printable ASCII, at most 64.
    #[arg(long, value_name = "NAME")]
    unit: Label,
    /// File whose first line is the passphrase that wraps the root key.
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `trust enrol`.
#[derive(Args)]
pub(crate) struct Enrol {
    /// Folder of the unit's root.
    #[arg(long)]
    dir: PathBuf,
    /// The device's request, as `skyseal-onboard enrol` writes it.
    #[arg(long, value_name = "FILE")]
    request: PathBuf,
    /// What the device's flights may count as: simulated, training or operational.
    #[arg(long)]
    class: Class,
    /// Days, from now, for which the key counts.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=3660))]
    valid_days: u32,
    /// File whose first line is the passphrase that wraps the root key.
    #[arg(long, value_name = "FILE")]
    passphrase_file: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Arguments of `trust show`.
#[derive(Args)]
pub(crate) struct Show {
    /// Folder of the unit's root.
    #[arg(long)]
    dir: PathBuf,
    /// Prints the facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Does it; what to print.
pub(crate) fn run(command: Command) -> anyhow::Result<String> {
    match command {
        Command::Init(args) => {
            let passphrase = passphrase(&args.passphrase_file)?;
            let list = Authority::new(&args.dir).init(args.unit, &passphrase, clock::now_utc_us())?;
            describe(&list, args.json)
        }
        Command::Enrol(args) => {
            let passphrase = passphrase(&args.passphrase_file)?;
            let path = &args.request;
            let bytes = std::fs::read(path).with_context(|| format!("cannot read the request {}", path.display()))?;
            let request = EnrolmentRequest::read(&bytes).with_context(|| {
                format!("{} is no enrolment request; make it with `skyseal-onboard enrol`", path.display())
            })?;
            let validity = Validity { from_utc_us: clock::now_utc_us(), days: args.valid_days };
            let list = Authority::new(&args.dir).enrol(&request, Grant::device(args.class), validity, &passphrase)?;
            describe(&list, args.json)
        }
        Command::Show(args) => describe(&Authority::new(&args.dir).list()?, args.json),
    }
}

/// The first line of a file; nothing else is trimmed.
fn passphrase(path: &Path) -> anyhow::Result<Passphrase> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read the passphrase from {}", path.display()))?;
    let Some(line) = text.lines().next().filter(|line| !line.is_empty()) else {
        bail!("{} is empty; its first line must be the passphrase", path.display());
    };
    Ok(Passphrase::from(line.to_owned()))
}

fn describe(list: &TrustList, as_json: bool) -> anyhow::Result<String> {
    if as_json {
        let facts = json!({ "fingerprint": list.fingerprint().to_string(), "list": list });
        return Ok(format!("{}\n", serde_json::to_string_pretty(&facts)?));
    }
    let mut out = format!(
        "{}\n  root     {}\n  version  {}, issued {}, expires {}\n",
        list.unit,
        list.fingerprint(),
        list.version,
        date(list.issued_utc_us)?,
        date(list.expires_utc_us)?,
    );
    for entry in &list.keys {
        let class = entry.class.map_or(String::new(), |class| format!(" {class}"));
        let from = date(entry.valid_from_utc_us)?;
        let until = date(entry.valid_until_utc_us)?;
        let revoked = entry.revoked.as_ref().map_or(String::new(), |why| format!(", REVOKED: {}", why.reason));
        writeln!(
            out,
            "  {:<8} {}{class}, {from} to {until}{revoked}\n           {}",
            entry.role, entry.name, entry.id
        )?;
    }
    Ok(out)
}

fn date(utc_us: i64) -> anyhow::Result<String> {
    Ok(jiff::Timestamp::from_microsecond(utc_us)?.strftime("%Y-%m-%d").to_string())
}
