//! Writing to the ledger: one transaction a line, durable on return.

use super::entry::{COUNTERSIGNATURE_TYPE, ENTRY_TYPE, MAX_LINE_BYTES};
use super::{
    Act, Category, Countersignature, Countersigning, Entry, HeadRef, Ledger, LedgerError, Line, Place, Signatory,
    Written, database,
};
use crate::ids::{EntryId, random};
use flight_record::keys::Signer;
use flight_record::note::Checkpoint;
use flight_record::{FlightId, Sha256, Stamp, canonical, dsse};
use rusqlite::{Transaction, TransactionBehavior};

/// A line ready to be written, and what is kept beside it.
struct Ready {
    line: Line,
    /// The line's one spelling, signed.
    bytes: Vec<u8>,
    /// The flight it is about.
    flight: Option<FlightId>,
    personal: Option<([u8; 32], String)>,
}

/// What an entry says of personal data beside it: SHA-256 of the salt and the text.
pub(super) fn commitment(salt: &[u8], data: &str) -> Sha256 {
    Sha256::of(&[salt, data.as_bytes()].concat())
}

impl Ledger {
    /// Writes an act; durable on return. Without a witness, an entry of a category that needs one awaits it for 72 h.
    ///
    /// # Errors
    /// [`LedgerError::SamePerson`], [`LedgerError::WitnessNeeded`], [`LedgerError::ReasonMissing`], or the database fails.
    pub fn append(
        &mut self,
        act: &Act,
        actor: &Signatory<'_>,
        witness: Option<&Signatory<'_>>,
        at: Stamp,
    ) -> Result<Written, LedgerError> {
        if !self.unexplained.is_empty() {
            return Err(LedgerError::Unexplained);
        }
        if act.category == Category::Restore {
            return Err(LedgerError::NothingLost);
        }
        self.write(act, &[], actor, witness, at)
    }

    /// Explains a database that is older than a head seen elsewhere ([`Ledger::open_older`]).
    ///
    /// # Errors
    /// [`LedgerError::NothingLost`], and as [`Ledger::append`].
    pub fn restore(
        &mut self,
        act: &Act,
        actor: &Signatory<'_>,
        witness: Option<&Signatory<'_>>,
        at: Stamp,
    ) -> Result<Written, LedgerError> {
        if act.category != Category::Restore || self.unexplained.is_empty() {
            return Err(LedgerError::NothingLost);
        }
        let lost = self.unexplained.clone();
        let written = self.write(act, &lost, actor, witness, at)?;
        self.unexplained.clear();
        Ok(written)
    }

    fn write(
        &mut self,
        act: &Act,
        lost: &[HeadRef],
        actor: &Signatory<'_>,
        witness: Option<&Signatory<'_>>,
        at: Stamp,
    ) -> Result<Written, LedgerError> {
        if self.reason_required && act.reason.is_none() {
            return Err(LedgerError::ReasonMissing(act.category));
        }
        // A witness where none is needed signs all the same: their PIN was given for this act.
        if witness.is_none() && act.category.countersigning() == Countersigning::AtOnce {
            return Err(LedgerError::WitnessNeeded(act.category));
        }
        if witness.is_some_and(|witness| witness.person == actor.person) {
            return Err(LedgerError::SamePerson(actor.name.clone()));
        }
        let id = EntryId::new(at.utc_us)?;
        let personal = act.personal.clone().map(|data| Ok::<_, LedgerError>((random::<32>()?, data))).transpose()?;
        let seq = self.commit(|ledger| {
            if ledger.replay.has(id) {
                return Err(LedgerError::Rule("its id was used before"));
            }
            [Some(actor), witness].into_iter().flatten().try_for_each(|signatory| ledger.one_person(signatory))?;
            let place = Place::new(ledger.id(), ledger.head(), at);
            let mut entry = Entry::new(place, id, act, actor.hand(), witness.map(Signatory::hand));
            entry.personal = personal.as_ref().map(|(salt, data)| commitment(salt, data));
            entry.lost = lost.to_vec();
            entry.check().map_err(LedgerError::Rule)?;
            let signers: Vec<&dyn Signer> =
                [Some(actor), witness].into_iter().flatten().map(|signatory| signatory.key as &dyn Signer).collect();
            let bytes = dsse::seal_all(ENTRY_TYPE, &canonical::write(&entry), &signers);
            Ok(Ready { line: Line::Entry(Box::new(entry)), bytes, flight: act.flight, personal })
        })?;
        Ok(Written { seq, id })
    }

