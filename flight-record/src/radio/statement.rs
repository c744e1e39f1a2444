//! An officer's or a station's signed order to start or to stop recording, and why: the words themselves stay on the ground.

use super::RadioError;
use super::signed::{SigningKeyHint, device_prefix, labelled};
use super::wire::{Reader, Writer};
use crate::digest::Sha256;
use crate::keys::{KeyId, PublicKey, Signer};
use crate::names::FlightId;
use crate::statement::{Action, Moment, Subject};

const LABEL: &[u8] = b"skyseal-officer/1\n";

/// The order. Sent back by the aircraft, byte for byte, it says that the order stands in the flight's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What is ordered.
    pub action: Action,
    /// Which flight or aircraft it is for: [`Statement::about`].
    pub about: [u8; 16],
    /// When it was made, by the signer's clock.
    pub made: Moment,
    /// First bytes of the signer's key id.
    pub signer: SigningKeyHint,
    /// Commits to the reason: [`crate::statement::GivenReason::commitment`].
    pub reason: Sha256,
    /// Under the label `skyseal-officer/1`.
    pub signature: [u8; 64],
}

impl Statement {
    /// An order, signed.
    pub fn sign(action: Action, about: [u8; 16], made: Moment, reason: Sha256, key: &impl Signer) -> Self {
        let signer = SigningKeyHint::of(key.public().id());
        let mut statement = Self { action, about, made, signer, reason, signature: [0; 64] };
        statement.signature = key.sign(&labelled(LABEL, &statement.signed_bytes()));
        statement
    }

    /// The 16 bytes that name what an order is for: the flight that is open, or while none is, the beginning of the
    /// device's key id.
    pub fn about(subject: Subject, flight: FlightId, device: KeyId) -> [u8; 16] {
        match subject {
            Subject::Flight => *flight.as_bytes(),
            Subject::Device => device_prefix(device),
        }
    }

    /// Whether `signer` signed exactly this.
    pub fn verifies(&self, signer: &PublicKey) -> bool {
        self.signer == SigningKeyHint::of(signer.id())
            && signer.verifies(&labelled(LABEL, &self.signed_bytes()), &self.signature)
    }

    /// All bytes before the signature.
    fn signed_bytes(&self) -> Vec<u8> {
        let writer = Writer::new(self.action.number()).put(&self.about).u32(self.made.counter).u32(self.made.time_s);
        writer.put(&self.signer.0).put(&self.reason.0).bytes()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        Writer::from(self.signed_bytes()).put(&self.signature).bytes()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let (mut reader, action) = Reader::new("statement", bytes)?;
        let read = Self {
            action: Action::from_number(action).ok_or(RadioError::Action(action))?,
            about: reader.array()?,
            made: {
                let counter = reader.u32()?;
                Moment { time_s: reader.u32()?, counter }
            },
            signer: SigningKeyHint(reader.array()?),
            reason: Sha256(reader.array()?),
            signature: reader.array()?,
        };
        reader.end(read)
    }
}
