//! An officer's signed word that for a while the buttons of any station work on one aircraft, or that they no longer do.

use super::RadioError;
use super::signed::{SigningKeyHint, labelled};
use super::wire::{Reader, Writer};
use crate::digest::Sha256;
use crate::keys::{PublicKey, Signer};
use crate::statement::{Moment, Session};

const LABEL: &[u8] = b"skyseal-session/1\n";

/// The word. Sent back by the aircraft, byte for byte, it says that it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorisation {
    /// Which flight or aircraft it is for: [`super::Statement::about`].
    pub about: [u8; 16],
    /// When it was made, by the signer's clock.
    pub made: Moment,
    /// First bytes of the signer's key id.
    pub signer: SigningKeyHint,
    /// Whether it begins, and for how long, or ends.
    pub session: Session,
    /// Commits to the reason: [`crate::statement::GivenReason::commitment`].
    pub reason: Sha256,
    /// Under the label `skyseal-session/1`.
    pub signature: [u8; 64],
}

impl Authorisation {
    /// A word, signed.
    pub fn sign(session: Session, about: [u8; 16], made: Moment, reason: Sha256, key: &impl Signer) -> Self {
        let signer = SigningKeyHint::of(key.public().id());
        let mut word = Self { about, made, signer, session, reason, signature: [0; 64] };
        word.signature = key.sign(&labelled(LABEL, &word.signed_bytes()));
        word
    }

    /// Whether `signer` signed exactly this.
    pub fn verifies(&self, signer: &PublicKey) -> bool {
        self.signer == SigningKeyHint::of(signer.id())
            && signer.verifies(&labelled(LABEL, &self.signed_bytes()), &self.signature)
    }

    /// All bytes before the signature.
    fn signed_bytes(&self) -> Vec<u8> {
        let (action, minutes) = self.session.numbers();
        let writer = Writer::new(action).put(&self.about).u32(self.made.counter).u32(self.made.time_s);
        writer.put(&self.signer.0).put(&minutes.to_le_bytes()).put(&self.reason.0).bytes()
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        Writer::from(self.signed_bytes()).put(&self.signature).bytes()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let (mut reader, action) = Reader::new("authorisation", bytes)?;
        let about = reader.array()?;
        let counter = reader.u32()?;
        let made = Moment { time_s: reader.u32()?, counter };
        let signer = SigningKeyHint(reader.array()?);
        let minutes = u16::from_le_bytes(reader.array()?);
        let session = Session::from_numbers(action, minutes).ok_or(RadioError::Session { action, minutes })?;
        let read = Self { about, made, signer, session, reason: Sha256(reader.array()?), signature: reader.array()? };
        reader.end(read)
    }
}
