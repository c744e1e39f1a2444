//! The rule that binds one record to the next, as a state machine: which key may sign, what must be named.

use super::{Position, SignedBy};
use crate::canonical::{self, NotCanonical};
use crate::digest::Sha256;
use crate::dsse::{Envelope, EnvelopeError};
use crate::keys::{KeyId, PublicKey};
use crate::names::{BootId, FlightId};
use crate::record::{FromGround, Kind, PAYLOAD_TYPE, Record};
use crate::tree;

/// A line that takes its place in the log.
pub(crate) struct Accepted {
    pub(crate) record: Record,
    pub(crate) signed_by: SignedBy,
}

/// Why a line does not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the envelope is refused: {0}")]
    Envelope(EnvelopeError),
    #[error("the record is refused: {0}")]
    NotCanonical(#[from] NotCanonical),
    #[error("a rule of the format is broken: {0}")]
    Rule(&'static str),
    #[error("signed by a key that the record before does not name")]
    OtherKey,
    #[error("it belongs to flight {found}")]
    OtherFlight { found: FlightId },
    #[error("it belongs to device {found}")]
    OtherDevice { found: KeyId },
    #[error("it is record {found}, where record {expected} belongs")]
    OtherSeq { expected: u64, found: u64 },
    #[error("a record before it is refused or missing, so nobody knows the key that was to sign it")]
    Unproven,
    #[error("it does not build on the line before")]
    OtherPrev,
    #[error("it stands after close")]
    AfterClose,
}

/// What all records of a log share, from record 0.
#[derive(Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) id: FlightId,
    pub(crate) device: PublicKey,
}

/// The log as far as it has been read.
#[derive(Default)]
pub(crate) struct Chain {
    pub(crate) position: Position,
    pub(crate) origin: Option<Origin>,
    pub(crate) boot_id: Option<BootId>,
    pub(crate) closed: bool,
    /// A flight, not a device log.
    is_flight: bool,
    from_ground: FromGround,
    /// The `seq` that belongs next: the size of the tree, unless lines were stepped over.
    expected_seq: u64,
    /// A line since the last record in its place is no good record: it may have been the next one.
    doubtful: bool,
    /// A record is passed over: nobody knows the keys behind it.
    broken: bool,
    /// The line just looked at is the next record, rightly signed, whatever rule it breaks.
    in_place: bool,
}

impl Chain {
    /// Takes the next line. On a fault nothing changes: [`Chain::step_over`] says how to go on.
    pub(crate) fn step(&mut self, line: &[u8]) -> Result<Accepted, Fault> {
        self.in_place = false;
        if self.closed {
            return Err(Fault::AfterClose);
        }
        let envelope = Envelope::parse(line, PAYLOAD_TYPE).map_err(Fault::Envelope)?;
        let (key, signed_by) = self.signer(&envelope)?;
        let record: Record = canonical::read(envelope.verify(&key).map_err(Fault::Envelope)?)?;
        self.in_place = self.is_next(&record) && may_sign(&record.kind, signed_by);
        record.check().map_err(Fault::Rule)?;
        self.check_place(&record, signed_by)?;
        let origin = self.origin.get_or_insert(Origin { id: record.flight_id, device: key });
        debug_assert_eq!(origin.device.id(), record.device_id, "checked by the rules");
        self.advance(&record, tree::leaf_hash(line));
        Ok(Accepted { record, signed_by })
    }

    /// Goes on after a faulty line, so that the lines behind it can still be judged. Its bytes are a leaf. A record in its
    /// place is followed by the next one whatever rule it breaks; any other line changes nothing (`repeats`: it only says
    /// again what was there), unless it says that records were passed over: nobody knows the keys behind those.
    pub(crate) fn step_over(&mut self, line: &[u8], repeats: bool) {
        let leaf = tree::leaf_hash(line);
        let claim = claimed(line);
        if let Some(record) = claim.as_ref().filter(|_| self.in_place) {
            return self.advance(record, leaf);
        }
        self.position.tree.push(leaf);
        self.doubtful |= !repeats;
        let here = |record: &&Record| self.origin.is_none_or(|origin| origin.id == record.flight_id);
        let Some(record) = claim.as_ref().filter(here) else { return };
        self.broken |= record.seq > self.expected_seq;
        if self.broken && record.seq >= self.expected_seq {
            self.expected_seq = record.seq.saturating_add(1);
            self.closed |= matches!(record.kind, Kind::Close(_));
        }
    }

