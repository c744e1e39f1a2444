//! The witness: every flight it hears, each a [`Watch`] of its own. Pure: told of bodies and the time, says what to do.

use super::file::{Begin, Kind, Nonce, Restarted};
use super::nonce::NonceGiver;
use super::recall::Recalled;
use super::steps::{Alarm, Note, Step};
use super::watch::Watch;
use crate::digest::Sha256;
use crate::keys::{self, DeviceKey};
use crate::names::FlightId;
use crate::note::device_key_hash;
use crate::radio::{Beacon, Body};
use crate::stamp::Stamp;
use crate::trust::{Entry, Role, TrustList};
use std::collections::BTreeMap;

/// Flights watched at once.
const MAX_FLIGHTS: usize = 64;
const SECOND_NS: u64 = 1_000_000_000;
/// Between two alarms about strangers.
const STRANGER_NS: u64 = 5 * SECOND_NS;
/// How long a flight whose file is refused is left alone.
const REFUSED_NS: u64 = 60 * SECOND_NS;
/// How long a landed flight is kept at hand for an aircraft that missed the last cosignature.
const LANDED_NS: u64 = 600 * SECOND_NS;

/// What is known of a flight.
enum Place {
    /// Its file is being read; the beacon that made it known waits.
    Awaiting(Beacon),
    Watching(Box<Watch>),
    /// Its file cannot be used.
    Refused {
        since_ns: u64,
    },
}

/// A ground station's witness of several flights.
pub struct Witness {
    station: DeviceKey,
    trust: TrustList,
    flights: BTreeMap<FlightId, Place>,
    /// When strangers were last complained of.
    strangers_ns: Option<u64>,
}

impl Witness {
    /// The witness of the station with this key, for devices of this list.
    pub fn new(station: DeviceKey, trust: TrustList) -> Self {
        Self { station, trust, flights: BTreeMap::new(), strangers_ns: None }
    }

    /// Takes a newer trust list.
    pub fn set_trust(&mut self, trust: TrustList) {
        self.trust = trust;
    }

    /// Whether any flight has been heard, and all that were have landed.
    pub fn all_landed(&self) -> bool {
        let landed = |place: &Place| matches!(place, Place::Watching(watch) if watch.landed);
        !self.flights.is_empty() && self.flights.values().all(landed)
    }

    /// Takes a body that came by radio.
    pub fn hear(&mut self, body: &Body, at: Stamp) -> Vec<Step> {
        match body {
            Body::Beacon(beacon) => self.beacon(beacon, at),
            Body::Leaves(leaves) => match self.flights.get_mut(&leaves.flight) {
                Some(Place::Watching(watch)) => watch.leaves(leaves, at),
                Some(Place::Awaiting(_) | Place::Refused { .. }) | None => Vec::new(),
            },
            // From stations, or not about a flight.
            Body::Cosignature(_)
            | Body::Nonce(_)
            | Body::Statement(_)
            | Body::Authorisation(_)
            | Body::Agreement(_)
            | Body::Ready(_)
            | Body::Fragment(_)
            | Body::Recipient(_) => Vec::new(),
        }
    }

    fn beacon(&mut self, beacon: &Beacon, at: Stamp) -> Vec<Step> {
        let flight = beacon.flight;
        match self.flights.get(&flight) {
            Some(Place::Awaiting(_)) => return Vec::new(),
            Some(Place::Refused { since_ns }) if at.mono_ns.saturating_sub(*since_ns) < REFUSED_NS => {
                return Vec::new();
            }
            Some(Place::Refused { .. } | Place::Watching(_)) | None => {}
        }
        if let Err(why) = self.signer(beacon, at) {
            return self.stranger(flight, why, at);
        }
        if let Some(Place::Watching(watch)) = self.flights.get_mut(&flight) {
            if beacon.verifies(&watch.device) {
                return watch.beacon(beacon, at);
            }
            return self.stranger(flight, "it is signed by another device than the flight's".to_owned(), at);
        }
        if !self.make_room() {
            return vec![Step::Alarm(Alarm::TooManyFlights { flight })];
        }
        self.flights.insert(flight, Place::Awaiting(beacon.clone()));
        vec![Step::Recall(flight)]
    }

    /// The device of the trust list that signed this, if it may.
    fn signer(&self, beacon: &Beacon, at: Stamp) -> Result<&Entry, String> {
        let devices = self.trust.keys.iter().filter(|entry| entry.role == Role::Device);
        let mut claimed = devices.filter(|entry| device_key_hash(beacon.flight, &entry.public_key) == beacon.key_hash);
        let entry = claimed.next().ok_or("no device of the trust list signed it")?;
        if !beacon.verifies(&entry.public_key) {
            return Err("its signature does not verify".to_owned());
        }
        entry.vouches(Role::Device, at.utc_us).map_err(|refusal| refusal.to_string())?;
        Ok(entry)
    }

