//! The erase order: two people say that an aircraft may erase one flight, because two stores say that they hold it.

use super::{DockError, Manifest};
use crate::canonical;
use crate::digest::Sha256;
use crate::dsse::{Several, seal_all};
use crate::keys::{KeyId, Signer};
use crate::names::{FlightId, Label, Reason};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

const PAYLOAD_TYPE: &str = "application/vnd.skyseal.erase.v1+json";
/// Longest order read, in bytes.
pub const MAX_ORDER_BYTES: usize = 16 << 20;
/// Longest time an order may be good for, µs: a card may lie for a month before its aircraft starts again.
pub const MAX_ORDER_VALID_US: i64 = 30 * 86_400_000_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Schema {
    #[default]
    #[serde(rename = "skyseal-erase/1")]
    V1,
}

/// A receipt inside an order: the envelope of a [`Receipt`](super::Receipt), as base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SealedReceipt(pub Vec<u8>);

impl TryFrom<String> for SealedReceipt {
    type Error = DockError;

    fn try_from(text: String) -> Result<Self, DockError> {
        STANDARD.decode(text).map(Self).map_err(|_| DockError::Rule("a receipt in an order is strict base64"))
    }
}

impl From<SealedReceipt> for String {
    fn from(receipt: SealedReceipt) -> Self {
        STANDARD.encode(receipt.0)
    }
}

/// That a flight in quarantine is to be erased all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quarantine {
    /// The verdict with which the stores keep it apart.
    pub verdict: Label,
}

/// What an order says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The aircraft's computer.
    pub device_id: KeyId,
    /// The flight to erase.
    pub flight_id: FlightId,
    /// Every file of it, as the stores hold them.
    pub manifest: Manifest,
    /// What two stores signed about this manifest.
    pub receipts: [SealedReceipt; 2],
    /// The aircraft's challenge for this flight.
    pub challenge: Sha256,
    /// After this the order is void, POSIX µs.
    pub expires_utc_us: i64,
    /// Why, in the actor's words.
    pub reason: Reason,
    /// Set exactly when the stores keep the flight in quarantine.
    pub quarantine: Option<Quarantine>,
}

/// The terms as they are signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: Schema,
    device_id: KeyId,
    flight_id: FlightId,
    manifest: Manifest,
    receipts: [SealedReceipt; 2],
    challenge: Sha256,
    expires_utc_us: i64,
    reason: Reason,
    quarantine: Option<Quarantine>,
}

impl From<Wire> for Terms {
    fn from(wire: Wire) -> Self {
        Self {
            device_id: wire.device_id,
            flight_id: wire.flight_id,
            manifest: wire.manifest,
            receipts: wire.receipts,
            challenge: wire.challenge,
            expires_utc_us: wire.expires_utc_us,
            reason: wire.reason,
            quarantine: wire.quarantine,
        }
    }
}

impl From<Terms> for Wire {
    fn from(terms: Terms) -> Self {
        Self {
            schema: Schema::V1,
            device_id: terms.device_id,
            flight_id: terms.flight_id,
            manifest: terms.manifest,
            receipts: terms.receipts,
            challenge: terms.challenge,
            expires_utc_us: terms.expires_utc_us,
            reason: terms.reason,
            quarantine: terms.quarantine,
        }
    }
}

/// An order that parsed; nothing in it is to be believed before it is checked
/// ([`authorised`](EraseOrder::authorised), [`check`](EraseOrder::check)).
pub struct EraseOrder {
    envelope: Several,
    signers: [KeyId; 2],
    digest: Sha256,
}

impl EraseOrder {
    /// The order over `terms`, signed by the actor, then by the witness; one line without its newline.
    ///
    /// # Errors
    /// When one key is to sign as both, or the order is longer than [`MAX_ORDER_BYTES`].
    pub fn make(terms: Terms, actor: &dyn Signer, witness: &dyn Signer) -> Result<Vec<u8>, DockError> {
        if actor.public() == witness.public() {
            return Err(DockError::Rule("actor and witness are two people with two keys"));
        }
        let bytes = seal_all(PAYLOAD_TYPE, &canonical::write(&Wire::from(terms)), &[actor, witness]);
        if bytes.len() > MAX_ORDER_BYTES { Err(too_long()) } else { Ok(bytes) }
    }

    /// Reads an order. No signature is checked yet.
    ///
    /// # Errors
    /// Another spelling or type, too long, or not exactly two signatures by two keys.
    pub fn parse(bytes: &[u8]) -> Result<Self, DockError> {
        if bytes.len() > MAX_ORDER_BYTES {
            return Err(too_long());
        }
        let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        let envelope = Several::parse(bytes, PAYLOAD_TYPE)?;
        let signers = envelope.key_ids().try_into();
        let signers = signers.map_err(|_| DockError::Rule("an order has two signatures: actor, then witness"))?;
        Ok(Self { envelope, signers, digest: Sha256::of(bytes) })
    }

    /// Who signed, by their own account: actor, then witness.
    pub fn signers(&self) -> [KeyId; 2] {
        self.signers
    }

    /// SHA-256 of the order as it is written, without a newline behind it.
    pub fn digest(&self) -> Sha256 {
        self.digest
    }

    /// The terms, once both signatures hold.
    pub(super) fn terms(&self, keys: [crate::keys::PublicKey; 2]) -> Result<Terms, DockError> {
        let wire: Wire = canonical::read(self.envelope.verify(&keys)?)?;
        Ok(wire.into())
    }
}

fn too_long() -> DockError {
    DockError::TooLong { what: "the erase order", most: MAX_ORDER_BYTES }
}
