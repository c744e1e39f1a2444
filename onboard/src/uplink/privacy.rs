//! Who may see the live view, as a pure machine: what is called, which offers of keys are answered ([`flight_record::live`]).
//!
//! Keys hold for one flight, or for the time on the ground before it, of one start of the recorder, and for one station: the last one
//! that agreed.

use std::collections::BTreeMap;
use std::fmt;

use flight_record::keys::{KeyId, Signer};
use flight_record::radio::{LiveAnswer, LiveCall, LiveHolder, LiveOffer, LiveScope, SigningKeyHint, Statement};
use flight_record::statement::Subject;
use flight_record::trust::{Entry, Role, TrustList};
use flight_record::{ClockSource, FlightId, Stamp};

use super::budget::Budget;

/// How far a station's clock may be from the aircraft's, beside what the aircraft says of its own.
const APART_US: u64 = 120_000_000;
/// Signatures checked a second, and answers sent again.
const MAX_CHECKS: u32 = 10;
const MAX_AGAIN: u32 = 4;
/// Between two calls.
const CALL_NS: u64 = 1_000_000_000;

/// What becomes of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It is to be answered with a fresh key; of this station.
    New(KeyId),
    /// It was answered before, and came again: the answer was lost.
    Again(LiveAnswer),
    /// Nothing is done or said: strangers get no answer.
    Ignored,
}

/// Offers that were not answered, by why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Refused {
    /// For another flight or aircraft, or from before the recorder started.
    pub elsewhere: u64,
    /// Of nobody whom the unit vouches for as a station now.
    pub strangers: u64,
    /// Made too long ago, or in the time to come.
    pub clock: u64,
    /// Not newer than one that was taken.
    pub replayed: u64,
    /// Too many in a second.
    pub unchecked: u64,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { elsewhere, strangers, clock, replayed, unchecked } = self;
        write!(
            f,
            "{strangers} of strangers, {clock} of clocks over 2 minutes apart, {elsewhere} for another flight or start, "
        )?;
        write!(f, "{replayed} replayed, {unchecked} not looked at")
    }
}

/// What holds now.
struct Agreed {
    station: KeyId,
    offer: LiveOffer,
    answer: LiveAnswer,
}

/// The machine.
pub struct Privacy {
    device: KeyId,
    boot: [u8; 6],
    agreed: Option<Agreed>,
    /// The time of the newest offer taken, by station: what is not newer is a replay.
    newest: BTreeMap<KeyId, u32>,
    /// Calls made, and what the last one said and when.
    calls: u32,
    called: Option<(LiveScope, Option<LiveHolder>, u64)>,
    checks: Budget,
    again: Budget,
    refused: Refused,
}

impl Privacy {
    /// For the device with this key id; `boot` is random, of this start.
    #[must_use]
    pub fn new(device: KeyId, boot: [u8; 6]) -> Self {
        Self {
            device,
            boot,
            agreed: None,
            newest: BTreeMap::new(),
            calls: 0,
            called: None,
            checks: Budget::new(MAX_CHECKS),
            again: Budget::new(MAX_AGAIN),
            refused: Refused::default(),
        }
    }

    /// The call that is due: once a second, and when something in it has changed.
    pub fn call(&mut self, flight: Option<FlightId>, now_ns: u64, device: &impl Signer) -> Option<LiveCall> {
        let scope = self.scope(flight);
        let holder = self
            .agreed
            .as_ref()
            .map(|agreed| LiveHolder { station: SigningKeyHint::of(agreed.station), offer: agreed.offer.hint() });
        let due = self.called.is_none_or(|(told, to, last_ns)| {
            told != scope || to != holder || now_ns.saturating_sub(last_ns) >= CALL_NS
        });
        due.then(|| {
            self.called = Some((scope, holder, now_ns));
            self.calls = self.calls.saturating_add(1);
            LiveCall::sign(scope, self.calls, holder, device)
        })
    }

    /// Judges an offer.
    pub fn hear(&mut self, offer: &LiveOffer, trust: &TrustList, flight: Option<FlightId>, at: Stamp) -> Heard {
        if offer.scope != self.scope(flight) {
            self.refused.elsewhere += 1;
            return Heard::Ignored;
        }
        if let Some(agreed) = self.agreed.as_ref().filter(|agreed| agreed.offer == *offer) {
            let answer = self.again.take(at.mono_ns).then(|| Heard::Again(agreed.answer.clone()));
            return answer.unwrap_or(Heard::Ignored);
        }
        if !self.checks.take(at.mono_ns) {
            self.refused.unchecked += 1;
            return Heard::Ignored;
        }
        let Some(station) = station(offer, trust, now_us(offer, at)) else {
            self.refused.strangers += 1;
            return Heard::Ignored;
        };
        if far_apart(offer, at) {
            self.refused.clock += 1;
            return Heard::Ignored;
        }
        if self.newest.get(&station).is_some_and(|newest| *newest >= offer.time_s) {
            self.refused.replayed += 1;
            return Heard::Ignored;
        }
        self.newest.insert(station, offer.time_s);
        Heard::New(station)
    }

    /// The offer of `station` is answered so.
    pub fn answered(&mut self, station: KeyId, offer: LiveOffer, answer: LiveAnswer) {
        self.agreed = Some(Agreed { station, offer, answer });
    }

    /// Whether the keys hold no longer: the flight is another, or the unit vouches for their station no more. Said once.
    pub fn is_over(&mut self, trust: &TrustList, flight: Option<FlightId>, at: Stamp) -> bool {
        let scope = self.scope(flight);
        let vouches = |agreed: &Agreed| {
            let now_us = now_us(&agreed.offer, at);
            trust.entry(agreed.station).is_some_and(|entry| vouched(entry, trust, now_us))
        };
        self.agreed.take_if(|agreed| agreed.offer.scope != scope || !vouches(agreed)).is_some()
    }

    /// Offers that were not answered.
    #[must_use]
    pub fn refused(&self) -> Refused {
        self.refused
    }

    fn scope(&self, flight: Option<FlightId>) -> LiveScope {
        let (subject, flight) = match flight {
            Some(flight) => (Subject::Flight, flight),
            None => (Subject::Device, FlightId::from_bytes([0; 16])),
        };
        LiveScope { about: Statement::about(subject, flight, self.device), boot: self.boot }
    }
}

fn made_us(offer: &LiveOffer) -> i64 {
    i64::from(offer.time_s) * 1_000_000
}

/// The time by which the unit's word is judged: an aircraft without a clock of its own believes the station's.
fn now_us(offer: &LiveOffer, at: Stamp) -> i64 {
    if at.source == ClockSource::None { made_us(offer) } else { at.utc_us }
}

fn far_apart(offer: &LiveOffer, at: Stamp) -> bool {
    let apart_us = made_us(offer).abs_diff(now_us(offer, at));
    apart_us > APART_US.saturating_add(at.uncertainty_us)
}

fn station(offer: &LiveOffer, trust: &TrustList, now_us: i64) -> Option<KeyId> {
    let hinted = trust.keys.iter().filter(|entry| SigningKeyHint::of(entry.id) == offer.station);
    let mut signed = hinted.filter(|entry| vouched(entry, trust, now_us) && offer.verifies(&entry.public_key));
    signed.next().map(|entry| entry.id)
}

fn vouched(entry: &Entry, trust: &TrustList, at_utc_us: i64) -> bool {
    let counts = at_utc_us <= trust.expires_utc_us && entry.vouches(Role::Station, at_utc_us).is_ok();
    entry.revoked.is_none() && counts
}

#[cfg(test)]
mod tests;
