//! The device's own key: one file, readable by its owner only.

use super::{KeyError, PublicKey, Signer, random};
use crate::digest::{Sha256, hex32};
use crate::durable::sync_parent;
use ed25519_dalek::SigningKey;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The key that signs `open`, every checkpoint, and `recovered` after a reboot. Cheap to clone; wiped when the last
/// clone goes.
#[derive(Clone)]
pub struct DeviceKey(Arc<SigningKey>);

impl DeviceKey {
    /// Makes a new key and writes it to `path` (mode 600), which must not exist yet.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub fn create(path: &Path) -> Result<Self, KeyError> {
        let key = Self::from_seed(*random()?);
        let io = |source| KeyError::Io { doing: "cannot create the key file", path: path.to_owned(), source };
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        let text = Zeroizing::new(format!("{}\n", Sha256(key.0.to_bytes())));
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(io)?;
        sync_parent(path).map_err(io)?;
        Ok(key)
    }

    /// Loads the key at `path`.
    ///
    /// # Errors
    /// When group or others have any access to the file, or it holds no key.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let io = |source| KeyError::Io { doing: "cannot read the key file", path: path.to_owned(), source };
        let mut file = fs::File::open(path).map_err(io)?;
        let mode = file.metadata().map_err(io)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeyError::OpenToOthers { path: path.to_owned(), mode });
        }
        let mut text = Zeroizing::new(String::with_capacity(128));
        (&mut file).take(128).read_to_string(&mut text).map_err(io)?;
        let digits = text.strip_suffix('\n').unwrap_or(&text);
        let seed = hex32(digits).map_err(|_| KeyError::NotAKey { path: path.to_owned() })?;
        Ok(Self::from_seed(*Zeroizing::new(seed)))
    }

    /// The key of an RFC 8032 seed.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Arc::new(SigningKey::from_bytes(&Zeroizing::new(seed))))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        Signer::public(&*self.0)
    }
}

impl Signer for DeviceKey {
    fn public(&self) -> PublicKey {
        DeviceKey::public(self)
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        Signer::sign(&*self.0, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_open_to_others_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("device.key");
        let key = DeviceKey::create(&path).unwrap();
        assert_eq!(DeviceKey::load(&path).unwrap().public(), key.public());
        assert!(DeviceKey::create(&path).is_err(), "an existing key is never replaced");
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(DeviceKey::load(&path), Err(KeyError::OpenToOthers { .. })), "{mode:o}");
        }
    }

    #[test]
    fn a_file_without_a_key_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("device.key");
        for text in ["", "00", &"g".repeat(64), &"0".repeat(4096)] {
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            assert!(matches!(DeviceKey::load(&path), Err(KeyError::NotAKey { .. })), "{text}");
        }
    }

    #[test]
    fn signatures_are_rfc_8032() {
        // RFC 8032 §7.1, test 1: the empty message.
        let seed = hex32("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = DeviceKey::from_seed(seed);
        assert_eq!(key.public().to_string(), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        let signature = key.sign(b"");
        assert_eq!(signature[..4], [0xe5, 0x56, 0x43, 0x00]);
        assert!(key.public().verifies(b"", &signature));
        assert!(!key.public().verifies(b"x", &signature));
    }
}
