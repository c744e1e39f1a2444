//! A signing key under a passphrase: an age file (scrypt) that holds the seed in hexadecimal.

use super::TrustError;
use crate::digest::{Sha256, hex32};
use crate::keys::{self, DeviceKey};
use age::secrecy::{ExposeSecret as _, SecretString};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use zeroize::Zeroizing;

/// scrypt work factor of a passphrase: 2¹⁷, about half a second.
const WORK_FACTOR: u8 = 17;

/// Refuses a passphrase that is none.
pub(super) fn check_passphrase(passphrase: &SecretString) -> Result<(), TrustError> {
    if passphrase.expose_secret().is_empty() { Err(TrustError::NoPassphrase) } else { Ok(()) }
}

/// A new key and the bytes of the file that is to hold it.
pub(super) fn generate(passphrase: &SecretString) -> Result<(DeviceKey, Vec<u8>), TrustError> {
    check_passphrase(passphrase)?;
    let seed = keys::random::<32>()?;
    let wrapped = wrap(&seed, passphrase).map_err(TrustError::Wrap)?;
    Ok((DeviceKey::from_seed(*seed), wrapped))
}

fn wrap(seed: &[u8; 32], passphrase: &SecretString) -> io::Result<Vec<u8>> {
    let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(WORK_FACTOR);
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as _)).map_err(io::Error::other)?;
    let mut wrapped = Vec::new();
    let mut writer = encryptor.wrap_output(&mut wrapped)?;
    writer.write_all(Zeroizing::new(format!("{}\n", Sha256(*seed))).as_bytes())?;
    writer.finish()?;
    Ok(wrapped)
}

/// The key in `wrapped`, which was read from `path`.
pub(super) fn unwrap(wrapped: &[u8], path: &Path, passphrase: &SecretString) -> Result<DeviceKey, TrustError> {
    check_passphrase(passphrase)?;
    let refused = |source| TrustError::Passphrase { path: path.to_owned(), source };
    let mut identity = age::scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(WORK_FACTOR);
    let decryptor = age::Decryptor::new_buffered(wrapped).map_err(refused)?;
    let reader = decryptor.decrypt(std::iter::once(&identity as _)).map_err(refused)?;
    let mut text = Zeroizing::new(String::with_capacity(128));
    let read = reader.take(128).read_to_string(&mut text);
    read.map_err(|source| TrustError::Io { doing: "cannot read", path: path.to_owned(), source })?;
    let no_key = |_| TrustError::NotTheKey { path: path.to_owned() };
    let seed = Zeroizing::new(hex32(text.trim_end()).map_err(no_key)?);
    Ok(DeviceKey::from_seed(*seed))
}
