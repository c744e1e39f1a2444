//! Papers and alerts that come by radio in parts, as a pure machine: which are taken, what of them is still wanted, which are refused.
//!
//! Nothing is kept for an announcement whose signature does not hold: what strangers send costs at most the look at a few signatures a
//! second. Of each signer one message is kept at a time, of few signers at once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;

use flight_record::keys::KeyId;
use flight_record::papers::Papers;
use flight_record::radio::{self, Announcement, Fragment, Missing, Part, Purpose, SigningKeyHint};
use flight_record::statement::{Moment, Subject, may_order};
use flight_record::trust::{Entry, TrustList};
use flight_record::{FlightId, Sha256, Stamp};
use mission_profiles::papers::{Mark, Noted, Papers as Content};

use super::budget::Budget;
use super::statements::far_apart;

/// Signers whose messages are put together at once: 32 KiB.
const MAX_COMING: usize = 8;
/// Messages that are known again when they are announced again.
pub const RECENT: usize = 8;
/// Papers of one flight, those that came before it among them.
pub const MAX_PAPERS: usize = 16;
/// Alerts of one flight.
const MAX_ALERTS: u32 = 1_000;
/// Signatures checked a second of each sender: whoever shouts takes nobody else's.
const MAX_CHECKS: u32 = 10;
/// Refusals told a second to each sender.
const MAX_REFUSALS: u32 = 2;
/// Senders told apart; all others together are one.
const MAX_SENDERS: usize = 16;
/// A sender that is not heard for so long gives its place up.
const SILENT_NS: u64 = 10_000_000_000;

/// A message that is whole, and is to stand in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whole {
    /// What announced it; sent back, it says that the message stands in the record, or will.
    pub announced: Announcement,
    /// Whose it is.
    pub signer: KeyId,
    /// For the flight that is open, or for the next one.
    pub subject: Subject,
    /// The document: the file of papers, or an alert.
    pub document: Vec<u8>,
}

/// What becomes of a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// These parts are wanted.
    Wanted(Missing),
    /// It is whole now.
    Taken(Box<Whole>),
    /// It was taken before, and is announced again: the answer was lost, or is not known yet.
    Again,
    /// These papers stand already in the record of this flight, or will in the next one's.
    Stands,
    /// It is refused; whoever sent it is to hear why.
    Refused(Refusal),
    /// Nothing is done or said.
    Ignored,
}

/// Why a message is refused. Its words fit into one STATUSTEXT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No key of the trust list that may order announced it.
    NotGranted,
    /// It is for another flight or aircraft, or the flight has changed since.
    OtherFlight,
    /// One of this signer as new as this was announced before.
    Replayed,
    /// The clocks are too far apart.
    Clock,
    /// It is none of what it was announced as.
    Unreadable,
    /// The flight holds as many as it may.
    TooMany,
    /// The disk did not take it.
    NotRecorded,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotGranted => "Papers refused: this key may not send them",
            Self::OtherFlight => "Papers refused: they are for another flight",
            Self::Replayed => "Papers refused: not newer than the last",
            Self::Clock => "Papers refused: clocks differ by over 2 minutes",
            Self::Unreadable => "Papers refused: they cannot be read",
            Self::TooMany => "Papers refused: the flight holds too many",
            Self::NotRecorded => "Papers not recorded: the disk failed",
        })
    }
}

/// A message that is being put together.
struct Coming {
    announced: Announcement,
    signer: KeyId,
    bytes: Vec<u8>,
    /// Bit *i*: part *i* is here.
    have: u64,
    heard_ns: u64,
}

impl Coming {
    fn new(announced: Announcement, signer: KeyId, heard_ns: u64) -> Self {
        let bytes = vec![0; usize::from(announced.bytes)];
        Self { announced, signer, bytes, have: 0, heard_ns }
    }

    fn all(&self) -> u64 {
        u64::MAX >> (64 - u32::from(self.announced.parts()).clamp(1, 64))
    }

    fn missing(&self) -> Missing {
        Missing { message: self.announced.message(), parts: self.all() & !self.have }
    }

    /// Puts a part in its place; whether all are there.
    fn put(&mut self, part: &Part) -> bool {
        let fits = self.announced.part_bytes(part.number) == Some(part.bytes.len());
        let from = usize::from(part.number) * radio::PART_BYTES;
        let place = self.bytes.get_mut(from..from + part.bytes.len()).filter(|_| fits);
        let Some(place) = place else { return false };
        let bit = 1_u64 << part.number;
        if self.have & bit == 0 {
            place.copy_from_slice(&part.bytes);
            self.have |= bit;
        }
        self.have == self.all()
    }
}

