//! MAVLink frames as bytes, version 1 and 2.
//!
//! A [`Frame`] is one whole frame exactly as it came or will go; it can be logged, routed and
//! compared without being understood. [`Frame::message`] parses it.

mod checksum;
mod encoder;
mod payload;
mod splitter;

use bytes::Bytes;
use mavlink::{MavHeader, MavlinkVersion, Message};

use checksum::checksum;
pub use encoder::{Body, EncodeError, Encoder};
pub use payload::Payload;
pub use splitter::{Counters, Splitter};

use crate::{catalogue, dialect::MavMessage};

/// First byte of a MAVLink 1 frame.
pub const STX_V1: u8 = 0xFE;
/// First byte of a MAVLink 2 frame.
pub const STX_V2: u8 = 0xFD;
/// Longest frame, bytes: version 2, full payload, signed.
pub const MAX_FRAME_BYTES: usize = V2_HEADER + 255 + CRC_BYTES + SIGNATURE_BYTES;

const V1_HEADER: usize = 6;
const V2_HEADER: usize = 10;
const CRC_BYTES: usize = 2;
const SIGNATURE_BYTES: usize = 13;
/// MAVLINK_IFLAG_SIGNED, the only incompatibility flag we understand.
const IFLAG_SIGNED: u8 = 0x01;

/// Why bytes are not a frame, or a frame not a message.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The bytes do not hold exactly one frame.
    #[error("{len} bytes are not exactly one MAVLink frame")]
    NotOneFrame {
        /// How many bytes were offered.
        len: usize,
    },
    /// The checksum of a known message is wrong.
    #[error("checksum of message {id} is wrong")]
    Checksum {
        /// Message id.
        id: u32,
    },
    /// The dialect cannot read the payload (unknown id, or an enum value newer than ours).
    #[error("message {id} cannot be read with this dialect")]
    Message {
        /// Message id.
        id: u32,
        /// What the dialect's parser said.
        source: mavlink::error::ParserError,
    },
}

/// What the first bytes of a candidate say about its length.
enum Shape {
    /// Not a frame: skip a byte.
    Never,
    /// Could be one; more bytes are needed to know its length.
    Unknown,
    /// Would be this long.
    Bytes(usize),
}

impl Shape {
    fn of(bytes: &[u8]) -> Self {
        match *bytes {
            [] | [STX_V1] | [STX_V2] | [STX_V2, _] => Self::Unknown,
            [STX_V1, len, ..] => Self::Bytes(V1_HEADER + usize::from(len) + CRC_BYTES),
            [STX_V2, len, flags, ..] if flags & !IFLAG_SIGNED == 0 => {
                let signature = if flags & IFLAG_SIGNED == 0 { 0 } else { SIGNATURE_BYTES };
                Self::Bytes(V2_HEADER + usize::from(len) + CRC_BYTES + signature)
            }
            _ => Self::Never,
        }
    }
}

/// What the bytes at a start byte turn out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Candidate {
    /// More bytes are needed to tell.
    Incomplete,
    /// Not a frame.
    Refused,
    /// As long as a frame of a known id, but the checksum is wrong.
    BadChecksum,
    /// A frame of this length whose checksum is right.
    Known(usize),
    /// Perhaps a frame of this length: the dialect does not know the id.
    Unknown(usize),
}

impl Candidate {
    pub(crate) fn at(bytes: &[u8]) -> Self {
        let len = match Shape::of(bytes) {
            Shape::Never => return Self::Refused,
            Shape::Unknown => return Self::Incomplete,
            Shape::Bytes(len) => len,
        };
        match bytes.get(..len).map(check) {
            None => Self::Incomplete,
            Some(Check::Wrong) => Self::BadChecksum,
            Some(Check::Right) => Self::Known(len),
            Some(Check::Unknown) => Self::Unknown(len),
        }
    }
}

/// How far the checksum vouches for a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Right,
    Wrong,
    /// The dialect does not know the id, so nobody can tell.
    Unknown,
}

