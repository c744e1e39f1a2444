//! NAL units in a byte stream: start codes (H.264 and H.265 annex B), kinds, emulation prevention.

use super::Codec;

/// The NAL units of a byte stream, without start codes, trailing zeros and empty ones.
pub fn split(annexb: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = annexb.get(start_code(annexb).map_or(annexb.len(), |at| at + 3)..).unwrap_or_default();
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let (nal, next) = match start_code(rest) {
                Some(at) => (&rest[..at], &rest[at + 3..]),
                None => (rest, &rest[rest.len()..]),
            };
            rest = next;
            // trailing_zero_8bits and the zero_byte of the next start code; a NAL unit never ends in zero.
            let end = nal.iter().rposition(|&octet| octet != 0).map_or(0, |last| last + 1);
            if end > 0 {
                return Some(&nal[..end]);
            }
        }
        None
    })
}

/// Where the next `00 00 01` is.
fn start_code(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    // Looks at every third octet: one above 1 cannot be part of a start code that ends within the next two.
    while let Some(&octet) = bytes.get(at) {
        if octet > 1 {
            at += 3;
        } else if octet == 0 {
            at += 1;
        } else if bytes[at - 2] == 0 && bytes[at - 1] == 0 {
            return Some(at - 2);
        } else {
            at += 3;
        }
    }
    None
}

/// Appends a NAL unit with a four-octet start code.
pub(crate) fn push(out: &mut Vec<u8>, nal: &[u8]) {
    out.extend_from_slice(&[0, 0, 0, 1]);
    out.extend_from_slice(nal);
}

/// Removes emulation prevention: `00 00 03` becomes `00 00`.
pub(crate) fn unescape(ebsp: &[u8]) -> Vec<u8> {
    let mut rbsp = Vec::with_capacity(ebsp.len());
    let mut zeros = 0;
    for &octet in ebsp {
        if zeros >= 2 && octet == 3 {
            zeros = 0;
            continue;
        }
        zeros = if octet == 0 { zeros + 1 } else { 0 };
        rbsp.push(octet);
    }
    rbsp
}

/// Appends bytes with emulation prevention, as if they followed an octet that is not zero.
pub(crate) fn push_escaped(out: &mut Vec<u8>, rbsp: &[u8]) {
    let mut zeros = 0;
    for &octet in rbsp {
        if zeros >= 2 && octet <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if octet == 0 { zeros + 1 } else { 0 };
        out.push(octet);
    }
}

/// What a NAL unit is for, which decides its place in the access unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Access unit delimiter.
    Delimiter,
    /// Video parameter set (H.265).
    Video,
    /// Sequence parameter set.
    Sequence,
    /// Sequence parameter set extension or subset (H.264); follows the sequence parameter sets.
    SequenceExtension,
    /// Picture parameter set.
    Picture,
    /// Supplemental enhancement information that precedes the slices.
    Sei,
    /// Any other unit that must precede the slices.
    Prefix,
    /// A coded slice, or what belongs between slices.
    Slice {
        /// The picture can be decoded without those before it (IDR; H.265: any IRAP).
        random_access: bool,
    },
    /// What comes after the slices: end of sequence, filler, suffix SEI.
    Suffix,
}

/// Kind of a NAL unit; `None` when it is shorter than its header.
#[must_use]
pub fn kind(codec: Codec, nal: &[u8]) -> Option<Kind> {
    let first = *nal.first()?;
    Some(match codec {
        Codec::H264 => match first & 0x1F {
            1..=4 | 14 | 19..=21 => Kind::Slice { random_access: false },
            5 => Kind::Slice { random_access: true },
            6 => Kind::Sei,
            7 => Kind::Sequence,
            8 => Kind::Picture,
            9 => Kind::Delimiter,
            13 | 15 => Kind::SequenceExtension,
            16..=18 => Kind::Prefix,
            _ => Kind::Suffix,
        },
        Codec::H265 => {
            nal.get(1)?;
            match (first >> 1) & 0x3F {
                16..=23 => Kind::Slice { random_access: true },
                0..=31 => Kind::Slice { random_access: false },
                32 => Kind::Video,
                33 => Kind::Sequence,
                34 => Kind::Picture,
                35 => Kind::Delimiter,
                39 => Kind::Sei,
                41..=44 | 48..=55 => Kind::Prefix,
                _ => Kind::Suffix,
            }
        }
    })
}

/// Length of the NAL unit header.
pub(crate) const fn header_octets(codec: Codec) -> usize {
    match codec {
        Codec::H264 => 1,
        Codec::H265 => 2,
    }
}
