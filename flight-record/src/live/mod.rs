//! Who may see the live view: keys of its encryption (SRTP, RFC 3711), agreed over the radio for one flight of one boot.
//!
//! The aircraft calls; a station of the unit offers an ephemeral X25519 key, signed; the aircraft answers with one of its own, and
//! signs both. From the shared secret and every byte of offer and answer each side makes the same SRTP keys (HKDF-SHA256, RFC 5869).
//! Nothing of it is ever on a disk, and no key taken later opens what was sent before. [`Viewer`] is the station's side.

mod viewer;

pub use viewer::{Note, Step, Viewer};

use crate::digest::Sha256;
use crate::keys::{KeyError, PublicKey, Signer, random};
use crate::radio::{LiveAnswer, LiveOffer, LiveScope};
use hkdf::Hkdf;
use subtle::ConstantTimeEq as _;
use x25519_dalek::StaticSecret;
use zeroize::Zeroizing;

/// Master key and master salt of SRTP's AES_256_CM (RFC 6188): 32 and 14 bytes.
pub const MASTER_BYTES: usize = 46;
/// Streams under one agreement: each has an SSRC of its own, from 1 to this (RFC 3711 §9.1).
pub const MAX_SSRC: u32 = 1024;

/// RTP payload type of the pictures in H.264 (RFC 6184).
pub const H264_PAYLOAD: u8 = 96;
/// RTP payload type of the telemetry (RFC 6597).
pub const KLV_PAYLOAD: u8 = 97;
/// RTP payload type of the pictures in H.265 (RFC 7798).
pub const H265_PAYLOAD: u8 = 98;

const VIDEO_INFO: &[u8] = b"skyseal-live/1 video";
const KLV_INFO: &[u8] = b"skyseal-live/1 klv";

/// Half of an agreement: a secret that is used once. Zeroised when it goes.
pub struct Ephemeral(StaticSecret);

impl Ephemeral {
    /// A fresh one.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn new() -> Result<Self, KeyError> {
        Ok(Self(StaticSecret::from(*random()?)))
    }

    /// The half that the other side sees.
    pub fn public(&self) -> [u8; 32] {
        x25519_dalek::PublicKey::from(&self.0).to_bytes()
    }

    /// The keys of `offer` and `answer`, one of which holds the public half of this; `None` when the other side's half is of small
    /// order, so that anybody would know the secret (RFC 7748 §6.1).
    fn agree(self, offer: &LiveOffer, answer: &LiveAnswer) -> Option<LiveKeys> {
        let theirs = if self.public() == offer.key { answer.key } else { offer.key };
        let shared = self.0.diffie_hellman(&x25519_dalek::PublicKey::from(theirs));
        if !shared.was_contributory() {
            return None;
        }
        let salt = Sha256::of(&[offer.encode(), answer.encode()].concat());
        let hkdf = Hkdf::<sha2::Sha256>::new(Some(&salt.0), shared.as_bytes());
        Some(LiveKeys { video: Master::expand(&hkdf, VIDEO_INFO)?, klv: Master::expand(&hkdf, KLV_INFO)? })
    }
}

impl std::fmt::Debug for Ephemeral {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ephemeral(…)")
    }
}

/// An SRTP master key and its salt. Zeroised when it goes; shows itself to nobody.
pub struct Master(Zeroizing<[u8; MASTER_BYTES]>);

impl Master {
    fn expand(hkdf: &Hkdf<sha2::Sha256>, info: &[u8]) -> Option<Self> {
        let mut bytes = Zeroizing::new([0; MASTER_BYTES]);
        hkdf.expand(info, &mut *bytes).ok()?;
        Some(Self(bytes))
    }

    /// Master key, then salt, for an SRTP implementation; zeroised when they go.
    pub fn bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.0.to_vec())
    }
}

impl PartialEq for Master {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&*other.0).into()
    }
}

impl Eq for Master {}

impl std::fmt::Debug for Master {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Master(…)")
    }
}

/// The keys of one agreement. There is no copying them: who sends under them counts the streams, and no count starts anew.
#[derive(Debug, PartialEq, Eq)]
pub struct LiveKeys {
    /// Of the pictures.
    pub video: Master,
    /// Of the telemetry.
    pub klv: Master,
}

/// What an aircraft's recorder draws when it starts: [`LiveScope::boot`].
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn boot() -> Result<[u8; 6], KeyError> {
    Ok(*random()?)
}

/// The aircraft's answer to an offer and the keys of both; nothing when the offer's half is of small order.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn answer(offer: &LiveOffer, device: &impl Signer) -> Result<Option<(LiveAnswer, LiveKeys)>, KeyError> {
    let own = Ephemeral::new()?;
    let answer = LiveAnswer::sign(offer, own.public(), device);
    Ok(own.agree(offer, &answer).map(|keys| (answer, keys)))
}

/// A station's offer, and its secret.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn offer(scope: LiveScope, time_s: u32, station: &impl Signer) -> Result<(Ephemeral, LiveOffer), KeyError> {
    let own = Ephemeral::new()?;
    let offer = LiveOffer::sign(scope, own.public(), time_s, station);
    Ok((own, offer))
}

/// What a station makes of an answer to its own offer: nothing, when `device` did not sign both.
pub fn accept(own: Ephemeral, offer: &LiveOffer, answer: &LiveAnswer, device: &PublicKey) -> Option<LiveKeys> {
    let ours = own.public() == offer.key && answer.verifies(offer, device);
    ours.then(|| own.agree(offer, answer)).flatten()
}

#[cfg(test)]
mod tests;