/// One whole frame, as on the wire. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Frame {
    bytes: Bytes,
}

impl Frame {
    /// Reads exactly one frame. A frame whose id the dialect does not know is accepted: its
    /// checksum cannot be checked ([`Frame::is_known`] tells).
    ///
    /// # Errors
    /// [`FrameError::NotOneFrame`], [`FrameError::Checksum`].
    pub fn parse(bytes: Bytes) -> Result<Self, FrameError> {
        let len = bytes.len();
        match Candidate::at(&bytes) {
            Candidate::Known(wanted) | Candidate::Unknown(wanted) if wanted == len => Ok(Self { bytes }),
            Candidate::BadChecksum => Err(FrameError::Checksum { id: message_id(&bytes) }),
            Candidate::Incomplete | Candidate::Refused | Candidate::Known(_) | Candidate::Unknown(_) => {
                Err(FrameError::NotOneFrame { len })
            }
        }
    }

    /// A frame whose bytes a [`Candidate`] has vouched for.
    pub(crate) fn from_checked(bytes: Bytes) -> Self {
        Self { bytes }
    }

    /// This frame as a bad radio leaves it: one bit wrong, anywhere from the first byte to the last. Only to be written to a wire;
    /// nothing about it need be true any more.
    pub(crate) fn damaged(&self, which: u64) -> Self {
        let mut bytes = self.bytes.to_vec();
        let bits = bytes.len() as u64 * 8;
        let bit = which % bits.max(1);
        if let Some(byte) = usize::try_from(bit / 8).ok().and_then(|at| bytes.get_mut(at)) {
            *byte ^= 1 << (bit % 8);
        }
        Self { bytes: bytes.into() }
    }

    /// The frame as on the wire.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// MAVLink 1 or 2.
    pub fn version(&self) -> MavlinkVersion {
        if self.bytes[0] == STX_V1 { MavlinkVersion::V1 } else { MavlinkVersion::V2 }
    }

    fn header_bytes(&self) -> usize {
        match self.version() {
            MavlinkVersion::V1 => V1_HEADER,
            MavlinkVersion::V2 => V2_HEADER,
        }
    }

    /// Sequence number of the sending component, 0..=255, wrapping.
    pub fn sequence(&self) -> u8 {
        match self.version() {
            MavlinkVersion::V1 => self.bytes[2],
            MavlinkVersion::V2 => self.bytes[4],
        }
    }

    /// System id of the sender.
    pub fn system_id(&self) -> u8 {
        match self.version() {
            MavlinkVersion::V1 => self.bytes[3],
            MavlinkVersion::V2 => self.bytes[5],
        }
    }

    /// Component id of the sender.
    pub fn component_id(&self) -> u8 {
        match self.version() {
            MavlinkVersion::V1 => self.bytes[4],
            MavlinkVersion::V2 => self.bytes[6],
        }
    }

    /// Message id: 8 bits in version 1, 24 in version 2.
    pub fn message_id(&self) -> u32 {
        message_id(&self.bytes)
    }

    /// Whether a signature follows the checksum (MAVLink 2).
    pub fn is_signed(&self) -> bool {
        self.version() == MavlinkVersion::V2 && self.bytes[2] & IFLAG_SIGNED != 0
    }

    /// Whether the dialect knows the id, and so the checksum was checked.
    pub fn is_known(&self) -> bool {
        catalogue::entry(self.message_id()).is_some()
    }

