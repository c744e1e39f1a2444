//! One flight under witness: a pure machine that confirms, cosigns, compares, and writes down before it speaks.

use super::file::{self, EntryWriter, Kind};
use super::growth::Growth;
use super::nonce::NonceGiver;
use super::steps::{Alarm, Note, Step};
use crate::digest::Sha256;
use crate::keys::{DeviceKey, PublicKey};
use crate::names::{Code, FlightId};
use crate::note::{Cosignature, SignedNote};
use crate::radio::{Beacon, Body, Cosigned, Leaves};
use crate::record::MAX_RECORDS;
use crate::stamp::Stamp;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

const SECOND_NS: u64 = 1_000_000_000;
/// Heads waiting for their leaves; all of them stand in the file.
const MAX_UNCONFIRMED: usize = 1024;
/// Confirmed heads kept to be held against another of the same size.
pub(super) const MAX_RECENT: usize = 256;
/// Equivocations written down for one flight: the first says all.
const MAX_EQUIVOCATIONS: u64 = 64;
/// How often the same leaves must fail to give a head before the device is taken at its word that it has another history.
const MISFITS: u32 = 3;
/// The least time between two such failures that count.
const MISFIT_NS: u64 = SECOND_NS;
/// How long leaves may be on their way behind their beacon.
const LEAVES_WAIT_NS: u64 = SECOND_NS / 10;
/// Between two requests when the first brought something.
const REQUEST_NS: u64 = SECOND_NS / 5;
/// Between two requests when it did not.
const REPEAT_NS: u64 = SECOND_NS * 4 / 5;
/// The least time between two sendings of the same cosignature.
const RESEND_NS: u64 = SECOND_NS / 5;
/// How long a closed flight must stay without a newer head: the flag is not signed.
const CLOSING_NS: u64 = 5 * SECOND_NS;
/// A flight silent for this long is over for the station.
const SILENCE_NS: u64 = 600 * SECOND_NS;

/// A head the own tree has not reached.
struct Unconfirmed {
    note: SignedNote,
    heard: Stamp,
}

/// Leaves that did not give a signed head.
struct Misfit {
    head: (u64, Sha256),
    offer: Sha256,
    times: u32,
    last_ns: u64,
}

/// One flight.
pub(super) struct Watch {
    pub(super) flight: FlightId,
    pub(super) device: PublicKey,
    pub(super) station: DeviceKey,
    pub(super) writer: EntryWriter,
    pub(super) growth: Growth,
    pub(super) cosigned: Option<(u64, Cosignature)>,
    pub(super) nonce: Option<NonceGiver>,
    pub(super) heads: u64,
    pub(super) equivocations: u64,
    pub(super) landed: bool,
    pub(super) longest_silence_ms: u64,
    pub(super) last_heard_ns: u64,
    /// Contradicting heads that are written down.
    pub(super) alarmed: BTreeSet<(u64, Sha256)>,
    /// Confirmed heads, newest last.
    pub(super) recent: VecDeque<SignedNote>,
    unconfirmed: BTreeMap<(u64, Sha256), Unconfirmed>,
    misfit: Option<Misfit>,
    /// Since when the aircraft says that this size is its last.
    closing: Option<(u64, u64)>,
    /// What was asked for last, and when.
    requested: (u64, u64),
    resent_ns: u64,
}

impl Watch {
    /// A flight nothing is known of but its device.
    pub(super) fn new(flight: FlightId, device: PublicKey, station: DeviceKey, at: Stamp) -> Self {
        Self {
            flight,
            device,
            station,
            writer: EntryWriter::new(flight),
            growth: Growth::default(),
            cosigned: None,
            nonce: None,
            heads: 0,
            equivocations: 0,
            landed: false,
            longest_silence_ms: 0,
            last_heard_ns: at.mono_ns,
            alarmed: BTreeSet::new(),
            recent: VecDeque::new(),
            unconfirmed: BTreeMap::new(),
            misfit: None,
            closing: None,
            requested: (0, 0),
            resent_ns: 0,
        }
    }

