//! The records, line by line: each takes its place in the chain or is named with what is wrong with it.

use super::named::{NamedFiles, worst};
use super::report::{FlightFacts, Items, Subject};
use super::time::Clockwork;
use super::words::{Integrity, Time};
use crate::digest::Sha256;
use crate::keys::{KeyId, PublicKey};
use crate::layout::RECORDS;
use crate::log::SignedBy;
use crate::log::chain::{Accepted, Chain, Fault, claimed};
use crate::log::lines::{Line, Lines};
use crate::names::FlightId;
use crate::record::{Counts, Kind, MAX_RECORDS, Nonce, Record, Statement};
use std::collections::BTreeSet;
use std::io::{self, BufRead};

/// The event that stands before an erasure.
const ERASE_BEGUN: &str = "erase-begun";

/// What the records say, as far as they can be believed.
#[derive(Default)]
pub(super) struct Records {
    pub(super) flight: Option<FlightFacts>,
    pub(super) device: Option<PublicKey>,
    pub(super) trust_version: u64,
    pub(super) pts_epoch_utc_us: i64,
    pub(super) opened_uncertainty_us: u64,
    pub(super) last_utc_us: i64,
    /// A device log has no end and no files.
    pub(super) is_device_log: bool,
    pub(super) closed: bool,
    /// A line that cannot be checked says that it is `close`: whether the log was cut off is then not the question.
    claims_close: bool,
    pub(super) counts: Counts,
    pub(super) files: NamedFiles,
    /// When the record of line n was made, at n − 1; none where the line is refused.
    pub(super) times: Vec<Option<Made>>,
    /// Nonces of ground stations, by line.
    pub(super) nonces: Vec<(u64, Nonce)>,
    /// Erasures that have begun: flight and actor.
    begun_erasures: BTreeSet<(FlightId, KeyId)>,
    /// Orders to record, by line.
    pub(super) statements: Vec<(u64, Statement)>,
    /// Root over the first n lines, at n − 1.
    pub(super) roots: Vec<Sha256>,
    /// What authorities stamp of the head over `close`, where that head agrees.
    pub(super) close_imprint: Option<Sha256>,
    /// Lines from this number on (from 0) stand behind a fault: heads over them prove nothing more.
    pub(super) sound_until: Option<u64>,
    pub(super) notices: Vec<String>,
    pub(super) time: Clockwork,
    chain: Chain,
}

/// When a record says it was made.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) utc_us: i64,
    pub(super) uncertainty_us: u64,
}

impl Records {
    /// Reads all of `records.jsonl`.
    pub(super) fn read(input: impl BufRead, items: &mut Items) -> io::Result<Self> {
        let mut records = Self::default();
        let mut lines = Lines::new(input);
        let mut number = 0;
        while let Some(line) = lines.next()? {
            number += 1;
            if number > MAX_RECORDS {
                let detail = format!("more than {MAX_RECORDS} records; nothing behind was read");
                items.found(Subject::File(RECORDS.to_owned()), Integrity::Malformed, detail);
                break;
            }
            match line {
                Line::Whole(bytes) => records.take(number, &bytes, items),
                Line::Torn(bytes) => {
                    let detail = format!("{bytes} bytes behind the last newline: a record that was never finished");
                    items.found(Subject::Record { line: number, kind: None }, Integrity::Truncated, detail);
                }
                Line::TooLong => {
                    let detail = "longer than any line of the format";
                    items.found(Subject::Record { line: number, kind: None }, Integrity::Malformed, detail);
                    records.step_over(number, b"");
                }
            }
        }
        records.end(items);
        Ok(records)
    }

    fn take(&mut self, number: u64, line: &[u8], items: &mut Items) {
        match self.chain.step(line) {
            Ok(accepted) => {
                self.roots.push(self.chain.position.tree.root());
                let Record { utc_us, clock, .. } = accepted.record;
                self.times.push(Some(Made { utc_us, uncertainty_us: clock.uncertainty_us }));
                self.accept(number, accepted, items);
            }
            Err(fault) => {
                let claim = claimed(line);
                let item = Subject::Record { line: number, kind: claim.as_ref().map(|record| record.kind.name()) };
                self.name_fault(item, &fault, claim.as_ref(), items);
                if let Some(record) = &claim {
                    self.claims_close |= matches!(record.kind, Kind::Close(_));
                    self.files.take(number, record, false);
                }
                self.step_over(number, line);
            }
        }
    }

    fn step_over(&mut self, number: u64, line: &[u8]) {
        self.chain.step_over(line);
        self.roots.push(self.chain.position.tree.root());
        self.times.push(None);
        self.sound_until.get_or_insert(number - 1);
    }

    fn name_fault(&self, item: Subject, fault: &Fault, claim: Option<&Record>, items: &mut Items) {
        let (word, detail) = match (fault, claim) {
            (Fault::Unproven, Some(record)) if self.is_past(record) => misplaced(self.chain.expected_seq(), record.seq),
            (Fault::Unproven, _) => return items.not_checked(item, fault.to_string()),
            (Fault::OtherKey, Some(record)) => self.name_stranger(record),
            (Fault::OtherSeq { expected, found }, _) => misplaced(*expected, *found),
            (Fault::OtherFlight { .. } | Fault::OtherDevice { .. }, _) => (Integrity::WrongFlight, fault.to_string()),
            (Fault::OtherPrev, _) => (Integrity::Altered, fault.to_string()),
            (Fault::OtherKey, None) => (Integrity::KeyUntrusted, fault.to_string()),
            (Fault::Envelope(_) | Fault::NotCanonical(_) | Fault::Rule(_) | Fault::AfterClose, _) => {
                (Integrity::Malformed, fault.to_string())
            }
        };
        items.found(item, word, detail);
    }

