//! Metadata access unit cells (H.222.0 §2.12.4.1): what synchronous telemetry is wrapped in.

/// Service, sequence, flags, length.
pub(super) const HEADER_OCTETS: usize = 5;
/// Longest telemetry put together from several cells.
const MOST_OCTETS: usize = 0x1_0000;

/// Access units that span cells.
#[derive(Debug, Default)]
pub(super) struct Cells {
    data: Vec<u8>,
    open: bool,
}

impl Cells {
    /// Takes the payload of a PES packet and hands each access unit that it completes to `each`; gives how many
    /// bytes could not be used.
    pub(super) fn take(&mut self, payload: &[u8], mut each: impl FnMut(Vec<u8>)) -> usize {
        const FIRST: u8 = 0b10;
        const LAST: u8 = 0b01;
        let mut rest = payload;
        while let Some((&[_, _, flags, high, low], after)) = rest.split_first_chunk::<HEADER_OCTETS>() {
            let Some((data, next)) = after.split_at_checked(usize::from(u16::from_be_bytes([high, low]))) else {
                break;
            };
            rest = next;
            let fragment = flags >> 6;
            if fragment & FIRST != 0 {
                self.data.clear();
                self.open = true;
            }
            if !self.open || self.data.len() + data.len() > MOST_OCTETS {
                self.open = false;
                return rest.len() + data.len();
            }
            self.data.extend_from_slice(data);
            if fragment & LAST != 0 {
                self.open = false;
                each(std::mem::take(&mut self.data));
            }
        }
        rest.len()
    }
}
