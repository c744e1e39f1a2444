//! The records, line by line: each takes its place in the chain or is named with what is wrong with it.

use super::named::{NamedFiles, worst};
use super::papers;
use super::report::{FlightFacts, Items, Subject};
use super::time::Clockwork;
use super::timeline::Timeline;
use super::words::{Integrity, Time};
use crate::digest::Sha256;
use crate::keys::{KeyId, PublicKey};
use crate::layout::RECORDS;
use crate::log::SignedBy;
use crate::log::chain::{Accepted, Chain, Fault, claimed};
use crate::log::lines::{Line, Lines};
use crate::names::FlightId;
use crate::record::{Authorisation, Counts, Document, Event, Kind, MAX_RECORDS, Nonce, Record, Segment, Statement};
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
    /// Papers, each with the `seq` of the record that names it.
    pub(super) papers: Vec<(u64, Document)>,
    /// Erasures that have begun: flight and actor.
    begun_erasures: BTreeSet<(FlightId, KeyId)>,
    /// Orders to record, by line.
    pub(super) statements: Vec<(u64, Statement)>,
    pub(super) authorisations: Vec<(u64, Authorisation)>,
    /// Root over the first n lines, at n − 1.
    pub(super) roots: Vec<Sha256>,
    /// Of an extract: how many records it takes to the last that it carries. None for a whole log.
    pub(super) carried_until: Option<u64>,
    /// What authorities stamp of the head over `close`, where that head agrees.
    pub(super) close_imprint: Option<Sha256>,
    /// Lines from this number on (from 0) stand behind a fault: heads over them prove nothing more.
    pub(super) sound_until: Option<u64>,
    pub(super) notices: Vec<String>,
    pub(super) time: Clockwork,
    pub(super) timeline: Timeline,
    chain: Chain,
}

/// When a record says it was made.
#[derive(Clone, Copy)]
pub(super) struct Made {
    pub(super) seq: u64,
    pub(super) utc_us: i64,
    pub(super) uncertainty_us: u64,
}