    /// A line of the flight's file.
    pub(super) fn persist(&mut self, kind: Kind, at: Stamp) -> Step {
        Step::Persist { flight: self.flight, line: self.writer.line(kind, at, &self.station) }
    }

    fn send(&self, body: Body) -> Step {
        Step::Send { flight: self.flight, body }
    }

    /// Takes a beacon whose signature by the flight's device holds.
    pub(super) fn beacon(&mut self, beacon: &Beacon, at: Stamp) -> Vec<Step> {
        let (size, root) = (beacon.size, beacon.root);
        if size == 0 || size > MAX_RECORDS {
            return Vec::new();
        }
        let silent_ms = at.mono_ns.saturating_sub(self.last_heard_ns) / 1_000_000;
        self.longest_silence_ms = self.longest_silence_ms.max(silent_ms);
        self.last_heard_ns = at.mono_ns;
        self.closing = match self.closing {
            // The flag is not signed: an older head says nothing, the same one without it takes it back.
            Some((closing, since_ns)) if size < closing || (size == closing && beacon.closed()) => {
                Some((closing, since_ns))
            }
            _ if beacon.closed() => Some((size, at.mono_ns)),
            _ => None,
        };
        let mut steps = vec![Step::Note(Note::Heard { flight: self.flight, size })];
        if size > self.growth.size() {
            steps.extend(self.newer(beacon.note(), at));
        } else if self.growth.root_at(size) != Some(root) {
            steps.extend(self.equivocation(&beacon.note(), at));
        } else if size == self.growth.size() {
            steps.extend(self.again(at));
        }
        steps
    }

    /// The aircraft has not heard the cosignature: the same one again, never another for this size.
    fn again(&mut self, at: Stamp) -> Option<Step> {
        let (size, cosignature) = self.cosigned.filter(|(size, _)| *size == self.growth.size())?;
        if at.mono_ns.saturating_sub(self.resent_ns) < RESEND_NS {
            return None;
        }
        self.resent_ns = at.mono_ns;
        Some(self.send(Body::Cosignature(Cosigned { flight: self.flight, size, cosignature })))
    }

    fn newer(&mut self, note: SignedNote, at: Stamp) -> Vec<Step> {
        let head = (note.claimed().size, note.claimed().root);
        if self.unconfirmed.contains_key(&head) || self.alarmed.contains(&head) {
            return self.request(at).into_iter().collect();
        }
        let mut steps = Vec::new();
        if self.unconfirmed.keys().any(|(size, _)| *size == head.0) {
            steps.extend(self.equivocation(&note, at));
        }
        if self.unconfirmed.len() == MAX_UNCONFIRMED {
            self.unconfirmed.pop_first();
        }
        let text = note.to_string();
        self.unconfirmed.insert(head, Unconfirmed { note, heard: at });
        if self.landed {
            steps.push(Step::Alarm(Alarm::AfterLanded { flight: self.flight, size: head.0 }));
        } else {
            steps.extend(self.settle(at));
        }
        if self.unconfirmed.contains_key(&head) {
            steps.push(self.persist(Kind::Seen(file::Seen { note: text }), at));
            steps.extend(self.request(at));
        }
        steps
    }

    /// Takes leaves; they count when a signed head says so.
    pub(super) fn leaves(&mut self, leaves: &Leaves, at: Stamp) -> Vec<Step> {
        if self.landed || leaves.hashes.is_empty() {
            return Vec::new();
        }
        let newest = self.unconfirmed.last_key_value().map_or(0, |((size, _), _)| *size);
        let before = self.growth.reach();
        self.growth.offer(leaves.from, &leaves.hashes, newest);
        if self.growth.reach() == before {
            return Vec::new();
        }
        let mut steps = self.settle(at);
        steps.extend(self.request(at));
        steps
    }

