//! Whom a unit trusts: `trust.json`, signed by the unit's root or by an enrolment key that it certifies; how a key gets
//! into it and out of it; and how a holder never goes back to an older one.

mod certificate;
mod enrolment;
mod entry;
mod held;
mod list;
mod root;
mod watched;
mod wrapped;

pub use certificate::EnrolmentCertificate;
pub use enrolment::EnrolmentRequest;
pub use entry::{BadWord, Certificate, Duty, Entry, Grant, Refusal, Revocation, Role, from_groups, in_groups};
pub use held::Held;
pub use list::TrustList;
pub use root::{Authority, Signing, Validity};
pub use watched::Watched;

/// A passphrase; wiped when dropped, never printed.
pub use age::secrecy::SecretString as Passphrase;

use crate::canonical::NotCanonical;
use crate::dsse::EnvelopeError;
use crate::keys::{KeyError, KeyId};
use crate::names::Label;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;

/// What a device, and a flight, may count as. Ordered: a flight's class is never above its device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Not a real aircraft.
    Simulated,
    /// A real aircraft in training.
    Training,
    /// Police work.
    Operational,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Simulated => "simulated",
            Self::Training => "training",
            Self::Operational => "operational",
        })
    }
}

impl std::str::FromStr for Class {
    type Err = BadClass;

    fn from_str(text: &str) -> Result<Self, BadClass> {
        [Self::Simulated, Self::Training, Self::Operational].into_iter().find(|c| c.to_string() == text).ok_or(BadClass)
    }
}

/// Text that is no class.
#[derive(Debug, thiserror::Error)]
#[error("a class is simulated, training or operational")]
pub struct BadClass;

/// Why a trust list, a request or the root key is refused.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// A file cannot be read or written.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// The envelope or its signature is not good.
    #[error("the envelope is refused")]
    Envelope(#[from] EnvelopeError),
    /// The signed text is not in canonical form.
    #[error("the signed text is refused")]
    NotCanonical(#[from] NotCanonical),
    /// Signed by another root than the one asked for.
    #[error("signed by root {found}, not by {wanted}: compare the fingerprint with the unit's")]
    OtherRoot {
        /// Fingerprint found in the list.
        found: KeyId,
        /// Fingerprint asked for.
        wanted: KeyId,
    },
    /// A rule inside the list is broken.
    #[error("the trust list contradicts itself: {0}")]
    Inconsistent(&'static str),
    /// Longer than any list we write.
    #[error("longer than 4 MiB")]
    TooLong,
    /// An older list than one already held.
    #[error("version {offered} is older than version {held} already held")]
    OlderVersion {
        /// Version held.
        held: u64,
        /// Version offered.
        offered: u64,
    },
    /// A list from before an enrolment key was made or revoked.
    #[error(
        "its enrolment serial {offered} is lower than {held} already held: the key that may have signed it was replaced or revoked"
    )]
    OlderSerial {
        /// Serial held.
        held: u64,
        /// Serial offered.
        offered: u64,
    },
    /// Two contents under one version.
    #[error(
        "another list of version {version} is held already: the unit signed two; make a new version and find out why"
    )]
    TwoLists {
        /// The version.
        version: u64,
    },
    /// The file that says which list was seen last is damaged.
    #[error(
        "{path} does not say which trust list was seen last; compare the list with the unit's by eye, then delete this file"
    )]
    StateDamaged {
        /// The state file.
        path: PathBuf,
    },
    /// The key is not listed.
    #[error("key {id} is not enrolled")]
    NotEnrolled {
        /// The key.
        id: KeyId,
    },
    /// The key is revoked already.
    #[error("key {id} ({name}) is revoked already, and not later than that")]
    AlreadyRevoked {
        /// The key.
        id: KeyId,
        /// Its name in the list.
        name: Label,
    },
    /// There is no enrolment key.
    #[error("the list certifies no enrolment key; make one with the root's passphrase")]
    NoEnrolmentKey,
    /// The key is listed already.
    #[error("key {id} is enrolled already, as {name}")]
    AlreadyEnrolled {
        /// The key.
        id: KeyId,
        /// Its name in the list.
        name: Label,
    },
    /// The passphrase does not open a key.
    #[error("the passphrase does not open {path}")]
    Passphrase {
        /// The wrapped key.
        path: PathBuf,
        /// What age says.
        source: age::DecryptError,
    },
    /// The passphrase is empty.
    #[error("the passphrase is empty: its file must hold it on the first line")]
    NoPassphrase,
    /// A new key cannot be wrapped.
    #[error("the new key cannot be wrapped")]
    Wrap(#[source] std::io::Error),
    /// The key's file holds something else.
    #[error("{path} does not hold the key that this unit's list names")]
    NotTheKey {
        /// The wrapped key.
        path: PathBuf,
    },
    /// A key cannot be made.
    #[error(transparent)]
    Key(#[from] KeyError),
}
