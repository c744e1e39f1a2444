//! What a flight says over the radio: bodies of MAVLink TUNNEL messages, at most 128 bytes each.
//!
//! | payload type | body | from | bytes |
//! |---|---|---|---|
//! | 42001 | [`Beacon`]: the newest tree head | aircraft | 126 |
//! | 42002 | [`Leaves`]: leaf hashes, or the request for them | both | 27 + 32 n, n ≤ 3 |
//! | 42003 | [`Cosigned`]: a station's word for a head | ground | 102 |
//! | 42004 | [`Nonce`]: "not before" | ground | 126 |
//! | 42005 | [`Statement`]: an order to record, or to stop; back: it is recorded | both | 126 |
//! | 42006 | [`Agreement`]: keys of the live view, called for, offered, answered | both | 104, 128, 124 |
//! | 42007 | [`Fragment`]: a longer message, announced and in parts; back: what is missing, or that it is recorded | both | 128, 12 to 128, 18 |
//! | 42008 | [`Ready`]: no flight is open | aircraft | 22 |
//! | 42009 | [`RecipientOffer`]: whom the next flight is sealed to | ground | 126 |
//! | 42010 | [`Authorisation`]: the buttons of any station work for a while; back: it is in force | both | 128 |
//!
//! Integers are little-endian, every length is exact, and the first byte is the version, 1. Nothing here is to be believed before its signature holds; leaves have
//! none, they are believed when the root over them is a signed one.

mod authorisation;
mod fragment;
mod live;
mod signed;
mod statement;
mod wire;

pub use authorisation::Authorisation;
pub use fragment::{Announcement, Fragment, MAX_MESSAGE_BYTES, MessageHint, Missing, PART_BYTES, Part, Purpose};
pub use live::{Agreement, LiveAnswer, LiveCall, LiveHolder, LiveOffer, LiveScope};
pub use signed::{SigningKeyHint, device_prefix};
pub use statement::Statement;

use crate::digest::Sha256;
use crate::keys::PublicKey;
use crate::names::FlightId;
use crate::note::{Checkpoint, Cosignature, NoteError, SignedNote};
use wire::{Reader, Writer};

/// Longest body: what one TUNNEL message holds.
pub const MAX_BODY_BYTES: usize = 128;
/// Most leaf hashes in one [`Leaves`].
pub const MAX_LEAVES: usize = 3;

const BEACON: u16 = 42_001;
const LEAVES: u16 = 42_002;
const COSIGNATURE: u16 = 42_003;
const NONCE: u16 = 42_004;
const STATEMENT: u16 = 42_005;
const AGREEMENT: u16 = 42_006;
const FRAGMENT: u16 = 42_007;
const READY: u16 = 42_008;
const RECIPIENT: u16 = 42_009;
const AUTHORISATION: u16 = 42_010;

/// One body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The newest tree head.
    Beacon(Beacon),
    /// Leaf hashes, or the request for them.
    Leaves(Leaves),
    /// A station's word for a head.
    Cosignature(Cosigned),
    /// A station's random number: what comes after it came after it.
    Nonce(Nonce),
    /// A signed order to start or to stop recording.
    Statement(Statement),
    /// Keys of the live view are agreed.
    Agreement(Agreement),
    /// A message longer than a body.
    Fragment(Fragment),
    /// No flight is open.
    Ready(Ready),
    /// Whom the next flight is sealed to.
    Recipient(RecipientOffer),
    /// The buttons of any station work for a while, or no longer.
    Authorisation(Authorisation),
}

/// Why a body is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RadioError {
    /// The payload type is none of ours.
    #[error("payload type {0} is none of Skyseal's")]
    OtherType(u16),
    /// Another length than the one of this body.
    #[error("a {what} of {bytes} bytes: every length is exact")]
    Length {
        /// The body.
        what: &'static str,
        /// The bytes offered.
        bytes: usize,
    },
    /// A later version.
    #[error("a {what} of version {version}, this program knows 1")]
    Version {
        /// The body.
        what: &'static str,
        /// The version offered.
        version: u8,
    },
    /// Flags where none are defined.
    #[error("a {what} with flags {flags:#04x}, of which none is defined")]
    Flags {
        /// The body.
        what: &'static str,
        /// The flags offered.
        flags: u8,
    },
    /// Neither start nor stop.
    #[error("a statement with action {0}: 1 is start, 2 is stop")]
    Action(u8),
    /// Neither the beginning of a session, of a length that may be, nor its end.
    #[error("an authorisation with action {action} for {minutes} minutes: 1 is begin, for 1 to 720; 2 is end, with 0")]
    Session {
        /// The action offered.
        action: u8,
        /// The minutes offered.
        minutes: u16,
    },
}

