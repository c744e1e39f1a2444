//! Keeping the plain bytes of what was opened, for playing.

use crate::layout::SealedName;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Bytes of salt before a document.
const SALT_BYTES: u64 = 32;

/// One plain file that is being written. Readable by its owner only: it is footage in clear.
pub(super) struct PlainCopy {
    path: PathBuf,
    file: File,
    /// Salt that is still to be passed over.
    skip: u64,
}

impl PlainCopy {
    /// Creates the plain file of `name` under `to`: the same path without `.age`, a document without its salt.
    pub(super) fn create(to: &Path, name: &SealedName) -> io::Result<Self> {
        let path = to.join(name.to_string().trim_end_matches(".age"));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let skip = if matches!(name, SealedName::Document(_)) { SALT_BYTES } else { 0 };
        Ok(Self { path, file, skip })
    }

    pub(super) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let skipped = usize::try_from(self.skip).map_or(bytes.len(), |skip| skip.min(bytes.len()));
        self.skip -= skipped as u64;
        self.file.write_all(&bytes[skipped..])
    }

    /// Keeps at most so many bytes.
    pub(super) fn keep(&self, bytes: u64) -> io::Result<()> {
        let written = (&self.file).seek(SeekFrom::End(0))?;
        if written > bytes { self.file.set_len(bytes) } else { Ok(()) }
    }

    /// Nothing opened: leaves no empty file behind.
    pub(super) fn discard(self) -> io::Result<()> {
        fs::remove_file(self.path)
    }
}
