//! A ground station that watches: it grows its own tree, cosigns what that confirms, and keeps its witness file.

use crate::support::{START_UTC_US, Unit, at};
use flight_record::flight::{self, Flight, Open};
use flight_record::keys::{DeviceKey, PublicKey};
use flight_record::note::{Checkpoint, Cosignature, SignedNote};
use flight_record::tree::Tree;
use flight_record::trust::{EnrolmentRequest, Grant, Validity};
use flight_record::witness::file::{Begin, Cosigned, EntryWriter, Head, Kind, Landed};
use flight_record::{FlightId, Stamp};
use std::path::Path;

/// The key of station `n`.
pub(crate) fn station_key(n: u8) -> DeviceKey {
    DeviceKey::from_seed([0x90 + n; 32])
}

/// Enrols a key in the unit's list, before anything flies.
pub(crate) fn enrol(unit: &mut Unit, key: &DeviceKey, name: &str, grant: Grant) {
    let request = EnrolmentRequest::write(key, name.parse().unwrap(), START_UTC_US);
    let request = EnrolmentRequest::read(&request).unwrap();
    let validity = Validity { from_utc_us: START_UTC_US - 1_000_000, days: 30 };
    unit.trust = unit.trust.clone().with_key(&request, grant, validity).unwrap();
}

/// The station's time, POSIX seconds, `at_s` into the flight.
pub(crate) fn time_s(at_s: u32) -> u64 {
    u64::try_from(START_UTC_US / 1_000_000).unwrap() + u64::from(at_s)
}

pub(crate) struct Station {
    pub(crate) key: DeviceKey,
    writer: EntryWriter,
    tree: Tree,
    heads: u64,
    /// What it states of its clock.
    pub(crate) uncertainty_us: u64,
    /// The witness file so far, line by line.
    pub(crate) lines: Vec<Vec<u8>>,
}

impl Station {
    /// Station `n`, which hears of the flight.
    pub(crate) fn new(unit: &Unit, n: u8, flight: FlightId) -> Self {
        Self::of(unit.device.public(), n, flight)
    }

    /// The same, which hears it from this device.
    pub(crate) fn of(device_key: PublicKey, n: u8, flight: FlightId) -> Self {
        let mut station = Self {
            key: station_key(n),
            writer: EntryWriter::new(flight),
            tree: Tree::default(),
            heads: 0,
            uncertainty_us: 1000,
            lines: Vec::new(),
        };
        station.write(Kind::Begin(Begin { device: device_key.id(), device_key, trust_version: 1 }), 0);
        station
    }

    pub(crate) fn write(&mut self, kind: Kind, at_s: u32) {
        let clock = Stamp { uncertainty_us: self.uncertainty_us, ..at(at_s) };
        let line = self.writer.line(kind, clock, &self.key);
        self.lines.push(line);
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        self.lines.concat()
    }

    /// Sees the head of the log in `dir`, which is the one of `note`, and cosigns it.
    pub(crate) fn see(&mut self, dir: &Path, note: &str, at_s: u32) -> (Checkpoint, Cosignature) {
        let checkpoint = SignedNote::parse(note).unwrap().claimed().clone();
        let size = usize::try_from(checkpoint.size).unwrap();
        let from = usize::try_from(self.tree.size()).unwrap();
        let leaves = flight::leaves(dir).unwrap()[from..size].to_vec();
        leaves.iter().for_each(|leaf| self.tree.push(*leaf));
        assert_eq!(self.tree.root(), checkpoint.root, "a station confirms only what its own tree says");
        let cosignature = checkpoint.cosign(&self.key, time_s(at_s));
        let cosigned = Some(Cosigned::from(&cosignature));
        let received_utc_us = at(at_s).utc_us;
        self.heads += 1;
        self.write(Kind::Head(Head { leaves, note: note.to_owned(), cosignature: cosigned, received_utc_us }), at_s);
        (checkpoint, cosignature)
    }

    /// Sees the newest head of a flight; the aircraft stores what the station says.
    pub(crate) fn watch(&mut self, flight: &mut Flight<Open>, at_s: u32) {
        let note = flight.head().unwrap().note.clone();
        let (checkpoint, cosignature) = self.see(flight.dir(), &note, at_s);
        flight.store_cosignature(&self.key.public(), &cosignature, checkpoint.size).unwrap();
    }

    /// Sees the head over `close`, stored likewise; the witness statement follows.
    pub(crate) fn land(&mut self, flight: &mut Flight<flight_record::flight::Sealed>, at_s: u32) {
        let note = flight.head().note.clone();
        let (checkpoint, cosignature) = self.see(flight.dir(), &note, at_s);
        flight.store_cosignature(&self.key.public(), &cosignature, checkpoint.size).unwrap();
        self.end(at_s);
    }

    /// The witness statement.
    pub(crate) fn end(&mut self, at_s: u32) {
        let (size, root, heads) = (self.tree.size(), self.tree.root(), self.heads);
        let reason = "closed".parse().unwrap();
        let landed = Landed { size, root, heads, longest_silence_ms: 1000, equivocations: 0, reason };
        self.write(Kind::Landed(landed), at_s);
    }
}
