//! The flights of a store.

use std::io::BufReader;
use std::path::{Path, PathBuf};

use anyhow::Result;
use evidence_store::ledger::Ledger;
use evidence_store::store::{Folder, Holding, Statement, Store as _, statements};
use flight_record::FlightId;
use flight_record::dock::Receipt;
use flight_record::keys::KeyId;
use flight_record::outline::Outline;
use flight_record::trust::TrustList;
use jiff::Timestamp;
use mission_profiles::flight_log::Entry;

use crate::state::evidence::{Flight, Kept, MOST_FLIGHTS};
use crate::{desk, log};

/// Reads the flights that the store in `store` holds, with what its flight log and its ledger say of them, and how the unit calls the
/// aircraft. `outside` are the heads of the ledger kept elsewhere.
///
/// # Errors
/// When it is no store, or its ledger does not check.
pub(crate) fn flights(store: &Path, outside: &[PathBuf], unit: Option<&TrustList>) -> Result<Vec<Flight>> {
    let folder = Folder::open(store)?;
    let ledger = desk::ledger(&folder, store, outside)?;
    let entries = log::entries(&folder, &ledger)?;
    let mut flights = Vec::new();
    for id in folder.flights()?.into_iter().rev().take(MOST_FLIGHTS) {
        if let Some(flight) = flight(&folder, &ledger, &entries, unit, id)? {
            flights.push(flight);
        }
    }
    Ok(flights)
}

fn flight(
    folder: &Folder,
    ledger: &Ledger,
    entries: &[Entry],
    unit: Option<&TrustList>,
    id: FlightId,
) -> Result<Option<Flight>> {
    let (mut newest, mut receipts): (Option<Holding>, Vec<_>) = (None, Vec::new());
    for (_, statement) in statements(folder, id)? {
        match statement {
            Statement::Holding(holding) => {
                if newest.as_ref().is_none_or(|known| known.at_utc_us < holding.at_utc_us) {
                    newest = Some(*holding);
                }
            }
            Statement::Receipt(bytes) => receipts.extend(Receipt::claimed_store(&bytes).ok()),
            Statement::Timestamp(_) => {}
        }
    }
    let Some(holding) = newest else {
        return Ok(None);
    };
    receipts.retain(|store| *store != holding.store);
    receipts.sort_unstable();
    receipts.dedup();
    let outline = outline(folder, &holding)?;
    let logged = logged(entries, &outline);
    let lines = ledger.of_flight(id)?;
    let awaiting: Vec<u64> = ledger.awaiting().map(|awaiting| awaiting.seq).collect();
    let waits = lines.iter().filter(|line| awaiting.contains(&line.place_in_ledger.seq)).count();
    let span_us = outline.opened_utc_us.zip(outline.last_utc_us).map(|(from, to)| to.saturating_sub(from));
    let text = |words: &str| Some(words.trim().to_owned()).filter(|words| !words.is_empty());
    let header = logged.map(|entry| &entry.header);
    let named = |key: KeyId| unit?.keys.iter().find(|entry| entry.public_key.id() == key);
    let called = |key: KeyId| named(key).map_or_else(|| key.to_string(), |entry| entry.name.to_string());
    let key = || holding.device_id.map_or_else(|| "unknown aircraft".to_owned(), called);
    Ok(Some(Flight {
        id,
        begin_utc_us: logged.map(|entry| entry.take_off.at.as_microsecond()).or(outline.opened_utc_us),
        duration_s: logged
            .map(|entry| u64::from(entry.duration_s()))
            .or(span_us.and_then(|span_us| u64::try_from(span_us / 1_000_000).ok())),
        aircraft: header.and_then(|header| text(header.recorder())).unwrap_or_else(key),
        pilot: header.and_then(|header| text(&header.pilot)),
        purpose: header.and_then(|header| text(&header.activity)),
        place: header.and_then(|header| text(&header.place)),
        verdict: holding.verdict.clone(),
        quarantined: holding.quarantined,
        taken_over_utc_us: holding.at_utc_us,
        files: holding.manifest.files(),
        bytes: holding.manifest.bytes(),
        manifest: holding.manifest.digest(),
        receipts,
        kept: kept(folder, &holding)?,
        entries: u64::try_from(lines.len()).unwrap_or(u64::MAX),
        awaiting: u64::try_from(waits).unwrap_or(u64::MAX),
    }))
}

fn outline(folder: &Folder, holding: &Holding) -> Result<Outline> {
    match holding.manifest.entries().get("records.jsonl") {
        Some(extent) => Ok(Outline::read(BufReader::new(folder.get(extent.sha256)?)).unwrap_or_default()),
        None => Ok(Outline::default()),
    }
}

/// The entry of the flight log that names this record, or was flown at its time.
fn logged<'a>(entries: &'a [Entry], outline: &Outline) -> Option<&'a Entry> {
    let flight = outline.flight?;
    let named = entries.iter().find(|entry| entry.records.iter().any(|record| record.flight == flight.to_string()));
    let at = |utc_us: Option<i64>| Timestamp::from_microsecond(utc_us?).ok();
    let (from, to) = at(outline.opened_utc_us).zip(at(outline.last_utc_us))?;
    named.or_else(|| {
        let mut during = entries.iter().filter(|entry| entry.take_off.at < to && entry.landing.at > from);
        // Two aircraft up at once: which it was nobody can say from here.
        during.next().filter(|_| during.next().is_none())
    })
}

/// The earliest end and all holds among its objects; undecided where one of them is.
fn kept(folder: &Folder, holding: &Holding) -> Result<Kept> {
    let mut kept = Kept::default();
    let mut first = true;
    for digest in holding.extents().into_keys() {
        let Some(stat) = folder.stat(digest)? else {
            continue;
        };
        let until = stat.retention.until_utc_us;
        // Nobody decided about one: all of it stays.
        kept.until_utc_us = if first { until } else { kept.until_utc_us.zip(until).map(|(a, b)| a.min(b)) };
        first = false;
        for hold in stat.retention.holds {
            let hold = hold.to_string();
            if !kept.holds.contains(&hold) {
                kept.holds.push(hold);
            }
        }
    }
    Ok(kept)
}
