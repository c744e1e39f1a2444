//! Taking a flight up again from its witness file.

use super::file::{self, Entry, EntryWriter, FileError, Kind, Summary};
use super::growth::Growth;
use super::nonce::NonceGiver;
use super::watch::{MAX_RECENT, Watch};
use crate::digest::Sha256;
use crate::keys::DeviceKey;
use crate::note::{Cosignature, SignedNote};
use crate::stamp::Stamp;
use std::collections::{BTreeSet, VecDeque};
use std::io::BufRead;

/// What a witness file says, read and checked.
pub struct Recalled {
    summary: Summary,
    said: Said,
}

/// What the entries add up to.
#[derive(Default)]
struct Said {
    growth: Growth,
    pending: Vec<Sha256>,
    cosigned: Option<(u64, Cosignature)>,
    nonce: Option<(Sha256, u64)>,
    alarmed: BTreeSet<(u64, Sha256)>,
    notes: VecDeque<SignedNote>,
    longest_silence_ms: u64,
    last_utc_us: Option<i64>,
}

impl Recalled {
    /// Reads the file of `station`.
    ///
    /// # Errors
    /// When it cannot be read, is empty, is another station's, or a line is refused.
    pub fn read(input: impl BufRead, station: &DeviceKey) -> Result<Self, FileError> {
        let public = station.public();
        let mut said = Said::default();
        let known = |id| (id == public.id()).then_some(public);
        let summary = file::read(input, known, |entry| said.take(&entry, station))?;
        Ok(Self { summary, said })
    }

    /// Where the last whole line ends: torn bytes begin there.
    pub fn whole_bytes(&self) -> u64 {
        self.summary.whole_bytes
    }

    /// Bytes behind the last newline: a line that was never finished.
    pub fn torn_bytes(&self) -> u64 {
        self.summary.torn_bytes
    }

    /// Whether the flight is over for this station.
    pub fn landed(&self) -> bool {
        self.summary.landed
    }

    /// The flight.
    pub fn flight(&self) -> crate::names::FlightId {
        self.summary.flight
    }

    /// The machine as it stood at the last whole line.
    pub(super) fn watch(self, station: &DeviceKey, at: Stamp) -> Watch {
        let Self { summary, said } = self;
        let Summary { flight, device, heads, equivocations, landed, writer, .. } = summary;
        let writer: EntryWriter = writer;
        let mut watch = Watch::new(flight, device, station.clone(), at);
        watch.writer = writer;
        (watch.heads, watch.equivocations, watch.landed) = (heads, equivocations, landed);
        watch.growth = said.growth;
        watch.cosigned = said.cosigned;
        watch.nonce = said.nonce.map(|(nonce, time_s)| NonceGiver::new(flight, nonce, time_s, station));
        watch.alarmed = said.alarmed;
        said.notes.into_iter().for_each(|note| watch.remember(note));
        watch.longest_silence_ms = said.longest_silence_ms;
        watch
    }
}

impl Said {
    /// The entry has been checked: what it says holds.
    fn take(&mut self, entry: &Entry, station: &DeviceKey) {
        match &entry.kind {
            Kind::Begin(_) => self.last_utc_us = Some(entry.utc_us),
            Kind::Leaves(leaves) => self.pending.extend_from_slice(&leaves.leaves),
            Kind::Head(head) => {
                self.pending.extend_from_slice(&head.leaves);
                self.growth.restore(&std::mem::take(&mut self.pending));
                let cosignature = head.cosignature.as_ref().and_then(|made| made.cosignature(&station.public()));
                self.cosigned = cosignature.map(|made| (self.growth.size(), made));
                self.notes.extend(SignedNote::parse(&head.note));
                if self.notes.len() > MAX_RECENT {
                    self.notes.pop_front();
                }
                self.heard(head.received_utc_us);
            }
            Kind::Seen(_) => self.heard(entry.utc_us),
            Kind::Nonce(nonce) => self.nonce = Some((nonce.nonce, nonce.time_s)),
            Kind::Equivocation(found) => {
                let note = SignedNote::parse(&found.note);
                self.alarmed.extend(note.map(|note| (note.claimed().size, note.claimed().root)));
            }
            Kind::Restarted(_) => self.pending.clear(),
            Kind::Landed(landed) => self.longest_silence_ms = self.longest_silence_ms.max(landed.longest_silence_ms),
        }
    }

    fn heard(&mut self, utc_us: i64) {
        let last_utc_us = self.last_utc_us.replace(utc_us).unwrap_or(utc_us);
        let silent_ms = u64::try_from(utc_us.saturating_sub(last_utc_us) / 1000).unwrap_or(0);
        self.longest_silence_ms = self.longest_silence_ms.max(silent_ms);
    }
}
