//! Messages out: frames of one component, with its own sequence number.

use bytes::Bytes;
use mavlink::{MavlinkVersion, Message};

use super::{CRC_BYTES, Frame, STX_V2, V2_HEADER, checksum};
use crate::{catalogue, dialect::MavMessage};

/// Longest payload, bytes.
const MAX_PAYLOAD: usize = 255;

/// Why a payload could not be made a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// Without its definition the checksum seed is not known.
    #[error("message {0} is not in the dialect, so its checksum cannot be made")]
    UnknownId(u32),
    /// A payload holds 255 bytes at most.
    #[error("a payload of {0} bytes is too long: 255 is the most")]
    TooLong(usize),
}

/// A message without its envelope: what a state machine wants sent, before an [`Encoder`] puts
/// sender and sequence on it. Trailing zero bytes are cut already (MAVLink 2).
#[derive(Clone, PartialEq, Eq)]
pub struct Body {
    id: u32,
    crc_extra: u8,
    payload: Bytes,
}

impl Body {
    /// A payload laid out by hand, for values that the dialect's closed enums cannot hold (an
    /// acknowledgement of a command we do not know).
    ///
    /// # Errors
    /// [`EncodeError`]: id not in the dialect, payload over 255 bytes.
    pub fn raw(id: u32, bytes: &[u8]) -> Result<Self, EncodeError> {
        let entry = catalogue::entry(id).ok_or(EncodeError::UnknownId(id))?;
        Self::foreign(id, entry.crc_extra, bytes)
    }

    /// A payload of a message that belongs to another dialect, with the checksum seed that it has there.
    ///
    /// # Errors
    /// [`EncodeError::TooLong`].
    pub fn foreign(id: u32, crc_extra: u8, bytes: &[u8]) -> Result<Self, EncodeError> {
        if bytes.len() > MAX_PAYLOAD {
            return Err(EncodeError::TooLong(bytes.len()));
        }
        // MAVLink 2 keeps the first byte even when it is zero.
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(1, |last| last + 1);
        let payload = Bytes::copy_from_slice(&bytes[..end.min(bytes.len())]);
        Ok(Self { id, crc_extra, payload })
    }

    /// Message id.
    pub fn id(&self) -> u32 {
        self.id
    }
}

impl From<&MavMessage> for Body {
    fn from(message: &MavMessage) -> Self {
        let id = message.message_id();
        let mut payload = [0; MAX_PAYLOAD];
        let len = message.ser(MavlinkVersion::V2, &mut payload);
        let payload = Bytes::copy_from_slice(&payload[..len]);
        Self { id, crc_extra: MavMessage::extra_crc(id), payload }
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Body").field("id", &self.id).field("bytes", &self.payload.len()).finish()
    }
}

/// Makes MAVLink 2 frames in the name of one component.
///
/// One encoder per component: receivers count losses from the gaps in its sequence.
#[derive(Debug)]
pub struct Encoder {
    system_id: u8,
    component_id: u8,
    sequence: u8,
}

impl Encoder {
    /// An encoder for component `component_id` of system `system_id`, sequence from 0.
    pub fn new(system_id: u8, component_id: u8) -> Self {
        Self { system_id, component_id, sequence: 0 }
    }

    /// The sender's system id.
    pub fn system_id(&self) -> u8 {
        self.system_id
    }

    /// The sender's component id.
    pub fn component_id(&self) -> u8 {
        self.component_id
    }

    /// Makes the next frame of `message`.
    pub fn encode(&mut self, message: &MavMessage) -> Frame {
        self.encode_body(&Body::from(message))
    }

    /// Makes the next frame of `body`.
    pub fn encode_body(&mut self, body: &Body) -> Frame {
        let [id0, id1, id2, _] = body.id.to_le_bytes();
        let payload = &body.payload;
        let len = u8::try_from(payload.len()).unwrap_or(u8::MAX);
        debug_assert_eq!(usize::from(len), payload.len(), "a body holds 255 bytes at most");
        let mut bytes = Vec::with_capacity(V2_HEADER + payload.len() + CRC_BYTES);
        bytes.extend_from_slice(&[STX_V2, len, 0, 0, self.sequence]);
        bytes.extend_from_slice(&[self.system_id, self.component_id, id0, id1, id2]);
        bytes.extend_from_slice(payload);
        let crc = checksum(&bytes[1..], body.crc_extra);
        bytes.extend_from_slice(&crc.to_le_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        Frame { bytes: Bytes::from(bytes) }
    }
}
