//! One item of a plan, as on the wire.

use super::{Ends, Kind, MISSION_ITEM_INT};
use crate::frames::{Body, Frame};

/// MISSION_ITEM_INT without its addressing and number. Floats are compared by their bits, so that
/// NaN ("use the default") equals itself.
#[derive(Debug, Clone, Copy)]
pub struct Item {
    /// MAV_FRAME: what `x`, `y`, `z` are measured from.
    pub frame: u8,
    /// MAV_CMD.
    pub command: u16,
    /// Whether the vehicle goes on by itself after it (1) or not (0).
    pub autocontinue: u8,
    /// Parameters 1 to 4 of the command; NaN where the default shall be used.
    pub params: [f32; 4],
    /// Parameter 5: latitude in 1e-7 degrees for global frames, else 1e-4 m or the value itself.
    pub x: i32,
    /// Parameter 6: longitude likewise.
    pub y: i32,
    /// Parameter 7: height in metres for global frames, by the datum of `frame`.
    pub z: f32,
}

/// Where an item is, if it is anywhere.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees, north positive.
    pub lat_deg: f64,
    /// Degrees, east positive.
    pub lon_deg: f64,
}

impl Item {
    /// The position of an item in a global frame (0, 3, 5, 6, 10, 11); `None` in others and where
    /// it has none (both zero, or the "no value" of integers).
    pub fn position(&self) -> Option<Position> {
        let global = matches!(self.frame, 0 | 3 | 5 | 6 | 10 | 11);
        let set = (self.x, self.y) != (0, 0) && self.x != i32::MAX && self.y != i32::MAX;
        (global && set).then(|| Position { lat_deg: f64::from(self.x) / 1e7, lon_deg: f64::from(self.y) / 1e7 })
    }

    /// Number and item in a MISSION_ITEM_INT.
    pub(super) fn read(frame: &Frame) -> (u16, Self) {
        let payload = frame.payload();
        let item = Self {
            params: [0, 4, 8, 12].map(|at| payload.f32(at)),
            x: payload.i32(16),
            y: payload.i32(20),
            z: payload.f32(24),
            command: payload.u16(30),
            frame: payload.u8(34),
            autocontinue: payload.u8(36),
        };
        (payload.u16(28), item)
    }

    pub(super) fn body(&self, seq: u16, current: bool, kind: Kind, ends: Ends) -> Body {
        let payload = self.wire(seq, current, kind, (ends.remote.system, ends.remote.component));
        #[expect(clippy::expect_used, reason = "the id is in the dialect and 38 bytes fit")]
        Body::raw(MISSION_ITEM_INT, &payload).expect("MISSION_ITEM_INT is in the dialect")
    }

    /// The payload of a MISSION_ITEM_INT.
    pub(super) fn wire(&self, seq: u16, current: bool, kind: Kind, target: (u8, u8)) -> Vec<u8> {
        let mut payload = Vec::with_capacity(38);
        for param in self.params {
            payload.extend_from_slice(&param.to_le_bytes());
        }
        payload.extend_from_slice(&self.x.to_le_bytes());
        payload.extend_from_slice(&self.y.to_le_bytes());
        payload.extend_from_slice(&self.z.to_le_bytes());
        payload.extend_from_slice(&seq.to_le_bytes());
        payload.extend_from_slice(&self.command.to_le_bytes());
        payload.extend_from_slice(&[target.0, target.1]);
        payload.extend_from_slice(&[self.frame, u8::from(current), self.autocontinue]);
        payload.push(kind.wire() as u8);
        payload
    }

    fn bits(&self) -> ([u32; 4], i32, i32, u32, u16, u8, u8) {
        let params = self.params.map(f32::to_bits);
        (params, self.x, self.y, self.z.to_bits(), self.command, self.frame, self.autocontinue)
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Item {}
