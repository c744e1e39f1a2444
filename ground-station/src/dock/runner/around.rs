//! Flights that this station knows of and that the first store does not hold: aboard the aircraft it witnessed, or on a
//! card in this machine.

use super::super::Setup;
use crate::state::handover::{Place, Undocked};
use anyhow::Result;
use evidence_store::intake::{FolderSource, Source as _};
use evidence_store::store::{Folder, Store};
use flight_record::FlightId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Entries of one folder that are looked at.
const MOST_ENTRIES: usize = 10_000;
/// Characters of a flight's id.
const ID_CHARS: usize = 36;

/// Looks. What cannot be read is passed over: a card that is being pulled out is none of the flights' fault.
pub(super) fn look(setup: &Setup, media: &[PathBuf]) -> Result<Vec<Undocked>> {
    let store = Folder::open(&setup.store)?;
    let mut found: BTreeMap<FlightId, Undocked> = BTreeMap::new();
    for (flight, seen_utc_us) in setup.witness_dir.as_deref().map(witnessed).unwrap_or_default() {
        found.insert(flight, Undocked { flight, seen_utc_us, place: Place::Aircraft });
    }
    for card in media.iter().flat_map(|root| cards(root)) {
        let Ok(flights) = FolderSource::open(&card).and_then(|mut source| source.flights()) else { continue };
        for flight in flights.into_iter().take(MOST_ENTRIES) {
            let seen_utc_us = found.get(&flight).and_then(|found| found.seen_utc_us);
            let place = Place::Card(card.display().to_string());
            found.insert(flight, Undocked { flight, seen_utc_us, place });
        }
    }
    let mut waiting = Vec::new();
    for undocked in found.into_values() {
        if (&store as &dyn Store).holding(undocked.flight)?.is_none() {
            waiting.push(undocked);
        }
    }
    Ok(waiting)
}

/// The flights of the witness files in a folder, and when each was last heard of.
fn witnessed(dir: &Path) -> Vec<(FlightId, Option<i64>)> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let of = |entry: std::fs::DirEntry| {
        let name = entry.file_name();
        let name = name.to_str().filter(|name| name.ends_with(".jsonl"))?;
        let flight: FlightId = name.get(..ID_CHARS)?.parse().ok()?;
        let written = entry.metadata().ok()?.modified().ok()?.duration_since(UNIX_EPOCH).ok();
        Some((flight, written.and_then(|at| i64::try_from(at.as_micros()).ok())))
    };
    entries.take(MOST_ENTRIES).flatten().filter_map(of).collect()
}

/// Cards below a folder in which systems put them: at most two folders deep, each with `flights` in it.
fn cards(root: &Path) -> Vec<PathBuf> {
    let below = |dir: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(dir).map(|entries| entries.take(MOST_ENTRIES).flatten().collect());
        let entries: Vec<std::fs::DirEntry> = entries.unwrap_or_default();
        entries
            .iter()
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(std::fs::DirEntry::path)
            .collect()
    };
    let (mut cards, rest): (Vec<_>, Vec<_>) = below(root).into_iter().partition(|dir| dir.join("flights").is_dir());
    cards.extend(rest.iter().flat_map(|dir| below(dir)).filter(|dir| dir.join("flights").is_dir()));
    cards
}
