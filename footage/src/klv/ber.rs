//! BER lengths and BER-OID numbers (SMPTE 336, MISB ST 0107).

use super::KlvError;

/// A place in a packet: what is left, and how far in it begins (for errors).
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) rest: &'a [u8],
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    /// Takes `count` bytes off the front.
    #[inline]
    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], KlvError> {
        match self.rest.split_at_checked(count) {
            Some((head, rest)) => {
                self.rest = rest;
                self.at += count;
                Ok(head)
            }
            None => Err(KlvError::Truncated { at: self.at + self.rest.len(), missing: count - self.rest.len() }),
        }
    }

    fn octet(&mut self) -> Result<u8, KlvError> {
        Ok(self.take(1)?[0])
    }

    /// The next item of a local set: tag, length, value.
    #[inline]
    pub(super) fn item(&mut self) -> Result<(u32, &'a [u8]), KlvError> {
        // Nearly all items have one octet of tag and one of length.
        if let [tag @ 0..0x80, length @ 0..0x80, rest @ ..] = self.rest
            && let Some((value, rest)) = rest.split_at_checked(usize::from(*length))
        {
            self.rest = rest;
            self.at += 2 + value.len();
            return Ok((u32::from(*tag), value));
        }
        self.long_item()
    }

    fn long_item(&mut self) -> Result<(u32, &'a [u8]), KlvError> {
        let tag = self.oid()?;
        let length = self.length()?;
        Ok((tag, self.take(length)?))
    }

    /// A definite BER length; long forms that could be shorter are accepted, writers of the field make them.
    pub(super) fn length(&mut self) -> Result<usize, KlvError> {
        let at = self.at;
        let first = self.octet()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        let width = usize::from(first & 0x7F);
        if width == 0 || width > 8 {
            return Err(KlvError::Length { at });
        }
        let value = self.take(width)?.iter().fold(0_u64, |value, &octet| (value << 8) | u64::from(octet));
        usize::try_from(value).map_err(|_| KlvError::Length { at })
    }

    /// A BER-OID number that fits 32 bits.
    pub(super) fn oid(&mut self) -> Result<u32, KlvError> {
        let at = self.at;
        let mut value = 0_u64;
        for _ in 0..5 {
            let octet = self.octet()?;
            value = (value << 7) | u64::from(octet & 0x7F);
            if octet & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| KlvError::Tag { at });
            }
        }
        Err(KlvError::Tag { at })
    }
}

/// Puts the minimal BER length of everything after `at` in at `at`.
pub(super) fn insert_length(out: &mut Vec<u8>, at: usize) {
    let length = out.len() - at;
    let octets = length.to_be_bytes();
    let significant = &octets[octets.iter().position(|&octet| octet != 0).unwrap_or(octets.len() - 1)..];
    let mut field = [0_u8; 9];
    let width = if length < 0x80 {
        field[0] = significant[0];
        1
    } else {
        // At most eight significant octets, so the count fits the low bits of the first.
        field[0] = 0x80 | significant.len().to_le_bytes()[0];
        field[1..=significant.len()].copy_from_slice(significant);
        1 + significant.len()
    };
    out.resize(out.len() + width, 0);
    out.copy_within(at..at + length, at + width);
    out[at..at + width].copy_from_slice(&field[..width]);
}

/// Appends what `write` appends, with its minimal BER length in front.
pub(super) fn push_value(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.push(0);
    write(out);
    match out.len() - start - 1 {
        // Nearly all are short: their length is one octet, and its place is kept.
        length @ 0..0x80 => out[start] = length.to_le_bytes()[0],
        _ => {
            out.remove(start);
            insert_length(out, start);
        }
    }
}

/// Appends a number in BER-OID form: seven bits an octet, most significant first.
pub(super) fn push_oid(out: &mut Vec<u8>, value: u32) {
    let groups = (32 - value.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let octet = (value >> (7 * group)).to_le_bytes()[0] & 0x7F;
        out.push(if group == 0 { octet } else { octet | 0x80 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_above_127_take_two_octets() {
        for (value, octets) in [(2, &[2][..]), (127, &[0x7F]), (128, &[0x81, 0x00]), (131, &[0x81, 0x03])] {
            let mut out = Vec::new();
            push_oid(&mut out, value);
            assert_eq!(out, octets);
            assert_eq!(Cursor::new(octets).oid(), Ok(value));
        }
    }

    #[test]
    fn lengths_are_minimal_and_long_forms_are_read() {
        for (length, field) in [(0, &[0][..]), (127, &[0x7F]), (128, &[0x81, 0x80]), (256, &[0x82, 1, 0])] {
            let mut out = vec![7; 3 + length];
            insert_length(&mut out, 3);
            assert_eq!(&out[..3], [7; 3]);
            assert_eq!(&out[3..3 + field.len()], field);
            assert_eq!(out.len(), 3 + field.len() + length);
            assert_eq!(Cursor::new(field).length(), Ok(length));
        }
        assert_eq!(Cursor::new(&[0x83, 0, 0, 5]).length(), Ok(5));
        assert_eq!(Cursor::new(&[0x80]).length(), Err(KlvError::Length { at: 0 }));
        assert_eq!(Cursor::new(&[0x89]).length(), Err(KlvError::Length { at: 0 }));
    }

    #[test]
    fn a_number_too_wide_is_refused() {
        assert_eq!(Cursor::new(&[0xFF; 6]).oid(), Err(KlvError::Tag { at: 0 }));
        assert_eq!(Cursor::new(&[0x9F, 0xFF, 0xFF, 0xFF, 0x7F]).oid(), Err(KlvError::Tag { at: 0 }));
        assert_eq!(Cursor::new(&[0x8F, 0xFF, 0xFF, 0xFF, 0x7F]).oid(), Ok(u32::MAX));
        assert_eq!(Cursor::new(&[0x81]).oid(), Err(KlvError::Truncated { at: 1, missing: 1 }));
    }
}
