//! What a person at the station marks in flight, as the flight's record keeps it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{PapersError, is_text, text};

/// Longest document read, bytes.
const MAX_BYTES: usize = 1_024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-mark/1")]
    V1,
}

/// A moment that somebody marks, or at which people are told of the flight: the detail of an event in its record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    schema: Schema,
    /// The moment, by the station's clock, POSIX µs.
    pub at_utc_us: i64,
    /// The note; empty where there is none.
    pub what: String,
}

impl Mark {
    /// The mark of a moment; what of the note is no printable ASCII is replaced.
    #[must_use]
    pub fn new(note: &str, at: Timestamp) -> Self {
        Self { schema: Schema::V1, at_utc_us: at.as_microsecond(), what: text(note) }
    }

    /// Its one spelling.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        // Strings, integers and objects with named members always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads one.
    ///
    /// # Errors
    /// Whatever else it says, or however else it spells it.
    pub fn read(bytes: &[u8]) -> Result<Self, PapersError> {
        if bytes.len() > MAX_BYTES {
            return Err(PapersError::Long);
        }
        let mark: Self = serde_json::from_slice(bytes).map_err(|error| PapersError::Json(error.to_string()))?;
        if mark.write() != bytes {
            return Err(PapersError::Spelling);
        }
        if is_text(&mark.what) {
            Ok(mark)
        } else {
            Err(PapersError::Rule("a text is printable ASCII without quotes and backslashes"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_was_written_and_nothing_else_is() {
        for note in ["", "red car, north side", "\u{1b}[31m \"quoted\" ünïcode", &"x".repeat(5_000)] {
            let mark = Mark::new(note, Timestamp::from_microsecond(1_777_636_800_000_000).unwrap());
            assert_eq!(Mark::read(&mark.write()).unwrap(), mark, "{note}");
        }
        let spelled = br#"{"schema":"skyseal-mark/1","at_utc_us":1,"what":"a"}"#;
        assert!(Mark::read(spelled).is_ok());
        for other in [
            &br#"{"schema":"skyseal-mark/2","at_utc_us":1,"what":"a"}"#[..],
            br#"{"schema":"skyseal-mark/1", "at_utc_us":1,"what":"a"}"#,
            br#"{"schema":"skyseal-mark/1","at_utc_us":1,"what":"a","more":1}"#,
            b"{\"schema\":\"skyseal-mark/1\",\"at_utc_us\":1,\"what\":\"\xc3\xa9\"}",
            b"",
        ] {
            assert!(Mark::read(other).is_err(), "{}", String::from_utf8_lossy(other));
        }
    }
}