/// The newest tree head of a flight. With the flight it is a whole signed note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// Advisory bits, [`Beacon::CLOSED`]; others mean nothing yet.
    pub flags: u8,
    /// Whose head.
    pub flight: FlightId,
    /// C2SP note key hash of the device.
    pub key_hash: [u8; 4],
    /// Records under the head.
    pub size: u64,
    /// RFC 6962 root over them.
    pub root: Sha256,
    /// The device's signature over the note.
    pub signature: [u8; 64],
}

/// Leaf hashes `from`, `from` + 1, … of a flight; without any, the ground's request for those from `from` on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaves {
    /// Whose leaves.
    pub flight: FlightId,
    /// Number of the first, from 0.
    pub from: u64,
    /// At most [`MAX_LEAVES`].
    pub hashes: Vec<Sha256>,
}

/// A station's cosignature over a head (C2SP cosignature/v1); the root is the aircraft's to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigned {
    /// Whose head.
    pub flight: FlightId,
    /// Records under the head.
    pub size: u64,
    /// The station's word.
    pub cosignature: Cosignature,
}

/// A station's random number for a flight: the records after the one that holds it were made after `time_s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce {
    /// For which flight.
    pub flight: FlightId,
    /// First bytes of the station's key id.
    pub station: SigningKeyHint,
    /// 32 random bytes.
    pub nonce: Sha256,
    /// The station's time, POSIX seconds.
    pub time_s: u64,
    /// Under the label `skyseal-nonce/1`.
    pub signature: [u8; 64],
}

/// No flight is open aboard; the next one wants a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// Advisory bits, [`Ready::WANTS_RECIPIENT`]; others mean nothing yet.
    pub flags: u8,
    /// First 16 bytes of the device's key id.
    pub device: [u8; 16],
    /// First 4 bytes of SHA-256 of the X25519 key held for the next flight, else 0.
    pub recipient: [u8; 4],
}

/// The public half of the key that the next flight is sealed to, made on the ground.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientOffer {
    /// First 16 bytes of the device's key id.
    pub device: [u8; 16],
    /// First bytes of the station's key id.
    pub station: SigningKeyHint,
    /// X25519 public key.
    pub key: [u8; 32],
    /// The station's time, POSIX seconds; the aircraft takes only rising ones.
    pub time_s: u64,
    /// Under the label `skyseal-recipient/1`.
    pub signature: [u8; 64],
}

impl Body {
    /// The payload type of the TUNNEL message.
    pub fn payload_type(&self) -> u16 {
        match self {
            Self::Beacon(_) => BEACON,
            Self::Leaves(_) => LEAVES,
            Self::Cosignature(_) => COSIGNATURE,
            Self::Nonce(_) => NONCE,
            Self::Statement(_) => STATEMENT,
            Self::Agreement(_) => AGREEMENT,
            Self::Fragment(_) => FRAGMENT,
            Self::Ready(_) => READY,
            Self::Recipient(_) => RECIPIENT,
            Self::Authorisation(_) => AUTHORISATION,
        }
    }

    /// The bytes of the body.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Beacon(beacon) => beacon.encode(),
            Self::Leaves(leaves) => leaves.encode(),
            Self::Cosignature(cosignature) => cosignature.encode(),
            Self::Nonce(nonce) => nonce.encode(),
            Self::Statement(statement) => statement.encode(),
            Self::Agreement(agreement) => agreement.encode(),
            Self::Fragment(fragment) => fragment.encode(),
            Self::Ready(ready) => ready.encode(),
            Self::Recipient(offer) => offer.encode(),
            Self::Authorisation(word) => word.encode(),
        }
    }

    /// Reads a body. No signature is checked.
    ///
    /// # Errors
    /// Any other type, length, version or flag.
    pub fn decode(payload_type: u16, bytes: &[u8]) -> Result<Self, RadioError> {
        match payload_type {
            BEACON => Beacon::decode(bytes).map(Self::Beacon),
            LEAVES => Leaves::decode(bytes).map(Self::Leaves),
            COSIGNATURE => Cosigned::decode(bytes).map(Self::Cosignature),
            NONCE => Nonce::decode(bytes).map(Self::Nonce),
            STATEMENT => Statement::decode(bytes).map(Self::Statement),
            AGREEMENT => Agreement::decode(bytes).map(Self::Agreement),
            FRAGMENT => Fragment::decode(bytes).map(Self::Fragment),
            READY => Ready::decode(bytes).map(Self::Ready),
            RECIPIENT => RecipientOffer::decode(bytes).map(Self::Recipient),
            AUTHORISATION => Authorisation::decode(bytes).map(Self::Authorisation),
            other => Err(RadioError::OtherType(other)),
        }
    }
}

impl Beacon {
    /// Flag: the head is the one over `close`.
    pub const CLOSED: u8 = 1;

