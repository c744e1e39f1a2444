//! Handing a flight over: what the aircraft and the store tell each other, and on what condition the aircraft erases.
//!
//! | type | what it is |
//! |---|---|
//! | [`Inventory`] | what lies in a flight's folder: paths and lengths |
//! | [`Manifest`] | the same with digests, in the form of `sha256sum` |
//! | [`Challenge`] | 32 random bytes of the aircraft's, good for one erasure |
//! | [`Receipt`] | a store's signed word that it holds exactly this manifest |
//! | [`EraseOrder`] | what two people sign so that the aircraft erases; [`Refusal`] names every reason not to |
//! | [`tls`] | how the two ends of a connection know each other |

mod aboard;
mod approval;
mod challenge;
mod inventory;
mod manifest;
mod order;
mod receipt;
mod refusal;
pub mod tls;

pub use aboard::{Aboard, files_aboard};
pub use approval::{Approved, Authorised};
pub use challenge::{Challenge, FOLDER};
pub use inventory::{Inventory, Listing};
pub use manifest::Manifest;
pub use order::{EraseOrder, MAX_ORDER_BYTES, MAX_ORDER_VALID_US, Quarantine, SealedReceipt, Terms};
pub use receipt::{Receipt, ReceiptSchema};
pub use refusal::{Refusal, Signatory};

use crate::canonical::NotCanonical;
use crate::dsse::EnvelopeError;
use std::path::{Path, PathBuf};

/// Most files of a flight that can be handed over: a flight of 27 hours at two files a second.
pub const MAX_FILES: usize = 100_000;
/// Longest path of a file inside its flight's folder, in bytes.
pub const MAX_PATH_BYTES: usize = 200;
/// Deepest file: `segments/<stream>/<file>`.
const MAX_PARTS: usize = 3;

/// The verdicts with which a flight is kept apart; anything else is accepted with its verdict.
const QUARANTINED: [&str; 6] =
    ["MALFORMED", "KEY-UNTRUSTED", "ALTERED", "EQUIVOCATION", "WRONG-FLIGHT", "OUT-OF-ORDER"];

/// Whether a flight with this verdict goes into quarantine, and is erased only by two custodians who say so.
pub fn is_quarantined(verdict: &str) -> bool {
    QUARANTINED.contains(&verdict)
}

/// Why something of a handover is refused or cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DockError {
    /// A file or folder cannot be read or written.
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
    /// The text is not in its one spelling.
    #[error("the text is refused")]
    NotCanonical(#[from] NotCanonical),
    /// A path that no file of a flight can have.
    #[error("{0:?} cannot be the path of a file of a flight: it may have up to three plain parts of printable ASCII")]
    Path(String),
    /// More files than a flight can have.
    #[error("more than {MAX_FILES} files: no flight has so many")]
    TooManyFiles,
    /// Longer than any of its kind.
    #[error("{what} is longer than {most} bytes")]
    TooLong {
        /// What.
        what: &'static str,
        /// The most.
        most: usize,
    },
    /// A rule of the format is broken.
    #[error("a rule of the format is broken: {0}")]
    Rule(&'static str),
    /// A line of a manifest is not as `sha256sum` prints it.
    #[error("line {line} of the manifest is not as sha256sum prints it, sorted, each path once")]
    ManifestLine {
        /// The line, from 1.
        line: usize,
    },
}

impl DockError {
    pub(crate) fn io(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { doing, path, source }
    }
}

/// Whether `path` can stand in an inventory: relative, at most three parts, none of them empty, `.` or `..`, printable
/// ASCII without `"` and `\`. Such a path never leaves the folder it is joined to.
pub fn is_plain_path(path: &str) -> bool {
    path.len() <= MAX_PATH_BYTES
        && path.bytes().all(|c| matches!(c, b' '..=b'~') && c != b'"' && c != b'\\')
        && path.split('/').count() <= MAX_PARTS
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn check_path(path: &str) -> Result<(), DockError> {
    if is_plain_path(path) { Ok(()) } else { Err(DockError::Path(path.chars().take(80).collect())) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Integrity;

    #[test]
    fn what_is_out_of_order_or_worse_is_kept_apart() {
        for integrity in [
            Integrity::Intact,
            Integrity::UnattestedTail,
            Integrity::Incomplete,
            Integrity::Gap,
            Integrity::Missing,
            Integrity::Truncated,
            Integrity::OutOfOrder,
            Integrity::WrongFlight,
            Integrity::Equivocation,
            Integrity::Altered,
            Integrity::KeyUntrusted,
            Integrity::Malformed,
        ] {
            assert_eq!(is_quarantined(&integrity.to_string()), integrity >= Integrity::OutOfOrder, "{integrity}");
        }
    }

    #[test]
    fn no_path_leaves_its_folder() {
        for good in ["records.jsonl", "segments/eo/000001.ts.age", "torn/records-7", "a b", "..."] {
            assert!(is_plain_path(good), "{good}");
        }
        for bad in [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "//a",
            "..",
            "a/..",
            "../a",
            "a/../../b",
            "./a",
            "a/./b",
            "a/b/c/d",
            "a\nb",
            "a\\b",
            "a\"b",
            "é",
            "a\0b",
            &"x".repeat(201),
        ] {
            assert!(!is_plain_path(bad), "{bad}");
        }
    }
}
