//! Orders to record and authorisations that come by radio, as a pure machine: which are taken, which are replays, which are refused and why.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;

use flight_record::keys::KeyId;
use flight_record::keys::PublicKey;
use flight_record::radio::{self, Body, SigningKeyHint};
use flight_record::record::{Authorisation, Kind, Statement};
use flight_record::statement::{Action, Moment, Subject, may_authorise, may_order};
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

/// What somebody signed about recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// Start or stop.
    Order(radio::Statement),
    /// The buttons of any station work for a while, or no longer.
    Session(radio::Authorisation),
}

impl Word {
    /// The body as it came: sent back, it says that the word is in the record, or in force.
    #[must_use]
    pub fn body(&self) -> Body {
        match self {
            Self::Order(order) => Body::Statement(order.clone()),
            Self::Session(word) => Body::Authorisation(word.clone()),
        }
    }

    fn made(&self) -> Moment {
        match self {
            Self::Order(order) => order.made,
            Self::Session(word) => word.made,
        }
    }

    fn about(&self) -> [u8; 16] {
        match self {
            Self::Order(order) => order.about,
            Self::Session(word) => word.about,
        }
    }

    fn signer(&self) -> SigningKeyHint {
        match self {
            Self::Order(order) => order.signer,
            Self::Session(word) => word.signer,
        }
    }

    fn verifies(&self, key: &PublicKey) -> bool {
        match self {
            Self::Order(order) => order.verifies(key),
            Self::Session(word) => word.verifies(key),
        }
    }

    fn starts(&self) -> bool {
        self.orders(Action::Start)
    }

    fn orders(&self, action: Action) -> bool {
        matches!(self, Self::Order(order) if order.action == action)
    }

    /// The record that holds it.
    fn record(&self, signer: KeyId, subject: Subject) -> Kind {
        match self {
            Self::Order(order) => Kind::Statement(Statement::of(signer, subject, order)),
            Self::Session(word) => Kind::Authorisation(Authorisation::of(signer, subject, word)),
        }
    }
}

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
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// It is to be carried out and recorded so.
    Taken(Box<Kind>),
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
    /// A station's key signed it, where only an officer's counts.
    OfficerOnly,
    /// It is for another flight or aircraft, or the flight has changed since.
    OtherFlight,
    /// It is to stop, and no flight is open.
    NoFlight,
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
            Self::OfficerOnly => "Order refused: an officer must sign it (--as)",
            Self::OtherFlight => "Order refused: it is for another flight",
            Self::NoFlight => "Order refused: no flight is open to stop",
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
    recent: VecDeque<Word>,
    /// Only officers may order: the policy asks for it.
    officers_only: bool,
    checks: Budget,
    refusals: Budget,
}

impl Statements {
    /// For the device with this key id; with `officers_only` no station's order counts.
    #[must_use]
    pub fn new(device: KeyId, officers_only: bool) -> Self {
        let (checks, refusals) = (Budget::new(MAX_CHECKS), Budget::new(MAX_REFUSALS));
        Self { device, newest: BTreeMap::new(), recent: VecDeque::new(), officers_only, checks, refusals }
    }

    /// A restart took up a flight that holds orders as new as these.
    pub fn resume(&mut self, newest: &BTreeMap<KeyId, Moment>) {
        for (signer, made) in newest {
            let known = self.newest.entry(*signer).or_default();
            *known = (*known).max(*made);
        }
    }

    /// Takes an order, or not.
    pub fn hear(&mut self, word: &Word, trust: &TrustList, now: Situation) -> Heard {
        if self.recent.contains(word) {
            return Heard::Again;
        }
        if !self.checks.take(now.at.mono_ns) {
            return Heard::Ignored;
        }
        match self.judge(word, trust, now) {
            Ok((signer, subject)) => {
                self.newest.insert(signer, word.made());
                self.recent.truncate(RECENT - 1);
                self.recent.push_front(word.clone());
                Heard::Taken(Box::new(word.record(signer, subject)))
            }
            Err(refusal) if self.refusals.take(now.at.mono_ns) => Heard::Refused(refusal),
            Err(_) => Heard::Ignored,
        }
    }

    fn judge(&self, word: &Word, trust: &TrustList, now: Situation) -> Result<(KeyId, Subject), Refusal> {
        let signer = signer(word, trust).ok_or(Refusal::NotGranted)?;
        let officer = may_authorise(signer, word.made().utc_us()).is_ok();
        if !officer && (self.officers_only || matches!(word, Word::Session(_))) {
            return Err(Refusal::OfficerOnly);
        }
        let subject = self.subject(word, now.flight).ok_or(Refusal::OtherFlight)?;
        if subject == Subject::Device && word.orders(Action::Stop) {
            return Err(Refusal::NoFlight);
        }
        if self.newest.get(&signer.id).is_some_and(|newest| *newest >= word.made()) {
            return Err(Refusal::Replayed);
        }
        if far_apart(word.made(), now.at) {
            return Err(Refusal::Clock);
        }
        if let Some(refusal) = now.no_start.filter(|_| word.starts()) {
            return Err(refusal);
        }
        Ok((signer.id, subject))
    }

    /// What the order is for, if it is for what is here.
    fn subject(&self, word: &Word, flight: Option<FlightId>) -> Option<Subject> {
        let (subject, flight) = match flight {
            Some(flight) => (Subject::Flight, flight),
            None => (Subject::Device, FlightId::from_bytes([0; 16])),
        };
        (word.about() == radio::Statement::about(subject, flight, self.device)).then_some(subject)
    }
}

/// Who signed it, among those who may order at the time it names; a revoked key counts for nothing aboard, and none does once
/// the list has expired.
fn signer<'a>(word: &Word, trust: &'a TrustList) -> Option<&'a Entry> {
    let hinted = |entry: &&Entry| SigningKeyHint::of(entry.id) == word.signer();
    let granted = |entry: &&Entry| entry.revoked.is_none() && may_order(entry, word.made().utc_us()).is_ok();
    if word.made().utc_us() > trust.expires_utc_us {
        return None;
    }
    trust.keys.iter().filter(hinted).filter(granted).find(|entry| word.verifies(&entry.public_key))
}

/// Without a clock of its own the aircraft believes the signer's: recording outranks the check.
pub(super) fn far_apart(made: Moment, at: Stamp) -> bool {
    at.source != ClockSource::None && made.utc_us().abs_diff(at.utc_us) > APART_US.saturating_add(at.uncertainty_us)
}

#[cfg(test)]
mod tests;