    /// The beacon of a device-signed note.
    ///
    /// # Errors
    /// When the text is no note of ours.
    pub fn of(note: &str, closed: bool) -> Result<Self, NoteError> {
        let note = SignedNote::parse(note)?;
        let Checkpoint { flight, size, root } = *note.claimed();
        let (key_hash, signature) = (note.key_hash(), *note.signature());
        Ok(Self { flags: if closed { Self::CLOSED } else { 0 }, flight, key_hash, size, root, signature })
    }

    /// The note, exactly as it was signed.
    pub fn note(&self) -> SignedNote {
        SignedNote::new(self.checkpoint(), self.key_hash, self.signature)
    }

    /// What it says, although nobody vouches for it yet.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { flight: self.flight, size: self.size, root: self.root }
    }

    /// Whether the device signed exactly this.
    pub fn verifies(&self, device: &PublicKey) -> bool {
        self.note().verify(device).is_ok()
    }

    /// Whether the flight says it is over: advisory, the flag is not signed.
    pub fn closed(&self) -> bool {
        self.flags & Self::CLOSED != 0
    }

    fn encode(&self) -> Vec<u8> {
        let writer = Writer::new(self.flags).put(self.flight.as_bytes()).put(&self.key_hash);
        writer.u64(self.size).put(&self.root.0).put(&self.signature).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let (mut reader, flags) = Reader::new("beacon", bytes)?;
        let read = Self {
            flags,
            flight: FlightId::from_bytes(reader.array()?),
            key_hash: reader.array()?,
            size: reader.u64()?,
            root: Sha256(reader.array()?),
            signature: reader.array()?,
        };
        reader.end(read)
    }
}

impl Leaves {
    /// The request for the leaves of `flight` from `from` on.
    pub fn request(flight: FlightId, from: u64) -> Self {
        Self { flight, from, hashes: Vec::new() }
    }

    fn encode(&self) -> Vec<u8> {
        let count = self.hashes.len().min(MAX_LEAVES);
        debug_assert_eq!(count, self.hashes.len(), "the sender cuts them");
        let writer = Writer::new(0).put(self.flight.as_bytes()).u64(self.from).put(&[count.to_le_bytes()[0]]);
        self.hashes.iter().take(count).fold(writer, |writer, hash| writer.put(&hash.0)).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let mut reader = Reader::without_flags("leaves", bytes)?;
        let (flight, from) = (FlightId::from_bytes(reader.array()?), reader.u64()?);
        let [count] = reader.array()?;
        if usize::from(count) > MAX_LEAVES {
            return Err(RadioError::Length { what: "leaves", bytes: bytes.len() });
        }
        let hashes = (0..count).map(|_| reader.array().map(Sha256)).collect::<Result<_, _>>()?;
        reader.end(Self { flight, from, hashes })
    }
}

impl Cosigned {
    fn encode(&self) -> Vec<u8> {
        let Cosignature { key_hash, time_s, signature } = &self.cosignature;
        let writer = Writer::new(0).put(self.flight.as_bytes()).put(key_hash);
        writer.u64(self.size).u64(*time_s).put(signature).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let mut reader = Reader::without_flags("cosignature", bytes)?;
        let (flight, key_hash) = (FlightId::from_bytes(reader.array()?), reader.array()?);
        let (size, time_s, signature) = (reader.u64()?, reader.u64()?, reader.array()?);
        reader.end(Self { flight, size, cosignature: Cosignature { key_hash, time_s, signature } })
    }
}

impl Nonce {
    fn encode(&self) -> Vec<u8> {
        Writer::from(self.signed_bytes()).put(&self.signature).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let mut reader = Reader::without_flags("nonce", bytes)?;
        let read = Self {
            flight: FlightId::from_bytes(reader.array()?),
            station: SigningKeyHint(reader.array()?),
            nonce: Sha256(reader.array()?),
            time_s: reader.u64()?,
            signature: reader.array()?,
        };
        reader.end(read)
    }
}

impl Ready {
    /// Flag: there is no recipient from the ground for the next flight.
    pub const WANTS_RECIPIENT: u8 = 1;

    fn encode(&self) -> Vec<u8> {
        Writer::new(self.flags).put(&self.device).put(&self.recipient).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let (mut reader, flags) = Reader::new("ready", bytes)?;
        let read = Self { flags, device: reader.array()?, recipient: reader.array()? };
        reader.end(read)
    }
}

impl RecipientOffer {
    fn encode(&self) -> Vec<u8> {
        Writer::from(self.signed_bytes()).put(&self.signature).bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, RadioError> {
        let mut reader = Reader::without_flags("recipient", bytes)?;
        let read = Self {
            device: reader.array()?,
            station: SigningKeyHint(reader.array()?),
            key: reader.array()?,
            time_s: reader.u64()?,
            signature: reader.array()?,
        };
        reader.end(read)
    }
}
