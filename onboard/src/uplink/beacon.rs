//! The aircraft's side of the witness, as a pure machine: what to tell the ground, what to believe of it.
//!
//! Told of durable heads ([`super::outbox::News`]), bodies of the radio and the time, it says what to send, what the notary
//! shall store, and which recipient the ground offers. It believes stations of the trust list aboard, nobody else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flight_record::keys::{KeyId, PublicKey};
use flight_record::note::Checkpoint;
use flight_record::radio::{
    Beacon, Body, Cosigned, Leaves, MAX_LEAVES, Nonce, Ready, RecipientOffer, SigningKeyHint, device_prefix,
};
use flight_record::recipients::Recipient;
use flight_record::trust::{Entry, Role, TrustList};
use flight_record::{FlightId, Sha256, record};

use super::budget::Budget;
use super::outbox::News;

const SECOND_NS: u64 = 1_000_000_000;
/// At most one beacon in this time.
const BEACON_NS: u64 = SECOND_NS;
/// How often a head that is cosigned is told all the same: another station may have come.
const KEEP_ALIVE_NS: u64 = 5 * SECOND_NS;
/// How long a closed flight asks for its last cosignature.
const CLOSED_NS: u64 = 60 * SECOND_NS;
/// Closed flights that may still ask, beside the open one.
const MAX_FLIGHTS: usize = 4;
/// Most leaves told unasked with a beacon, and most in one answer.
const MAX_TOLD: usize = 48;
/// Answers and signature checks a second: a radio must not keep the aircraft busy.
const MAX_ANSWERS: u32 = 4;
const MAX_CHECKS: u32 = 20;
/// Heads that a cosignature may still be over.
const MAX_HEADS: usize = 1024;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Tell whoever asked.
    Answer(Body),
    /// Store this under the flight's head.
    Store {
        /// Whose word.
        station: PublicKey,
        /// The word.
        cosigned: Cosigned,
    },
    /// Record that a station gave a nonce.
    Nonce {
        /// For which flight.
        flight: FlightId,
        /// The record's body.
        nonce: record::Nonce,
    },
    /// Keep this for the next flight, durably, then tell [`Uplink::held`].
    Recipient(Offer),
}

/// A recipient from the ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Key id of the station that offers.
    pub station: KeyId,
    /// The station's time, POSIX seconds.
    pub time_s: u64,
    /// Whom the next flight is to be sealed to.
    pub recipient: Recipient,
}

/// One flight, open or lately closed.
struct Flown {
    flight: FlightId,
    leaves: Vec<Sha256>,
    beacon: Beacon,
    /// Roots by size, for cosignatures.
    heads: BTreeMap<u64, Sha256>,
    /// Leaves told so far.
    told: usize,
    /// The greatest size with a stored cosignature.
    cosigned: u64,
    closed_ns: Option<u64>,
    last_beacon_ns: Option<u64>,
    /// Stations whose nonce has been handed on.
    nonces: BTreeSet<KeyId>,
}

/// The machine.
pub struct Uplink {
    device: KeyId,
    trust: Arc<TrustList>,
    flights: Vec<Flown>,
    /// The recipient from the ground that the next flight takes.
    held: Option<Recipient>,
    /// The time of the last offer taken, by station.
    offers: BTreeMap<KeyId, u64>,
    last_ready_ns: Option<u64>,
    answers: Budget,
    checks: Budget,
}

impl Uplink {
    /// The uplink of the device with this key id; `offers` are the times of recipients taken before.
    #[must_use]
    pub fn new(
        device: KeyId,
        trust: impl Into<Arc<TrustList>>,
        held: Option<Recipient>,
        offers: BTreeMap<KeyId, u64>,
    ) -> Self {
        let trust = trust.into();
        let (answers, checks) = (Budget::new(MAX_ANSWERS), Budget::new(MAX_CHECKS));
        Self { device, trust, flights: Vec::new(), held, offers, last_ready_ns: None, answers, checks }
    }

    /// From now on stations are judged by this list.
    pub fn trust(&mut self, list: Arc<TrustList>) {
        self.trust = list;
    }

    /// Takes what has become durable.
    pub fn news(&mut self, news: News, now_ns: u64) {
        let Ok(beacon) = Beacon::of(&news.head.note, news.closed) else {
            return;
        };
        let known = self.flights.iter().position(|flown| flown.flight == news.flight);
        let at = match known {
            Some(at) => at,
            None if !news.whole => return,
            None => {
                if self.flights.len() == MAX_FLIGHTS {
                    self.flights.remove(0);
                }
                self.flights.push(Flown::new(&news, beacon.clone()));
                self.flights.len() - 1
            }
        };
        if let Some(flown) = self.flights.get_mut(at) {
            flown.grow(news, beacon, now_ns);
        }
    }

