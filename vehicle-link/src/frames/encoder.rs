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
        Self {
            system_id,
            component_id,
            sequence: 0,
        }
    }

    /// The sender's system id.
    pub fn system_id(&self) -> u8 {
        self.system_id
    }

    /// The sender's component id.
    pub fn component_id(&self) -> u8 {
        self.component_id
    }

    /// Makes the next frame of `message`, trailing zeros cut.
    pub fn encode(&mut self, message: &MavMessage) -> Frame {
        let id = message.message_id();
        let mut payload = [0; MAX_PAYLOAD];
        let len = message.ser(MavlinkVersion::V2, &mut payload);
        self.assemble(id, &payload[..len], MavMessage::extra_crc(id))
    }

    /// Makes the next frame from a payload laid out by hand, for values that the dialect's closed
    /// enums cannot hold (an acknowledgement of a command we do not know).
    ///
    /// # Errors
    /// [`EncodeError`]: id not in the dialect, payload over 255 bytes.
    pub fn encode_raw(&mut self, id: u32, payload: &[u8]) -> Result<Frame, EncodeError> {
        let entry = catalogue::entry(id).ok_or(EncodeError::UnknownId(id))?;
        if payload.len() > MAX_PAYLOAD {
            return Err(EncodeError::TooLong(payload.len()));
        }
        let end = payload.iter().rposition(|byte| *byte != 0).unwrap_or(0);
        let len = payload.len().min(end + 1);
        Ok(self.assemble(id, &payload[..len], entry.crc_extra))
    }

    fn assemble(&mut self, id: u32, payload: &[u8], crc_extra: u8) -> Frame {
        let [id0, id1, id2, _] = id.to_le_bytes();
        let len = u8::try_from(payload.len()).unwrap_or(u8::MAX);
        debug_assert_eq!(usize::from(len), payload.len(), "callers bound the payload");
        let mut bytes = Vec::with_capacity(V2_HEADER + payload.len() + CRC_BYTES);
        bytes.extend_from_slice(&[STX_V2, len, 0, 0, self.sequence]);
        bytes.extend_from_slice(&[self.system_id, self.component_id, id0, id1, id2]);
        bytes.extend_from_slice(payload);
        let crc = checksum(&bytes[1..], crc_extra);
        bytes.extend_from_slice(&crc.to_le_bytes());
        self.sequence = self.sequence.wrapping_add(1);
        Frame {
            bytes: Bytes::from(bytes),
        }
    }
}
