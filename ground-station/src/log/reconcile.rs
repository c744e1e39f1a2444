//! The records of flights that were handed over, beside their entries in the log.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _};

use anyhow::{Context as _, Result};
use evidence_store::ledger::Ledger;
use evidence_store::register::Register;
use evidence_store::store::{Folder, Store};
use flight_record::layout::RECORDS;
use flight_record::record::{ClockEstimate, Kind, MAX_LINE_BYTES, MAX_RECORDS, Record};
use flight_record::{BootId, FlightId, Sha256, device_log};
use jiff::Timestamp;
use mission_profiles::flight_log::{Belongs, Entry, Recorded, belongs, local};
use serde_json::json;

use super::arguments::Reconcile;
use super::{pretty, register};
use crate::desk;

/// What the log is to say of a flight's record.
#[derive(Default)]
pub(crate) struct Beside {
    /// New versions of entries, each with the one before.
    pub(crate) documents: Vec<(Vec<u8>, Option<Sha256>)>,
    /// What came of it, in words.
    pub(crate) said: Vec<String>,
}

/// `log reconcile`.
pub(super) fn reconcile(args: &Reconcile) -> Result<String> {
    let folder = Folder::open(&args.desk.store)?;
    let flights = args.flight.map_or_else(|| folder.flights(), |flight| Ok(vec![flight]))?;
    let mut facts = Vec::new();
    let mut text = String::new();
    for flight in flights {
        let ledger = desk::ledger(&folder, &args.desk.store, &args.desk.outside())?;
        let found = beside(&folder, &ledger, flight)?;
        drop(ledger);
        if !found.documents.is_empty() {
            args.desk.enter(Register::FlightLog, &found.documents)?;
        }
        text.extend(found.said.iter().map(|said| format!("{flight}: {said}\n")));
        facts.push(json!({"flight": flight, "entered": found.documents.len(), "said": found.said}));
    }
    if args.desk.json { pretty(&json!(facts)) } else { Ok(text) }
}

/// What the log is to say of the record of `flight`, which the store holds.
///
/// # Errors
/// When the store does not hold it, or the register cannot be read.
pub(crate) fn beside(folder: &Folder, ledger: &Ledger, flight: FlightId) -> Result<Beside> {
    let recorded = recorded(folder, flight)?;
    let all = register::on(folder, ledger)?;
    let entries: Vec<Entry> = all.iter().map(|logged| logged.entry.clone()).collect();
    let mut found = Beside::default();
    let (from, to) = (local(recorded.from), local(recorded.to));
    let what = format!("no entry of {} between {from} and {to}", recorded.aircraft);
    let again = "then `skyseal-ground log reconcile`";
    match belongs(&entries, &recorded) {
        Belongs::To(places) => {
            for logged in places.into_iter().filter_map(|place| all.get(place)) {
                let entry = logged.entry.reconciled(&recorded);
                let differences = entry.records.iter().find(|record| record.flight == recorded.flight);
                let differences = differences.map(|record| record.differences.join("; ")).unwrap_or_default();
                let agrees = if differences.is_empty() { "the record agrees with it".to_owned() } else { differences };
                found.said.push(format!("flight log: {}: {agrees}", entry.id));
                if entry != logged.entry {
                    found.documents.push((entry.write()?, Some(logged.version.digest)));
                }
            }
        }
        Belongs::Near(place, apart) => {
            let near = entries.get(place).map(|entry| entry.id.as_str()).unwrap_or_default();
            let minutes = apart.as_mins();
            found.said.push(format!(
                "flight log: {what}; the nearest is {near}, {minutes} min away: was a clock wrong? Correct it with `skyseal-ground log change {near} --take-off … --landing …`, or enter the flight with `log add`, {again}"
            ));
        }
        Belongs::Other(place) => {
            let other = entries.get(place).map(|entry| (entry.id.as_str(), entry.header.recorder()));
            let (id, aircraft) = other.unwrap_or_default();
            found.said.push(format!(
                "flight log: {what}; {id} was flown then, with {aircraft}: is it the same aircraft? Say so with `skyseal-ground log change {id} --fact device={}`, or enter the flight with `log add`, {again}",
                recorded.aircraft
            ));
        }
        Belongs::None => {
            found.said.push(format!("flight log: {what}: enter the flight with `skyseal-ground log add`, {again}"));
        }
    }
    Ok(found)
}

/// What the record of a flight says of itself.
fn recorded(folder: &Folder, flight: FlightId) -> Result<Recorded> {
    let store: &dyn Store = folder;
    let holding = store.holding(flight)?.with_context(|| format!("{} does not hold {flight}", store.describe()))?;
    let extent = holding.manifest.entries().get(RECORDS).with_context(|| format!("{flight} has no {RECORDS}"))?;
    let mut log = BufReader::new(store.range(extent.sha256, 0, extent.bytes)?);
    let mut ends = Ends::default();
    let mut line = Vec::new();
    for _ in 0..MAX_RECORDS {
        line.clear();
        (&mut log).take(MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut line)?;
        // What is torn or unreadable says nothing; the verdict says that it is.
        let Some(whole) = line.strip_suffix(b"\n") else { break };
        if let Some(record) = device_log::claimed(whole) {
            ends.take(record);
        }
    }
    ends.recorded(flight, holding.verdict).with_context(|| format!("no record of {flight} can be read"))
}

/// The first and the last record, and what is known of the clock.
#[derive(Default)]
struct Ends {
    aircraft: String,
    first: Option<Record>,
    last: Option<Record>,
    /// The best estimate of each boot.
    estimates: HashMap<BootId, ClockEstimate>,
}

impl Ends {
    fn take(&mut self, record: Record) {
        match &record.kind {
            Kind::Open(open) => self.aircraft = open.certificate.name.to_string(),
            Kind::Clock(estimate) => {
                let best = self.estimates.entry(record.boot_id).or_insert_with(|| estimate.clone());
                if estimate.uncertainty_us < best.uncertainty_us {
                    best.clone_from(estimate);
                }
            }
            _ => {}
        }
        self.first.get_or_insert_with(|| record.clone());
        self.last = Some(record);
    }

    /// When a record was written, by the best that its boot came to know of the time.
    fn time(&self, record: &Record) -> Option<Timestamp> {
        let better = self.estimates.get(&record.boot_id);
        let better = better.filter(|estimate| estimate.uncertainty_us < record.clock.uncertainty_us);
        let utc_us = better.map_or(Some(record.utc_us), |estimate| {
            let apart_us = (i128::from(record.mono_ns) - i128::from(estimate.mono_ns)) / 1_000;
            i64::try_from(i128::from(estimate.utc_us) + apart_us).ok()
        });
        Timestamp::from_microsecond(utc_us?).ok()
    }

    fn recorded(self, flight: FlightId, verdict: String) -> Option<Recorded> {
        let (first, last) = (self.first.as_ref()?, self.last.as_ref()?);
        let (from, to) = (self.time(first)?, self.time(last)?);
        let closed = matches!(last.kind, Kind::Close(_));
        Some(Recorded { flight: flight.to_string(), verdict, aircraft: self.aircraft, from, to, closed })
    }
}
