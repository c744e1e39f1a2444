//! Key agreement for the live view: the aircraft's call, a station's offer, and the aircraft's answer, which signs both halves.

use super::RadioError;
use super::signed::{SigningKeyHint, labelled};
use super::wire::{Reader, Writer};
use crate::digest::Sha256;
use crate::keys::{PublicKey, Signer};

const WHAT: &str = "agreement";
const LABEL: &[u8] = b"skyseal-live/1\n";
const CALL: u8 = 1;
const OFFER: u8 = 2;
const ANSWER: u8 = 3;

/// The bodies of payload type 42006.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The aircraft's.
    Call(LiveCall),
    /// A station's.
    Offer(LiveOffer),
    /// The aircraft's.
    Answer(LiveAnswer),
}

/// What keys are agreed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveScope {
    /// Which flight, or which aircraft on the ground: [`super::Statement::about`].
    pub about: [u8; 16],
    /// Random bytes that the aircraft's recorder draws whenever it starts.
    pub boot: [u8; 6],
}

/// Who may open the live view now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveHolder {
    /// First bytes of the station's key id.
    pub station: SigningKeyHint,
    /// [`LiveOffer::hint`] of the offer that was answered.
    pub offer: [u8; 4],
}

/// The aircraft has a live view to open, and says who holds its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// What keys would be agreed for.
    pub scope: LiveScope,
    /// Calls since the recorder started: a station takes only rising ones.
    pub count: u32,
    /// Who holds keys; all zeros on the air when nobody does.
    pub holder: Option<LiveHolder>,
    /// First bytes of the device's key id.
    pub device: SigningKeyHint,
    /// Under the label `skyseal-live/1`.
    pub signature: [u8; 64],
}

/// A station wants to see the live view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveOffer {
    /// As in the call.
    pub scope: LiveScope,
    /// First bytes of the station's key id.
    pub station: SigningKeyHint,
    /// The station's half: an X25519 public key, used once.
    pub key: [u8; 32],
    /// The station's time, POSIX seconds; the aircraft takes only rising ones.
    pub time_s: u32,
    /// Under the same label.
    pub signature: [u8; 64],
}

/// The aircraft's half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAnswer {
    /// As in the offer.
    pub scope: LiveScope,
    /// First bytes of the device's key id.
    pub device: SigningKeyHint,
    /// The aircraft's half: an X25519 public key, used once.
    pub key: [u8; 32],
    /// Under the same label, over this body and the whole offer.
    pub signature: [u8; 64],
}

impl LiveScope {
    fn begin(self, action: u8) -> Writer {
        Writer::new(action).put(&self.about).put(&self.boot)
    }
}

impl LiveCall {
    /// A call, signed.
    pub fn sign(scope: LiveScope, count: u32, holder: Option<LiveHolder>, device: &impl Signer) -> Self {
        let hint = SigningKeyHint::of(device.public().id());
        let mut made = Self { scope, count, holder, device: hint, signature: [0; 64] };
        made.signature = device.sign(&labelled(LABEL, &made.signed_bytes()));
        made
    }

    /// Whether `device` signed exactly this.
    pub fn verifies(&self, device: &PublicKey) -> bool {
        self.device == SigningKeyHint::of(device.id())
            && device.verifies(&labelled(LABEL, &self.signed_bytes()), &self.signature)
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let (station, offer) = self.holder.map_or(([0; 4], [0; 4]), |held| (held.station.0, held.offer));
        self.scope.begin(CALL).u32(self.count).put(&station).put(&offer).put(&self.device.0).bytes()
    }

    fn encode(&self) -> Vec<u8> {
        Writer::from(self.signed_bytes()).put(&self.signature).bytes()
    }
}

impl LiveOffer {
    /// An offer, signed.
    pub fn sign(scope: LiveScope, key: [u8; 32], time_s: u32, station: &impl Signer) -> Self {
        let hint = SigningKeyHint::of(station.public().id());
        let mut made = Self { scope, station: hint, key, time_s, signature: [0; 64] };
        made.signature = station.sign(&labelled(LABEL, &made.signed_bytes()));
        made
    }

    /// Whether `station` signed exactly this.
    pub fn verifies(&self, station: &PublicKey) -> bool {
        self.station == SigningKeyHint::of(station.id())
            && station.verifies(&labelled(LABEL, &self.signed_bytes()), &self.signature)
    }

    /// The first four bytes of its SHA-256: tells offers of one station apart, proves nothing.
    pub fn hint(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = Sha256::of(&self.encode()).0;
        [a, b, c, d]
    }

    fn signed_bytes(&self) -> Vec<u8> {
        self.scope.begin(OFFER).put(&self.station.0).put(&self.key).u32(self.time_s).bytes()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        Writer::from(self.signed_bytes()).put(&self.signature).bytes()
    }
}

