//! age recipients: whom a flight is sealed to. Each flight has its own; its secret is wrapped to the people entitled to
//! it ([`FlightRecipients`]), or was made beforehand for when an aircraft is booked out ([`OneTime`]).

mod one_time;
mod wraps;

pub use one_time::OneTime;
pub use wraps::{FlightIdentity, FlightRecipients, MAX_ENTITLED, make_person, unwrap};

use crate::durable;
use crate::verify::IdentitiesError;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Largest list of recipients read, in bytes.
const MAX_LIST_BYTES: u64 = 1 << 20;

/// An age X25519 recipient, `age1…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(String);

impl Recipient {
    /// The key to encrypt to.
    pub(crate) fn key(&self) -> Result<age::x25519::Recipient, BadRecipient> {
        self.0.parse().map_err(|_| BadRecipient)
    }

    /// The recipient of an X25519 public key, as the radio brings it.
    ///
    /// # Errors
    /// When age takes no such key.
    pub fn of_key(key: &[u8; 32]) -> Result<Self, BadRecipient> {
        bech32::encode::<bech32::Bech32>(HRP, key).map_err(|_| BadRecipient)?.parse()
    }

    /// The X25519 public key.
    ///
    /// # Errors
    /// Never for a recipient that was read or made here.
    pub fn key_bytes(&self) -> Result<[u8; 32], BadRecipient> {
        let (_, bytes) = bech32::decode(&self.0).map_err(|_| BadRecipient)?;
        bytes.try_into().map_err(|_| BadRecipient)
    }
}

/// What an age X25519 recipient begins with (age v1, "The X25519 recipient type").
const HRP: bech32::Hrp = bech32::Hrp::parse_unchecked("age");

/// Text that is no age X25519 recipient.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not an age X25519 recipient (age1…)")]
pub struct BadRecipient;

impl std::str::FromStr for Recipient {
    type Err = BadRecipient;

    fn from_str(text: &str) -> Result<Self, BadRecipient> {
        let key: age::x25519::Recipient = text.parse().map_err(|_| BadRecipient)?;
        if key.to_string() == text { Ok(Self(text.to_owned())) } else { Err(BadRecipient) }
    }
}

impl TryFrom<String> for Recipient {
    type Error = BadRecipient;

    fn try_from(text: String) -> Result<Self, BadRecipient> {
        text.parse()
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.0
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can go wrong with lists of recipients.
#[derive(Debug, thiserror::Error)]
pub enum RecipientsError {
    /// A file cannot be read or written.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// A line is no recipient.
    #[error(
        "{path}, line {line}: not an age X25519 recipient (age1…); make the list again with `skyseal-ground recipients make`"
    )]
    BadLine {
        /// The list.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// Nobody is entitled, or too many.
    #[error("{count} people are entitled: name 1 to {MAX_ENTITLED}, escrow among them, one age recipient a line")]
    Entitled {
        /// How many.
        count: usize,
    },
    /// age refuses to wrap.
    #[error("the flight's identity cannot be wrapped to those entitled")]
    Wrap(#[source] io::Error),
    /// The identity does not open the wrap.
    #[error("{path} cannot be opened: none of the identities is entitled to it, or it is no wrap")]
    NotEntitled {
        /// The wrap.
        path: PathBuf,
        /// What age says.
        source: age::DecryptError,
    },
    /// The wrap opens and holds something else.
    #[error("{path} does not hold the identity of the flight it is named after")]
    NotAnIdentity {
        /// The wrap.
        path: PathBuf,
    },
    /// A person's identities cannot be used.
    #[error(transparent)]
    Identities(#[from] IdentitiesError),
    /// Every recipient has been used.
    #[error("every recipient of {path} has been used; load a new list with `skyseal-ground recipients make`")]
    Exhausted {
        /// The list.
        path: PathBuf,
    },
}

impl RecipientsError {
    fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

/// Writes what must not be read by others, or written over: a new file of mode 600, durable on return.
fn write_new(path: &Path, bytes: &[u8], doing: &'static str) -> Result<(), RecipientsError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| durable::sync_parent(path))
        .map_err(RecipientsError::io(doing, path))
}

/// The recipients of a list, one a line; empty lines and lines that begin with `#` are skipped.
///
/// # Errors
/// When it cannot be read, or a line is no recipient.
pub fn read_list(path: &Path) -> Result<Vec<Recipient>, RecipientsError> {
    let io = || RecipientsError::io("cannot read the list of recipients", path);
    let mut text = String::new();
    fs::File::open(path).and_then(|file| file.take(MAX_LIST_BYTES).read_to_string(&mut text)).map_err(io())?;
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(at, line)| line.parse().map_err(|_| RecipientsError::BadLine { path: path.to_owned(), line: at + 1 }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipient_goes_over_the_radio_as_its_key_and_comes_back() {
        for _ in 0..20 {
            let recipient: Recipient = age::x25519::Identity::generate().to_public().to_string().parse().unwrap();
            assert_eq!(Recipient::of_key(&recipient.key_bytes().unwrap()), Ok(recipient));
        }
    }
}
