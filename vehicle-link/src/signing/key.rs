//! The secret that both ends of signed links share, and the file it is kept in.
//!
//! The file holds 64 hexadecimal digits and a newline, and is readable by its owner only.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const BYTES: usize = 32;

/// 32 secret bytes, wiped from memory when dropped. It has no `Debug`, so that no log can hold it.
pub struct Key(Zeroizing<[u8; BYTES]>);

/// Why a key was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file cannot be read.
    #[error(
        "the signing key {} cannot be read; `skyseal-ground trust mavlink-key` makes one, and every end of the links needs the same",
        path.display()
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Others than its owner may read or write it.
    #[error("the signing key {} is open to others (mode {mode:o}); set it to 600, and make a new one if others had access", path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else.
    #[error("{} holds no signing key: 64 hexadecimal digits and a newline", path.display())]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be made.
    #[error("the signing key {} cannot be made; a file that exists is not written over", path.display())]
    Create {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Key {
    /// The key as enrolled.
    pub fn new(bytes: Zeroizing<[u8; BYTES]>) -> Self {
        Self(bytes)
    }

    /// The key that MAVProxy, QGroundControl and Mission Planner make of a passphrase: its SHA-256.
    pub fn of_passphrase(passphrase: &str) -> Self {
        Self(Zeroizing::new(Sha256::digest(passphrase).into()))
    }

    /// Reads the key in `path`.
    ///
    /// # Errors
    /// [`KeyFileError`], also when group or others have any access to the file.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let read = |source| KeyFileError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(read)?;
        let mode = file.metadata().map_err(read)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyFileError::OpenToOthers { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(Vec::with_capacity(128));
        (&mut file).take(128).read_to_end(&mut text).map_err(read)?;
        let digits = text.strip_suffix(b"\n").unwrap_or(&text);
        unhex(digits).map(Self).ok_or_else(|| KeyFileError::NotAKey { path: path.to_owned() })
    }

    /// Writes the key to `path` (mode 600), which must not exist yet.
    ///
    /// # Errors
    /// [`KeyFileError::Create`].
    pub fn create(&self, path: &Path) -> Result<(), KeyFileError> {
        let mut text = Zeroizing::new(Vec::with_capacity(2 * BYTES + 1));
        for byte in self.0.iter() {
            text.extend([byte >> 4, byte & 15].map(|digit| b"0123456789abcdef"[usize::from(digit)]));
        }
        text.push(b'\n');
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        made.and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
            .map_err(|source| KeyFileError::Create { path: path.to_owned(), source })
    }

    /// The first 48 bits of SHA-256 over the key and `covered`: the frame from its start byte to the timestamp.
    pub(super) fn signature(&self, covered: &[u8]) -> [u8; 6] {
        let digest = Sha256::new().chain_update(self.0.as_slice()).chain_update(covered).finalize();
        std::array::from_fn(|i| digest[i])
    }
}

fn unhex(digits: &[u8]) -> Option<Zeroizing<[u8; BYTES]>> {
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    let mut bytes = Zeroizing::new([0; BYTES]);
    if pairs.len() != BYTES {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(pairs) {
        let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
        *byte = u8::try_from(high? << 4 | low?).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_by_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mavlink.key");
        Key::of_passphrase("correct horse").create(&path).unwrap();
        // printf 'correct horse' | sha256sum
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, "4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631\n");
        assert_eq!(*Key::load(&path).unwrap().0, *Key::of_passphrase("correct horse").0);
        assert!(matches!(Key::of_passphrase("x").create(&path), Err(KeyFileError::Create { .. })), "not written over");
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let Err(error) = Key::load(&path) else { panic!("{mode:o}") };
            assert!(error.to_string().contains("mavlink.key is open to others"), "{error}");
        }
    }

    #[test]
    fn what_is_no_key_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mavlink.key");
        let refused = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            matches!(Key::load(&path), Err(KeyFileError::NotAKey { .. }))
        };
        for wrong in [&b""[..], &[b'0'; 63], &[b'0'; 66], &[b'g'; 64], &[0xFF; 64], &[b'a'; 4096]] {
            assert!(refused(wrong), "{wrong:?}");
        }
        assert!(!refused(&[b'a'; 64]), "without a newline it is one");
        let Err(error) = Key::load(&folder.path().join("none")) else { panic!("no file") };
        assert!(error.to_string().contains("trust mavlink-key"));
    }
}
