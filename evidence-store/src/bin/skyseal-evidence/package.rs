//! `package`: a flight as it leaves the unit, and what such a package proves.

use crate::desk::{Actor, Home, Note, Why, Witness, write_down};
use crate::{Done, clock};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use evidence_store::ledger::Category;
use evidence_store::packaging;
use flight_record::keys::KeyId;
use flight_record::package;
use flight_record::trust::Duty;
use flight_record::verify::{Anchor, Options};
use flight_record::{FlightId, Label};
use serde_json::json;
use std::path::PathBuf;

/// Who may let a flight leave.
const DISCLOSERS: [Duty; 3] = [Duty::Custodian, Duty::Supervisor, Duty::DataProtection];

/// What to do with packages.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Makes a BagIt package of a flight, signed by the store. It is a disclosure: two people, and an entry.
    #[command(
        after_help = "Example:\n  skyseal-evidence package make --store /evidence/a --flight 0198c0de-… --out case-17 --unit \"Force X drone unit\" --recipient \"CPS, case 17\" --as officer-3 --witness officer-7 --reason \"charging decision\""
    )]
    Make(Box<Make>),
    /// Checks a package: the bag, the store's signature, the flight in it. Exit code 0 only for VERIFIED.
    #[command(after_help = "Example:\n  skyseal-evidence package check case-17 --trust trust.json --root 9f86d0…")]
    Check(Check),
}

/// Arguments of `package make`.
#[derive(Args)]
pub(crate) struct Make {
    #[command(flatten)]
    home: Home,
    /// Which flight.
    #[arg(long, value_name = "ID")]
    flight: FlightId,
    /// The folder to make.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The unit's name for itself.
    #[arg(long, value_name = "NAME")]
    unit: Label,
    /// Who gets it; kept beside the ledger.
    #[arg(long, value_name = "TEXT")]
    recipient: String,
    #[command(flatten)]
    actor: Actor,
    #[command(flatten)]
    witness: Witness,
    #[command(flatten)]
    why: Why,
}

/// Arguments of `package check`.
#[derive(Args)]
pub(crate) struct Check {
    /// Folder of the package.
    path: PathBuf,
    /// The unit's trust.json, from elsewhere than the package.
    #[arg(long, value_name = "FILE")]
    trust: PathBuf,
    /// Fingerprint of the unit's root.
    #[arg(long, value_name = "FINGERPRINT")]
    root: KeyId,
    /// Prints the report as JSON.
    #[arg(long)]
    json: bool,
}

/// Does it.
pub(crate) fn run(command: Command) -> anyhow::Result<Done> {
    match command {
        Command::Make(args) => make(&args),
        Command::Check(args) => check(&args),
    }
}

fn make(args: &Make) -> anyhow::Result<Done> {
    let people = args.home.people()?;
    let (actor, witness) = (args.actor.log_in(&people)?, args.witness.log_in(&people)?);
    let store = args.home.folder()?;
    let mut ledger = args.home.ledger()?;
    actor.signatory_as(&DISCLOSERS, clock::now().utc_us)?;
    let made = packaging::make(&store, args.flight, &args.unit, &args.out, clock::now().utc_us)?;
    let note = Note {
        category: Category::Disclosure,
        outcome: "packaged",
        flight: Some(args.flight),
        items: vec![made.digest],
        personal: Some(args.recipient.clone()),
    };
    let written = write_down(&mut ledger, note, &args.why, (&actor, &DISCLOSERS), witness.as_ref());
    let written = written.inspect_err(|_| {
        // Nothing leaves that is not written down; what cannot be removed here was refused all the same, and said.
        let _ = std::fs::remove_dir_all(&args.out);
    })?;
    let facts = json!({
        "package": args.out, "files": made.files, "bytes": made.bytes, "tagmanifest": made.digest, "line": written.seq,
    });
    Done::say(args.home.json, &facts, || {
        format!(
            "{}: {} files with {} bytes\n  tag manifest  {}\n  ledger        line {}\n",
            args.out.display(),
            made.files,
            made.bytes,
            made.digest,
            written.seq
        )
    })
}

fn check(args: &Check) -> anyhow::Result<Done> {
    let trust = &args.trust;
    let trust_json = std::fs::read(trust).with_context(|| format!("cannot read the trust list {}", trust.display()))?;
    let anchor = Anchor { trust_json, root: args.root };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let report = package::verify(&args.path, &anchor, Options::sealed(clock::now().utc_us, threads))?;
    let done = Done::say(args.json, &serde_json::to_value(&report)?, || {
        let mut text = format!("{}\n  {}\n  Next: {}\n", report.word, report.meaning, report.next);
        text.extend(report.notices.iter().map(|notice| format!("  Note  {notice}\n")));
        for item in report.doubts().iter().take(40) {
            let word = item.word.map_or_else(|| "NOT CHECKED".to_owned(), |word| word.to_string());
            text.push_str(&format!("  {word:<15} {}: {}\n", item.item, item.detail.as_deref().unwrap_or_default()));
        }
        text
    })?;
    Ok(done.unless(report.is_verified()))
}
