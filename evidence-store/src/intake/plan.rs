//! What a handover will do, before it does it: a value, printed for people.

use super::Source;
use super::card::outline;
use super::run::IntakeError;
use super::staging::Staging;
use crate::store::{Folder, Store, StoreError};
use flight_record::dock::{Inventory, is_quarantined};
use flight_record::keys::KeyId;
use flight_record::layout::{CHECKPOINTS, RECORDS};
use flight_record::outline::Outline;
use flight_record::trust::{Role, TrustList};
use flight_record::witness::file as witness_file;
use flight_record::{FlightId, Label};
use serde::Serialize;
use std::fmt;

/// What people are told where it is so.
pub(super) const ONE_DISK: &str =
    "both stores lie on ONE disk: what takes it takes both copies; give the second a disk of its own";
/// Files named in print; all of them are in the value.
const MOST_PRINTED: usize = 20;

/// A file of the flight as it lies aboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedFile {
    /// Its path in the flight's folder.
    pub path: String,
    /// Its length.
    pub bytes: u64,
    /// Bytes of it that an earlier attempt brought here.
    pub here_bytes: u64,
    /// Whether a record names it; the two logs name themselves.
    pub named: bool,
}

/// What a ground station saw of the flight.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Witnessed {
    /// The station's name in the trust list.
    pub station: Label,
    /// Heads it cosigned.
    pub heads: u64,
    /// Records under the newest of them.
    pub records: u64,
    /// Different histories it was shown.
    pub equivocations: u64,
}

/// Room at a destination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Room {
    /// Which.
    pub store: String,
    /// Bytes still to be written there.
    pub needed_bytes: u64,
    /// Bytes that can be.
    pub free_bytes: u64,
}

/// The plan of one flight's handover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IngestPlan {
    /// Where from.
    pub source: String,
    /// The flight.
    pub flight: FlightId,
    /// The device, as it says itself or its records do.
    pub device: Option<KeyId>,
    /// Time of its first record as the log says, POSIX µs; nobody has checked it yet.
    pub opened_utc_us: Option<i64>,
    /// Time of its last record, POSIX µs.
    pub last_utc_us: Option<i64>,
    /// Whether the log ends with `close`.
    pub closed: bool,
    /// Lines of the log.
    pub records: u64,
    /// Lines nobody can read.
    pub unreadable_records: u64,
    /// What is to be copied.
    pub files: Vec<PlannedFile>,
    /// Files that records name and that are not there, or are shorter than a record says.
    pub missing: Vec<String>,
    /// What lies there and is no plain file: it stays aboard.
    pub others: Vec<String>,
    /// What was witnessed.
    pub witnessed: Vec<Witnessed>,
    /// Witness files that say nothing about this flight, and why.
    pub witness_refused: Vec<String>,
    /// Room at both stores.
    pub room: [Room; 2],
    /// Whether both stores lie on one disk, so that both copies are lost with it.
    pub one_disk: bool,
    /// The verdict under which the first store holds the flight already.
    pub held: Option<String>,
}

impl IngestPlan {
    /// All bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Files that no record names.
    pub fn unnamed(&self) -> impl Iterator<Item = &PlannedFile> {
        self.files.iter().filter(|file| !file.named)
    }

    /// The store that has not the room, if there is one.
    pub fn full(&self) -> Option<&Room> {
        self.room.iter().find(|room| room.needed_bytes > room.free_bytes)
    }

    /// The inventory the plan was made of.
    pub(super) fn inventory(&self) -> Vec<(String, u64)> {
        self.files.iter().map(|file| (file.path.clone(), file.bytes)).collect()
    }
}

/// Looks at a flight and both stores, and changes nothing.
///
/// # Errors
/// When the source or a store cannot be read.
pub fn plan(
    source: &mut dyn Source,
    flight: FlightId,
    (first, second): (&Folder, &dyn Store),
    trust: Option<&TrustList>,
    witness_files: &[Vec<u8>],
) -> Result<IngestPlan, IntakeError> {
    let inventory = source.inventory(flight)?;
    let others = source.others(flight)?;
    let has_log = inventory.files.iter().any(|(path, _)| path == RECORDS);
    let log = if has_log { outline(source, flight)? } else { Outline::default() };
    let staging = Staging::look(first, flight)?;
    let files: Vec<PlannedFile> = inventory
        .files
        .iter()
        .map(|(path, bytes)| PlannedFile {
            path: path.clone(),
            bytes: *bytes,
            here_bytes: staging.here_bytes(path, *bytes),
            named: path == RECORDS || path == CHECKPOINTS || log.files.contains_key(path),
        })
        .collect();
    let (mut witnessed, mut witness_refused) = (Vec::new(), Vec::new());
    for bytes in witness_files {
        match seen(bytes, flight, trust) {
            Ok(seen) => witnessed.push(seen),
            Err(why) => witness_refused.push(why),
        }
    }
    let held = (first as &dyn Store).holding(flight)?.map(|holding| holding.verdict);
    let device = inventory.device.or(log.device).or(source.device()?.id);
    let (here, total) = files.iter().fold((0, 0), |(here, total), file| (here + file.here_bytes, total + file.bytes));
    let room = |store: &dyn Store, needed_bytes| {
        Ok::<_, StoreError>(Room { store: store.describe(), needed_bytes, free_bytes: store.room_bytes()? })
    };
    let (first_needs, second_needs) = if held.is_some() { (0, 0) } else { (total - here, total) };
    Ok(IngestPlan {
        source: source.describe(),
        flight,
        device,
        opened_utc_us: log.opened_utc_us,
        last_utc_us: log.last_utc_us,
        closed: log.closed,
        records: log.records,
        unreadable_records: log.unreadable,
        missing: missing(&inventory, &log),
        files,
        others,
        witnessed,
        witness_refused,
        room: [room(first, first_needs)?, room(second, second_needs)?],
        one_disk: first.disk_number().is_some_and(|disk| second.disk_number() == Some(disk)),
        held,
    })
}

