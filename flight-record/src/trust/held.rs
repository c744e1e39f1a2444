//! What a holder has seen of the unit's list, so that nobody gives it an older one.

use super::list::MAX_LIST_BYTES;
use super::{TrustError, TrustList};
use crate::canonical;
use crate::digest::Sha256;
use crate::durable;
use crate::keys::KeyId;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::Path;

/// A state file is shorter than this.
const MAX_STATE_BYTES: u64 = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[serde(rename = "skyseal-trust-held/1")]
    V1,
}

/// The newest list ever seen under a root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    schema: Schema,
    root: KeyId,
    serial: u64,
    version: u64,
    /// Of the list's bytes: one version has one content.
    sha256: Sha256,
}

impl Held {
    /// Opens a list ([`TrustList::open`]) and keeps in `state_file` that it was seen, durably, before it counts. A list
    /// with a lower serial or version than one seen before is refused, and so is another list of the same version. A state file of another root counts for nothing: the root is configured by
    /// hand, and whoever changes it begins anew.
    ///
    /// # Errors
    /// As [`TrustList::open`]; [`TrustError::OlderVersion`], [`TrustError::OlderSerial`], [`TrustError::TwoLists`]; or
    /// the state file cannot be read or written.
    pub fn accept(state_file: &Path, bytes: &[u8], fingerprint: KeyId) -> Result<TrustList, TrustError> {
        if bytes.len() > MAX_LIST_BYTES {
            return Err(TrustError::TooLong);
        }
        let list = TrustList::open(bytes, fingerprint)?;
        let bare = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let offered = Self {
            schema: Schema::V1,
            root: fingerprint,
            serial: list.serial,
            version: list.version,
            sha256: Sha256::of(bare),
        };
        match Self::read(state_file)? {
            Some(held) if held == offered => {}
            Some(held) if held.root == fingerprint => {
                held.allows(&offered)?;
                offered.write(state_file)?;
            }
            _ => offered.write(state_file)?,
        }
        Ok(list)
    }

    fn allows(&self, offered: &Self) -> Result<(), TrustError> {
        if offered.serial < self.serial {
            return Err(TrustError::OlderSerial { held: self.serial, offered: offered.serial });
        }
        if offered.version < self.version {
            return Err(TrustError::OlderVersion { held: self.version, offered: offered.version });
        }
        if offered.version == self.version {
            return Err(TrustError::TwoLists { version: self.version });
        }
        Ok(())
    }

    fn read(path: &Path) -> Result<Option<Self>, TrustError> {
        let io = |source| TrustError::Io { doing: "cannot read", path: path.to_owned(), source };
        let mut bytes = Vec::new();
        match fs::File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => io::Read::read_to_end(&mut io::Read::take(other.map_err(io)?, MAX_STATE_BYTES), &mut bytes)
                .map_err(io)?,
        };
        let bare = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        canonical::read(bare).map(Some).map_err(|_| TrustError::StateDamaged { path: path.to_owned() })
    }

    fn write(&self, path: &Path) -> Result<(), TrustError> {
        let mut bytes = canonical::write(self);
        bytes.push(b'\n');
        durable::replace(path, &bytes, 0o644).map_err(|source| TrustError::Io {
            doing: "cannot write",
            path: path.to_owned(),
            source,
        })
    }
}
