//! The file that remembers how far timestamps went: written beside, synced, put in place.
//!
//! 32 bytes: `SKYSIGN1`, limit and seen (64 bits each, little-endian), the first 8 bytes of the SHA-256 of these.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use super::Kept;

const MAGIC: [u8; 8] = *b"SKYSIGN1";
const BYTES: usize = 32;

/// Why the timestamps cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error(
    "the timestamps of signing cannot be kept in {}; make its folder writable, since without them a restart might sign with a timestamp again",
    path.display()
)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// Where timestamps are kept. One key, one program, one file.
#[derive(Debug, Clone)]
pub struct TimestampFile(PathBuf);

impl TimestampFile {
    /// The file at `path`; its folder must exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// What was kept; nothing when the file is absent, damaged or not readable: the clock decides then.
    pub fn read(&self) -> Kept {
        match fs::read(&self.0).map(|bytes| parse(&bytes)) {
            Ok(Some(kept)) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Kept::default(),
            Ok(None) | Err(_) => {
                tracing::warn!(path = %self.0.display(), "the timestamps of signing cannot be read: the clock is taken");
                Kept::default()
            }
        }
    }

    /// Keeps `kept`; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`FileError`].
    pub fn write(&self, kept: Kept) -> Result<(), FileError> {
        self.put(kept).map_err(|source| FileError { path: self.0.clone(), source })
    }

    fn put(&self, kept: Kept) -> io::Result<()> {
        let mut beside = self.0.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        let mut file = File::create(&beside)?;
        file.write_all(&bytes_of(kept))?;
        file.sync_all()?;
        fs::rename(&beside, &self.0)?;
        let folder = self.0.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()
    }
}

fn check(body: &[u8]) -> [u8; 8] {
    let digest = Sha256::digest(body);
    std::array::from_fn(|i| digest[i])
}

fn bytes_of(kept: Kept) -> Vec<u8> {
    let mut bytes = [MAGIC, kept.limit.to_le_bytes(), kept.seen.to_le_bytes()].concat();
    let check = check(&bytes);
    bytes.extend_from_slice(&check);
    bytes
}

fn parse(bytes: &[u8]) -> Option<Kept> {
    let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
    let (fields, []) = bytes.as_chunks::<8>() else {
        return None;
    };
    let [magic, limit, seen, sum] = *fields else {
        return None;
    };
    let right = magic == MAGIC && sum == check(&bytes[..24]);
    right.then(|| Kept { limit: u64::from_le_bytes(limit), seen: u64::from_le_bytes(seen) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: Kept = Kept { limit: 77, seen: 66 };

    #[test]
    fn what_is_kept_is_read_and_damage_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("signing");
        let file = TimestampFile::new(&path);
        assert_eq!(file.read(), Kept::default());
        file.write(KEPT).unwrap();
        assert_eq!(file.read(), KEPT);

        let good = fs::read(&path).unwrap();
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            fs::write(&path, &bad).unwrap();
            assert_eq!(file.read(), Kept::default(), "byte {at}");
        }
        fs::write(&path, &good[..31]).unwrap();
        assert_eq!(file.read(), Kept::default());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = TimestampFile::new(folder.path().join("none/signing")).write(KEPT).unwrap_err();
        assert!(error.to_string().contains("none/signing"));
    }
}