/// The machine; `Way` tells the ways apart by which fragments come.
pub struct Messages<Way> {
    device: KeyId,
    newest: BTreeMap<KeyId, Moment>,
    coming: Vec<Coming>,
    recent: VecDeque<Announcement>,
    /// Digests of the papers that stand in the open flight's record, or will in the next one's.
    standing: BTreeSet<Sha256>,
    alerts: u32,
    senders: BTreeMap<Way, Sender>,
    others: Sender,
}

/// What one way to the ground may have looked at and answered.
struct Sender {
    checks: Budget,
    refusals: Budget,
    heard_ns: u64,
}

impl Sender {
    fn new() -> Self {
        Self { checks: Budget::new(MAX_CHECKS), refusals: Budget::new(MAX_REFUSALS), heard_ns: 0 }
    }
}

impl<Way: Ord + Copy> Messages<Way> {
    /// For the device with this key id; what of each signer came last before a restart, and which papers are held.
    #[must_use]
    pub fn new(device: KeyId, newest: BTreeMap<KeyId, Moment>, held: impl IntoIterator<Item = Sha256>) -> Self {
        Self {
            device,
            newest,
            coming: Vec::new(),
            recent: VecDeque::new(),
            standing: held.into_iter().collect(),
            alerts: 0,
            senders: BTreeMap::new(),
            others: Sender::new(),
        }
    }

    /// What of each signer was announced last.
    #[must_use]
    pub fn newest(&self) -> &BTreeMap<KeyId, Moment> {
        &self.newest
    }

    /// The flight is over, and what stands in its record.
    pub fn flight_closed(&mut self) {
        self.standing.clear();
        self.alerts = 0;
    }

    /// Papers that are held no longer.
    pub fn dropped(&mut self, message: Sha256) {
        self.standing.remove(&message);
    }

    /// The record did not take it: it may be sent again.
    pub fn not_recorded(&mut self, announced: &Announcement) {
        self.recent.retain(|known| known != announced);
        self.standing.remove(&announced.digest);
    }

    /// Takes a fragment, or not.
    pub fn hear(
        &mut self,
        (fragment, from): (&Fragment, Way),
        trust: &TrustList,
        flight: Option<FlightId>,
        at: Stamp,
    ) -> Heard {
        let heard = match fragment {
            Fragment::Announced(announced) => self.announced((announced, from), trust, flight, at),
            Fragment::Part(part) => self.part(part, flight, at),
            Fragment::Missing(_) => Ok(Heard::Ignored),
        };
        match heard {
            Ok(heard) => heard,
            Err(refusal) if self.sender(from, at.mono_ns).refusals.take(at.mono_ns) => Heard::Refused(refusal),
            Err(_) => Heard::Ignored,
        }
    }

    fn sender(&mut self, from: Way, now_ns: u64) -> &mut Sender {
        if !self.senders.contains_key(&from) && self.senders.len() >= MAX_SENDERS {
            self.senders.retain(|_, sender| now_ns.saturating_sub(sender.heard_ns) < SILENT_NS);
        }
        if !self.senders.contains_key(&from) && self.senders.len() >= MAX_SENDERS {
            return &mut self.others;
        }
        let sender = self.senders.entry(from).or_insert_with(Sender::new);
        sender.heard_ns = now_ns;
        sender
    }

    fn announced(
        &mut self,
        (announced, from): (&Announcement, Way),
        trust: &TrustList,
        flight: Option<FlightId>,
        at: Stamp,
    ) -> Result<Heard, Refusal> {
        if self.recent.contains(announced) {
            return Ok(Heard::Again);
        }
        if let Some(coming) = self.coming.iter_mut().find(|coming| coming.announced == *announced) {
            coming.heard_ns = at.mono_ns;
            return Ok(Heard::Wanted(coming.missing()));
        }
        if !self.sender(from, at.mono_ns).checks.take(at.mono_ns) {
            return Ok(Heard::Ignored);
        }
        let signer = signer(announced, trust).ok_or(Refusal::NotGranted)?.id;
        let subject = self.subject(announced, flight).ok_or(Refusal::OtherFlight)?;
        let papers = announced.purpose == Purpose::Papers;
        let stands = papers && self.standing.contains(&announced.digest);
        // That papers stand is said as often as they are announced: each answer may be lost on the way.
        if !stands && self.newest.get(&signer).is_some_and(|newest| *newest >= announced.made) {
            return Err(Refusal::Replayed);
        }
        if far_apart(announced.made, at) {
            return Err(Refusal::Clock);
        }
        if stands {
            let newest = self.newest.entry(signer).or_insert(announced.made);
            *newest = announced.made.max(*newest);
            return Ok(Heard::Stands);
        }
        let full = if papers { self.standing.len() >= MAX_PAPERS } else { self.alerts >= MAX_ALERTS };
        // An alert is of a flight.
        if full || !papers && subject == Subject::Device {
            return Err(if full { Refusal::TooMany } else { Refusal::OtherFlight });
        }
        self.newest.insert(signer, announced.made);
        Ok(Heard::Wanted(self.expect(announced, signer, at.mono_ns)))
    }

