//! Orders to record that come by radio, as a pure machine: which are taken, which are replays, which are refused and why.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use flight_record::keys::KeyId;
use flight_record::radio::{self, SigningKeyHint};
use flight_record::record::Statement;
use flight_record::statement::{Action, Moment, Subject, may_order};
use flight_record::trust::{Entry, TrustList};
use flight_record::{ClockSource, FlightId, Stamp};

use super::budget::Budget;

/// How far a signer's clock may be from the aircraft's, beside what the aircraft says of its own.
const APART_US: u64 = 120_000_000;
/// Signatures checked a second.
const MAX_CHECKS: u32 = 10;
/// Refusals told a second.
const MAX_REFUSALS: u32 = 2;

/// Orders that are known again when they come again.
pub const RECENT: usize = 8;

/// What the aircraft is doing when an order comes.
#[derive(Debug, Clone, Copy)]
pub struct Situation {
    /// The flight that is open.
    pub flight: Option<FlightId>,
    /// Why no recording could start.
    pub no_start: Option<Refusal>,
    /// The time.
    pub at: Stamp,
}

/// What becomes of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It is to be carried out and recorded.
    Taken(Statement),
    /// It was taken before, and came again: the answer was lost.
    Again,
    /// It is refused; whoever sent it is to hear why.
    Refused(Refusal),
    /// Nothing is done or said: too many came.
    Ignored,
}

/// Why an order is refused. Its words fit into one STATUSTEXT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No key of the trust list that may order signed it.
    NotGranted,
    /// It is for another flight or aircraft, or the flight has changed since.
    OtherFlight,
    /// An order of this signer as new as this was taken before.
    Replayed,
    /// The clocks are too far apart.
    Clock,
    /// There is no room on the disk.
    StorageLow,
    /// The disk takes nothing.
    StorageReadOnly,
    /// The agent is ending.
    Ending,
    /// The disk did not take the record, or the flight holds as many as it may.
    NotRecorded,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotGranted => "Order refused: this key may not order here",
            Self::OtherFlight => "Order refused: it is for another flight",
            Self::Replayed => "Order refused: not newer than the last one",
            Self::Clock => "Order refused: clocks differ by over 2 minutes",
            Self::StorageLow => "Order refused: the storage is full",
            Self::StorageReadOnly => "Order refused: the storage is read-only",
            Self::Ending => "Order refused: the recorder is shutting down",
            Self::NotRecorded => "Order done, but not recorded: the disk failed",
        })
    }
}

/// The machine.
pub struct Statements {
    device: KeyId,
    /// The newest order of each signer: what is not newer is a replay.
    newest: BTreeMap<KeyId, Moment>,
    /// The last ones taken, as they came.
    recent: VecDeque<radio::Statement>,
    checks: Budget,
    refusals: Budget,
}

impl Statements {
    /// For the device with this key id.
    #[must_use]
    pub fn new(device: KeyId) -> Self {
        let (checks, refusals) = (Budget::new(MAX_CHECKS), Budget::new(MAX_REFUSALS));
        Self { device, newest: BTreeMap::new(), recent: VecDeque::new(), checks, refusals }
    }

    /// A restart took up a flight that holds orders as new as these.
    pub fn resume(&mut self, newest: &BTreeMap<KeyId, Moment>) {
        for (signer, made) in newest {
            let known = self.newest.entry(*signer).or_default();
            *known = (*known).max(*made);
        }
    }

    /// Takes an order, or not.
    pub fn hear(&mut self, order: &radio::Statement, trust: &TrustList, now: Situation) -> Heard {
        if self.recent.contains(order) {
            return Heard::Again;
        }
        if !self.checks.take(now.at.mono_ns) {
            return Heard::Ignored;
        }
        match self.judge(order, trust, now) {
            Ok(statement) => {
                self.newest.insert(statement.signer, order.made);
                self.recent.truncate(RECENT - 1);
                self.recent.push_front(order.clone());
                Heard::Taken(statement)
            }
            Err(refusal) if self.refusals.take(now.at.mono_ns) => Heard::Refused(refusal),
            Err(_) => Heard::Ignored,
        }
    }

    fn judge(&self, order: &radio::Statement, trust: &TrustList, now: Situation) -> Result<Statement, Refusal> {
        let signer = signer(order, trust).ok_or(Refusal::NotGranted)?;
        let subject = self.subject(order, now.flight).ok_or(Refusal::OtherFlight)?;
        if self.newest.get(&signer.id).is_some_and(|newest| *newest >= order.made) {
            return Err(Refusal::Replayed);
        }
        if far_apart(order.made, now.at) {
            return Err(Refusal::Clock);
        }
        if let Some(refusal) = now.no_start.filter(|_| order.action == Action::Start) {
            return Err(refusal);
        }
        Ok(Statement::of(signer.id, subject, order))
    }

    /// What the order is for, if it is for what is here.
    fn subject(&self, order: &radio::Statement, flight: Option<FlightId>) -> Option<Subject> {
        let (subject, flight) = match flight {
            Some(flight) => (Subject::Flight, flight),
            None => (Subject::Device, FlightId::from_bytes([0; 16])),
        };
        (order.about == radio::Statement::about(subject, flight, self.device)).then_some(subject)
    }
}

/// Who signed it, among those who may order at the time it names; a revoked key counts for nothing aboard, and none does once
/// the list has expired.
fn signer<'a>(order: &radio::Statement, trust: &'a TrustList) -> Option<&'a Entry> {
    let hinted = |entry: &&Entry| SigningKeyHint::of(entry.id) == order.signer;
    let granted = |entry: &&Entry| entry.revoked.is_none() && may_order(entry, order.made.utc_us()).is_ok();
    if order.made.utc_us() > trust.expires_utc_us {
        return None;
    }
    trust.keys.iter().filter(hinted).filter(granted).find(|entry| order.verifies(&entry.public_key))
}

/// Without a clock of its own the aircraft believes the signer's: recording outranks the check.
fn far_apart(made: Moment, at: Stamp) -> bool {
    at.source != ClockSource::None && made.utc_us().abs_diff(at.utc_us) > APART_US.saturating_add(at.uncertainty_us)
}

#[cfg(test)]
mod tests;