    /// A record of this flight that comes again, or late, by its own claim.
    fn is_past(&self, record: &Record) -> bool {
        let here = self.flight.as_ref().is_some_and(|flight| flight.flight_id == record.flight_id);
        here && record.seq < self.chain.expected_seq()
    }

    /// A record whose key cannot be checked because the record that names it is not the one before. What it claims says
    /// only what probably happened; no claim makes the flight look better.
    fn name_stranger(&self, record: &Record) -> (Integrity, String) {
        let expected = self.chain.expected_seq();
        if self.flight.as_ref().is_some_and(|flight| flight.flight_id != record.flight_id) {
            return (Integrity::WrongFlight, format!("it says it belongs to flight {}", record.flight_id));
        }
        if record.seq == expected {
            return (Integrity::KeyUntrusted, Fault::OtherKey.to_string());
        }
        misplaced(expected, record.seq)
    }

    fn accept(&mut self, number: u64, accepted: Accepted, items: &mut Items) {
        let Accepted { record, signed_by } = accepted;
        let item = Subject::Record { line: number, kind: Some(record.kind.name()) };
        self.time.take(&record, &mut self.notices);
        self.last_utc_us = record.utc_us;
        let trouble = worst(self.files.take(number, &record, true), self.say(&record, signed_by));
        match &record.kind {
            Kind::Nonce(nonce) => self.nonces.push((number, nonce.clone())),
            Kind::Statement(statement) => self.statements.push((number, statement.clone())),
            _ => {}
        }
        match trouble {
            None => items.intact(item),
            Some((word, detail)) => items.found(item, word, detail),
        }
        if !matches!(record.kind, Kind::Close(_)) {
            self.counts.add(&record.kind);
        }
    }

    /// What a record says about the flight; also what is wrong with it by the record's own account.
    fn say(&mut self, record: &Record, signed_by: SignedBy) -> Option<(Integrity, String)> {
        match &record.kind {
            Kind::Open(open) => {
                self.begin(record, &open.certificate, open.class);
                self.pts_epoch_utc_us = open.pts_epoch_utc_us;
                if open.audio_dropped {
                    self.notices.push("The source had sound; it was not recorded.".to_owned());
                }
            }
            Kind::LogOpen(open) => {
                self.begin(record, &open.certificate, open.certificate.class);
                self.is_device_log = true;
            }
            Kind::Recovered(_) if signed_by == SignedBy::Device => self.notices.push(format!(
                "Restart at record {}: the computer was off, its evolving key is gone. Records after {} may have been removed.",
                record.seq,
                record.seq - 1
            )),
            Kind::Recovered(_) => self.notices.push(format!(
                "Restart at record {}: the program died and went on; its evolving key survived.",
                record.seq
            )),
            Kind::Segment(segment) if segment.drops > 0 => {
                return Some((Integrity::Gap, format!("{} pictures were dropped while recording", segment.drops)));
            }
            Kind::Gap(gap) => return Some((Integrity::Gap, format!("the recorder says something is missing: {}", gap.reason))),
            Kind::Erased(_) if !self.is_device_log => {
                return Some((Integrity::Malformed, "an erasure stands in a device log only".to_owned()));
            }
            Kind::Event(event) if event.code.as_str() == ERASE_BEGUN => {
                self.begun_erasures.extend(event.flight.zip(event.actor));
            }
            Kind::Erased(erased) if !self.begun_erasures.remove(&(erased.flight, erased.actor)) => {
                return Some((Integrity::Malformed, "no erase-begun of this actor stands before it".to_owned()));
            }
            Kind::Close(close) => {
                self.closed = true;
                // Behind a refused record the counts are wrong of themselves.
                if self.sound_until.is_none() && close.counts != self.counts {
                    let detail = "its counts are not those of the records".to_owned();
                    return Some((Integrity::Malformed, detail));
                }
            }
            Kind::Segment(_)
            | Kind::Prefix(_)
            | Kind::Telemetry(_)
            | Kind::Still(_)
            | Kind::Marker(_)
            | Kind::Event(_)
            | Kind::Nonce(_)
            | Kind::Statement(_)
            | Kind::Erased(_)
            | Kind::Clock(_) => {}
        }
        None
    }

    fn begin(&mut self, record: &Record, certificate: &crate::trust::Certificate, class: crate::trust::Class) {
        self.device = Some(certificate.public_key);
        self.trust_version = certificate.trust_version;
        self.opened_uncertainty_us = record.clock.uncertainty_us;
        self.flight = Some(FlightFacts {
            flight_id: record.flight_id,
            device_id: record.device_id,
            device_name: certificate.name.clone(),
            class,
            opened_utc_us: record.utc_us,
        });
    }

    fn end(&mut self, items: &mut Items) {
        let item = Subject::File(RECORDS.to_owned());
        if self.roots.is_empty() {
            items.found(item, Integrity::Truncated, "not one whole record");
        } else if !self.closed && !self.claims_close && !self.is_device_log {
            items.found(item, Integrity::Truncated, format!("no close after {} records", self.roots.len()));
        }
    }

    /// Whether a head of this size stands over `close`.
    pub(super) fn closed_at(&self, size: u64) -> bool {
        self.closed && size == self.roots.len() as u64
    }

    /// Whether the clock is believable.
    pub(super) fn clock(&self) -> Time {
        self.time.verdict()
    }
}

fn misplaced(expected: u64, found: u64) -> (Integrity, String) {
    if found > expected {
        let missing = if found - expected == 1 {
            format!("record {expected} is missing")
        } else {
            format!("records {expected} to {} are missing", found - 1)
        };
        (Integrity::Missing, format!("this is record {found}: {missing} before it"))
    } else {
        (Integrity::OutOfOrder, format!("this is record {found}, where record {expected} belongs"))
    }
}
