//! The register of flights: read, filtered, entered into.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use evidence_store::ledger::Ledger;
use evidence_store::register::{Register, Version, document, newest};
use evidence_store::store::Folder;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use mission_profiles::flight_log::{Entry, currency_h};

use super::arguments::{Shelf, Which};
use crate::desk;

/// An entry of the register, and the version that it is.
pub(super) struct Logged {
    pub(super) entry: Entry,
    pub(super) version: Version,
}

/// The newest version of every entry, by take-off.
pub(super) fn held(store: &Path, outside: &[PathBuf]) -> Result<Vec<Logged>> {
    let folder = Folder::open(store)?;
    let ledger = desk::ledger(&folder, store, outside)?;
    on(&folder, &ledger)
}

/// The same, of a ledger that is open.
pub(super) fn on(folder: &Folder, ledger: &Ledger) -> Result<Vec<Logged>> {
    let read = |version: Version| Ok::<_, anyhow::Error>(Logged { entry: entry(folder, &version)?, version });
    let mut all = newest(ledger, Register::FlightLog)?.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    all.sort_by_key(|logged| logged.entry.take_off.at);
    Ok(all)
}

/// The newest version of every entry, by take-off, of a ledger that is open.
pub(crate) fn entries(folder: &Folder, ledger: &Ledger) -> Result<Vec<Entry>> {
    Ok(on(folder, ledger)?.into_iter().map(|logged| logged.entry).collect())
}

/// What a version says.
pub(super) fn entry(folder: &Folder, version: &Version) -> Result<Entry> {
    let bytes = document(folder, version.digest)?;
    Entry::read(&bytes).with_context(|| format!("the flight {}", version.digest))
}

/// The hours that the register has of a pilot in the last three months; `None` where nobody names a pilot or the log is not kept yet.
pub(crate) fn recent_h(store: &Path, pilot: &str, now: Timestamp) -> Result<Option<f64>> {
    let all = held(store, &[])?;
    let kept = !all.is_empty() && !pilot.trim().is_empty();
    Ok(kept.then(|| currency_h(all.iter().map(|logged| &logged.entry), pilot, now)))
}

impl Shelf {
    /// The store, which must be named.
    pub(super) fn store(&self) -> Result<&Path> {
        self.store.as_deref().context("name the store whose register it is, with --store")
    }

    /// What the register has; nothing where no store is named.
    pub(super) fn held(&self) -> Result<Vec<Logged>> {
        self.store.as_deref().map_or_else(|| Ok(Vec::new()), |store| held(store, &self.outside_head))
    }
}

impl Which {
    /// Whether the entry is asked for.
    pub(super) fn takes(&self, entry: &Entry) -> bool {
        let zone = TimeZone::get("Europe/London").unwrap_or(TimeZone::UTC);
        let day = entry.take_off.at.to_zoned(zone).date();
        self.from.is_none_or(|from| day >= from)
            && self.to.is_none_or(|to| day <= to)
            && self.pilot.as_ref().is_none_or(|pilot| entry.header.pilot.trim() == pilot.trim())
            && self.aircraft.as_ref().is_none_or(|serial| entry.header.serial.trim() == serial.trim())
    }
}

/// The entry called `id`.
pub(super) fn find(all: Vec<Logged>, id: &str) -> Result<Logged> {
    let near = all.iter().map(|logged| logged.entry.id.clone()).filter(|known| known.get(..8) == id.get(..8));
    let near: Vec<String> = near.collect();
    match all.into_iter().find(|logged| logged.entry.id == id) {
        Some(found) => Ok(found),
        None if near.is_empty() => bail!("{id}: not in the register; `skyseal-ground log list` names what is"),
        None => bail!("{id}: not in the register, which has that day {}", near.join(", ")),
    }
}
