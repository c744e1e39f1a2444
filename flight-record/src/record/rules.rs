//! What a record must satisfy beyond its types: the rules a writer keeps and a verifier applies.

use super::{Authorisation, Event, Kind, MAX_NONCES, MAX_STATEMENTS, Open, Record, Segment, Telemetry};
use crate::keys::KeyId;
use crate::layout::{MAX_FILE_BYTES, SealedName};
use crate::statement::Moment;
use std::collections::{BTreeMap, BTreeSet};

/// PTS are 33 bits wide (ISO/IEC 13818-1 §2.4.3.7).
const PTS_RANGE_90K: u64 = 1 << 33;

impl Record {
    /// Checks the record by itself: names that follow from indices, ranges, and what belongs to its kind.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), &'static str> {
        let first = self.seq == 0;
        rule(self.flight_id.is_version_7(), "flight_id is a UUID of version 7")?;
        rule(self.prev.is_none() == first, "prev is null exactly in record 0")?;
        rule(matches!(self.kind, Kind::Open(_) | Kind::LogOpen(_)) == first, "open stands exactly in record 0")?;
        rule(matches!(self.kind, Kind::Close(_)) == self.next_key.is_none(), "next_key is null exactly in close")?;
        let is_short = |bytes| bytes <= MAX_FILE_BYTES;
        rule(self.kind.sealed_files().iter().all(|(_, sealed)| is_short(sealed.bytes)), LONG)?;
        match &self.kind {
            Kind::Open(open) => open.check(self.device_id),
            Kind::LogOpen(open) => rule(open.certificate.public_key.id() == self.device_id, DEVICE),
            Kind::Segment(segment) => segment.check(),
            Kind::Telemetry(telemetry) => telemetry.check(),
            Kind::Still(still) => {
                rule(still.file == SealedName::Still(still.index, still.format), "file follows from index and format")
            }
            Kind::Gap(gap) => rule(gap.to_utc_us.is_none_or(|to| to >= gap.from_utc_us), "a gap ends after it begins"),
            Kind::Erased(erased) => {
                let two = erased.actor != erased.witness && erased.stores[0] != erased.stores[1];
                rule(two, "an erasure has two people and two stores")
            }
            Kind::Authorisation(word) => {
                rule(word.session().is_some(), "a session begins for 1 to 720 minutes, or ends with 0")
            }
            Kind::Prefix(prefix) => rule(is_short(prefix.sealed.bytes), LONG),
            Kind::Marker(_)
            | Kind::Event(_)
            | Kind::Nonce(_)
            | Kind::Statement(_)
            | Kind::Clock(_)
            | Kind::Recovered(_)
            | Kind::Close(_) => Ok(()),
        }
    }
}

const LONG: &str = "no file of a flight is longer than 2^34 bytes";
const DEVICE: &str = "device_id is the id of the certificate's key";

impl Open {
    fn check(&self, device: KeyId) -> Result<(), &'static str> {
        rule(self.certificate.public_key.id() == device, DEVICE)?;
        rule(self.class <= self.certificate.class, "the class is not above the certificate's")?;
        rule(!self.recipients.is_empty(), "there is a recipient")
    }
}

impl Segment {
    fn check(&self) -> Result<(), &'static str> {
        rule(self.file == SealedName::Segment(self.stream.clone(), self.index), "file follows from stream and index")?;
        let pts_in_range = self.first_pts_90k < PTS_RANGE_90K && self.last_pts_90k < PTS_RANGE_90K;
        rule(pts_in_range, "PTS are below 2^33")?;
        let lasts_90k = self.last_pts_90k.wrapping_sub(self.first_pts_90k) % PTS_RANGE_90K;
        rule(self.frames == 0 || lasts_90k < PTS_RANGE_90K / 2, "its last picture is not before its first")?;
        rule(self.minimum_set_shortfall <= self.frames, "the shortfall is not above the frames")?;
        rule(
            self.telemetry.is_none_or(|range| 1 <= range.first && range.first <= range.last),
            "ranges run upwards from 1",
        )
    }
}

impl Telemetry {
    fn check(&self) -> Result<(), &'static str> {
        rule(self.file == SealedName::Telemetry(self.index), "file follows from index")?;
        let times = (self.first_utc_us.is_some(), self.last_utc_us.is_some());
        rule(times == (self.messages > 0, self.messages > 0), "times stand exactly where there are messages")?;
        rule(self.first_utc_us <= self.last_utc_us, "its last entry is not earlier than its first")
    }
}

/// What a log holds of the ground's words, of which each may stand only so often and in order.
#[derive(Clone, Default)]
pub(crate) struct FromGround {
    /// Stations whose nonce is recorded.
    nonces: BTreeSet<KeyId>,
    /// The newest statement or authorisation of each signer.
    newest: BTreeMap<KeyId, Moment>,
    /// The newest authorisation of each signer.
    sessions: BTreeMap<KeyId, Authorisation>,
    statements: usize,
}

impl FromGround {
    /// Why a record may not follow, if it may not.
    pub(crate) fn refused(&self, kind: &Kind) -> Option<&'static str> {
        match kind {
            Kind::Nonce(nonce) if self.nonces.contains(&nonce.station) => {
                Some("a station's nonce stands once in a flight")
            }
            Kind::Nonce(_) if self.nonces.len() >= MAX_NONCES => Some("a flight holds at most 16 nonces"),
            Kind::Statement(_) | Kind::Authorisation(_) if self.statements >= MAX_STATEMENTS => {
                Some("a flight holds at most 1000 statements and authorisations")
            }
            Kind::Statement(new) => self.stale(new.signer, new.made()),
            Kind::Authorisation(new) => self.stale(new.signer, new.made()),
            _ => None,
        }
    }

    fn stale(&self, signer: KeyId, made: Moment) -> Option<&'static str> {
        let stale = self.newest.get(&signer).is_some_and(|newest| *newest >= made);
        stale.then_some("a signer's statements and authorisations rise in a flight")
    }

    /// The newest authorisation of each signer, whether it begins or ends one.
    pub(crate) fn sessions(&self) -> &BTreeMap<KeyId, Authorisation> {
        &self.sessions
    }

    /// Takes a record into account.
    pub(crate) fn note(&mut self, kind: &Kind) {
        match kind {
            Kind::Nonce(nonce) => {
                self.nonces.insert(nonce.station);
            }
            Kind::Statement(new) => {
                self.newest.insert(new.signer, new.made());
                self.statements += 1;
            }
            Kind::Authorisation(new) => {
                self.newest.insert(new.signer, new.made());
                self.sessions.insert(new.signer, new.clone());
                self.statements += 1;
            }
            _ => {}
        }
    }

    /// When the newest statement or authorisation of each signer was made.
    pub(crate) fn newest(&self) -> &BTreeMap<KeyId, Moment> {
        &self.newest
    }

    /// Why the actor of an event may not stand in a flight, if they may not.
    pub(crate) fn is_stranger(&self, kind: &Kind) -> Option<&'static str> {
        let Kind::Event(Event { actor: Some(actor), .. }) = kind else { return None };
        let known = self.newest.contains_key(actor);
        (!known).then_some("in a flight, actor is the signer of a statement or an authorisation before it")
    }
}

fn rule(holds: bool, text: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(text) }
}
