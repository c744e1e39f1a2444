//! Registers of a unit: permissions to fly, and flights flown.
//!
//! A document is never changed: each version of it is an object of the store, and an entry of the ledger says who entered it, when, why,
//! and after which version. What a register holds now is read from the ledger and the objects alone.

use std::fmt;
use std::io::Read as _;

use flight_record::{Code, Label, Reason, Sha256, Stamp};

use crate::intake::put_bytes;
use crate::ledger::{Act, Category, Entry, Ledger, LedgerError, Signatory};
use crate::store::{Store, StoreError};

/// Largest document, bytes.
pub const MAX_BYTES: u64 = 1 << 20;

/// Which register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Register {
    /// Permissions to fly.
    Authorisations,
    /// Flights flown.
    FlightLog,
}

impl Register {
    /// The outcome of its entries.
    fn outcome(self) -> &'static str {
        match self {
            Self::Authorisations => "authorisation",
            Self::FlightLog => "flight-log",
        }
    }
}

impl fmt::Display for Register {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Authorisations => "authorisations",
            Self::FlightLog => "flight log",
        })
    }
}

/// A version of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The document's SHA-256: its name in the store.
    pub digest: Sha256,
    /// The version that it takes the place of.
    pub before: Option<Sha256>,
    /// Who entered it, when and why.
    pub entry: Entry,
}

/// What can go wrong with a register.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Too long for a document.
    #[error("{0} bytes are more than a document of a register may have ({MAX_BYTES})")]
    TooLong(u64),
    /// Somebody else has entered a version meanwhile, or there is none such.
    #[error(
        "{0} is not the newest version of any document in the {1}: somebody changed it meanwhile; look at it again"
    )]
    NotNewest(Sha256, Register),
    /// An entry of a register that names no document.
    #[error("line {0} of the ledger is of a register and names no document")]
    Nameless(u64),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger fails.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A document cannot be read.
    #[error("the document {digest} cannot be read")]
    Read {
        /// Which.
        digest: Sha256,
        /// Why.
        source: std::io::Error,
    },
}

/// Somebody at the desk, who enters versions.
pub struct Registrar<'a> {
    /// The first store.
    pub store: &'a dyn Store,
    /// The second, which is to have the documents too.
    pub second: Option<&'a dyn Store>,
    /// The first store's ledger.
    pub ledger: &'a mut Ledger,
    /// Where this happens.
    pub place: Label,
    /// Why.
    pub reason: Reason,
}

impl Registrar<'_> {
    /// Enters `bytes` as a new document, or as the version after `before`; durable on return. A version that is the newest already is
    /// not entered twice.
    ///
    /// # Errors
    /// [`RegisterError::NotNewest`], [`RegisterError::TooLong`], or the store or the ledger fails.
    pub fn enter(
        &mut self,
        register: Register,
        bytes: &[u8],
        before: Option<Sha256>,
        actor: &Signatory<'_>,
        at: Stamp,
    ) -> Result<Sha256, RegisterError> {
        let length = bytes.len() as u64;
        if length > MAX_BYTES {
            return Err(RegisterError::TooLong(length));
        }
        let newest = newest(self.ledger, register)?;
        let digest = Sha256::of(bytes);
        if newest.iter().any(|version| version.digest == digest) {
            return Ok(digest);
        }
        if let Some(before) = before.filter(|before| newest.iter().all(|version| version.digest != *before)) {
            return Err(RegisterError::NotNewest(before, register));
        }
        // The document first: an entry never names what nobody has.
        for store in [Some(self.store), self.second].into_iter().flatten() {
            put_bytes(store, bytes)?;
        }
        let outcome: Code = register.outcome().parse().map_err(|_| LedgerError::Rule("an outcome is a code"))?;
        let act = Act {
            category: Category::Register,
            outcome,
            flight: None,
            items: std::iter::once(digest).chain(before).collect(),
            place: self.place.clone(),
            reason: Some(self.reason.clone()),
            personal: None,
        };
        self.ledger.append(&act, actor, None, at)?;
        self.ledger.publish()?;
        Ok(digest)
    }
}

/// Every version in a register, oldest first.
///
/// # Errors
/// The ledger fails, or has an entry that names no document.
pub fn versions(ledger: &Ledger, register: Register) -> Result<Vec<Version>, RegisterError> {
    let entries = ledger.of_category(Category::Register)?;
    let ours = entries.into_iter().filter(|entry| entry.outcome.as_str() == register.outcome());
    let version = |entry: Entry| {
        let nameless = RegisterError::Nameless(entry.place_in_ledger.seq);
        let digest = *entry.items.first().ok_or(nameless)?;
        Ok(Version { digest, before: entry.items.get(1).copied(), entry })
    };
    ours.map(version).collect()
}

/// The newest version of each document, in the order in which they were entered.
///
/// # Errors
/// As [`versions`].
pub fn newest(ledger: &Ledger, register: Register) -> Result<Vec<Version>, RegisterError> {
    let mut newest: Vec<Version> = Vec::new();
    for version in versions(ledger, register)? {
        // Line by line: a document may be changed back to what it was.
        newest.retain(|known| Some(known.digest) != version.before);
        newest.push(version);
    }
    Ok(newest)
}

/// A document.
///
/// # Errors
/// When the store does not have it, or it is longer than a document may be.
pub fn document(store: &dyn Store, digest: Sha256) -> Result<Vec<u8>, RegisterError> {
    let mut bytes = Vec::new();
    let mut reader = store.range(digest, 0, MAX_BYTES + 1)?;
    reader.read_to_end(&mut bytes).map_err(|source| RegisterError::Read { digest, source })?;
    let length = bytes.len() as u64;
    if length > MAX_BYTES { Err(RegisterError::TooLong(length)) } else { Ok(bytes) }
}
