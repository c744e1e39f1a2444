//! The sensor frame rate pack, ST 0601 tag 127.

use super::ber::{Cursor, push_oid};

/// Frames per second as a fraction: 30000/1001, 25/1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameRate {
    /// Frames in `denominator` seconds.
    pub numerator: u32,
    /// Seconds for `numerator` frames; not zero. One is left out of the pack.
    pub denominator: u32,
}

impl FrameRate {
    pub(super) fn encode(self, out: &mut Vec<u8>) {
        push_oid(out, self.numerator);
        if self.denominator != 1 {
            push_oid(out, self.denominator);
        }
    }

    pub(super) fn decode(value: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(value);
        let numerator = cursor.oid().ok()?;
        let denominator = if cursor.rest.is_empty() { 1 } else { cursor.oid().ok()? };
        (denominator != 0 && cursor.rest.is_empty()).then_some(Self { numerator, denominator })
    }
}
