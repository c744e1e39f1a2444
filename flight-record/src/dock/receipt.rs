//! A store's signed word that it holds every file of a flight, by the digest of the manifest.

use super::DockError;
use crate::canonical;
use crate::digest::Sha256;
use crate::dsse::{self, Envelope, EnvelopeError};
use crate::keys::{KeyId, PublicKey, Signer};
use crate::names::{FlightId, Label};
use serde::{Deserialize, Serialize};

const PAYLOAD_TYPE: &str = "application/vnd.skyseal.receipt.v1+json";
const MAX_BYTES: usize = 16 * 1024;

/// `schema` of a receipt: this version, nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReceiptSchema {
    /// Version 1.
    #[default]
    #[serde(rename = "skyseal-receipt/1")]
    V1,
}

/// What a store says it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Always [`ReceiptSchema::V1`].
    pub schema: ReceiptSchema,
    /// Key id of the store, which signs.
    pub store: KeyId,
    /// The store's name for itself.
    pub name: Label,
    /// The flight.
    pub flight_id: FlightId,
    /// The device that recorded it, as its records claim.
    pub device_id: KeyId,
    /// [`Manifest::digest`](super::Manifest::digest) of what lies in the store.
    pub manifest: Sha256,
    /// Files in it.
    pub files: u64,
    /// Their lengths together, in bytes.
    pub bytes: u64,
    /// The flight's word as the store's own verification found it.
    pub verdict: Label,
    /// When the store had it all, durably, POSIX µs.
    pub at_utc_us: i64,
}

impl Receipt {
    /// The receipt signed by the store; one line without its newline.
    ///
    /// # Errors
    /// When the signer is not the store it names.
    pub fn sign(&self, store: &dyn Signer) -> Result<Vec<u8>, DockError> {
        if store.public().id() != self.store {
            return Err(DockError::Rule("a receipt is signed by the store it names"));
        }
        Ok(dsse::seal_all(PAYLOAD_TYPE, &canonical::write(self), &[store]))
    }

    /// The store that a receipt says it is of, so that its key can be looked up.
    ///
    /// # Errors
    /// Another spelling or another type.
    pub fn claimed_store(bytes: &[u8]) -> Result<KeyId, DockError> {
        Ok(envelope(bytes)?.key_id())
    }

    /// The flight that a receipt says it is about, whoever signed it: to file it, never to believe it.
    ///
    /// # Errors
    /// Another spelling or another type.
    pub fn claimed_flight(bytes: &[u8]) -> Result<FlightId, DockError> {
        let claimed: Self = canonical::read(envelope(bytes)?.claimed_payload())?;
        Ok(claimed.flight_id)
    }

    /// Reads a receipt by the store that holds `key`.
    ///
    /// # Errors
    /// Another spelling, a signature that does not verify, or another store named than signs.
    pub fn open(bytes: &[u8], key: &PublicKey) -> Result<Self, DockError> {
        let receipt: Self = canonical::read(envelope(bytes)?.verify(key)?)?;
        if receipt.store == key.id() {
            return Ok(receipt);
        }
        Err(EnvelopeError::OtherKey { found: key.id(), expected: receipt.store }.into())
    }
}

fn envelope(bytes: &[u8]) -> Result<Envelope, DockError> {
    if bytes.len() > MAX_BYTES {
        return Err(DockError::TooLong { what: "the receipt", most: MAX_BYTES });
    }
    Ok(Envelope::parse(bytes.strip_suffix(b"\n").unwrap_or(bytes), PAYLOAD_TYPE)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::DeviceKey;

    #[test]
    fn only_the_store_it_names_signs_a_receipt() {
        let (store, other) = (DeviceKey::from_seed([1; 32]), DeviceKey::from_seed([2; 32]));
        let receipt = Receipt {
            schema: ReceiptSchema::V1,
            store: store.public().id(),
            name: "store a".parse().unwrap(),
            flight_id: FlightId::new(1, [3; 10]),
            device_id: Sha256::of(b"device"),
            manifest: Sha256::of(b"manifest"),
            files: 3,
            bytes: 99,
            verdict: "VERIFIED-UNWITNESSED".parse().unwrap(),
            at_utc_us: 5,
        };
        let bytes = receipt.sign(&store).unwrap();
        assert_eq!(Receipt::claimed_store(&bytes).unwrap(), store.public().id());
        assert_eq!(Receipt::open(&bytes, &store.public()).unwrap(), receipt);
        assert!(Receipt::open(&bytes, &other.public()).is_err());
        assert!(receipt.sign(&other).is_err());
        let forged = dsse::seal(PAYLOAD_TYPE, &canonical::write(&receipt), &other);
        assert!(Receipt::open(&forged, &other.public()).is_err(), "signed by another than it names");
        for position in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[position] ^= 1 << (position % 8);
            assert!(Receipt::open(&bad, &store.public()).is_err(), "byte {position}");
        }
    }
}