    /// A cosignature is stored.
    pub fn stored(&mut self, flight: FlightId, size: u64) {
        if let Some(flown) = self.flights.iter_mut().find(|flown| flown.flight == flight) {
            flown.cosigned = flown.cosigned.max(size);
        }
    }

    /// The recipient that the next flight takes is this, durably; `None` once a flight has taken it.
    pub fn held(&mut self, recipient: Option<Recipient>) {
        self.held = recipient;
    }

    /// Whether nothing more is asked of the ground: every closed flight is cosigned to its end, or has asked long enough.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.flights.iter().all(|flown| flown.closed_ns.is_none() || flown.is_cosigned())
    }

    /// Whether a closed flight that has been cosigned before is not cosigned to its end.
    #[must_use]
    pub fn misses_its_witness(&self) -> bool {
        self.flights.iter().any(|flown| flown.closed_ns.is_some() && !flown.is_cosigned() && flown.cosigned > 0)
    }

    /// Takes a body that came by radio. Orders to record are [`super::statements`]' to judge.
    pub fn hear(&mut self, body: &Body, now_ns: u64) -> Vec<Output> {
        match body {
            Body::Leaves(request) if request.hashes.is_empty() => self.answer(request, now_ns),
            Body::Cosignature(cosigned) => self.cosignature(cosigned, now_ns).into_iter().collect(),
            Body::Nonce(nonce) => self.nonce(nonce, now_ns).into_iter().collect(),
            Body::Recipient(offer) => self.offer(offer, now_ns).into_iter().collect(),
            Body::Beacon(_)
            | Body::Leaves(_)
            | Body::Ready(_)
            | Body::Fragment(_)
            | Body::Statement(_)
            | Body::Authorisation(_)
            | Body::Agreement(_) => Vec::new(),
        }
    }

    fn answer(&mut self, request: &Leaves, now_ns: u64) -> Vec<Output> {
        let Some(flown) = self.flights.iter().find(|flown| flown.flight == request.flight) else {
            return Vec::new();
        };
        let from = usize::try_from(request.from).unwrap_or(usize::MAX);
        if from >= flown.leaves.len() || !self.answers.take(now_ns) {
            return Vec::new();
        }
        flown.some(from).into_iter().map(Output::Answer).collect()
    }

    fn cosignature(&mut self, cosigned: &Cosigned, now_ns: u64) -> Option<Output> {
        let made = &cosigned.cosignature;
        let flown = self.flights.iter().find(|flown| flown.flight == cosigned.flight)?;
        let root = *flown.heads.get(&cosigned.size)?;
        let mut stations = self.trust.cosigners(made.key_hash).filter(|entry| vouched(&self.trust, entry, made.time_s));
        let station = stations.next()?.public_key;
        if !self.checks.take(now_ns) {
            return None;
        }
        let head = Checkpoint { flight: cosigned.flight, size: cosigned.size, root };
        made.verifies(&head, &station).then(|| Output::Store { station, cosigned: cosigned.clone() })
    }

    fn nonce(&mut self, nonce: &Nonce, now_ns: u64) -> Option<Output> {
        let station = station(&self.trust, nonce.station, nonce.time_s)?;
        let flown = self.flights.iter_mut().find(|flown| flown.flight == nonce.flight)?;
        let wanted =
            flown.closed_ns.is_none() && flown.nonces.len() < record::MAX_NONCES && !flown.nonces.contains(&station.id);
        if !wanted || !self.checks.take(now_ns) || !nonce.verifies(&station.public_key) {
            return None;
        }
        flown.nonces.insert(station.id);
        Some(Output::Nonce { flight: nonce.flight, nonce: record::Nonce::of(station.id, nonce) })
    }

    fn offer(&mut self, offer: &RecipientOffer, now_ns: u64) -> Option<Output> {
        let station = station(&self.trust, offer.station, offer.time_s)?;
        let newer = self.offers.get(&station.id).is_none_or(|last_s| *last_s < offer.time_s);
        let wanted = self.held.is_none() && newer && offer.device == device_prefix(self.device);
        if !wanted || !self.checks.take(now_ns) || !offer.verifies(&station.public_key) {
            return None;
        }
        let recipient = Recipient::of_key(&offer.key).ok()?;
        self.offers.insert(station.id, offer.time_s);
        Some(Output::Recipient(Offer { station: station.id, time_s: offer.time_s, recipient }))
    }

    /// Time passes: what every station is to be told now.
    pub fn tick(&mut self, now_ns: u64) -> Vec<Body> {
        self.flights.retain(|flown| !flown.is_over(now_ns));
        let mut bodies: Vec<Body> = self.flights.iter_mut().flat_map(|flown| flown.speak(now_ns)).collect();
        let open = self.flights.iter().any(|flown| flown.closed_ns.is_none());
        if !open && due(self.last_ready_ns, BEACON_NS, now_ns) {
            self.last_ready_ns = Some(now_ns);
            bodies.push(Body::Ready(self.ready()));
        }
        bodies
    }

    fn ready(&self) -> Ready {
        let key = self.held.as_ref().and_then(|held| held.key_bytes().ok());
        let [a, b, c, d, ..] = key.map_or([0; 32], |key| Sha256::of(&key).0);
        let flags = if key.is_none() { Ready::WANTS_RECIPIENT } else { 0 };
        Ready { flags, device: device_prefix(self.device), recipient: [a, b, c, d] }
    }
}

