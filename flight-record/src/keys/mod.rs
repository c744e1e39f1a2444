//! Ed25519 keys (RFC 8032): public keys with their ids, the device's own key, and the evolving keys of a log.

mod device;
mod evolving;

pub use device::DeviceKey;
pub use evolving::is_volatile;
pub(crate) use evolving::{EvolvingKey, KeySlot};

use crate::digest::{NotHex, Sha256, hex32};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{SigningKey, VerifyingKey};
use rand::TryRngCore as _;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// The id of a key: SHA-256 of its 32 raw bytes. The unit root's id is the *fingerprint* people compare.
pub type KeyId = Sha256;

/// Something that signs with Ed25519.
pub trait Signer {
    /// The public half.
    fn public(&self) -> PublicKey;
    /// Signature over `message`.
    fn sign(&self, message: &[u8]) -> [u8; 64];
}

impl Signer for SigningKey {
    fn public(&self) -> PublicKey {
        PublicKey(self.verifying_key())
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        ed25519_dalek::Signer::sign(self, message).to_bytes()
    }
}

/// Whether the y of an encoded point is below 2²⁵⁵ − 19 (RFC 8032 §5.1.3): the curve crate takes it modulo that.
fn is_canonical(point: &[u8; 32]) -> bool {
    let [lowest, middle @ .., highest] = point;
    *lowest < 0xed || highest & 0x7f < 0x7f || middle.iter().any(|byte| *byte < 0xff)
}

/// A public Ed25519 key that is on the curve and not of small order, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// SHA-256 of the raw key.
    pub fn id(&self) -> KeyId {
        Sha256::of(self.0.as_bytes())
    }

    /// The key of 32 raw bytes.
    ///
    /// # Errors
    /// [`BadKey::Point`] when they are not a point of the curve in its one spelling, or one of small order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, BadKey> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| BadKey::Point)?;
        if key.is_weak() || !is_canonical(bytes) { Err(BadKey::Point) } else { Ok(Self(key)) }
    }

    /// The 32 raw bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Whether `signature` over `message` holds, by the strict rule (no small-order points, canonical S).
    pub fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &ed25519_dalek::Signature::from_bytes(signature)).is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Sha256(*self.as_bytes()), f)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> Self {
        key.to_string()
    }
}

impl TryFrom<String> for PublicKey {
    type Error = BadKey;

    fn try_from(text: String) -> Result<Self, BadKey> {
        Self::from_bytes(&hex32(&text)?)
    }
}

/// Text that is not a usable public key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BadKey {
    /// Not 32 bytes in hexadecimal.
    #[error(transparent)]
    Hex(#[from] NotHex),
    /// Not a point of the curve, or one of small order.
    #[error("not a usable Ed25519 public key")]
    Point,
}

/// An Ed25519 signature in a signed text, written as strict base64 (RFC 4648 §4, padded, no stray bits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Signature(pub [u8; 64]);

impl From<Signature> for String {
    fn from(signature: Signature) -> Self {
        STANDARD.encode(signature.0)
    }
}

impl TryFrom<String> for Signature {
    type Error = BadSignature;

    fn try_from(text: String) -> Result<Self, BadSignature> {
        let raw = STANDARD.decode(text).map_err(|_| BadSignature)?;
        Ok(Self(raw.try_into().map_err(|_| BadSignature)?))
    }
}

/// Text that is not 64 bytes in strict base64.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a signature of 64 bytes in strict base64")]
pub struct BadSignature;

/// What can go wrong with keys and the files they live in.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("{doing} {path}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// Where.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A secret that others can read is no secret.
    #[error("{path} is open to others (mode {mode:o}); set it to 600, and replace the key if others had access")]
    OpenToOthers {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The file holds something else.
    #[error("{path} does not hold a key (expected 64 hexadecimal digits and a newline)")]
    NotAKey {
        /// The key file.
        path: PathBuf,
    },
    /// The operating system gives no random bytes.
    #[error("the operating system gives no random bytes")]
    Random(#[source] std::io::Error),
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, KeyError> {
    let mut bytes = Zeroizing::new([0; N]);
    rand::rngs::OsRng.try_fill_bytes(&mut bytes[..]).map_err(|error| KeyError::Random(std::io::Error::other(error)))?;
    Ok(bytes)
}
