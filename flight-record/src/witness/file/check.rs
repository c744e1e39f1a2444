//! Reading a witness file: each line must be the station's, build on the one before, and say what its tree bears out.

use super::{Cosigned, Entry, EntryWriter, Equivocation, Head, Kind, Landed, MAX_LEAVES, PAYLOAD_TYPE};
use crate::canonical::{self, NotCanonical};
use crate::digest::Sha256;
use crate::dsse::{Envelope, EnvelopeError};
use crate::keys::{KeyId, PublicKey};
use crate::log::lines::{Line, Lines};
use crate::names::FlightId;
use crate::note::{NoteError, SignedNote};
use crate::record::MAX_RECORDS;
use crate::tree::{self, Tree};
use std::io::{self, BufRead};

/// Why a line is refused.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Not an envelope in its one spelling, or its signature does not verify.
    #[error("the envelope is refused: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The signed text is not in canonical form.
    #[error("the entry is refused: {0}")]
    NotCanonical(#[from] NotCanonical),
    /// A note in it is no note of the device.
    #[error("a note in it is refused: {0}")]
    Note(#[from] NoteError),
    /// Longer than any line of the format.
    #[error("longer than any line of the format")]
    TooLong,
    /// Any other rule of the format.
    #[error("a rule of the format is broken: {0}")]
    Rule(&'static str),
}

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot read the witness file")]
    Io(#[from] io::Error),
    /// Not one whole line.
    #[error("it holds no whole line")]
    Empty,
    /// The key that signed the first line is not known.
    #[error("signed by key {0}, which is not known here")]
    UnknownStation(KeyId),
    /// A line is refused.
    #[error("line {line}: {fault}")]
    Line {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        fault: Fault,
    },
}

/// The rules of a witness file as a state machine. After a fault nothing more is to be taken.
pub struct Checker {
    station: PublicKey,
    expected_seq: u64,
    prev: Option<Sha256>,
    origin: Option<(FlightId, PublicKey)>,
    tree: Tree,
    pending: Vec<Sha256>,
    heads: u64,
    equivocations: u64,
    landed: bool,
}

impl Checker {
    /// For the file of the station with this key.
    pub fn new(station: PublicKey) -> Self {
        Self {
            station,
            expected_seq: 0,
            prev: None,
            origin: None,
            tree: Tree::default(),
            pending: Vec::new(),
            heads: 0,
            equivocations: 0,
            landed: false,
        }
    }

    /// Takes the next line, without its newline.
    ///
    /// # Errors
    /// When it is not the station's, does not build on the line before, or contradicts its own tree.
    pub fn take(&mut self, line: &[u8]) -> Result<Entry, Fault> {
        let envelope = Envelope::parse(line, PAYLOAD_TYPE)?;
        let entry: Entry = canonical::read(envelope.verify(&self.station)?)?;
        rule(entry.station == self.station.id(), "station is the id of the key that signs")?;
        rule(entry.seq == self.expected_seq, "entries are numbered 0, 1, 2, …")?;
        rule(entry.prev == self.prev, "each entry builds on the line before")?;
        match (&self.origin, &entry.kind) {
            (None, Kind::Begin(begin)) => {
                rule(begin.device == begin.device_key.id(), "device is the id of device_key")?;
                self.origin = Some((entry.flight_id, begin.device_key));
            }
            (None, _) | (Some(_), Kind::Begin(_)) => return Err(Fault::Rule("begin stands exactly in entry 0")),
            (Some((flight, device)), kind) => {
                rule(entry.flight_id == *flight, "all entries are of one flight")?;
                let device = *device;
                self.say(kind, *flight, &device)?;
            }
        }
        self.prev = Some(tree::leaf_hash(line));
        self.expected_seq += 1;
        Ok(entry)
    }

    fn say(&mut self, kind: &Kind, flight: FlightId, device: &PublicKey) -> Result<(), Fault> {
        match kind {
            Kind::Begin(_) => Ok(()),
            Kind::Leaves(leaves) => {
                rule(!self.landed, "nothing is taken after landed")?;
                rule((1..=MAX_LEAVES).contains(&leaves.leaves.len()), "an entry has 1 to 512 leaves")?;
                self.pending.extend_from_slice(&leaves.leaves);
                let most = MAX_RECORDS.saturating_sub(self.tree.size());
                rule(self.pending.len() as u64 <= most, "a log has at most 1,000,000 records")
            }
            Kind::Head(head) => self.head(head, flight, device),
            Kind::Seen(seen) => device_note(&seen.note, flight, device).map(drop),
            Kind::Nonce(nonce) => {
                rule(!self.landed, "nothing is given after landed")?;
                rule(i64::try_from(nonce.time_s).is_ok(), "times are below 2^63")
            }
            Kind::Equivocation(found) => {
                self.equivocations += 1;
                contradict(found, flight, device)
            }
            Kind::Restarted(_) => {
                self.pending.clear();
                Ok(())
            }
            Kind::Landed(landed) => self.land(landed),
        }
    }

    fn head(&mut self, head: &Head, flight: FlightId, device: &PublicKey) -> Result<(), Fault> {
        rule(!self.landed, "nothing is cosigned after landed")?;
        rule(head.leaves.len() <= MAX_LEAVES, "an entry has at most 512 leaves")?;
        let note = device_note(&head.note, flight, device)?;
        let mut tree = self.tree.clone();
        self.pending.drain(..).chain(head.leaves.iter().copied()).for_each(|leaf| tree.push(leaf));
        let claimed = note.claimed();
        rule(tree.size() > self.tree.size() && tree.size() <= MAX_RECORDS, "heads grow, up to 1,000,000 records")?;
        rule((tree.size(), tree.root()) == (claimed.size, claimed.root), "a head is the one of the leaves")?;
        if let Some(cosigned) = &head.cosignature {
            rule(self.is_cosigned(cosigned, &note), "the cosignature does not verify")?;
        }
        self.tree = tree;
        self.heads += 1;
        Ok(())
    }

    fn is_cosigned(&self, cosigned: &Cosigned, note: &SignedNote) -> bool {
        cosigned.cosignature(&self.station).is_some_and(|made| made.verifies(note.claimed(), &self.station))
    }

    fn land(&mut self, landed: &Landed) -> Result<(), Fault> {
        rule(!self.landed, "a flight lands once")?;
        rule((landed.size, landed.root) == (self.tree.size(), self.tree.root()), "landed states the last head")?;
        let counts = (landed.heads, landed.equivocations) == (self.heads, self.equivocations);
        rule(counts, "landed counts the entries before it")?;
        self.landed = true;
        Ok(())
    }
}

/// A note that the device signed for this flight, without cosignatures.
fn device_note(text: &str, flight: FlightId, device: &PublicKey) -> Result<SignedNote, Fault> {
    let note = SignedNote::parse(text)?;
    rule(note.cosignatures().len() == 0, "notes stand without cosignatures")?;
    rule(note.claimed().flight == flight, "notes are of the file's flight")?;
    note.verify(device)?;
    Ok(note)
}

fn contradict(found: &Equivocation, flight: FlightId, device: &PublicKey) -> Result<(), Fault> {
    let note = device_note(&found.note, flight, device)?;
    let Some(held) = &found.held else {
        return Ok(());
    };
    let held = device_note(held, flight, device)?;
    let (note, held) = (note.claimed(), held.claimed());
    rule(note.size == held.size && note.root != held.root, "an equivocation is two heads of one size")
}

fn rule(holds: bool, text: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Rule(text)) }
}

