//! Identifiers and the short texts that records may hold. None of them ever needs escaping in JSON, and
//! none can leave its folder when it becomes part of a path.

use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

/// A text that breaks the rule of its type.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{text:?} is no {what}: {rule}")]
pub struct BadName {
    what: &'static str,
    text: String,
    rule: &'static str,
}

impl BadName {
    fn new(what: &'static str, text: &str, rule: &'static str) -> Self {
        Self { what, text: text.chars().take(80).collect(), rule }
    }
}

/// Gives a newtype over `String` its checked constructor and the conversions serde and `Display` need.
macro_rules! checked_text {
    ($name:ident, $what:literal, $rule:literal, $valid:expr) => {
        impl std::str::FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) { Ok(Self(text.to_owned())) } else { Err(BadName::new($what, text, $rule)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}

/// A code word: what happened, why, what a document is. `[a-z0-9-]{1,40}`, so that no free text enters a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

checked_text!(Code, "code", "1 to 40 of a-z, 0-9 and '-'", |text| {
    (1..=40).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
});

/// The name of a stream of pictures: `eo`, `ir`, … `[a-z0-9]{1,16}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamName(String);

checked_text!(StreamName, "stream name", "1 to 16 of a-z and 0-9", |text| {
    (1..=16).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
});

/// A label a unit gives itself or its software: 1 to 64 printable ASCII characters without `"` and `\`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

checked_text!(Label, "label", "1 to 64 printable ASCII characters without '\"' and '\\'", |text| {
    (1..=64).contains(&text.len()) && text.bytes().all(|c| matches!(c, b' '..=b'~') && c != b'"' && c != b'\\')
});

/// Why a person decides something, in their words: 4 to 200 printable ASCII characters without `"` and `\`, three of them
/// letters, so that neither a blank nor a dot passes for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reason(String);

checked_text!(
    Reason,
    "reason",
    "4 to 200 printable ASCII characters without '\"' and '\\', three of them letters",
    |text| {
        (4..=200).contains(&text.len())
            && text.bytes().all(|c| matches!(c, b' '..=b'~') && c != b'"' && c != b'\\')
            && text.bytes().filter(u8::is_ascii_alphabetic).count() >= 3
    }
);

/// Gives a newtype over [`Uuid`] its text form: lower-case hyphenated, nothing else accepted.
macro_rules! uuid_text {
    ($name:ident, $what:literal) => {
        impl std::str::FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                let bad = || BadName::new($what, text, "a lower-case hyphenated UUID");
                let uuid = Uuid::try_parse(text).map_err(|_| bad())?;
                if uuid.hyphenated().to_string() == text { Ok(Self(uuid)) } else { Err(bad()) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
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

/// A flight (or a device log): a UUIDv7, so that names sort by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FlightId(Uuid);

uuid_text!(FlightId, "flight id");

impl FlightId {
    /// The id of a flight that begins at `utc_us` (POSIX microseconds; before 1970 counts as 1970), made unique by
    /// `random` (RFC 9562 §5.7).
    pub fn new(utc_us: i64, random: [u8; 10]) -> Self {
        let millis = u64::try_from(utc_us / 1000).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Whether it is of version 7 (RFC 9562 §5.7), as every flight's is.
    pub fn is_version_7(self) -> bool {
        self.0.get_version_num() == 7 && self.0.get_variant() == uuid::Variant::RFC4122
    }

    /// The id with these 16 bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The 16 bytes of the id.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

/// One run of the aircraft's computer between power-on and power-off (`/proc/sys/kernel/random/boot_id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BootId(Uuid);

uuid_text!(BootId, "boot id");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_hold_no_free_text() {
        assert!("recording-started".parse::<Code>().is_ok());
        for bad in ["", "Recording", "a b", "a/b", "..", "é", &"x".repeat(41)] {
            assert!(bad.parse::<Code>().is_err(), "{bad}");
        }
    }

    #[test]
    fn stream_names_cannot_leave_their_folder() {
        assert!("eo".parse::<StreamName>().is_ok());
        for bad in ["", ".", "..", "a/b", "a.b", "EO", "a-b", &"x".repeat(17)] {
            assert!(bad.parse::<StreamName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reason_says_something() {
        assert!("handed over to the store, ref 7".parse::<Reason>().is_ok());
        for bad in ["", "    ", "....", "x", "1234567", "a \"b\" c", "line\nline", &"x".repeat(201)] {
            assert!(bad.parse::<Reason>().is_err(), "{bad}");
        }
    }

    #[test]
    fn flight_ids_sort_by_time_and_read_one_form_only() {
        let early = FlightId::new(1_700_000_000_000_000, [7; 10]);
        let late = FlightId::new(1_700_000_001_000_000, [0; 10]);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse(), Ok(early));
        for bad in [early.to_string().to_uppercase(), early.to_string().replace('-', ""), format!("{{{early}}}")] {
            assert!(bad.parse::<FlightId>().is_err(), "{bad}");
        }
    }
}
