//! Messages that fit into no body: announced under a signature, then sent in parts. Nothing is kept of a message that nobody
//! announced, so that strangers' parts cost nothing.

use super::signed::{SigningKeyHint, labelled};
use super::wire::{Reader, Writer};
use super::{MAX_BODY_BYTES, RadioError};
use crate::digest::Sha256;
use crate::keys::{PublicKey, Signer};
use crate::statement::Moment;

const WHAT: &str = "fragment";
const LABEL: &[u8] = b"skyseal-message/1\n";
const PART: u8 = 4;
const MISSING: u8 = 5;
/// Before the bytes of a part: version, action, message, number.
const PART_HEAD_BYTES: usize = 11;

/// Longest message.
pub const MAX_MESSAGE_BYTES: usize = 4096;
/// Bytes of every part but the last.
pub const PART_BYTES: usize = MAX_BODY_BYTES - PART_HEAD_BYTES;

/// The bodies of payload type 42007.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fragment {
    /// The ground's: a message comes. Sent back by the aircraft, byte for byte, it says that the message stands in the record, or will
    /// as soon as a flight opens.
    Announced(Announcement),
    /// The ground's: some bytes of it.
    Part(Part),
    /// The aircraft's: which parts it wants.
    Missing(Missing),
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// The papers of a flight ([`crate::papers`]).
    Papers,
    /// Something begins or ends in flight that a limit forbids.
    Limit,
    /// A permission runs out in flight.
    Authorisation,
    /// Somebody marks a moment.
    Marker,
    /// People were told of the flight.
    Notice,
}

/// A message comes: of these many bytes, with this digest, from this signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// What it is.
    pub purpose: Purpose,
    /// Which flight or aircraft it is for: [`super::Statement::about`].
    pub about: [u8; 16],
    /// When it was made, by the signer's clock.
    pub made: Moment,
    /// First bytes of the signer's key id.
    pub signer: SigningKeyHint,
    /// Its length, 1 to [`MAX_MESSAGE_BYTES`].
    pub bytes: u16,
    /// Its SHA-256.
    pub digest: Sha256,
    /// Under the label `skyseal-message/1`.
    pub signature: [u8; 64],
}

/// The first bytes of a message's digest: says which message is meant, proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MessageHint(pub [u8; 8]);

/// Some bytes of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Which message.
    pub message: MessageHint,
    /// Its number, from 0.
    pub number: u8,
    /// [`PART_BYTES`]; in the last part what is left.
    pub bytes: Vec<u8>,
}

/// What is wanted of a message: bit *i* for part *i*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Which message.
    pub message: MessageHint,
    /// The parts.
    pub parts: u64,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [Self::Papers, Self::Limit, Self::Authorisation, Self::Marker, Self::Notice];

    fn number(self) -> u8 {
        match self {
            Self::Papers => 1,
            Self::Limit => 2,
            Self::Authorisation => 3,
            // 4 and 5 are parts and what is missing.
            Self::Marker => 6,
            Self::Notice => 7,
        }
    }
}

impl MessageHint {
    /// The hint at a message with this digest.
    pub fn of(digest: Sha256) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = digest.0;
        Self([a, b, c, d, e, f, g, h])
    }
}

impl Announcement {
    /// The announcement of `message`, signed; `None` of one that is empty or longer than [`MAX_MESSAGE_BYTES`].
    pub fn sign(purpose: Purpose, about: [u8; 16], made: Moment, message: &[u8], key: &impl Signer) -> Option<Self> {
        let bytes = length(message.len())?;
        let (signer, digest) = (SigningKeyHint::of(key.public().id()), Sha256::of(message));
        let mut announced = Self { purpose, about, made, signer, bytes, digest, signature: [0; 64] };
        announced.signature = key.sign(&labelled(LABEL, &announced.signed_bytes()));
        Some(announced)
    }

    /// Whether `signer` signed exactly this.
    pub fn verifies(&self, signer: &PublicKey) -> bool {
        self.signer == SigningKeyHint::of(signer.id())
            && signer.verifies(&labelled(LABEL, &self.signed_bytes()), &self.signature)
    }

    /// Which message.
    pub fn message(&self) -> MessageHint {
        MessageHint::of(self.digest)
    }

    /// How many parts it has, 1 to 36.
    pub fn parts(&self) -> u8 {
        // A u16 divided by more than 100.
        u8::try_from(usize::from(self.bytes).div_ceil(PART_BYTES)).unwrap_or(u8::MAX)
    }

    /// How many bytes part `number` has; none when there is no such part.
    pub fn part_bytes(&self, number: u8) -> Option<usize> {
        let from = usize::from(number) * PART_BYTES;
        let left = usize::from(self.bytes).checked_sub(from).filter(|left| *left > 0)?;
        Some(left.min(PART_BYTES))
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let writer = Writer::new(self.purpose.number()).put(&self.about).u32(self.made.counter).u32(self.made.time_s);
        writer.put(&self.signer.0).put(&self.bytes.to_le_bytes()).put(&self.digest.0).bytes()
    }
}