/// What a whole file comes to.
pub struct Summary {
    /// The flight.
    pub flight: FlightId,
    /// The station's key.
    pub station: PublicKey,
    /// The device's key, as `begin` says.
    pub device: PublicKey,
    /// The station's own tree at its last head.
    pub tree: Tree,
    /// `head` entries.
    pub heads: u64,
    /// `equivocation` entries.
    pub equivocations: u64,
    /// Whether the file ends the flight for this station.
    pub landed: bool,
    /// Goes on behind the last whole line.
    pub writer: EntryWriter,
    /// Where the last whole line ends: whoever goes on writing cuts the file there.
    pub whole_bytes: u64,
    /// Bytes behind the last newline: a line that was never finished.
    pub torn_bytes: u64,
}

/// Reads a file, handing each entry on once it has been checked. `key_of` knows the key of the station that signs, by
/// its id.
///
/// # Errors
/// When it cannot be read, is empty, is of an unknown station, or a line is refused.
pub fn read(
    input: impl BufRead,
    key_of: impl FnOnce(KeyId) -> Option<PublicKey>,
    mut taken: impl FnMut(Entry),
) -> Result<Summary, FileError> {
    let mut lines = Lines::new(input);
    let mut key_of = Some(key_of);
    let mut checker: Option<Checker> = None;
    let mut torn_bytes = 0;
    while let Some(line) = lines.next()? {
        let number = checker.as_ref().map_or(0, |checker| checker.expected_seq) + 1;
        let refused = |fault| FileError::Line { line: number, fault };
        let bytes = match line {
            Line::Whole(bytes) => bytes,
            Line::TooLong => return Err(refused(Fault::TooLong)),
            Line::Torn(bytes) => {
                torn_bytes = bytes;
                break;
            }
        };
        if let Some(key_of) = key_of.take() {
            let id = Envelope::parse(&bytes, PAYLOAD_TYPE).map_err(|error| refused(error.into()))?.key_id();
            checker = Some(Checker::new(key_of(id).ok_or(FileError::UnknownStation(id))?));
        }
        let checker = checker.as_mut().ok_or(FileError::Empty)?;
        taken(checker.take(&bytes).map_err(refused)?);
    }
    let checker = checker.ok_or(FileError::Empty)?;
    let (flight, device) = checker.origin.ok_or(FileError::Empty)?;
    Ok(Summary {
        flight,
        device,
        station: checker.station,
        tree: checker.tree,
        heads: checker.heads,
        equivocations: checker.equivocations,
        landed: checker.landed,
        writer: EntryWriter { flight_id: flight, seq: checker.expected_seq, prev: checker.prev },
        whole_bytes: lines.offset,
        torn_bytes,
    })
}

#[cfg(test)]
mod tests;
