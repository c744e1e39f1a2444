//! The log beside the flight's own record.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Entry;

/// Two sources of a time that are further apart are told of.
const APART: SignedDuration = SignedDuration::from_secs(60);
/// A record and an entry of one aircraft that are no further apart may be of one flight, by clocks that disagree.
const NEAR: SignedDuration = SignedDuration::from_hours(26);

/// What a flight's record says beside the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciled {
    /// Which flight.
    pub flight: String,
    /// The word that its record got when it was taken over.
    pub verdict: String,
    /// Where the two differ.
    pub differences: Vec<String>,
}

/// What a flight's record says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which flight.
    pub flight: String,
    /// The word it got.
    pub verdict: String,
    /// Of which aircraft: the name of its recorder.
    pub aircraft: String,
    /// Opened,
    pub from: Timestamp,
    /// and closed, or the last it says.
    pub to: Timestamp,
    /// Whether it was closed.
    pub closed: bool,
}

/// Which entries belong to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Belongs {
    /// These, by their places in the list: one take-off or more.
    To(Vec<usize>),
    /// None; this one of the same aircraft is nearest, so far away.
    Near(usize, SignedDuration),
    /// None; this one was flown at that time, with another aircraft.
    Other(usize),
    /// None at all.
    None,
}

/// Finds the entries of a record: of the same aircraft, in the air while it was recorded.
#[must_use]
pub fn belongs(entries: &[Entry], recorded: &Recorded) -> Belongs {
    let apart = |entry: &Entry| {
        let early = recorded.from.duration_since(entry.landing.at);
        early.max(entry.take_off.at.duration_since(recorded.to)).max(SignedDuration::ZERO)
    };
    let numbered = || entries.iter().enumerate();
    let same = |entry: &Entry| entry.header.recorder().trim() == recorded.aircraft.trim();
    let ours: Vec<usize> =
        numbered().filter(|(_, entry)| same(entry) && apart(entry).is_zero()).map(|(at, _)| at).collect();
    if !ours.is_empty() {
        return Belongs::To(ours);
    }
    let nearest = numbered().filter(|(_, entry)| same(entry)).min_by_key(|(_, entry)| apart(entry));
    if let Some((at, entry)) = nearest.filter(|(_, entry)| apart(entry) <= NEAR) {
        return Belongs::Near(at, apart(entry));
    }
    let other = numbered().find(|(_, entry)| apart(entry).is_zero());
    other.map_or(Belongs::None, |(at, _)| Belongs::Other(at))
}

impl Entry {
    /// The same entry, with what the flight's record says of it: another aircraft, or a flight that was not, or not only, then.
    #[must_use]
    pub fn reconciled(&self, recorded: &Recorded) -> Self {
        let mut differences = Vec::new();
        let recorder = self.header.recorder();
        if recorded.aircraft.trim() != recorder.trim() {
            differences.push(format!("the record is of {}, the log of {recorder}", recorded.aircraft));
        }
        let early = recorded.from.duration_since(self.take_off.at);
        let late = self.landing.at.duration_since(recorded.to);
        for (apart, what) in
            [(early, "the record begins after the take-off"), (late, "the record ends before the landing")]
        {
            if apart > APART {
                differences.push(format!("{what}, by {} s", apart.as_secs()));
            }
        }
        if !recorded.closed {
            differences.push("the record was never closed: the aircraft lost power or crashed".to_owned());
        }
        let (flight, verdict) = (recorded.flight.clone(), recorded.verdict.clone());
        let mut records: Vec<_> = self.records.iter().filter(|known| known.flight != flight).cloned().collect();
        records.push(Reconciled { flight, verdict, differences });
        records.sort_by(|a, b| a.flight.cmp(&b.flight));
        Self { records, ..self.clone() }
    }
}