impl Flown {
    fn new(news: &News, beacon: Beacon) -> Self {
        Self {
            flight: news.flight,
            leaves: Vec::new(),
            beacon,
            heads: BTreeMap::new(),
            // What was written before this program began is told when it is asked for.
            told: news.leaves.len().saturating_sub(MAX_TOLD),
            cosigned: 0,
            closed_ns: None,
            last_beacon_ns: None,
            nonces: BTreeSet::new(),
        }
    }

    fn grow(&mut self, news: News, beacon: Beacon, now_ns: u64) {
        if news.whole {
            self.leaves = news.leaves;
        } else {
            self.leaves.extend(news.leaves);
        }
        self.heads.insert(beacon.size, beacon.root);
        if self.heads.len() > MAX_HEADS {
            self.heads.pop_first();
        }
        self.beacon = beacon;
        if news.closed {
            self.closed_ns.get_or_insert(now_ns);
            // The last head is told at once.
            self.last_beacon_ns = None;
        }
    }

    fn is_cosigned(&self) -> bool {
        self.cosigned >= self.beacon.size
    }

    /// Closed, and cosigned to the end or long enough asked; the station that missed nothing needs no more.
    fn is_over(&self, now_ns: u64) -> bool {
        self.closed_ns.is_some_and(|since_ns| self.is_cosigned() || now_ns.saturating_sub(since_ns) >= CLOSED_NS)
    }

    /// New leaves, then the beacon: a witness that has them confirms it at once.
    fn speak(&mut self, now_ns: u64) -> Vec<Body> {
        let pause_ns = if self.is_cosigned() { KEEP_ALIVE_NS } else { BEACON_NS };
        if !due(self.last_beacon_ns, pause_ns, now_ns) {
            return Vec::new();
        }
        self.last_beacon_ns = Some(now_ns);
        let mut bodies = self.some(self.told.max(self.leaves.len().saturating_sub(MAX_TOLD)));
        self.told = self.leaves.len();
        bodies.push(Body::Beacon(self.beacon.clone()));
        bodies
    }

    fn some(&self, from: usize) -> Vec<Body> {
        let end = self.leaves.len().min(from.saturating_add(MAX_TOLD));
        let chunks = self.leaves.get(from..end).unwrap_or_default().chunks(MAX_LEAVES);
        let starts = (from as u64..).step_by(MAX_LEAVES);
        let body = |(from, hashes): (u64, &[Sha256])| {
            Body::Leaves(Leaves { flight: self.flight, from, hashes: hashes.to_vec() })
        };
        starts.zip(chunks).map(body).collect()
    }
}

fn due(last_ns: Option<u64>, pause_ns: u64, now_ns: u64) -> bool {
    last_ns.is_none_or(|last_ns| now_ns.saturating_sub(last_ns) >= pause_ns)
}

/// The station of the trust list whose key id begins so, if the unit vouches for it at that time.
fn station(trust: &TrustList, hint: SigningKeyHint, time_s: u64) -> Option<&Entry> {
    trust.keys.iter().find(|entry| SigningKeyHint::of(entry.id) == hint && vouched(trust, entry, time_s))
}

/// The aircraft's own clock may be wrong, so the station's time is judged; a revoked station counts for nothing aboard,
/// whatever time it names, and nobody does once the list has expired.
fn vouched(trust: &TrustList, entry: &Entry, time_s: u64) -> bool {
    let at_utc_us = i64::try_from(time_s).ok().and_then(|time_s| time_s.checked_mul(1_000_000));
    let counts = |at_utc_us| at_utc_us <= trust.expires_utc_us && entry.vouches(Role::Station, at_utc_us).is_ok();
    entry.revoked.is_none() && at_utc_us.is_some_and(counts)
}

#[cfg(test)]
mod tests;
