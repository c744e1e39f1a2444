//! An extract: some files of a flight, with the records and tree heads that prove them, without the rest of the flight.
//!
//! ```text
//! extract.json  segments/<stream>/<index>.ts.age  telemetry/<index>.tlog.age  stills/<index>.<jpg|png>.age
//! ```
//!
//! `extract.json` is signed by nobody: the device signed the records and the heads, the stations the heads. [`write`]
//! makes an extract, [`crate::verify::verify_extract`] judges one. `FORMAT.md`, "Extract".

mod choose;
mod write;

pub use write::{ExtractError, Source, Taken, write};

use crate::canonical::{self, NotCanonical};
use crate::digest::Sha256;
use crate::layout::SealedName;
use crate::names::FlightId;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What proves the files beside it.
pub const EXTRACT: &str = "extract.json";
/// Longest `extract.json`, in bytes.
pub const MAX_EXTRACT_BYTES: u64 = 64 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-extract/1")]
    V1,
}

/// What `extract.json` holds. Nothing in it is to be believed before its proofs and signatures hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extract {
    schema: Schema,
    /// The flight.
    pub(crate) flight_id: FlightId,
    /// What is disclosed: segments, telemetry, stills; by the bytes of the path, each once.
    pub(crate) files: Vec<SealedName>,
    /// Record 0, the record that finishes each file, and the one before it; by rising `seq`.
    pub(crate) records: Vec<CarriedRecord>,
    /// By rising size. All stand in the tree of the last.
    pub(crate) heads: Vec<CarriedHead>,
}

/// One line of the flight's `records.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedRecord {
    pub(crate) seq: u64,
    /// The line without its newline, in base64.
    pub(crate) line: String,
    /// Inclusion in the tree of the last head (RFC 9162 §2.1.3).
    pub(crate) proof: Vec<Sha256>,
}

/// One head of the flight, with the cosignatures under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CarriedHead {
    pub(crate) note: String,
    /// Consistency with the last head (RFC 9162 §2.1.4); empty in the last.
    pub(crate) proof: Vec<Sha256>,
}

impl Extract {
    pub(crate) fn new(
        flight_id: FlightId,
        files: Vec<SealedName>,
        records: Vec<CarriedRecord>,
        heads: Vec<CarriedHead>,
    ) -> Self {
        Self { schema: Schema::V1, flight_id, files, records, heads }
    }

    /// The bytes of `extract.json`: one line.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = canonical::write(self);
        bytes.push(b'\n');
        bytes
    }

    /// Reads the bytes of `extract.json`; only their form is checked.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, NotCanonical> {
        canonical::read(bytes.strip_suffix(b"\n").ok_or(NotCanonical::Spelling)?)
    }
}

/// Whether `dir` is an extract rather than a flight's own folder.
pub fn is_extract(dir: &Path) -> bool {
    dir.join(EXTRACT).symlink_metadata().is_ok()
}

/// Whether a file may be disclosed by itself: what a record finishes as one of a series.
pub(crate) fn may_be_extracted(name: &SealedName) -> bool {
    match name {
        SealedName::Segment(..) | SealedName::Telemetry(_) | SealedName::Still(..) => true,
        SealedName::Document(_) => false,
    }
}
