//! One spelling for every value: JSON without spaces, keys in the order of the type, integers only.
//!
//! What is read must equal its own re-serialisation byte for byte. That refuses unknown, doubled, reordered and missing
//! keys, spaces, escapes, signs and leading zeros with one rule a stranger can apply too.

use serde::{Serialize, de::DeserializeOwned};

/// Room for most records, entries and envelopes, so that they are written without moving.
const USUAL_BYTES: usize = 2048;

/// Bytes that are not the canonical form of the value they should hold.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// The JSON does not parse as the expected type.
    #[error("not the expected JSON: {0}")]
    Json(serde_json::Error),
    /// It parses, but is spelled in another way than the one allowed.
    #[error("not in canonical form: it differs from its own re-serialisation")]
    Spelling,
}

/// The canonical bytes of a value made of strings, integers, lists and string-keyed objects only.
pub fn write<T: Serialize>(value: &T) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    #[expect(clippy::expect_used, reason = "our types hold only strings, integers, lists and string-keyed objects")]
    serde_json::to_writer(&mut bytes, value).expect("plain values serialise");
    bytes
}

/// Reads a value from bytes that must be its canonical form.
///
/// # Errors
/// When they do not parse as the value, or spell it in another way.
pub fn read<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Result<T, NotCanonical> {
    let value: T = serde_json::from_slice(bytes).map_err(NotCanonical::Json)?;
    if write(&value) == bytes { Ok(value) } else { Err(NotCanonical::Spelling) }
}