    /// Whether a record is passed over.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Whether a record before may be one that nobody can read: what stands behind it cannot be checked.
    pub(crate) fn is_unproven(&self) -> bool {
        self.broken || self.doubtful
    }

    fn is_next(&self, record: &Record) -> bool {
        let here = self.origin.is_none_or(|o| (record.flight_id, record.device_id) == (o.id, o.device.id()));
        here && record.seq == self.expected_seq && !self.broken
    }

    /// The `seq` that belongs next.
    pub(crate) fn expected_seq(&self) -> u64 {
        self.expected_seq
    }

    fn advance(&mut self, record: &Record, leaf: Sha256) {
        self.doubtful = false;
        self.position.tree.push(leaf);
        self.position.prev = Some(leaf);
        self.position.next_key = record.next_key;
        self.boot_id = Some(record.boot_id);
        self.expected_seq = record.seq.saturating_add(1);
        self.closed |= matches!(record.kind, Kind::Close(_));
        self.is_flight |= matches!(record.kind, Kind::Open(_));
        self.from_ground.note(&record.kind);
    }

    /// The key that must have signed: the one the record before names, or the device's.
    fn signer(&self, envelope: &Envelope) -> Result<(PublicKey, SignedBy), Fault> {
        let Some(origin) = self.origin else {
            // Record 0 names the device's key itself; whether that key is trusted is for the trust list to say.
            let record: Record = canonical::read(envelope.claimed_payload())?;
            let device = match &record.kind {
                Kind::Open(open) => open.certificate.public_key,
                Kind::LogOpen(open) => open.certificate.public_key,
                _ if self.is_unproven() => return Err(Fault::Unproven),
                _ if record.seq > 0 => return Err(Fault::OtherSeq { expected: 0, found: record.seq }),
                _ => return Err(Fault::Rule("record 0 is open")),
            };
            return Ok((device, SignedBy::Device));
        };
        match self.position.next_key {
            Some(next) if next.id() == envelope.key_id() && !self.broken => Ok((next, SignedBy::Evolving)),
            _ if origin.device.id() == envelope.key_id() => Ok((origin.device, SignedBy::Device)),
            _ if self.broken => Err(Fault::Unproven),
            _ => Err(Fault::OtherKey),
        }
    }

    /// A device log knows people from erase orders; a flight from statements only.
    fn stranger(&self, kind: &Kind) -> Option<&'static str> {
        self.is_flight.then(|| self.from_ground.is_stranger(kind)).flatten()
    }

    fn check_place(&self, record: &Record, signed_by: SignedBy) -> Result<(), Fault> {
        if let Some(origin) = self.origin {
            if record.flight_id != origin.id {
                return Err(Fault::OtherFlight { found: record.flight_id });
            }
            if record.device_id != origin.device.id() {
                return Err(Fault::OtherDevice { found: record.device_id });
            }
        }
        let expected = self.expected_seq;
        if record.seq < expected || (record.seq > expected && !self.is_unproven()) {
            return Err(Fault::OtherSeq { expected, found: record.seq });
        }
        if record.seq > expected || self.broken {
            return Err(Fault::Unproven);
        }
        if record.prev != self.position.prev {
            return Err(Fault::OtherPrev);
        }
        match &record.kind {
            Kind::Open(_) | Kind::LogOpen(_) => Ok(()),
            Kind::Recovered(recovered) if self.boot_id.is_some_and(|boot| boot != recovered.previous_boot_id) => {
                Err(Fault::Rule("previous_boot_id is the boot of the record before"))
            }
            Kind::Recovered(_) => Ok(()),
            kind if !may_sign(kind, signed_by) => Err(Fault::OtherKey),
            kind if let Some(rule) = self.from_ground.refused(kind) => Err(Fault::Rule(rule)),
            kind if let Some(rule) = self.stranger(kind) => Err(Fault::Rule(rule)),
            _ if self.boot_id.is_some_and(|boot| boot != record.boot_id) => {
                Err(Fault::Rule("boot_id changes only in recovered"))
            }
            _ => Ok(()),
        }
    }
}

/// The device key signs what opens a log and what takes it up again, and nothing else.
fn may_sign(kind: &Kind, signed_by: SignedBy) -> bool {
    signed_by == SignedBy::Evolving || matches!(kind, Kind::Open(_) | Kind::LogOpen(_) | Kind::Recovered(_))
}

/// What a line says although nobody vouches for it.
pub(crate) fn claimed(line: &[u8]) -> Option<Record> {
    canonical::read(Envelope::parse(line, PAYLOAD_TYPE).ok()?.claimed_payload()).ok()
}