fn missing(inventory: &Inventory, log: &Outline) -> Vec<String> {
    let there = |path: &str| inventory.files.iter().find(|(name, _)| name == path).map(|(_, bytes)| *bytes);
    let logs = [RECORDS, CHECKPOINTS].into_iter().filter(|path| there(path).is_none()).map(str::to_owned);
    let short = log.files.iter().filter(|(path, bytes)| there(path).is_none_or(|found| found < **bytes));
    logs.chain(short.map(|(path, _)| path.clone())).collect()
}

/// What one witness file says about the flight, under keys the unit lists.
fn seen(bytes: &[u8], flight: FlightId, trust: Option<&TrustList>) -> Result<Witnessed, String> {
    let Some(trust) = trust else {
        return Err("the trust list is refused, so no station is known".to_owned());
    };
    let station = |id| trust.entry(id).filter(|entry| entry.role == Role::Station).map(|entry| entry.public_key);
    let summary = witness_file::read(bytes, station, |_| ()).map_err(|error| error.to_string())?;
    if summary.flight != flight {
        return Err(format!("a witness file is about flight {}", summary.flight));
    }
    let name = trust.entry(summary.station.id()).map(|entry| entry.name.clone());
    Ok(Witnessed {
        station: name.ok_or("the station is not listed")?,
        heads: summary.heads,
        records: summary.tree.size(),
        equivocations: summary.equivocations,
    })
}

impl fmt::Display for IngestPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Flight {} on {}", self.flight, self.source)?;
        match self.device {
            Some(device) => writeln!(f, "  device     {device}")?,
            None => writeln!(f, "  device     unknown: its log does not say")?,
        }
        let end = if self.closed { "closed" } else { "NOT closed: its end is missing, or it is still flying" };
        writeln!(f, "  log        {} records, {end}", self.records)?;
        if self.unreadable_records > 0 {
            writeln!(f, "             {} of them UNREADABLE", self.unreadable_records)?;
        }
        writeln!(f, "  files      {} with {}", self.files.len(), size(self.bytes()))?;
        let here: u64 = self.files.iter().map(|file| file.here_bytes).sum();
        if here > 0 {
            writeln!(f, "  resumed    {} are here already", size(here))?;
        }
        if let Some(verdict) = &self.held {
            let apart = if is_quarantined(verdict) { ", in quarantine" } else { "" };
            writeln!(f, "  held       the first store holds it already: {verdict}{apart}")?;
        }
        for seen in &self.witnessed {
            let histories = if seen.equivocations > 0 { " AND WAS SHOWN ANOTHER HISTORY" } else { "" };
            let (station, records, heads) = (&seen.station, seen.records, seen.heads);
            writeln!(f, "  witnessed  by {station}: {records} records under {heads} heads{histories}")?;
            if records > self.records {
                writeln!(
                    f,
                    "             but the log has only {}: {} were REMOVED",
                    self.records,
                    records - self.records
                )?;
            }
        }
        if self.witnessed.is_empty() {
            writeln!(f, "  witnessed  by nobody whose file was given")?;
        }
        for why in &self.witness_refused {
            writeln!(f, "             a witness file is refused: {why}")?;
        }
        let unnamed: Vec<&str> = self.unnamed().map(|file| &*file.path).collect();
        let missing: Vec<&str> = self.missing.iter().map(|path| &**path).collect();
        let others: Vec<&str> = self.others.iter().map(|path| &**path).collect();
        list(f, "MISSING", "named by a record, not there or too short", &missing)?;
        list(f, "unnamed", "named by no record; copied and kept all the same", &unnamed)?;
        list(f, "odd", "no plain files; they stay where they are", &others)?;
        for room in &self.room {
            let verdict = if room.needed_bytes > room.free_bytes { "NOT ENOUGH" } else { "enough" };
            let (needed, free) = (size(room.needed_bytes), size(room.free_bytes));
            writeln!(f, "  room       {}: needs {needed}, has {free}: {verdict}", room.store)?;
        }
        if self.one_disk {
            writeln!(f, "  disks      {ONE_DISK}")?;
        }
        Ok(())
    }
}

fn list(f: &mut fmt::Formatter<'_>, what: &str, meaning: &str, paths: &[&str]) -> fmt::Result {
    if paths.is_empty() {
        return Ok(());
    }
    writeln!(f, "  {what:<10} {} ({meaning})", paths.len())?;
    paths.iter().take(MOST_PRINTED).try_for_each(|path| writeln!(f, "             {path}"))?;
    let more = paths.len().saturating_sub(MOST_PRINTED);
    if more > 0 { writeln!(f, "             … and {more} more") } else { Ok(()) }
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} B"),
        10_000..10_000_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        10_000_000..10_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes % 1_000_000_000 / 100_000_000),
    }
}