impl Part {
    /// Part `number` of a message; none when there is no such part.
    pub fn of(message: &[u8], number: u8) -> Option<Self> {
        let bytes = message.chunks(PART_BYTES).nth(usize::from(number))?.to_vec();
        Some(Self { message: MessageHint::of(Sha256::of(message)), number, bytes })
    }
}

fn length(bytes: usize) -> Option<u16> {
    u16::try_from(bytes).ok().filter(|bytes| (1..=MAX_MESSAGE_BYTES).contains(&usize::from(*bytes)))
}

impl Fragment {
    pub(super) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Announced(announced) => Writer::from(announced.signed_bytes()).put(&announced.signature).bytes(),
            Self::Part(part) => Writer::new(PART).put(&part.message.0).put(&[part.number]).put(&part.bytes).bytes(),
            Self::Missing(missing) => Writer::new(MISSING).put(&missing.message.0).u64(missing.parts).bytes(),
        }
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let (mut reader, action) = Reader::new(WHAT, bytes)?;
        match action {
            PART => {
                let (message, [number]) = (MessageHint(reader.array()?), reader.array()?);
                let bytes = reader.rest(1..=PART_BYTES)?;
                Ok(Self::Part(Part { message, number, bytes }))
            }
            MISSING => {
                let missing = Missing { message: MessageHint(reader.array()?), parts: reader.u64()? };
                reader.end(Self::Missing(missing))
            }
            action => {
                let purpose = Purpose::ALL.into_iter().find(|purpose| purpose.number() == action);
                let purpose = purpose.ok_or(RadioError::Flags { what: WHAT, flags: action })?;
                let about = reader.array()?;
                let counter = reader.u32()?;
                let made = Moment { time_s: reader.u32()?, counter };
                let signer = SigningKeyHint(reader.array()?);
                let said = u16::from_le_bytes(reader.array()?);
                let long = RadioError::Length { what: "message", bytes: said.into() };
                let bytes = length(said.into()).ok_or(long)?;
                let (digest, signature) = (Sha256(reader.array()?), reader.array()?);
                reader.end(Self::Announced(Announcement { purpose, about, made, signer, bytes, digest, signature }))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::DeviceKey;
    use crate::radio::Body;

    fn key() -> DeviceKey {
        DeviceKey::from_seed([5; 32])
    }

    fn announced(message: &[u8]) -> Announcement {
        let made = Moment { time_s: 1_700_000_000, counter: 7 };
        Announcement::sign(Purpose::Papers, [3; 16], made, message, &key()).unwrap()
    }

    #[test]
    fn every_flipped_bit_of_an_announcement_is_refused() {
        let good = Body::Fragment(Fragment::Announced(announced(&[9; 1000]))).encode();
        let signed = [LABEL, &good[..64]].concat();
        assert!(
            key().public().verifies(&signed, good[64..].try_into().unwrap()),
            "label and bytes before the signature"
        );
        let holds = |bytes: &[u8]| match Body::decode(42_007, bytes) {
            Ok(Body::Fragment(Fragment::Announced(announced))) => announced.verifies(&key().public()),
            Ok(_) | Err(_) => false,
        };
        assert!(holds(&good) && good.len() == MAX_BODY_BYTES);
        for at in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[at / 8] ^= 1 << (at % 8);
            assert!(!holds(&bad), "bit {at}");
        }
    }

    #[test]
    fn parts_are_the_message_and_have_the_lengths_that_follow_from_its_own() {
        for bytes in [1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, MAX_MESSAGE_BYTES] {
            let message: Vec<u8> = (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let announced = announced(&message);
            let mut joined: Vec<u8> = Vec::new();
            for number in 0..announced.parts() {
                let part = Part::of(&message, number).unwrap();
                assert_eq!(announced.part_bytes(number), Some(part.bytes.len()));
                joined.extend(&part.bytes);
                let body = Body::Fragment(Fragment::Part(part));
                assert_eq!(Body::decode(42_007, &body.encode()).unwrap(), body);
            }
            assert_eq!(joined, message);
            assert_eq!((Part::of(&message, announced.parts()), announced.part_bytes(announced.parts())), (None, None));
        }
        let made = Moment { time_s: 1, counter: 0 };
        for bytes in [0, MAX_MESSAGE_BYTES + 1] {
            assert_eq!(Announcement::sign(Purpose::Limit, [0; 16], made, &vec![0; bytes], &key()), None);
        }
    }

    #[test]
    fn lengths_and_actions_that_are_none_are_refused() {
        let missing = Body::Fragment(Fragment::Missing(Missing { message: MessageHint([7; 8]), parts: 5 })).encode();
        assert!(Body::decode(42_007, &missing).is_ok() && missing.len() == 18);
        for bad in [&missing[..17], &[&missing[..], &[0]].concat()[..], &[1, 4][..], &[1, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]]
        {
            assert!(Body::decode(42_007, bad).is_err(), "{bad:?}");
        }
        for action in [0, 8, 255] {
            let mut bytes = Body::Fragment(Fragment::Announced(announced(b"x"))).encode();
            bytes[1] = action;
            assert!(Body::decode(42_007, &bytes).is_err(), "{action}");
        }
    }
}
