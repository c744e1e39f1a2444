//! A file on its way: its beginning beside where it will stand, so that a transfer that broke goes on.
//!
//! The beginning is always whole: pieces that come out of order wait in memory until those before them are there.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Most bytes that wait for those before them; more than any window that is asked for at once.
const MAX_WAITING_BYTES: usize = 1 << 20;

/// The beginning of a file.
pub(super) struct Part {
    to: PathBuf,
    path: PathBuf,
    file: File,
    /// Bytes of the beginning.
    have: u64,
    waiting: BTreeMap<u64, Vec<u8>>,
    waiting_bytes: usize,
}

impl Part {
    /// For `to`, which must not exist. `mark` tells this file from others of its name: a beginning with another mark is not gone on with.
    ///
    /// # Errors
    /// When there is a file already, or none can be made.
    pub(super) fn open(to: &Path, mark: &str) -> Result<Self> {
        if to.exists() {
            bail!("{} exists; a file is not written over: move it, or name another with --out", to.display());
        }
        let mut path = to.as_os_str().to_owned();
        path.push(format!(".{mark}.part"));
        let path = PathBuf::from(path);
        let opened = OpenOptions::new().create(true).append(true).open(&path);
        let file = opened.with_context(|| format!("{} cannot be written", path.display()))?;
        let have = file.metadata().with_context(|| path.display().to_string())?.len();
        Ok(Self { to: to.to_owned(), path, file, have, waiting: BTreeMap::new(), waiting_bytes: 0 })
    }

    /// Bytes that came before.
    pub(super) fn have(&self) -> u64 {
        self.have
    }

    /// The bytes that came before.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        fs::read(&self.path).with_context(|| format!("{} cannot be read", self.path.display()))
    }

    /// Forgets what came before.
    pub(super) fn begin_again(&mut self) -> Result<()> {
        self.file.set_len(0).with_context(|| format!("{} cannot be emptied", self.path.display()))?;
        (self.have, self.waiting_bytes) = (0, 0);
        self.waiting.clear();
        Ok(())
    }

    /// Takes a piece.
    pub(super) fn put(&mut self, offset: u64, bytes: Vec<u8>) -> Result<()> {
        self.waiting_bytes += bytes.len();
        self.waiting_bytes -= self.waiting.insert(offset, bytes).map_or(0, |before| before.len());
        while let Some(next) = self.waiting.first_entry().filter(|next| *next.key() <= self.have) {
            let (at, bytes) = next.remove_entry();
            self.waiting_bytes -= bytes.len();
            let known = usize::try_from(self.have - at).unwrap_or(usize::MAX);
            let new = bytes.get(known..).unwrap_or_default();
            self.file.write_all(new).with_context(|| format!("{} cannot be written", self.path.display()))?;
            self.have += new.len() as u64;
        }
        if self.waiting_bytes > MAX_WAITING_BYTES {
            bail!("the vehicle sends what was not asked for; {} holds what came in order", self.path.display());
        }
        Ok(())
    }

    /// All came: the file stands under its name, durable.
    pub(super) fn finish(self) -> Result<()> {
        let Self { to, path, file, .. } = &self;
        file.sync_all().with_context(|| format!("{} cannot be written", path.display()))?;
        fs::rename(path, to).with_context(|| format!("{} cannot be renamed to {}", path.display(), to.display()))
    }
}

impl Drop for Part {
    /// Nothing stays of what never began.
    fn drop(&mut self) {
        if self.have == 0 {
            drop(fs::remove_file(&self.path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_in_any_order_make_the_file_and_a_beginning_is_gone_on_with() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("log.bin");
        let mut part = Part::open(&to, "7").unwrap();
        part.put(3, b"lo".to_vec()).unwrap();
        part.put(0, b"he".to_vec()).unwrap();
        part.put(9, b"d".to_vec()).unwrap();
        assert_eq!((part.have(), part.bytes().unwrap().as_slice()), (2, &b"he"[..]), "what is there is a beginning");
        drop(part);
        assert_eq!(Part::open(&to, "8").unwrap().have(), 0, "another log");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing stays of what never began");

        let mut part = Part::open(&to, "7").unwrap();
        for (offset, piece) in [(3, "lo wo"), (1, "ell"), (6, "worl"), (10, "d")] {
            part.put(offset, piece.as_bytes().to_vec()).unwrap();
        }
        part.finish().unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"hello world");
        assert!(Part::open(&to, "7").err().unwrap().to_string().contains("not written over"));
    }

    #[test]
    fn what_waits_is_bounded_and_a_beginning_can_be_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = Part::open(&folder.path().join("log.bin"), "7").unwrap();
        assert!((1..).take(20_000).any(|i| part.put(i * 100, vec![0; 90]).is_err()));
        part.put(0, vec![1; 50]).unwrap_err();
        part.begin_again().unwrap();
        part.put(0, vec![2; 3]).unwrap();
        assert_eq!(part.bytes().unwrap(), [2; 3]);
    }
}
