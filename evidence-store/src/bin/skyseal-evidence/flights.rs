//! `flights`: what a store holds.

use crate::desk::Home;
use crate::{Done, clock};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use evidence_store::store::{Folder, Holding, Store};
use flight_record::FlightId;
use flight_record::dock::Receipt;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What to do with flights.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists the flights of a store.
    #[command(after_help = "Example:\n  skyseal-evidence flights list --store /evidence/a")]
    List(Home),
    /// Shows one flight: its files, what came with it, its receipts, its entries.
    #[command(after_help = "Example:\n  skyseal-evidence flights show --store /evidence/a --flight 0198c0de-…")]
    Show(Show),
}

/// Arguments of `flights show`.
#[derive(Args)]
pub(crate) struct Show {
    #[command(flatten)]
    home: Home,
    /// Which.
    #[arg(long, value_name = "ID")]
    flight: FlightId,
}

/// Does it.
pub(crate) fn run(command: Command) -> anyhow::Result<Done> {
    match command {
        Command::List(home) => list(&home),
        Command::Show(args) => show(&args),
    }
}

fn summary(holding: &Holding) -> Value {
    json!({
        "flight": holding.flight_id,
        "device": holding.device_id,
        "taken_over_utc_us": holding.at_utc_us,
        "verdict": holding.verdict,
        "quarantined": holding.quarantined,
        "files": holding.manifest.files(),
        "bytes": holding.manifest.bytes(),
        "manifest": holding.manifest.digest(),
    })
}

fn line(holding: &Holding) -> String {
    let apart = if holding.quarantined { "  IN QUARANTINE" } else { "" };
    format!(
        "{}  {}  {:<22} {:>6} files {:>14} bytes{apart}\n",
        holding.flight_id,
        clock::text(holding.at_utc_us),
        holding.verdict,
        holding.manifest.files(),
        holding.manifest.bytes(),
    )
}

fn held(store: &Folder, flight: FlightId) -> anyhow::Result<Holding> {
    let holding = (store as &dyn Store).holding(flight)?;
    holding
        .with_context(|| format!("{} holds no flight {flight}; see `skyseal-evidence flights list`", store.describe()))
}

fn list(home: &Home) -> anyhow::Result<Done> {
    let store = home.folder()?;
    let mut holdings = Vec::new();
    for flight in store.flights()? {
        holdings.extend((&store as &dyn Store).holding(flight)?);
    }
    Done::say(home.json, &holdings.iter().map(summary).collect(), || holdings.iter().map(line).collect())
}

fn show(args: &Show) -> anyhow::Result<Done> {
    let store = args.home.folder()?;
    let holding = held(&store, args.flight)?;
    let receipts =
        evidence_store::store::statements(&store, args.flight)?.into_iter().filter_map(
            |(_, statement)| match statement {
                evidence_store::store::Statement::Receipt(bytes) => Receipt::claimed_store(&bytes).ok(),
                evidence_store::store::Statement::Holding(_) | evidence_store::store::Statement::Timestamp(_) => None,
            },
        );
    let receipts: Vec<_> = receipts.collect();
    let entries = args.home.ledger()?.of_flight(args.flight)?;
    let mut facts = summary(&holding);
    facts["manifest_entries"] = json!(holding.manifest.entries());
    facts["attachments"] = json!(holding.attachments);
    facts["receipts_of_stores"] = json!(receipts);
    facts["entries"] = json!(entries);
    Done::say(args.home.json, &facts, || {
        let mut text = line(&holding);
        let _ = writeln!(text, "  manifest  {}", holding.manifest.digest());
        for (name, extent) in &holding.attachments {
            let _ = writeln!(text, "  with it   {name} ({} bytes)", extent.bytes);
        }
        for store in &receipts {
            let _ = writeln!(text, "  receipt   of store {store}");
        }
        for entry in &entries {
            let (seq, local) = (entry.place_in_ledger.seq, &entry.place_in_ledger.local);
            let _ = writeln!(text, "  line {seq:<4} {local}  {} {}", entry.category, entry.outcome);
        }
        text
    })
}
