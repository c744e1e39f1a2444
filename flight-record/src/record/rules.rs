//! What a record must satisfy beyond its types: the rules a writer keeps and a verifier applies.

use super::{Kind, MAX_NONCES, Open, Record, Segment, Telemetry};
use crate::keys::KeyId;
use crate::layout::SealedName;
use std::collections::BTreeSet;

/// PTS are 33 bits wide (ISO/IEC 13818-1 §2.4.3.7).
const PTS_RANGE_90K: u64 = 1 << 33;

impl Record {
    /// Checks the record by itself: names that follow from indices, ranges, and what belongs to its kind.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self) -> Result<(), &'static str> {
        let first = self.seq == 0;
        rule(self.prev.is_none() == first, "prev is null exactly in record 0")?;
        rule(matches!(self.kind, Kind::Open(_) | Kind::LogOpen(_)) == first, "open stands exactly in record 0")?;
        rule(matches!(self.kind, Kind::Close(_)) == self.next_key.is_none(), "next_key is null exactly in close")?;
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
            Kind::Prefix(_)
            | Kind::Marker(_)
            | Kind::Event(_)
            | Kind::Nonce(_)
            | Kind::Clock(_)
            | Kind::Recovered(_)
            | Kind::Close(_) => Ok(()),
        }
    }
}

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
        rule(times == (self.messages > 0, self.messages > 0), "times stand exactly where there are messages")
    }
}

/// Why a nonce of `station` may not follow those `held`, if it may not.
pub(crate) fn nonce_refused(held: &BTreeSet<KeyId>, station: KeyId) -> Option<&'static str> {
    if held.contains(&station) {
        Some("a station's nonce stands once in a flight")
    } else if held.len() >= MAX_NONCES {
        Some("a flight holds at most 16 nonces")
    } else {
        None
    }
}

fn rule(holds: bool, text: &'static str) -> Result<(), &'static str> {
    if holds { Ok(()) } else { Err(text) }
}