impl Made {
    fn of(record: &Record) -> Self {
        Self { seq: record.seq, utc_us: record.utc_us, uncertainty_us: record.clock.uncertainty_us }
    }
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
                    records.step_over(number, b"", false);
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
                self.times.push(Some(Made::of(&accepted.record)));
                self.accept(number, accepted, items);
            }
            Err(fault) => {
                let claim = claimed(line);
                let item = Subject::Record { line: number, kind: claim.as_ref().map(|record| record.kind.name()) };
                let word = self.name_fault(item, &fault, claim.as_ref(), items);
                if let Some(record) = &claim {
                    self.claims_close |= matches!(record.kind, Kind::Close(_));
                    self.files.take(number, record, false);
                }
                self.step_over(number, line, word == Some(Integrity::OutOfOrder));
            }
        }
    }

    fn step_over(&mut self, number: u64, line: &[u8], repeats: bool) {
        self.chain.step_over(line, repeats);
        self.roots.push(self.chain.position.tree.root());
        self.times.push(None);
        self.sound_until.get_or_insert(number - 1);
    }

    /// Gives a refused line its word; none where it cannot be checked.
    fn name_fault(&self, item: Subject, fault: &Fault, claim: Option<&Record>, items: &mut Items) -> Option<Integrity> {
        let unproven = || (None, Fault::Unproven.to_string());
        let some = |(word, detail)| (Some(word), detail);
        let (word, detail) = match (fault, claim) {
            (Fault::Unproven | Fault::OtherKey, Some(record)) => self.name_stranger(record).map_or_else(unproven, some),
            (Fault::Unproven, None) => unproven(),
            _ => some(name_fault_of(fault)),
        };
        match word {
            Some(word) => items.found(item, word, detail),
            None => items.not_checked(item, detail),
        }
        word
    }

    /// A record whose key cannot be checked because the record that names it is not the one before. What it claims says
    /// only what probably happened; no claim makes the flight look better. None where even that is not known.
    fn name_stranger(&self, record: &Record) -> Option<(Integrity, String)> {
        let expected = self.chain.expected_seq();
        if let Some(other) = self.flight.as_ref().and_then(|flight| name_other(flight, record)) {
            return Some(other);
        }
        if record.seq < expected {
            return self.flight.is_some().then(|| misplaced(expected, record.seq));
        }
        if record.seq == expected && !self.chain.is_broken() {
            return Some((Integrity::KeyUntrusted, Fault::OtherKey.to_string()));
        }
        (!self.chain.is_unproven()).then(|| misplaced(expected, record.seq))
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
            Kind::Authorisation(word) => self.authorisations.push((number, word.clone())),
            Kind::Open(open) => {
                let papers = open.documents.iter().filter(|named| named.what.as_str() == papers::PAPERS);
                self.papers.extend(papers.map(|named| (record.seq, named.document)));
            }
            Kind::Event(Event { code, detail: Some(detail), .. }) if code.as_str() == papers::MISSION_CHANGED => {
                self.papers.push((record.seq, *detail));
            }
            _ => {}
        }
        self.timeline.take(&record, self.pts_epoch_utc_us);
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
            Kind::Segment(segment) if segment.drops > 0 => return dropped(segment),
            Kind::Gap(gap) => return Some((Integrity::Gap, format!("the recorder says something is missing: {}", gap.reason))),
            kind if !self.is_device_log && matches!(kind, Kind::Erased(_)) => {
                return Some((Integrity::Malformed, "an erasure stands in a device log only".to_owned()));
            }
            kind if self.is_device_log && !stands_in_device_logs(kind) => {
                return Some((Integrity::Malformed, format!("no device log holds a {}", kind.name())));
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
            | Kind::Authorisation(_)
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

    /// Of an extract, before any of its records was taken.
    pub(super) fn of_part() -> Self {
        Self { carried_until: Some(0), ..Self::default() }
    }

    /// Takes a record of an extract that is rightly signed and in the tree. `finishes`: a file that is disclosed. Says what
    /// is wrong by its own account.
    pub(super) fn take_carried(&mut self, record: &Record, finishes: bool) -> Option<(Integrity, String)> {
        if self.carried_until != Some(record.seq) {
            self.time.interrupt();
        }
        self.time.take(record, &mut self.notices);
        self.last_utc_us = record.utc_us;
        self.carried_until = Some(record.seq + 1);
        // Until the next that is carried, this is the last whose time is known.
        let before = self.times.last().copied().flatten();
        self.times.resize(usize::try_from(record.seq).unwrap_or(usize::MAX), before);
        self.times.push(Some(Made::of(record)));
        match &record.kind {
            Kind::Open(_) => {
                self.timeline.take(record, self.pts_epoch_utc_us);
                self.say(record, SignedBy::Device)
            }
            kind if finishes => {
                self.counts.add(kind);
                self.timeline.take(record, self.pts_epoch_utc_us);
                let gap = if let Kind::Segment(segment) = kind { dropped(segment) } else { None };
                worst(gap, self.files.take_alone(record.seq + 1, record))
            }
            kind => {
                self.files.pass(kind);
                None
            }
        }
    }

    /// Whether this is of an extract.
    pub(super) fn is_part(&self) -> bool {
        self.carried_until.is_some()
    }

    /// Whether a head of this size stands over `close`; in an extract, over all that it carries.
    pub(super) fn ends_under(&self, size: u64) -> bool {
        self.carried_until.map_or(self.closed && size == self.roots.len() as u64, |until| size >= until)
    }

    /// The last record under a head of this size, among those that are here.
    pub(super) fn last_under(&self, size: u64) -> Option<Made> {
        let until = usize::try_from(size).unwrap_or(usize::MAX).min(self.times.len());
        self.times.get(until.checked_sub(1)?).copied().flatten()
    }

    /// Whether what is not named may be named by a record that nobody can read.
    pub(super) fn is_unproven(&self) -> bool {
        self.chain.is_unproven() || self.flight.is_none()
    }

    /// Whether the clock is believable.
    pub(super) fn clock(&self) -> Time {
        self.time.verdict()
    }
}

fn dropped(segment: &Segment) -> Option<(Integrity, String)> {
    let detail = || format!("{} pictures were dropped while recording", segment.drops);
    (segment.drops > 0).then(|| (Integrity::Gap, detail()))
}

/// Whether a device log may hold it.
fn stands_in_device_logs(kind: &Kind) -> bool {
    matches!(kind, Kind::LogOpen(_) | Kind::Event(_) | Kind::Recovered(_) | Kind::Erased(_))
}

/// What is wrong with a line by the fault alone.
fn name_fault_of(fault: &Fault) -> (Integrity, String) {
    match fault {
        Fault::OtherSeq { expected, found } => misplaced(*expected, *found),
        Fault::OtherFlight { .. } | Fault::OtherDevice { .. } => (Integrity::WrongFlight, fault.to_string()),
        Fault::OtherPrev => (Integrity::Altered, fault.to_string()),
        Fault::OtherKey | Fault::Unproven => (Integrity::KeyUntrusted, fault.to_string()),
        Fault::Envelope(_) | Fault::NotCanonical(_) | Fault::Rule(_) | Fault::AfterClose => {
            (Integrity::Malformed, fault.to_string())
        }
    }
}

/// A record that says it is of another flight, or of this one by another device.
fn name_other(flight: &FlightFacts, record: &Record) -> Option<(Integrity, String)> {
    let detail = if record.flight_id != flight.flight_id {
        format!("it says it belongs to flight {}", record.flight_id)
    } else if record.device_id != flight.device_id {
        format!("it says it belongs to device {}", record.device_id)
    } else {
        return None;
    };
    Some((Integrity::WrongFlight, detail))
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
