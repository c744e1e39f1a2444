//! Reading and writing fields of fixed width, little-endian, nothing left over.

use super::RadioError;

/// The one version of every body.
const VERSION: u8 = 1;

/// Takes fields off the front.
pub(super) struct Reader<'a> {
    what: &'static str,
    bytes: usize,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins behind version and flags; the flags are the second value.
    pub(super) fn new(what: &'static str, bytes: &'a [u8]) -> Result<(Self, u8), RadioError> {
        let mut reader = Self { what, bytes: bytes.len(), rest: bytes };
        let [version, flags] = reader.array()?;
        if version == VERSION { Ok((reader, flags)) } else { Err(RadioError::Version { what, version }) }
    }

    /// Begins a body that has no flags: signed text is rebuilt from its fields, so nothing may hide there.
    pub(super) fn without_flags(what: &'static str, bytes: &'a [u8]) -> Result<Self, RadioError> {
        let (reader, flags) = Self::new(what, bytes)?;
        if flags == 0 { Ok(reader) } else { Err(RadioError::Flags { what, flags }) }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], RadioError> {
        let (field, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| self.length())?;
        self.rest = rest;
        Ok(*field)
    }

    pub(super) fn u32(&mut self) -> Result<u32, RadioError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, RadioError> {
        self.array().map(u64::from_le_bytes)
    }

    /// What is left, when it is so many bytes.
    pub(super) fn rest(self, bytes: std::ops::RangeInclusive<usize>) -> Result<Vec<u8>, RadioError> {
        if bytes.contains(&self.rest.len()) { Ok(self.rest.to_vec()) } else { Err(self.length()) }
    }

    /// `read`, when nothing is left over.
    pub(super) fn end<T>(self, read: T) -> Result<T, RadioError> {
        if self.rest.is_empty() { Ok(read) } else { Err(self.length()) }
    }

    fn length(&self) -> RadioError {
        RadioError::Length { what: self.what, bytes: self.bytes }
    }
}

/// Puts fields behind each other.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    /// Begins with the version and `flags`.
    pub(super) fn new(flags: u8) -> Self {
        Self(vec![VERSION, flags])
    }

    pub(super) fn put(mut self, field: &[u8]) -> Self {
        self.0.extend_from_slice(field);
        self
    }

    pub(super) fn u32(self, field: u32) -> Self {
        self.put(&field.to_le_bytes())
    }

    pub(super) fn u64(self, field: u64) -> Self {
        self.put(&field.to_le_bytes())
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        debug_assert!(self.0.len() <= super::MAX_BODY_BYTES, "a body fits its message");
        self.0
    }
}

impl From<Vec<u8>> for Writer {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}
