//! TUNNEL (385): up to 128 bytes of somebody's own between two components. Pure.
//!
//! Written and read raw: the dialect's enum of payload types is closed, and a private one (above 32767) would fail the whole
//! message.

use crate::frames::{Body, EncodeError, Frame};
use crate::peers::Address;

/// Message id.
pub const TUNNEL: u32 = 385;
/// Most bytes in one message.
pub const MAX_BYTES: usize = 128;

// Wire order: payload_type u16, target_system, target_component, payload_length, payload[128].
const TARGET_SYSTEM: usize = 2;
const TARGET_COMPONENT: usize = 3;
const LENGTH: usize = 4;
const PAYLOAD: usize = 5;

/// One TUNNEL message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunnel {
    /// What the bytes are; private above 32767.
    pub payload_type: u16,
    /// Whom it is for, (system, component), 0 meaning all.
    pub target: (u8, u8),
    /// The bytes, at most [`MAX_BYTES`].
    pub bytes: Vec<u8>,
}

/// Why a TUNNEL message could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TunnelError {
    /// Too long.
    #[error("{0} bytes do not fit into one TUNNEL message: {MAX_BYTES} is the most")]
    TooLong(usize),
    /// The frame cannot be made.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Tunnel {
    /// A message for one component.
    pub fn to(target: Address, payload_type: u16, bytes: Vec<u8>) -> Self {
        Self { payload_type, target: (target.system, target.component), bytes }
    }

    /// The message, ready for an encoder.
    ///
    /// # Errors
    /// [`TunnelError::TooLong`].
    pub fn body(&self) -> Result<Body, TunnelError> {
        let too_long = || TunnelError::TooLong(self.bytes.len());
        let length = u8::try_from(self.bytes.len()).map_err(|_| too_long())?;
        let mut payload = [0; PAYLOAD + MAX_BYTES];
        payload[..TARGET_SYSTEM].copy_from_slice(&self.payload_type.to_le_bytes());
        (payload[TARGET_SYSTEM], payload[TARGET_COMPONENT]) = self.target;
        payload[LENGTH] = length;
        let place = payload.get_mut(PAYLOAD..PAYLOAD + self.bytes.len()).ok_or_else(too_long)?;
        place.copy_from_slice(&self.bytes);
        Ok(Body::raw(TUNNEL, &payload)?)
    }

    /// Reads a TUNNEL message; `None` for any other, and for one that says it holds more than there is room for.
    pub fn read(frame: &Frame) -> Option<Self> {
        if frame.message_id() != TUNNEL {
            return None;
        }
        let payload = frame.payload();
        let length = usize::from(payload.u8(LENGTH));
        (length <= MAX_BYTES).then(|| Self {
            payload_type: payload.u16(0),
            target: (payload.u8(TARGET_SYSTEM), payload.u8(TARGET_COMPONENT)),
            // MAVLink 2 cuts trailing zeros: what is cut reads as 0.
            bytes: (PAYLOAD..PAYLOAD + length).map(|at| payload.u8(at)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{MavMessage, MavTunnelPayloadType, TUNNEL_DATA};
    use crate::frames::Encoder;

    fn frame(tunnel: &Tunnel) -> Frame {
        Encoder::new(1, 100).encode_body(&tunnel.body().unwrap())
    }

    #[test]
    fn what_is_sent_is_read_whatever_its_length_and_zeros() {
        for length in [0, 1, 22, 126, 128] {
            for fill in [0, 7] {
                let sent = Tunnel::to(Address::new(255, 190), 42_001, vec![fill; length]);
                let frame = frame(&sent);
                assert_eq!(Tunnel::read(&frame), Some(sent), "{length} bytes of {fill}");
                assert_eq!(frame.target(), Some((255, 190)), "routers see whom it is for");
            }
        }
        let long = Tunnel::to(Address::new(255, 190), 42_001, vec![0; 129]);
        assert_eq!(long.body().err(), Some(TunnelError::TooLong(129)));
        assert_eq!(Tunnel { bytes: vec![0; 300], ..long }.body().err(), Some(TunnelError::TooLong(300)));
    }

    #[test]
    fn it_is_the_dialects_message() {
        let mut data = TUNNEL_DATA { target_system: 9, target_component: 8, payload_length: 3, ..Default::default() };
        data.payload_type = MavTunnelPayloadType::MAV_TUNNEL_PAYLOAD_TYPE_STORM32_RESERVED0;
        data.payload[..3].copy_from_slice(&[4, 5, 6]);
        let frame = Encoder::new(1, 1).encode(&MavMessage::TUNNEL(data));
        assert_eq!(Tunnel::read(&frame), Some(Tunnel { payload_type: 200, target: (9, 8), bytes: vec![4, 5, 6] }));
    }

    #[test]
    fn other_messages_and_impossible_lengths_are_not_read() {
        let heartbeat = Encoder::new(1, 1).encode(&MavMessage::HEARTBEAT(Default::default()));
        assert_eq!(Tunnel::read(&heartbeat), None);
        let mut payload = [1; PAYLOAD + MAX_BYTES];
        payload[LENGTH] = 129;
        let body = Body::raw(TUNNEL, &payload).unwrap();
        assert_eq!(Tunnel::read(&Encoder::new(1, 1).encode_body(&body)), None);
    }
}