    /// Countersigns an entry that awaits it; durable on return.
    ///
    /// # Errors
    /// [`LedgerError::NotAwaiting`], [`LedgerError::TooLate`], [`LedgerError::SamePerson`], or the database fails.
    pub fn countersign(&mut self, seq: u64, witness: &Signatory<'_>, at: Stamp) -> Result<Written, LedgerError> {
        if !self.unexplained.is_empty() {
            return Err(LedgerError::Unexplained);
        }
        let entry = self.entry(seq)?;
        let line = self.commit(|ledger| {
            let awaiting = ledger.replay.awaiting.get(&seq).ok_or(LedgerError::NotAwaiting(seq))?;
            if awaiting.is_overdue(at.utc_us) {
                return Err(LedgerError::TooLate(seq));
            }
            if awaiting.actor.person == witness.person {
                return Err(LedgerError::SamePerson(witness.name.clone()));
            }
            ledger.one_person(witness)?;
            let place = Place::new(ledger.id(), ledger.head(), at);
            let later = Countersignature::new(place, &entry, awaiting.leaf, witness.hand());
            let bytes = dsse::seal_all(COUNTERSIGNATURE_TYPE, &canonical::write(&later), &[witness.key]);
            let line = Line::Countersignature(Box::new(later));
            Ok(Ready { line, bytes, flight: entry.flight, personal: None })
        })?;
        Ok(Written { seq: line, id: entry.id })
    }

    fn entry(&self, seq: u64) -> Result<Entry, LedgerError> {
        match self.lines(seq, 1)?.pop() {
            Some(Line::Entry(entry)) if entry.place_in_ledger.seq == seq => Ok(*entry),
            _ => Err(LedgerError::NotAwaiting(seq)),
        }
    }

    /// A key signs for one person only, whatever an account says.
    fn one_person(&self, signatory: &Signatory<'_>) -> Result<(), LedgerError> {
        match self.replay.person_of(&signatory.key.public()) {
            Some(person) if person != signatory.person => {
                Err(LedgerError::KeyOfAnother { name: signatory.name.clone(), person })
            }
            _ => Ok(()),
        }
    }

    /// Takes the lock, reads what others wrote meanwhile, writes the line and the head over it, all or nothing.
    fn commit(&mut self, make: impl FnOnce(&Self) -> Result<Ready, LedgerError>) -> Result<u64, LedgerError> {
        let error = || database("written", &self.path);
        // Unchecked only in that the compiler does not see that no other transaction is open: `commit` never nests.
        let transaction =
            Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate).map_err(error())?;
        for line in lines_from(&transaction, self.replay.head().size).map_err(error())? {
            let seq = self.replay.head().size;
            self.replay.step(&line, true).map_err(|fault| LedgerError::Bad { seq, fault })?;
        }
        let ready = make(self)?;
        if ready.bytes.len() > MAX_LINE_BYTES {
            return Err(LedgerError::Rule("longer than any line of a ledger"));
        }
        let seq = self.head().size;
        let head = self.replay.head_with(&ready.bytes);
        let note = Checkpoint { flight: self.id(), size: head.size, root: head.root }.sign(&self.store.key);
        insert(&transaction, seq, &ready, head, &note).and_then(|()| transaction.commit()).map_err(error())?;
        self.replay.follow(&ready.line, &ready.bytes).map_err(|fault| LedgerError::Bad { seq, fault })?;
        Ok(seq)
    }
}

/// What other programs have written since.
fn lines_from(transaction: &Transaction<'_>, size: u64) -> rusqlite::Result<Vec<Vec<u8>>> {
    let mut statement = transaction.prepare_cached("SELECT line FROM entries WHERE seq >= ?1 ORDER BY seq")?;
    statement.query_map([size], |row| row.get(0))?.collect()
}

fn insert(transaction: &Transaction<'_>, seq: u64, ready: &Ready, head: HeadRef, note: &str) -> rusqlite::Result<()> {
    let (id, category) = match &ready.line {
        Line::Entry(entry) => (Some(entry.id.to_string()), Some(entry.category.to_string())),
        Line::Countersignature(_) => (None, None),
    };
    let flight = ready.flight.map(|flight| flight.to_string());
    transaction
        .prepare_cached(
            "INSERT INTO entries (seq, id, category, flight, at_utc_us, line) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((seq, id, category, flight, ready.line.place().at_utc_us, &ready.bytes))?;
    transaction.prepare_cached("INSERT INTO heads (size, note) VALUES (?1, ?2)")?.execute((head.size, note))?;
    if let Some((salt, data)) = &ready.personal {
        transaction.prepare_cached("INSERT INTO personal (seq, salt, data) VALUES (?1, ?2, ?3)")?.execute((
            seq,
            &salt[..],
            data,
        ))?;
    }
    Ok(())
}
