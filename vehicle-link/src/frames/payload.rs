//! Reading fields where they lie in a payload.

/// A payload as sent. MAVLink 2 cuts trailing zero bytes, so what lies beyond the end reads as 0.
///
/// For what must be read even when the dialect's closed enums refuse the whole message: the type
/// in a HEARTBEAT, the command in a COMMAND_LONG, the items of a plan.
#[derive(Debug, Clone, Copy)]
pub struct Payload<'a>(&'a [u8]);

impl<'a> Payload<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The bytes as sent.
    pub fn bytes(&self) -> &'a [u8] {
        self.0
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        std::array::from_fn(|i| self.u8(at + i))
    }

    /// The byte at offset `at`.
    pub fn u8(&self, at: usize) -> u8 {
        self.0.get(at).copied().unwrap_or(0)
    }

    /// Little-endian, at offset `at`.
    pub fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.array(at))
    }

    /// Little-endian, at offset `at`.
    pub fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.array(at))
    }

    /// Little-endian, at offset `at`.
    pub fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.array(at))
    }

    /// Little-endian, at offset `at`.
    pub fn i32(&self, at: usize) -> i32 {
        i32::from_le_bytes(self.array(at))
    }

    /// Little-endian, at offset `at`.
    pub fn f32(&self, at: usize) -> f32 {
        f32::from_le_bytes(self.array(at))
    }
}
