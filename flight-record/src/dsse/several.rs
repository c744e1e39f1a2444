//! Envelopes that several people sign: the same bytes, their signatures in the order in which they were given.

use super::{EnvelopeError, Wire, WireSignature, pae};
use crate::canonical;
use crate::keys::{KeyId, PublicKey, Signer};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// Most signatures on an envelope.
pub const MAX_SIGNATURES: usize = 8;

/// An envelope with 1 to [`MAX_SIGNATURES`] signatures, each by another key; nothing in it is to be believed before
/// [`Several::verify`].
#[derive(Clone)]
pub struct Several {
    payload_type: &'static str,
    payload: Vec<u8>,
    signatures: Vec<(KeyId, [u8; 64])>,
}

impl Several {
    /// Reads an envelope of the given payload type. No signature is checked yet.
    ///
    /// # Errors
    /// Any departure from the one spelling; no signature, too many, or two by one key.
    pub fn parse(bytes: &[u8], payload_type: &'static str) -> Result<Self, EnvelopeError> {
        let wire: Wire = canonical::read(bytes)?;
        if wire.payload_type != payload_type {
            return Err(EnvelopeError::PayloadType { expected: payload_type });
        }
        let shape = || EnvelopeError::Signatures { expected: 0 };
        if !(1..=MAX_SIGNATURES).contains(&wire.signatures.len()) {
            return Err(shape());
        }
        let mut signatures: Vec<(KeyId, [u8; 64])> = Vec::with_capacity(wire.signatures.len());
        for WireSignature { keyid, sig } in wire.signatures {
            let raw = STANDARD.decode(&sig).map_err(|_| EnvelopeError::Base64("sig"))?;
            if signatures.iter().any(|(other, _)| *other == keyid) {
                return Err(shape());
            }
            signatures.push((keyid, raw.try_into().map_err(|_| shape())?));
        }
        let payload = STANDARD.decode(&wire.payload).map_err(|_| EnvelopeError::Base64("payload"))?;
        Ok(Self { payload_type, payload, signatures })
    }

    /// The keys the envelope says it is signed by, in the order of the signatures.
    pub fn key_ids(&self) -> Vec<KeyId> {
        self.signatures.iter().map(|(id, _)| *id).collect()
    }

    /// The payload, once it is signed by exactly these keys, in this order (RFC 8032, strict).
    ///
    /// # Errors
    /// [`EnvelopeError::Signatures`] when there are more or fewer, [`EnvelopeError::OtherKey`] when another key stands
    /// in a place, [`EnvelopeError::Signature`] when one does not verify.
    pub fn verify(&self, keys: &[PublicKey]) -> Result<&[u8], EnvelopeError> {
        if keys.len() != self.signatures.len() {
            return Err(EnvelopeError::Signatures { expected: keys.len() });
        }
        let message = pae(self.payload_type, &self.payload);
        for (key, (found, signature)) in keys.iter().zip(&self.signatures) {
            if key.id() != *found {
                return Err(EnvelopeError::OtherKey { found: *found, expected: key.id() });
            }
            if !key.verifies(&message, signature) {
                return Err(EnvelopeError::Signature);
            }
        }
        Ok(&self.payload)
    }

    /// The payload although nobody vouches for it: to learn whose keys to ask for, never to accept it.
    pub fn claimed_payload(&self) -> &[u8] {
        &self.payload
    }

    /// The envelope with one more signature over the same bytes, behind the others. The caller verifies what is there
    /// first: nobody signs what they have not read.
    ///
    /// # Errors
    /// When this key has signed already, or there is no room.
    pub fn countersigned(mut self, signer: &dyn Signer) -> Result<Self, EnvelopeError> {
        let id = signer.public().id();
        if self.signatures.len() >= MAX_SIGNATURES || self.key_ids().contains(&id) {
            return Err(EnvelopeError::Signatures { expected: 0 });
        }
        self.signatures.push((id, signer.sign(&pae(self.payload_type, &self.payload))));
        Ok(self)
    }

    /// The envelope's one spelling; one line without its newline.
    pub fn write(&self) -> Vec<u8> {
        spell(self.payload_type, &self.payload, &self.signatures)
    }
}

/// The envelope of `payload`, signed by each of `signers` in turn; one line without its newline. Each must have another
/// key, or no reader takes it.
pub fn seal_all(payload_type: &str, payload: &[u8], signers: &[&dyn Signer]) -> Vec<u8> {
    let message = pae(payload_type, payload);
    let signatures: Vec<_> = signers.iter().map(|signer| (signer.public().id(), signer.sign(&message))).collect();
    spell(payload_type, payload, &signatures)
}

fn spell(payload_type: &str, payload: &[u8], signatures: &[(KeyId, [u8; 64])]) -> Vec<u8> {
    canonical::write(&Wire {
        payload: STANDARD.encode(payload),
        payload_type: payload_type.to_owned(),
        signatures: signatures
            .iter()
            .map(|(keyid, sig)| WireSignature { keyid: *keyid, sig: STANDARD.encode(sig) })
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dsse;
    use crate::keys::DeviceKey;

    const TYPE: &str = "application/vnd.example+json";

    fn keys() -> [DeviceKey; 3] {
        [1, 2, 3].map(|seed| DeviceKey::from_seed([seed; 32]))
    }

    #[test]
    fn two_sign_the_same_bytes_and_the_order_is_kept() {
        let [first, second, third] = keys();
        let bytes = seal_all(TYPE, b"ab", &[&first, &second]);
        let envelope = Several::parse(&bytes, TYPE).unwrap();
        assert_eq!(envelope.key_ids(), [first.public().id(), second.public().id()]);
        assert_eq!(envelope.verify(&[first.public(), second.public()]).unwrap(), b"ab");
        assert_eq!(envelope.write(), bytes);
        for wrong in [
            &[second.public(), first.public()][..],
            &[first.public()],
            &[first.public(), third.public()],
            &[first.public(), second.public(), third.public()],
            &[],
        ] {
            assert!(envelope.verify(wrong).is_err());
        }
        assert!(dsse::Envelope::parse(&bytes, TYPE).is_err(), "where one belongs, two are refused");
        let later = Several::parse(&dsse::seal(TYPE, b"ab", &first), TYPE).unwrap();
        assert!(later.clone().countersigned(&first).is_err(), "nobody countersigns themselves");
        assert_eq!(later.countersigned(&second).unwrap().write(), bytes, "a signature may come later");
    }

    #[test]
    fn no_signature_too_many_or_two_by_one_key_are_refused() {
        let [first, ..] = keys();
        let many: Vec<DeviceKey> = (0..9).map(|seed| DeviceKey::from_seed([seed; 32])).collect();
        let signers: Vec<&dyn Signer> = many.iter().map(|key| key as &dyn Signer).collect();
        assert!(Several::parse(&seal_all(TYPE, b"ab", &signers[..8]), TYPE).is_ok());
        assert!(Several::parse(&seal_all(TYPE, b"ab", &signers), TYPE).is_err());
        assert!(Several::parse(&seal_all(TYPE, b"ab", &[]), TYPE).is_err());
        assert!(Several::parse(&seal_all(TYPE, b"ab", &[&first, &first]), TYPE).is_err());
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let [first, second, _] = keys();
        let good = seal_all(TYPE, b"{\"a\":1}", &[&first, &second]);
        let wanted = [first.public(), second.public()];
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] ^= 1 << (position % 8);
            let refused = Several::parse(&bad, TYPE).and_then(|e| e.verify(&wanted).map(<[u8]>::to_vec));
            assert!(refused.is_err(), "byte {position}");
        }
    }
}