    /// Confirms the newest head that the leaves give; leaves that give none of the heads they reach are thrown away.
    fn settle(&mut self, at: Stamp) -> Vec<Step> {
        let reach = self.growth.reach();
        let fits = |((size, root), _): &(&(u64, Sha256), &Unconfirmed)| self.growth.root_at(*size) == Some(*root);
        let reached = || self.unconfirmed.iter().filter(|((size, _), _)| *size <= reach);
        let mut steps = match reached().rev().find(fits).map(|(head, _)| *head) {
            Some(head) => self.confirm(head, at),
            None => Vec::new(),
        };
        let misfit = self.unconfirmed.keys().find(|(size, _)| *size <= reach).copied();
        if let Some(head) = misfit {
            steps.extend(self.misfit(head, at));
        }
        steps
    }

    fn confirm(&mut self, head: (u64, Sha256), at: Stamp) -> Vec<Step> {
        let Some(Unconfirmed { note, heard }) = self.unconfirmed.remove(&head) else {
            return Vec::new();
        };
        let mut leaves = self.growth.confirm(head.0);
        let last = leaves.split_off(leaves.len().saturating_sub(1) / file::MAX_LEAVES * file::MAX_LEAVES);
        let mut steps = Vec::new();
        for chunk in leaves.chunks(file::MAX_LEAVES) {
            steps.push(self.persist(Kind::Leaves(file::Leaves { leaves: chunk.to_vec() }), at));
        }
        let time_s = u64::try_from(at.utc_us / 1_000_000).unwrap_or(0);
        let cosignature = note.claimed().cosign(&self.station, time_s);
        let entry = file::Head {
            leaves: last,
            note: note.to_string(),
            cosignature: Some(file::Cosigned::from(&cosignature)),
            received_utc_us: heard.utc_us,
        };
        steps.push(self.persist(Kind::Head(entry), at));
        self.heads += 1;
        self.misfit = None;
        self.cosigned = Some((head.0, cosignature));
        self.resent_ns = at.mono_ns;
        steps.push(self.send(Body::Cosignature(Cosigned { flight: self.flight, size: head.0, cosignature })));
        let delay_ms = at.mono_ns.saturating_sub(heard.mono_ns) / 1_000_000;
        steps.push(Step::Note(Note::Witnessed { flight: self.flight, size: head.0, delay_ms }));
        self.remember(note);
        steps.extend(self.compare_passed(at));
        steps
    }

    /// Keeps a confirmed head to be held against another of its size.
    pub(super) fn remember(&mut self, note: SignedNote) {
        if self.recent.len() == MAX_RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(note);
    }

    /// Heads that the own tree has grown past must be its own.
    fn compare_passed(&mut self, at: Stamp) -> Vec<Step> {
        let rest = self.unconfirmed.split_off(&(self.growth.size() + 1, Sha256([0; 32])));
        let passed = std::mem::replace(&mut self.unconfirmed, rest);
        let other = |(size, root): &(u64, Sha256)| self.growth.root_at(*size) != Some(*root);
        let notes: Vec<SignedNote> = passed.into_iter().filter(|(head, _)| other(head)).map(|(_, u)| u.note).collect();
        notes.iter().flat_map(|note| self.equivocation(note, at)).collect()
    }

    /// The leaves offered do not give this head. Leaves are not signed, so anybody may have sent wrong ones: they are asked
    /// for again. When the same ones come each time, and no others, the device has another history than the one it began.
    fn misfit(&mut self, head: (u64, Sha256), at: Stamp) -> Vec<Step> {
        let (offer, contested) = (self.growth.offer_digest(head.0), self.growth.contested());
        self.growth.discard();
        let before = self.misfit.take().filter(|before| before.head == head);
        if let Some(before) = &before
            && at.mono_ns.saturating_sub(before.last_ns) < MISFIT_NS
        {
            self.misfit = Some(Misfit { times: if contested { 0 } else { before.times }, ..*before });
            return Vec::new();
        }
        let same = before.as_ref().is_none_or(|before| before.offer == offer);
        let times = if contested || !same { 0 } else { before.map_or(0, |before| before.times) + 1 };
        self.misfit = Some(Misfit { head, offer, times, last_ns: at.mono_ns });
        if times == 0 {
            return vec![Step::Alarm(Alarm::LeavesDisagree { flight: self.flight, size: self.growth.size() })];
        }
        if times < MISFITS {
            return Vec::new();
        }
        self.misfit = None;
        let Some(unconfirmed) = self.unconfirmed.remove(&head) else {
            return Vec::new();
        };
        self.equivocation(&unconfirmed.note, at)
    }