    /// Tells of a stranger, but not for each of its messages.
    fn stranger(&mut self, flight: FlightId, why: String, at: Stamp) -> Vec<Step> {
        if self.strangers_ns.is_some_and(|last_ns| at.mono_ns.saturating_sub(last_ns) < STRANGER_NS) {
            return Vec::new();
        }
        self.strangers_ns = Some(at.mono_ns);
        vec![Step::Alarm(Alarm::Untrusted { flight, why })]
    }

    /// A landed flight makes room for a new one.
    fn make_room(&mut self) -> bool {
        if self.flights.len() < MAX_FLIGHTS {
            return true;
        }
        let over = |place: &Place| match place {
            Place::Watching(watch) => watch.landed,
            Place::Refused { .. } => true,
            Place::Awaiting(_) => false,
        };
        let Some(flight) = self.flights.iter().find(|(_, place)| over(place)).map(|(flight, _)| *flight) else {
            return false;
        };
        self.flights.remove(&flight);
        true
    }

    /// The answer to [`Step::Recall`]: what the flight's file says, or that there is none. Also takes up a flight that
    /// nobody asked for, at the start.
    pub fn recalled(&mut self, flight: FlightId, file: Option<Recalled>, at: Stamp) -> Vec<Step> {
        let waiting = match self.flights.remove(&flight) {
            Some(Place::Awaiting(beacon)) => Some(beacon),
            Some(Place::Watching(watch)) => {
                self.flights.insert(flight, Place::Watching(watch));
                return Vec::new();
            }
            Some(Place::Refused { .. }) | None => None,
        };
        let begun = match (file, &waiting) {
            (Some(file), _) => Some(self.take_up(file, at)),
            (None, Some(beacon)) => self.begin(beacon, at),
            (None, None) => None,
        };
        let Some((mut watch, mut steps)) = begun else {
            return Vec::new();
        };
        if let Some(beacon) = waiting.filter(|beacon| beacon.verifies(&watch.device)) {
            steps.extend(watch.beacon(&beacon, at));
        }
        self.flights.insert(flight, Place::Watching(Box::new(watch)));
        steps
    }

    fn take_up(&self, file: Recalled, at: Stamp) -> (Watch, Vec<Step>) {
        let mut watch = file.watch(&self.station, at);
        let mut steps = Vec::new();
        if !watch.landed {
            steps.push(watch.persist(Kind::Restarted(Restarted {}), at));
        }
        if !watch.landed && watch.nonce.is_none() {
            steps.extend(self.give_nonce(&mut watch, at));
        }
        let (flight, size, landed) = (watch.flight, watch.growth.size(), watch.landed);
        steps.push(Step::Note(Note::TakenUp { flight, size, landed }));
        (watch, steps)
    }

    fn begin(&self, beacon: &Beacon, at: Stamp) -> Option<(Watch, Vec<Step>)> {
        let flight = beacon.flight;
        let entry = self.signer(beacon, at).ok()?;
        let mut watch = Watch::new(flight, entry.public_key, self.station.clone(), at);
        let begin = Begin { device: entry.id, device_key: entry.public_key, trust_version: self.trust.version };
        let mut steps = vec![
            watch.persist(Kind::Begin(begin), at),
            Step::Note(Note::Begun { flight, device: entry.id, name: entry.name.clone() }),
        ];
        steps.extend(self.give_nonce(&mut watch, at));
        Some((watch, steps))
    }

    /// Without random bytes there is no nonce: the flight is witnessed all the same.
    fn give_nonce(&self, watch: &mut Watch, at: Stamp) -> Vec<Step> {
        let (Ok(random), Ok(time_s)) = (keys::random(), u64::try_from(at.utc_us / 1_000_000)) else {
            return Vec::new();
        };
        let (flight, nonce) = (watch.flight, Sha256(*random));
        let mut steps = vec![watch.persist(Kind::Nonce(Nonce { nonce, time_s }), at)];
        let mut giver = NonceGiver::new(flight, nonce, time_s, &self.station);
        steps.extend(giver.due(at).map(|nonce| Step::Send { flight, body: Body::Nonce(nonce) }));
        watch.nonce = Some(giver);
        steps
    }

    /// The flight's file cannot be used: it is left alone for a minute.
    pub fn refuse(&mut self, flight: FlightId, at: Stamp) {
        self.flights.insert(flight, Place::Refused { since_ns: at.mono_ns });
    }

    /// Drops what is known of a flight: a line could not be made durable, so its file must say where it stands.
    pub fn forget(&mut self, flight: FlightId) {
        self.flights.remove(&flight);
    }

    /// Time passes. Call several times a second.
    pub fn tick(&mut self, at: Stamp) -> Vec<Step> {
        let mut steps = Vec::new();
        self.flights.retain(|_, place| match place {
            Place::Watching(watch) => {
                steps.extend(watch.tick(at));
                !watch.landed || at.mono_ns.saturating_sub(watch.last_heard_ns) < LANDED_NS
            }
            Place::Awaiting(_) | Place::Refused { .. } => true,
        });
        steps
    }
}
