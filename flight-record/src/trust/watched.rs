//! The file of a trust list that is read again whenever it changes on the disk, never an older list.

use super::list::MAX_LIST_BYTES;
use super::{Held, TrustError, TrustList};
use crate::keys::KeyId;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What tells one content of the file from another without reading it: inode, length, and the instant of the last change
/// in seconds and nanoseconds, which a copy that keeps the old modification time moves all the same.
type Look = (u64, u64, i64, i64);

/// The file, what was last seen of it, and what a holder keeps of the newest list ([`Held`]).
#[derive(Debug)]
pub struct Watched {
    path: PathBuf,
    state_file: PathBuf,
    root: KeyId,
    seen: Option<Look>,
}

impl Watched {
    /// For the list at `path`, signed by the root with this fingerprint; what was seen is kept in `state_file`.
    pub fn new(path: &Path, state_file: &Path, root: KeyId) -> Self {
        Self { path: path.to_owned(), state_file: state_file.to_owned(), root, seen: None }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the list, which must also please `judge` before it is kept that it was seen ([`Held::accept`]). Whatever comes
    /// of it, the file has not [changed](Self::has_changed) until it does again.
    ///
    /// # Errors
    /// When the file cannot be read; as [`Held::accept`]; or what `judge` says.
    pub fn read<E: From<TrustError>>(
        &mut self,
        judge: impl FnOnce(&TrustList) -> Result<(), E>,
    ) -> Result<TrustList, E> {
        // Looked at first: what is written while it is read counts as another change.
        self.seen = self.look();
        let io = |source| TrustError::Io { doing: "cannot read", path: self.path.clone(), source };
        let mut bytes = Vec::new();
        let file = fs::File::open(&self.path).map_err(io)?;
        file.take(MAX_LIST_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
        judge(&TrustList::open(&bytes, self.root)?)?;
        Ok(Held::accept(&self.state_file, &bytes, self.root)?)
    }

    /// Whether the file is another one than was read last, by its metadata alone.
    pub fn has_changed(&self) -> bool {
        self.look() != self.seen
    }

    fn look(&self) -> Option<Look> {
        let found = fs::metadata(&self.path).ok()?;
        Some((found.ino(), found.len(), found.ctime(), found.ctime_nsec()))
    }
}
