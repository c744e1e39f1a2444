//! The ledger's newest head as it was seen elsewhere: beside the second store, on another machine.

use super::LedgerError;
use super::entry::HeadRef;
use crate::store::disk::{LocalDisk, read_small, write_whole};
use flight_record::FlightId;
use flight_record::keys::PublicKey;
use flight_record::note::SignedNote;
use std::path::{Path, PathBuf};

/// Name of the file beside a second store.
pub const HEADS_FILE: &str = "ledger.heads";
/// Longest file of a head.
const MAX_BYTES: u64 = 16 * 1024;

/// A head found outside the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outside {
    pub(super) path: PathBuf,
    pub(super) head: HeadRef,
}

/// Reads the heads kept in `paths`; a path where nothing was published yet is passed over.
pub(super) fn read(paths: &[PathBuf], ledger: FlightId, store: &PublicKey) -> Result<Vec<Outside>, LedgerError> {
    let mut found = Vec::new();
    for path in paths {
        let io = |source| LedgerError::Heads { doing: "cannot read the ledger's head in", path: path.clone(), source };
        let Some(bytes) = read_small(path, MAX_BYTES).map_err(io)? else {
            continue;
        };
        let refused = || LedgerError::NotOurHead { path: path.clone() };
        let note = SignedNote::parse(std::str::from_utf8(&bytes).map_err(|_| refused())?).map_err(|_| refused())?;
        let head = note.verify(store).map_err(|_| refused())?;
        if head.flight != ledger {
            return Err(refused());
        }
        found.push(Outside { path: path.clone(), head: HeadRef { size: head.size, root: head.root } });
    }
    Ok(found)
}

/// Puts the newest head there.
pub(super) fn write(path: &Path, note: &str) -> Result<(), LedgerError> {
    write_whole(&LocalDisk, path, note.as_bytes()).map_err(|source| LedgerError::Heads {
        doing: "cannot put the ledger's head in",
        path: path.to_owned(),
        source,
    })
}
