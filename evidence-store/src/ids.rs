//! Identifiers of persons and ledger entries: UUIDs, in one spelling.

use rand::TryRngCore as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// Text that is no identifier.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a lower-case hyphenated UUID")]
pub struct BadId;

/// The operating system gives no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandom(#[source] std::io::Error);

/// Random bytes of the operating system.
///
/// # Errors
/// When it gives none.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoRandom> {
    let mut bytes = [0; N];
    rand::rngs::OsRng.try_fill_bytes(&mut bytes).map_err(|error| NoRandom(std::io::Error::other(error)))?;
    Ok(bytes)
}

macro_rules! uuid_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// A new one, made at `utc_us` (POSIX µs; RFC 9562 §5.7).
            ///
            /// # Errors
            /// When the operating system gives no random bytes.
            pub fn new(utc_us: i64) -> Result<Self, NoRandom> {
                let millis = u64::try_from(utc_us / 1000).unwrap_or(0);
                Ok(Self(uuid::Builder::from_unix_timestamp_millis(millis, &random()?).into_uuid()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;

            fn from_str(text: &str) -> Result<Self, BadId> {
                let uuid = Uuid::try_parse(text).map_err(|_| BadId)?;
                if uuid.hyphenated().to_string() == text { Ok(Self(uuid)) } else { Err(BadId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;

            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0.hyphenated())
            }
        }
    };
}

uuid_type! {
    /// A person, under whatever key they sign; says nothing about who they are.
    PersonId
}
uuid_type! {
    /// An entry of the ledger.
    EntryId
}