    /// The signature of a signed frame.
    pub fn signature(&self) -> Option<Signature<'_>> {
        let (covered, bytes) = self.bytes.split_last_chunk::<6>().filter(|_| self.is_signed())?;
        let (_, &[link_id, t0, t1, t2, t3, t4, t5]) = covered.split_last_chunk::<7>()?;
        let timestamp = u64::from_le_bytes([t0, t1, t2, t3, t4, t5, 0, 0]);
        Some(Signature { link_id, timestamp, bytes: *bytes, covered })
    }

    /// This frame with a signature; `sign` is given everything before it. `None` for MAVLink 1 and for ids whose checksum,
    /// which covers the flag, cannot be made again.
    pub(crate) fn signed(&self, link_id: u8, timestamp: u64, sign: impl FnOnce(&[u8]) -> [u8; 6]) -> Option<Self> {
        let entry = catalogue::entry(self.message_id()).filter(|_| self.version() == MavlinkVersion::V2)?;
        let end = V2_HEADER + usize::from(self.bytes[1]);
        let mut bytes = Vec::with_capacity(end + CRC_BYTES + SIGNATURE_BYTES);
        bytes.extend_from_slice(&self.bytes[..end]);
        bytes[2] |= IFLAG_SIGNED;
        bytes.extend_from_slice(&checksum(&bytes[1..], entry.crc_extra).to_le_bytes());
        bytes.push(link_id);
        bytes.extend_from_slice(&timestamp.to_le_bytes()[..6]);
        let signature = sign(&bytes);
        bytes.extend_from_slice(&signature);
        Some(Self { bytes: Bytes::from(bytes) })
    }

    /// The payload, trailing zero bytes possibly cut (MAVLink 2).
    pub fn payload(&self) -> Payload<'_> {
        let start = self.header_bytes();
        Payload::new(&self.bytes[start..start + usize::from(self.bytes[1])])
    }

    /// The checksum as sent.
    pub fn checksum(&self) -> u16 {
        let at = self.header_bytes() + usize::from(self.bytes[1]);
        u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])
    }

    /// Whom the frame is for, (system, component), 0 meaning all; `None` where the message has
    /// no target or the dialect does not know it, that is: everybody.
    pub fn target(&self) -> Option<(u8, u8)> {
        let entry = catalogue::entry(self.message_id())?;
        let payload = self.payload();
        let system = payload.u8(usize::from(entry.target_system_at?));
        let component = entry.target_component_at.map_or(0, |at| payload.u8(usize::from(at)));
        Some((system, component))
    }

    /// Parses the frame.
    ///
    /// # Errors
    /// [`FrameError::Message`]: unknown id, or a value outside one of the dialect's enums.
    pub fn message(&self) -> Result<(MavHeader, MavMessage), FrameError> {
        let header = MavHeader {
            system_id: u32::from(self.system_id()),
            component_id: self.component_id(),
            sequence: self.sequence(),
        };
        let id = self.message_id();
        MavMessage::parse(self.version(), id, self.payload().bytes())
            .map(|message| (header, message))
            .map_err(|source| FrameError::Message { id, source })
    }
}

/// What a signed frame says of its signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'a> {
    /// The signer's number for the link.
    pub link_id: u8,
    /// 10 µs since 2015-01-01 UTC, 48 bits.
    pub timestamp: u64,
    /// The first 48 bits of SHA-256 over the key and `covered`.
    pub bytes: [u8; 6],
    /// Everything before the signature.
    pub covered: &'a [u8],
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame")
            .field("id", &self.message_id())
            .field("system", &self.system_id())
            .field("component", &self.component_id())
            .field("sequence", &self.sequence())
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// `frame` is a whole frame by its [`Shape`].
fn message_id(frame: &[u8]) -> u32 {
    if frame[0] == STX_V1 { u32::from(frame[5]) } else { u32::from_le_bytes([frame[7], frame[8], frame[9], 0]) }
}

/// Checks the checksum of a whole frame.
fn check(frame: &[u8]) -> Check {
    let Some(entry) = catalogue::entry(message_id(frame)) else {
        return Check::Unknown;
    };
    let header = if frame[0] == STX_V1 { V1_HEADER } else { V2_HEADER };
    let end = header + usize::from(frame[1]);
    let sent = u16::from_le_bytes([frame[end], frame[end + 1]]);
    if checksum(&frame[1..end], entry.crc_extra) == sent { Check::Right } else { Check::Wrong }
}
