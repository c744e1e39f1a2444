//! The ledger read from its first line on: what must hold from each line to the next. Pure.

use super::entry::{COUNTERSIGN_WITHIN_US, Entry, Hand, HeadRef};
use super::line::{Line, LineError};
use crate::ids::{EntryId, PersonId};
use flight_record::keys::PublicKey;
use flight_record::note::{Checkpoint, NoteError, SignedNote};
use flight_record::tree::{Tree, leaf_hash};
use flight_record::{FlightId, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It is not there.
    #[error("the line is missing")]
    Missing,
    /// Lines behind it are missing, although a head over them was signed.
    #[error("the lines from here on are missing: a head over {size} lines was signed")]
    CutOff {
        /// What the head says.
        size: u64,
    },
    /// It cannot be read, or a signature does not hold.
    #[error(transparent)]
    Line(#[from] LineError),
    /// It cannot even be read as a line of a ledger.
    #[error("it is no line of a ledger")]
    Unreadable,
    /// It belongs to another ledger.
    #[error("it belongs to ledger {0}")]
    OtherLedger(FlightId),
    /// It says that it stands elsewhere.
    #[error("it is line {0} of its ledger: lines were reordered")]
    OtherPlace(u64),
    /// The head it was written after is not the one before it.
    #[error("it was written after other lines than the ones before it")]
    OtherHistory,
    /// Its id was used before.
    #[error("entry id {0} is used twice")]
    IdTwice(EntryId),
    /// A key signs for two people.
    #[error("its key signed for another person before")]
    KeyOfAnother,
    /// A countersignature without its entry, of another line, or too late.
    #[error("the countersignature is of no entry that awaits one")]
    NothingToCountersign,
    /// No head was signed over it.
    #[error("no head is signed over it")]
    NoHead,
    /// The head over it is not signed by the store.
    #[error("the head over it is refused: {0}")]
    BadHead(#[from] NoteError),
    /// The line, or one before it, is not the one the head was signed over.
    #[error("it is not the line that the store's head was signed over: it was changed")]
    OtherHead,
    /// Personal data beside it are not the ones it commits to.
    #[error("the personal data beside it are not the ones it commits to")]
    OtherPersonal,
}

/// An entry that waits for a second person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Awaiting {
    /// Its line.
    pub seq: u64,
    /// Its id.
    pub id: EntryId,
    /// Who acted, and so cannot countersign.
    pub actor: Hand,
    /// When it was written, POSIX µs.
    pub at_utc_us: i64,
    pub(super) leaf: Sha256,
}

impl Awaiting {
    /// Whether it has waited for longer than 72 h.
    pub fn is_overdue(&self, now_utc_us: i64) -> bool {
        now_utc_us.saturating_sub(self.at_utc_us) > COUNTERSIGN_WITHIN_US
    }
}

/// The ledger as far as it was read.
#[derive(Debug)]
pub(super) struct Replay {
    ledger: FlightId,
    tree: Tree,
    ids: HashSet<EntryId>,
    persons: HashMap<[u8; 32], PersonId>,
    pub(super) awaiting: BTreeMap<u64, Awaiting>,
    /// Heads that a `restore` explained.
    pub(super) lost: Vec<HeadRef>,
}

impl Replay {
    pub(super) fn new(ledger: FlightId) -> Self {
        Self {
            ledger,
            tree: Tree::default(),
            ids: HashSet::new(),
            persons: HashMap::new(),
            awaiting: BTreeMap::new(),
            lost: Vec::new(),
        }
    }

    pub(super) fn ledger(&self) -> FlightId {
        self.ledger
    }

    /// The head over everything read.
    pub(super) fn head(&self) -> HeadRef {
        HeadRef { size: self.tree.size(), root: self.tree.root() }
    }

    /// The head with one more line; nothing changes.
    pub(super) fn head_with(&self, line: &[u8]) -> HeadRef {
        let mut tree = self.tree.clone();
        tree.push(leaf_hash(line));
        HeadRef { size: tree.size(), root: tree.root() }
    }

    /// Whether an entry has this id.
    pub(super) fn has(&self, id: EntryId) -> bool {
        self.ids.contains(&id)
    }

    /// The person who has signed with this key before.
    pub(super) fn person_of(&self, key: &PublicKey) -> Option<PersonId> {
        self.persons.get(key.as_bytes()).copied()
    }

    /// Takes the next line. `full` checks its signatures too; without, a signed head must vouch for the bytes.
    pub(super) fn step(&mut self, bytes: &[u8], full: bool) -> Result<Line, Fault> {
        let line = if full { Line::read(bytes)? } else { Line::claimed(bytes).ok_or(Fault::Unreadable)? };
        self.follow(&line, bytes)?;
        Ok(line)
    }

    /// Takes the next line, which is what `bytes` say: as they were read, or as this program has just written them.
    pub(super) fn follow(&mut self, line: &Line, bytes: &[u8]) -> Result<(), Fault> {
        debug_assert_eq!(Line::claimed(bytes).as_ref(), Some(line), "the line is what its bytes say");
        let place = line.place();
        if place.ledger != self.ledger {
            return Err(Fault::OtherLedger(place.ledger));
        }
        if place.seq != self.tree.size() {
            return Err(Fault::OtherPlace(place.seq));
        }
        if place.prev != self.head() {
            return Err(Fault::OtherHistory);
        }
        let leaf = leaf_hash(bytes);
        match line {
            Line::Entry(entry) => self.take(entry, leaf)?,
            Line::Countersignature(later) => {
                let awaiting = self.awaiting.get(&later.entry_seq).ok_or(Fault::NothingToCountersign)?;
                let same = awaiting.id == later.entry_id && awaiting.leaf == later.entry_leaf;
                if !same || awaiting.actor != later.actor || awaiting.is_overdue(place.at_utc_us) {
                    return Err(Fault::NothingToCountersign);
                }
                self.know(&later.witness)?;
                self.awaiting.remove(&later.entry_seq);
            }
        }
        self.tree.push(leaf);
        Ok(())
    }

    fn take(&mut self, entry: &Entry, leaf: Sha256) -> Result<(), Fault> {
        if !self.ids.insert(entry.id) {
            return Err(Fault::IdTwice(entry.id));
        }
        self.know(&entry.actor)?;
        entry.witness.iter().try_for_each(|witness| self.know(witness))?;
        if entry.awaits_countersignature() {
            let (seq, at_utc_us) = (entry.place_in_ledger.seq, entry.place_in_ledger.at_utc_us);
            self.awaiting.insert(seq, Awaiting { seq, id: entry.id, actor: entry.actor, at_utc_us, leaf });
        }
        self.lost.extend(&entry.lost);
        Ok(())
    }

    fn know(&mut self, hand: &Hand) -> Result<(), Fault> {
        let person = *self.persons.entry(*hand.key.as_bytes()).or_insert(hand.person);
        if person == hand.person { Ok(()) } else { Err(Fault::KeyOfAnother) }
    }

    /// Compares the stored head over the line just taken; `store` checks its signature too.
    pub(super) fn check_head(&self, note: Option<&str>, store: Option<&PublicKey>) -> Result<(), Fault> {
        let note = SignedNote::parse(note.ok_or(Fault::NoHead)?)?;
        if let Some(store) = store {
            note.verify(store)?;
        }
        let head = self.head();
        let expected = Checkpoint { flight: self.ledger, size: head.size, root: head.root };
        if *note.claimed() == expected { Ok(()) } else { Err(Fault::OtherHead) }
    }
}
