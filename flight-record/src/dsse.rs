//! DSSE v1 envelopes with Ed25519 signatures, one spelling, strict base64: [`Envelope`] with exactly one, [`Several`]
//! with as many as a place calls for.

mod several;

pub use several::{MAX_SIGNATURES, Several, seal_all};

use crate::canonical::{self, NotCanonical};
use crate::keys::{KeyId, PublicKey, Signer};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};

/// Why an envelope is refused.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// Not the one spelling of an envelope.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
    /// Payload or signature is not strict base64 (RFC 4648 §4, padded, no stray bits).
    #[error("{0} is not strict base64")]
    Base64(&'static str),
    /// The payload is of another type.
    #[error("payload type is not {expected}")]
    PayloadType {
        /// The type this place holds.
        expected: &'static str,
    },
    /// Not exactly one signature of 64 bytes.
    #[error("not exactly one signature of 64 bytes")]
    SignatureShape,
    /// Not as many signatures of 64 bytes as the place calls for, or two by one key.
    #[error("not {expected} signatures of 64 bytes, each by another key")]
    Signatures {
        /// How many the place calls for; 0 when any number up to the most will do.
        expected: usize,
    },
    /// Signed by another key than the one expected here.
    #[error("signed by key {found}, expected {expected}")]
    OtherKey {
        /// The key the envelope names.
        found: KeyId,
        /// The key this place calls for.
        expected: KeyId,
    },
    /// The signature does not verify.
    #[error("the signature does not verify")]
    Signature,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<WireSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireSignature {
    keyid: KeyId,
    sig: String,
}

/// An envelope that parsed; nothing in it is to be believed before [`Envelope::verify`].
pub struct Envelope {
    payload_type: &'static str,
    payload: Vec<u8>,
    key_id: KeyId,
    signature: [u8; 64],
}

impl Envelope {
    /// Reads an envelope of the given payload type. No signature is checked yet.
    ///
    /// # Errors
    /// Any departure from the one spelling.
    pub fn parse(bytes: &[u8], payload_type: &'static str) -> Result<Self, EnvelopeError> {
        let wire: Wire = canonical::read(bytes)?;
        if wire.payload_type != payload_type {
            return Err(EnvelopeError::PayloadType { expected: payload_type });
        }
        let [signature] = <[WireSignature; 1]>::try_from(wire.signatures).map_err(|_| EnvelopeError::SignatureShape)?;
        let raw = STANDARD.decode(&signature.sig).map_err(|_| EnvelopeError::Base64("sig"))?;
        Ok(Self {
            payload_type,
            payload: STANDARD.decode(&wire.payload).map_err(|_| EnvelopeError::Base64("payload"))?,
            key_id: signature.keyid,
            signature: raw.try_into().map_err(|_| EnvelopeError::SignatureShape)?,
        })
    }

    /// The key the envelope says it is signed by.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The payload, once its signature by `key` holds (RFC 8032, strict: no small-order keys, no malleable forms).
    ///
    /// # Errors
    /// [`EnvelopeError::OtherKey`] when the envelope names another key, [`EnvelopeError::Signature`] when it does not verify.
    pub fn verify(&self, key: &PublicKey) -> Result<&[u8], EnvelopeError> {
        if key.id() != self.key_id {
            return Err(EnvelopeError::OtherKey { found: self.key_id, expected: key.id() });
        }
        if key.verifies(&pae(self.payload_type, &self.payload), &self.signature) {
            Ok(&self.payload)
        } else {
            Err(EnvelopeError::Signature)
        }
    }

    /// The envelope with these parts, signed before.
    pub(crate) fn of(payload_type: &'static str, payload: Vec<u8>, key_id: KeyId, signature: [u8; 64]) -> Self {
        Self { payload_type, payload, key_id, signature }
    }

    /// Its one spelling; one line without its newline.
    pub(crate) fn write(&self) -> Vec<u8> {
        spell(self.payload_type, &self.payload, self.key_id, &self.signature)
    }

    /// The signature it carries.
    pub(crate) fn signature(&self) -> &[u8; 64] {
        &self.signature
    }

    /// The payload although nobody vouches for it: to say what a refused envelope claims, never to accept it.
    pub(crate) fn claimed_payload(&self) -> &[u8] {
        &self.payload
    }
}

/// The envelope of `payload`, signed; one line without its newline.
pub fn seal(payload_type: &str, payload: &[u8], signer: &impl Signer) -> Vec<u8> {
    spell(payload_type, payload, signer.public().id(), &signer.sign(&pae(payload_type, payload)))
}

fn spell(payload_type: &str, payload: &[u8], keyid: KeyId, signature: &[u8; 64]) -> Vec<u8> {
    canonical::write(&Wire {
        payload: STANDARD.encode(payload),
        payload_type: payload_type.to_owned(),
        signatures: vec![WireSignature { keyid, sig: STANDARD.encode(signature) }],
    })
}

/// DSSE pre-authentication encoding: `DSSEv1 SP LEN(type) SP type SP LEN(body) SP body`.
fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut out = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    out.extend_from_slice(payload);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::DeviceKey;

    const TYPE: &str = "application/vnd.example+json";

    #[test]
    fn pae_is_the_vector_of_the_dsse_protocol() {
        // secure-systems-lab/dsse, protocol.md, "Test Vectors".
        assert_eq!(
            pae("http://example.com/HelloWorld", b"hello world"),
            b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        );
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let key = DeviceKey::from_seed([7; 32]);
        let good = seal(TYPE, b"{\"a\":1}", &key);
        assert_eq!(Envelope::parse(&good, TYPE).unwrap().verify(&key.public()).unwrap(), b"{\"a\":1}");
        for position in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[position] ^= 1 << bit;
                let refused = Envelope::parse(&bad, TYPE).and_then(|e| e.verify(&key.public()).map(<[u8]>::to_vec));
                assert!(refused.is_err(), "byte {position} bit {bit}");
            }
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        let key = DeviceKey::from_seed([7; 32]);
        let good = String::from_utf8(seal(TYPE, b"ab", &key)).unwrap();
        let refused = |text: &str| Envelope::parse(text.as_bytes(), TYPE).is_err();
        assert!(refused(&good.replace("YWI=", "YWI")), "unpadded");
        assert!(refused(&good.replace("YWI=", "YWJ=")), "stray bits");
        assert!(refused(&good.replacen(':', ": ", 1)), "space");
        assert!(refused(&format!("{good} ")), "trailing space");
        assert!(refused(&good.replacen("{\"payload\"", "{\"x\":1,\"payload\"", 1)), "unknown key");
        assert!(refused(&good.replacen("{\"payload\"", "{\"payload\":\"YWI=\",\"payload\"", 1)), "doubled key");
        assert!(refused(&good.replace("}]}", "}],\"x\":0}")), "extra key");
        assert!(refused(&good.replace("payloadType", "payload\\u0054ype")), "escape");
        assert!(Envelope::parse(good.as_bytes(), "application/other").is_err(), "other type");
    }
}
