//! Evolving keys: each record is signed by a key that the record before it named, and the old secret is wiped.
//!
//! The secrets live in one small file in memory-backed storage, so that `kill -9` does not lose them and flash never
//! holds them. The file has two slots: before record *i* is written it holds the keys of *i* and *i+1*, after that only
//! *i+1*. Whatever moment the program dies at, the key that the last durable record names is there.

use super::{KeyError, PublicKey, Signer, random};
use ed25519_dalek::SigningKey;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A key that signs one record.
pub(crate) struct EvolvingKey(SigningKey);

impl EvolvingKey {
    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self(SigningKey::from_bytes(&*random()?)))
    }
}

impl Signer for EvolvingKey {
    fn public(&self) -> PublicKey {
        Signer::public(&self.0)
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        Signer::sign(&self.0, message)
    }
}

/// The file that outlives the process, but not the boot.
pub(crate) struct KeySlot {
    path: PathBuf,
    file: File,
}

const SLOTS_BYTES: usize = 64;

impl KeySlot {
    /// Opens the slot file of a log, creating it (mode 600) if it is not there.
    pub(crate) fn open(key_dir: &Path, log_id: &str) -> Result<Self, KeyError> {
        let path = key_dir.join(format!("{log_id}.key"));
        let io = |source| KeyError::Io { doing: "cannot open the evolving key at", path: path.clone(), source };
        fs::create_dir_all(key_dir).map_err(io)?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(io)?;
        Ok(Self { path, file })
    }

    /// Holds the key in use and, while a record is being written, the one after it. One write, in place: what was
    /// there before is overwritten, not left in freed pages.
    pub(crate) fn hold(&self, current: &EvolvingKey, next: Option<&EvolvingKey>) -> Result<(), KeyError> {
        let mut slots = Zeroizing::new([0; SLOTS_BYTES]);
        slots[..32].copy_from_slice(current.0.as_bytes());
        if let Some(next) = next {
            slots[32..].copy_from_slice(next.0.as_bytes());
        }
        self.write(&slots)
    }

    /// The key for `wanted`, if one of the slots holds it.
    pub(crate) fn take(&mut self, wanted: &PublicKey) -> Option<EvolvingKey> {
        let mut slots = Zeroizing::new([0; SLOTS_BYTES]);
        self.file.read_exact(&mut slots[..]).ok()?;
        slots
            .chunks_exact(32)
            .filter_map(|slot| slot.try_into().ok())
            .map(|seed| EvolvingKey(SigningKey::from_bytes(seed)))
            .find(|key| key.public() == *wanted)
    }

    /// Wipes and removes the file: the log is closed.
    pub(crate) fn destroy(self) -> Result<(), KeyError> {
        self.write(&[0; SLOTS_BYTES])?;
        let io = |source| KeyError::Io { doing: "cannot remove the evolving key at", path: self.path.clone(), source };
        fs::remove_file(&self.path).map_err(io)
    }

    fn write(&self, slots: &[u8; SLOTS_BYTES]) -> Result<(), KeyError> {
        let io = |source| KeyError::Io { doing: "cannot write the evolving key at", path: self.path.clone(), source };
        self.file.write_all_at(slots, 0).map_err(io)
    }
}

/// Whether `path` lies on storage that a power cut empties (tmpfs or ramfs), as the folder of the evolving keys should.
///
/// # Errors
/// When `/proc/self/mountinfo` or the path cannot be read.
pub fn is_volatile(path: &Path) -> io::Result<bool> {
    let path = fs::canonicalize(path)?;
    let mounts = fs::read_to_string("/proc/self/mountinfo")?;
    let best = mounts
        .lines()
        .filter_map(|line| {
            let (mount, kind) = line.split_once(" - ")?;
            Some((Path::new(mount.split(' ').nth(4)?), kind.split(' ').next()?))
        })
        .filter(|(mount, _)| path.starts_with(mount))
        .max_by_key(|(mount, _)| mount.as_os_str().len());
    Ok(best.is_some_and(|(_, kind)| matches!(kind, "tmpfs" | "ramfs")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slot_gives_back_either_key_and_forgets_the_old_one() {
        let dir = tempfile::tempdir().unwrap();
        let (old, new) = (EvolvingKey::generate().unwrap(), EvolvingKey::generate().unwrap());
        let reopen = || KeySlot::open(dir.path(), "log").unwrap();
        reopen().hold(&old, Some(&new)).unwrap();
        assert_eq!(reopen().take(&old.public()).unwrap().public(), old.public());
        assert_eq!(reopen().take(&new.public()).unwrap().public(), new.public());
        reopen().hold(&new, None).unwrap();
        assert!(reopen().take(&old.public()).is_none());
        assert!(reopen().take(&new.public()).is_some());
        let bytes = fs::read(dir.path().join("log.key")).unwrap();
        assert!(!bytes.windows(32).any(|w| w == old.0.as_bytes()), "the old secret is gone");
        reopen().destroy().unwrap();
        assert!(!dir.path().join("log.key").exists());
    }

    #[test]
    fn shared_memory_is_volatile_and_proc_is_not() {
        assert!(is_volatile(Path::new("/dev/shm")).unwrap());
        assert!(!is_volatile(Path::new("/proc")).unwrap());
    }
}
