//! The payload of FILE_TRANSFER_PROTOCOL (110): a packet of its own inside the message.

use super::FILE_TRANSFER_PROTOCOL;
use crate::{
    frames::{Body, Frame},
    request::Ends,
};

/// Bytes of a file, or of a path, in one packet.
pub(super) const MAX_DATA: usize = 239;
/// The message's own fields (network, system, component), then the packet's header.
const AT: usize = 3;
const DATA_AT: usize = AT + 12;

/// A packet, either way.
#[derive(Debug, Clone, Default)]
pub(super) struct Packet {
    pub(super) seq: u16,
    pub(super) session: u8,
    pub(super) opcode: u8,
    /// Bytes of data; of a request to read, how many are wanted.
    pub(super) size: u8,
    pub(super) req_opcode: u8,
    pub(super) burst_complete: bool,
    pub(super) offset: u32,
    pub(super) data: Vec<u8>,
}

impl Packet {
    pub(super) fn read(frame: &Frame) -> Self {
        let payload = frame.payload();
        let size = payload.u8(AT + 4);
        let len = usize::from(size).min(MAX_DATA);
        Self {
            seq: payload.u16(AT),
            session: payload.u8(AT + 2),
            opcode: payload.u8(AT + 3),
            size,
            req_opcode: payload.u8(AT + 5),
            burst_complete: payload.u8(AT + 6) != 0,
            offset: payload.u32(AT + 8),
            data: (0..len).map(|i| payload.u8(DATA_AT + i)).collect(),
        }
    }

    pub(super) fn body(&self, ends: Ends) -> Body {
        let mut payload = vec![0, ends.remote.system, ends.remote.component];
        payload.extend_from_slice(&self.seq.to_le_bytes());
        payload.extend_from_slice(&[self.session, self.opcode, self.size, self.req_opcode]);
        payload.extend_from_slice(&[u8::from(self.burst_complete), 0]);
        payload.extend_from_slice(&self.offset.to_le_bytes());
        payload.extend_from_slice(&self.data[..self.data.len().min(MAX_DATA)]);
        #[expect(clippy::expect_used, reason = "the id is in the dialect and 254 bytes fit")]
        Body::raw(FILE_TRANSFER_PROTOCOL, &payload).expect("FILE_TRANSFER_PROTOCOL is in the dialect")
    }
}
