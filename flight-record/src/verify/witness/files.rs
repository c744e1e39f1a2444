//! Witness files that the reader brings: the station's signatures, chain and tree, then every head in them against the
//! records that are here.

use super::super::records::Records;
use super::super::report::{Items, Subject};
use super::super::words::Integrity;
use super::{Gathered, Statement};
use crate::names::FlightId;
use crate::note::{Checkpoint, SignedNote};
use crate::trust::Role;
use crate::witness::file::{self, Cosigned, Entry, FileError, Kind, MAX_FILE_BYTES, Summary};

/// Checks all of them.
pub(in crate::verify) fn check_all(
    files: &[Vec<u8>],
    records: &mut Records,
    gathered: &mut Gathered<'_>,
    items: &mut Items,
) {
    for (number, bytes) in (1..).zip(files) {
        check(number, bytes, records, gathered, items);
    }
}

fn check(number: usize, bytes: &[u8], records: &mut Records, gathered: &mut Gathered<'_>, items: &mut Items) {
    let item = || Subject::WitnessFile { number };
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return items.found(item(), Integrity::Malformed, "longer than 256 MiB");
    }
    let Some(trust) = gathered.trust else {
        return items.not_checked(item(), "no trust list says whose it is");
    };
    let Some(flight) = records.flight.as_ref().map(|flight| flight.flight_id) else {
        return items.not_checked(item(), "the flight's own records are not readable");
    };
    let station = |id| trust.entry(id).filter(|entry| entry.role == Role::Station).map(|entry| entry.public_key);
    let mut compared = Compared { records, flight, statements: Vec::new(), troubles: Vec::new() };
    let read = file::read(bytes, station, |entry| compared.take(&entry));
    let Compared { statements, mut troubles, .. } = compared;
    let mut notices = Vec::new();
    match read {
        Err(error @ FileError::UnknownStation(_)) => {
            troubles.push((Integrity::KeyUntrusted, format!("{error}: the unit lists no such station")));
        }
        Err(error) => troubles.push((Integrity::Malformed, error.to_string())),
        Ok(summary) => {
            troubles.extend(of_another(&summary, flight, records));
            let name = trust.entry(summary.station.id()).map(|entry| entry.name.to_string()).unwrap_or_default();
            notices.extend(end_of(&summary).map(|end| format!("Witness file {number}, of {name}, {end}.")));
            if troubles.iter().all(|(word, _)| *word != Integrity::WrongFlight) {
                for (statement, cosigned, uncertainty_us) in statements {
                    if let Some(cosignature) = cosigned.cosignature(&summary.station) {
                        gathered.take(statement, cosignature, uncertainty_us);
                    }
                }
            }
        }
    }
    records.notices.extend(notices);
    if troubles.is_empty() {
        items.intact(item());
    }
    for (word, detail) in troubles {
        items.found(item(), word, detail);
    }
}

fn of_another(summary: &Summary, flight: FlightId, records: &Records) -> Option<(Integrity, String)> {
    if summary.flight != flight {
        return Some((Integrity::WrongFlight, format!("it is of flight {}", summary.flight)));
    }
    let same_device = records.device.is_none_or(|device| device == summary.device);
    (!same_device).then(|| {
        let detail = format!("the station witnessed this flight by another device, key {}", summary.device.id());
        (Integrity::WrongFlight, detail)
    })
}

fn end_of(summary: &Summary) -> Option<&'static str> {
    match (summary.landed, summary.torn_bytes) {
        (_, 1..) => Some("ends in a line that was never finished"),
        (false, 0) => Some("has no witness statement: it was copied before the flight was over, or cut"),
        (true, 0) => None,
    }
}

/// The entries of a file against the records.
struct Compared<'a> {
    records: &'a Records,
    flight: FlightId,
    statements: Vec<(Statement, Cosigned, u64)>,
    /// The first of each word.
    troubles: Vec<(Integrity, String)>,
}

impl Compared<'_> {
    fn take(&mut self, entry: &Entry) {
        if entry.flight_id != self.flight {
            return;
        }
        match &entry.kind {
            Kind::Head(head) => {
                let Some(size) = self.compare(entry.seq, &head.note, "the station confirmed") else {
                    return;
                };
                if let Some(cosigned) = &head.cosignature {
                    let statement = Statement { time_s: cosigned.time_s, size, station: entry.station };
                    self.statements.push((statement, cosigned.clone(), entry.clock.uncertainty_us));
                }
            }
            Kind::Seen(seen) => {
                self.compare(entry.seq, &seen.note, "the station saw");
            }
            Kind::Equivocation(found) => {
                self.compare(entry.seq, &found.note, "the station saw");
                let size = SignedNote::parse(&found.note).map_or(0, |note| note.claimed().size);
                let detail =
                    format!("line {}: in flight, the device signed two histories of {size} records", entry.seq + 1);
                self.say(Integrity::Equivocation, detail);
            }
            Kind::Begin(_) | Kind::Leaves(_) | Kind::Nonce(_) | Kind::Restarted(_) | Kind::Landed(_) => {}
        }
    }

    /// A head that the device signed, against the records; its size where they agree.
    fn compare(&mut self, seq: u64, note: &str, seen: &str) -> Option<u64> {
        let note = SignedNote::parse(note).ok()?;
        let Checkpoint { size, root, .. } = *note.claimed();
        if self.records.sound_until.is_some_and(|sound| size > sound) {
            return None;
        }
        let index = size.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        let line = seq + 1;
        match index.and_then(|index| self.records.roots.get(index)) {
            Some(ours) if *ours == root => return Some(size),
            Some(_) => {
                let detail = format!("line {line}: of {size} records, {seen} others than these, signed by the device");
                self.say(Integrity::Equivocation, detail);
            }
            None => {
                let here = self.records.roots.len();
                let detail = format!("line {line}: {seen} {size} records, signed by the device; {here} are here");
                self.say(Integrity::Truncated, detail);
            }
        }
        None
    }

    fn say(&mut self, word: Integrity, detail: String) {
        if self.troubles.iter().all(|(said, _)| *said != word) {
            self.troubles.push((word, detail));
        }
    }
}