    /// Writes down, once and for ever, that the device signed this against what it had signed.
    fn equivocation(&mut self, note: &SignedNote, at: Stamp) -> Vec<Step> {
        let (size, root) = (note.claimed().size, note.claimed().root);
        if self.equivocations >= MAX_EQUIVOCATIONS || !self.alarmed.insert((size, root)) {
            return Vec::new();
        }
        let pending = self.unconfirmed.values().map(|unconfirmed| &unconfirmed.note);
        let held = self.recent.iter().chain(pending).map(|held| (held.claimed(), held));
        let held =
            held.filter(|(head, _)| head.size == size && head.root != root).map(|(_, held)| held.to_string()).next();
        self.equivocations += 1;
        let entry = file::Equivocation { note: note.to_string(), held };
        let alarm = Alarm::Equivocation { flight: self.flight, size };
        vec![self.persist(Kind::Equivocation(entry), at), Step::Alarm(alarm)]
    }

    /// Asks for the leaves that are missing below the newest head.
    fn request(&mut self, at: Stamp) -> Option<Step> {
        let from = self.growth.reach();
        let ((newest, _), oldest_ns) = {
            let (head, _) = self.unconfirmed.last_key_value()?;
            let waiting = self.unconfirmed.iter().filter(|((size, _), _)| *size > from);
            (*head, waiting.map(|(_, unconfirmed)| unconfirmed.heard.mono_ns).min()?)
        };
        let (last_from, last_ns) = self.requested;
        let since_ns = at.mono_ns.saturating_sub(last_ns);
        let pause_ns = if last_from == from { REPEAT_NS } else { REQUEST_NS };
        let waited = at.mono_ns.saturating_sub(oldest_ns) >= LEAVES_WAIT_NS;
        if self.landed || newest <= from || !waited || (last_ns > 0 && since_ns < pause_ns) {
            return None;
        }
        self.requested = (from, at.mono_ns);
        Some(self.send(Body::Leaves(Leaves::request(self.flight, from))))
    }

    /// Time passes: what is missing is asked for again, and the flight ends.
    pub(super) fn tick(&mut self, at: Stamp) -> Vec<Step> {
        if self.landed {
            return Vec::new();
        }
        let mut steps: Vec<Step> = self.request(at).into_iter().collect();
        let nonce = self.nonce.as_mut().and_then(|giver| giver.due(at));
        steps.extend(nonce.map(|nonce| self.send(Body::Nonce(nonce))));
        let closed = self.closing.is_some_and(|(size, since_ns)| {
            size == self.growth.size() && at.mono_ns.saturating_sub(since_ns) >= CLOSING_NS
        });
        if closed {
            steps.extend(self.land("closed", at));
        } else if at.mono_ns.saturating_sub(self.last_heard_ns) >= SILENCE_NS {
            steps.extend(self.land("silence", at));
        }
        steps
    }

    /// The witness statement.
    fn land(&mut self, reason: &str, at: Stamp) -> Vec<Step> {
        let Ok(reason) = reason.parse::<Code>() else {
            return Vec::new();
        };
        let silent_ms = at.mono_ns.saturating_sub(self.last_heard_ns) / 1_000_000;
        if reason.as_str() == "silence" {
            self.longest_silence_ms = self.longest_silence_ms.max(silent_ms);
        }
        let statement = file::Landed {
            size: self.growth.size(),
            root: self.growth.root(),
            heads: self.heads,
            longest_silence_ms: self.longest_silence_ms,
            equivocations: self.equivocations,
            reason,
        };
        self.landed = true;
        let line = self.persist(Kind::Landed(statement.clone()), at);
        vec![line, Step::Note(Note::Landed { flight: self.flight, statement })]
    }
}