impl LiveAnswer {
    /// The answer to `offer`, signed.
    pub fn sign(offer: &LiveOffer, key: [u8; 32], device: &impl Signer) -> Self {
        let hint = SigningKeyHint::of(device.public().id());
        let mut made = Self { scope: offer.scope, device: hint, key, signature: [0; 64] };
        made.signature = device.sign(&made.signed_text(offer));
        made
    }

    /// Whether `device` signed exactly this as its answer to `offer`.
    pub fn verifies(&self, offer: &LiveOffer, device: &PublicKey) -> bool {
        self.scope == offer.scope
            && self.device == SigningKeyHint::of(device.id())
            && device.verifies(&self.signed_text(offer), &self.signature)
    }

    fn signed_text(&self, offer: &LiveOffer) -> Vec<u8> {
        labelled(LABEL, &[self.unsigned_bytes(), offer.encode()].concat())
    }

    fn unsigned_bytes(&self) -> Vec<u8> {
        self.scope.begin(ANSWER).put(&self.device.0).put(&self.key).bytes()
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        Writer::from(self.unsigned_bytes()).put(&self.signature).bytes()
    }
}

impl Agreement {
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Call(call) => call.encode(),
            Self::Offer(offer) => offer.encode(),
            Self::Answer(answer) => answer.encode(),
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let (mut reader, action) = Reader::new(WHAT, bytes)?;
        let scope = LiveScope { about: reader.array()?, boot: reader.array()? };
        match action {
            CALL => {
                let count = reader.u32()?;
                let holder = LiveHolder { station: SigningKeyHint(reader.array()?), offer: reader.array()? };
                let holder = (holder.station.0 != [0; 4] || holder.offer != [0; 4]).then_some(holder);
                let device = SigningKeyHint(reader.array()?);
                let signature = reader.array()?;
                reader.end(Self::Call(LiveCall { scope, count, holder, device, signature }))
            }
            OFFER => {
                let (station, key) = (SigningKeyHint(reader.array()?), reader.array()?);
                let (time_s, signature) = (reader.u32()?, reader.array()?);
                reader.end(Self::Offer(LiveOffer { scope, station, key, time_s, signature }))
            }
            ANSWER => {
                let (device, key) = (SigningKeyHint(reader.array()?), reader.array()?);
                let signature = reader.array()?;
                reader.end(Self::Answer(LiveAnswer { scope, device, key, signature }))
            }
            flags => Err(RadioError::Flags { what: WHAT, flags }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::DeviceKey;
    use crate::radio::Body;

    const SCOPE: LiveScope = LiveScope { about: [3; 16], boot: [4; 6] };

    #[test]
    fn every_flipped_bit_of_each_is_refused() {
        let (station, device) = (DeviceKey::from_seed([5; 32]), DeviceKey::from_seed([6; 32]));
        let offer = LiveOffer::sign(SCOPE, [9; 32], 1_700_000_000, &station);
        let answer = LiveAnswer::sign(&offer, [8; 32], &device);
        let holder = LiveHolder { station: offer.station, offer: offer.hint() };
        let holds = |bytes: &[u8]| match Body::decode(42_006, bytes) {
            Ok(Body::Agreement(Agreement::Call(call))) => call.verifies(&device.public()),
            Ok(Body::Agreement(Agreement::Offer(offer))) => offer.verifies(&station.public()),
            Ok(Body::Agreement(Agreement::Answer(answer))) => answer.verifies(&offer, &device.public()),
            Ok(_) | Err(_) => false,
        };
        for (good, bytes) in [
            (LiveCall::sign(SCOPE, 7, None, &device).encode(), 104),
            (LiveCall::sign(SCOPE, 7, Some(holder), &device).encode(), 104),
            (offer.encode(), 128),
            (answer.encode(), 124),
        ] {
            assert!(holds(&good) && good.len() == bytes);
            for at in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[at / 8] ^= 1 << (at % 8);
                assert!(!holds(&bad), "bit {at}");
            }
            assert!(!holds(&good[1..]) && !holds(&[&good[..], &[0]].concat()), "every length is exact");
        }
    }

    #[test]
    fn an_answer_signs_the_whole_offer() {
        let (station, device) = (DeviceKey::from_seed([5; 32]), DeviceKey::from_seed([6; 32]));
        let offer = LiveOffer::sign(SCOPE, [9; 32], 1_700_000_000, &station);
        let answer = LiveAnswer::sign(&offer, [8; 32], &device);
        for other in [
            LiveOffer { key: [7; 32], ..offer.clone() },
            LiveOffer { time_s: 1_700_000_001, ..offer.clone() },
            LiveOffer { scope: LiveScope { boot: [5; 6], ..SCOPE }, ..offer.clone() },
            LiveOffer { signature: [0; 64], ..offer.clone() },
        ] {
            assert!(answer.verifies(&offer, &device.public()) && !answer.verifies(&other, &device.public()));
        }
    }
}