    /// Keeps room for a message; what of it is wanted. The same one announced anew goes on where it was.
    fn expect(&mut self, announced: &Announcement, signer: KeyId, now_ns: u64) -> Missing {
        let mut coming = Coming::new(announced.clone(), signer, now_ns);
        if let Some(at) = self.coming.iter().position(|known| known.signer == signer) {
            let known = self.coming.swap_remove(at);
            if (known.announced.digest, known.announced.bytes) == (announced.digest, announced.bytes) {
                (coming.bytes, coming.have) = (known.bytes, known.have);
            }
        } else if self.coming.len() >= MAX_COMING {
            let oldest = self.coming.iter().enumerate().min_by_key(|(_, known)| known.heard_ns).map(|(at, _)| at);
            oldest.map(|at| self.coming.swap_remove(at));
        }
        let missing = coming.missing();
        self.coming.push(coming);
        missing
    }

    fn part(&mut self, part: &Part, flight: Option<FlightId>, at: Stamp) -> Result<Heard, Refusal> {
        let found = self.coming.iter().position(|coming| coming.announced.message() == part.message);
        let Some(coming) = found.and_then(|at| self.coming.get_mut(at)) else { return Ok(Heard::Ignored) };
        coming.heard_ns = at.mono_ns;
        if !coming.put(part) {
            return Ok(Heard::Ignored);
        }
        if Sha256::of(&coming.bytes) != coming.announced.digest {
            // Some part was forged or damaged, and nobody knows which.
            coming.have = 0;
            return Ok(Heard::Wanted(coming.missing()));
        }
        let Some(at) = found else { return Ok(Heard::Ignored) };
        let Coming { announced, signer, bytes, .. } = self.coming.swap_remove(at);
        let subject = self.subject(&announced, flight).ok_or(Refusal::OtherFlight)?;
        let document = document(announced.purpose, &bytes).ok_or(Refusal::Unreadable)?;
        match announced.purpose {
            Purpose::Papers => drop(self.standing.insert(announced.digest)),
            Purpose::Limit | Purpose::Authorisation | Purpose::Marker | Purpose::Notice => self.alerts += 1,
        }
        self.recent.truncate(RECENT - 1);
        self.recent.push_front(announced.clone());
        Ok(Heard::Taken(Box::new(Whole { announced, signer, subject, document })))
    }

    /// What it is for, if it is for what is here.
    fn subject(&self, announced: &Announcement, flight: Option<FlightId>) -> Option<Subject> {
        let (subject, flight) = match flight {
            Some(flight) => (Subject::Flight, flight),
            None => (Subject::Device, FlightId::from_bytes([0; 16])),
        };
        (announced.about == radio::Statement::about(subject, flight, self.device)).then_some(subject)
    }
}

/// The document that a message carries, if it is what it was announced as.
fn document(purpose: Purpose, bytes: &[u8]) -> Option<Vec<u8>> {
    match purpose {
        Purpose::Papers => {
            let papers = Papers::unpack(bytes).ok()?;
            Content::read(papers.payload()).ok()?;
            Some(papers.write())
        }
        Purpose::Limit | Purpose::Authorisation => Noted::read(bytes).is_ok().then(|| bytes.to_vec()),
        Purpose::Marker | Purpose::Notice => Mark::read(bytes).is_ok().then(|| bytes.to_vec()),
    }
}

/// Who signed it, among those who may order at the time it names; a revoked key counts for nothing aboard, and none does once
/// the list has expired.
fn signer<'a>(announced: &Announcement, trust: &'a TrustList) -> Option<&'a Entry> {
    let at_utc_us = announced.made.utc_us();
    if at_utc_us > trust.expires_utc_us {
        return None;
    }
    let hinted = |entry: &&Entry| SigningKeyHint::of(entry.id) == announced.signer;
    let granted = |entry: &&Entry| entry.revoked.is_none() && may_order(entry, at_utc_us).is_ok();
    trust.keys.iter().filter(hinted).filter(granted).find(|entry| announced.verifies(&entry.public_key))
}

#[cfg(test)]
mod tests;
