//! The bodies that carry a signature of their own, each under its own label, so that none can pass for another.

use super::wire::Writer;
use super::{Nonce, RecipientOffer};
use crate::digest::Sha256;
use crate::keys::{KeyId, PublicKey, Signer};
use crate::names::FlightId;

const NONCE_LABEL: &[u8] = b"skyseal-nonce/1\n";
const RECIPIENT_LABEL: &[u8] = b"skyseal-recipient/1\n";

/// The first four bytes of a key id: says which key to try, proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SigningKeyHint(pub [u8; 4]);

impl SigningKeyHint {
    /// The hint at a key.
    pub fn of(id: KeyId) -> Self {
        let [a, b, c, d, ..] = id.0;
        Self([a, b, c, d])
    }
}

impl Nonce {
    /// A station's nonce for `flight`, signed.
    pub fn sign(flight: FlightId, nonce: Sha256, time_s: u64, station: &impl Signer) -> Self {
        let hint = SigningKeyHint::of(station.public().id());
        let mut made = Self { flight, station: hint, nonce, time_s, signature: [0; 64] };
        made.signature = station.sign(&labelled(NONCE_LABEL, &made.signed_bytes()));
        made
    }

    /// Whether `station` signed exactly this.
    pub fn verifies(&self, station: &PublicKey) -> bool {
        self.station == SigningKeyHint::of(station.id())
            && station.verifies(&labelled(NONCE_LABEL, &self.signed_bytes()), &self.signature)
    }

    /// All bytes before the signature.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let writer = Writer::new(0).put(self.flight.as_bytes()).put(&self.station.0);
        writer.put(&self.nonce.0).u64(self.time_s).bytes()
    }
}

impl RecipientOffer {
    /// A station's offer to the device with this key id, signed.
    pub fn sign(device: KeyId, key: [u8; 32], time_s: u64, station: &impl Signer) -> Self {
        let hint = SigningKeyHint::of(station.public().id());
        let mut made = Self { device: device_prefix(device), station: hint, key, time_s, signature: [0; 64] };
        made.signature = station.sign(&labelled(RECIPIENT_LABEL, &made.signed_bytes()));
        made
    }

    /// Whether `station` signed exactly this.
    pub fn verifies(&self, station: &PublicKey) -> bool {
        self.station == SigningKeyHint::of(station.id())
            && station.verifies(&labelled(RECIPIENT_LABEL, &self.signed_bytes()), &self.signature)
    }

    /// All bytes before the signature.
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        let writer = Writer::new(0).put(&self.device).put(&self.station.0);
        writer.put(&self.key).u64(self.time_s).bytes()
    }
}

/// The first 16 bytes of a device's key id, as `ready` and recipients carry it.
pub fn device_prefix(device: KeyId) -> [u8; 16] {
    std::array::from_fn(|at| device.0[at])
}

pub(super) fn labelled(label: &[u8], bytes: &[u8]) -> Vec<u8> {
    [label, bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::DeviceKey;
    use crate::radio::{Authorisation, Body, Statement};
    use crate::statement::{Action, Moment, Session};

    const BODY_SIGNATURE_BYTES: usize = 64;

    fn station() -> DeviceKey {
        DeviceKey::from_seed([5; 32])
    }

    fn nonce() -> Nonce {
        Nonce::sign(FlightId::new(1, [1; 10]), Sha256::of(b"n"), 1_700_000_000, &station())
    }

    fn offer() -> RecipientOffer {
        RecipientOffer::sign(Sha256::of(b"device"), [7; 32], 1_700_000_000, &station())
    }

    fn statement() -> Statement {
        let made = Moment { time_s: 1_700_000_000, counter: 7 };
        Statement::sign(Action::Start, [3; 16], made, Sha256::of(b"why"), &station())
    }

    fn authorisation() -> Authorisation {
        let made = Moment { time_s: 1_700_000_000, counter: 7 };
        Authorisation::sign(Session::Begin { minutes: 90 }, [3; 16], made, Sha256::of(b"why"), &station())
    }

    #[test]
    fn a_session_has_a_length_that_may_be_and_its_end_has_none() {
        let encoded = Body::Authorisation(authorisation()).encode();
        assert_eq!(encoded.len(), crate::radio::MAX_BODY_BYTES);
        for (action, minutes, good) in
            [(1, 1, true), (1, 720, true), (1, 0, false), (1, 721, false), (2, 0, true), (2, 1, false), (3, 1, false)]
        {
            let mut bytes = encoded.clone();
            bytes[1] = action;
            bytes[30..32].copy_from_slice(&u16::to_le_bytes(minutes));
            assert_eq!(Body::decode(42_010, &bytes).is_ok(), good, "{action} {minutes}");
        }
    }

    #[test]
    fn the_signed_text_is_the_label_and_the_bytes_before_the_signature() {
        for (body, label) in [
            (Body::Nonce(nonce()), "skyseal-nonce/1\n"),
            (Body::Recipient(offer()), "skyseal-recipient/1\n"),
            (Body::Statement(statement()), "skyseal-officer/1\n"),
            (Body::Authorisation(authorisation()), "skyseal-session/1\n"),
        ] {
            let bytes = body.encode();
            let (signed, signature) = bytes.split_at(bytes.len() - BODY_SIGNATURE_BYTES);
            let message = [label.as_bytes(), signed].concat();
            assert!(station().public().verifies(&message, signature.try_into().unwrap()), "{label}");
        }
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let key = station().public();
        let all = [
            Body::Nonce(nonce()),
            Body::Recipient(offer()),
            Body::Statement(statement()),
            Body::Authorisation(authorisation()),
        ];
        for body in all {
            let good = body.encode();
            for at in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[at / 8] ^= 1 << (at % 8);
                let holds = match Body::decode(body.payload_type(), &bad) {
                    Ok(Body::Nonce(nonce)) => nonce.verifies(&key),
                    Ok(Body::Recipient(offer)) => offer.verifies(&key),
                    Ok(Body::Statement(statement)) => statement.verifies(&key),
                    Ok(Body::Authorisation(word)) => word.verifies(&key),
                    Ok(_) => unreachable!("the type is kept"),
                    Err(_) => false,
                };
                assert!(!holds, "{} bit {at}", body.payload_type());
            }
        }
        let stranger = DeviceKey::from_seed([6; 32]).public();
        assert!(nonce().verifies(&key) && !nonce().verifies(&stranger));
        assert!(offer().verifies(&key) && !offer().verifies(&stranger));
        assert!(statement().verifies(&key) && !statement().verifies(&stranger));
    }

    #[test]
    fn no_signature_passes_under_another_label() {
        let mut offer = offer();
        offer.signature = station().sign(&labelled(NONCE_LABEL, &offer.signed_bytes()));
        assert!(!offer.verifies(&station().public()));
    }
}
