//! A line of the ledger, read and checked on its own: form, rules, signatures.

use super::entry::{COUNTERSIGNATURE_TYPE, Countersignature, ENTRY_TYPE, Entry, MAX_LINE_BYTES, Place};
use flight_record::canonical::{self, NotCanonical};
use flight_record::dsse::{EnvelopeError, Several};

/// What a line holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An act.
    Entry(Box<Entry>),
    /// A countersignature that came later.
    Countersignature(Box<Countersignature>),
}

/// Why a line is refused.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// The envelope or a signature.
    #[error("the envelope is refused: {0}")]
    Envelope(#[from] EnvelopeError),
    /// The statement in it.
    #[error("the statement is refused: {0}")]
    NotCanonical(#[from] NotCanonical),
    /// A rule.
    #[error("{0}")]
    Rule(&'static str),
}

impl Line {
    /// Reads a line and checks its signatures against the keys it names.
    ///
    /// # Errors
    /// Another spelling, a broken rule, a signature that does not verify.
    pub fn read(bytes: &[u8]) -> Result<Self, LineError> {
        if bytes.len() > MAX_LINE_BYTES {
            return Err(LineError::Rule("longer than any line of a ledger"));
        }
        match Several::parse(bytes, ENTRY_TYPE) {
            Ok(envelope) => {
                let claimed: Entry = canonical::read(envelope.claimed_payload())?;
                let entry: Entry = canonical::read(envelope.verify(&claimed.signers())?)?;
                entry.check().map_err(LineError::Rule)?;
                Ok(Self::Entry(Box::new(entry)))
            }
            Err(EnvelopeError::PayloadType { .. }) => Self::read_countersignature(bytes),
            Err(error) => Err(error.into()),
        }
    }

    fn read_countersignature(bytes: &[u8]) -> Result<Self, LineError> {
        let envelope = Several::parse(bytes, COUNTERSIGNATURE_TYPE)?;
        let claimed: Countersignature = canonical::read(envelope.claimed_payload())?;
        let later: Countersignature = canonical::read(envelope.verify(&[claimed.witness.key])?)?;
        if later.witness.person == later.actor.person || later.witness.key == later.actor.key {
            return Err(LineError::Rule("the witness is the person who acted"));
        }
        Ok(Self::Countersignature(Box::new(later)))
    }

    /// What a line says although nobody has checked its signatures: to open a ledger quickly, whose last head is signed.
    pub(crate) fn claimed(bytes: &[u8]) -> Option<Self> {
        if let Ok(envelope) = Several::parse(bytes, ENTRY_TYPE) {
            return Some(Self::Entry(canonical::read(envelope.claimed_payload()).ok()?));
        }
        let envelope = Several::parse(bytes, COUNTERSIGNATURE_TYPE).ok()?;
        Some(Self::Countersignature(canonical::read(envelope.claimed_payload()).ok()?))
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        match self {
            Self::Entry(entry) => &entry.place_in_ledger,
            Self::Countersignature(later) => &later.place_in_ledger,
        }
    }
}
