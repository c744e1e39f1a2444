//! The packet of ST 0601: universal key, length, items, checksum.

use super::ber::{Cursor, insert_length, push_oid, push_value};
use super::items::{NUMBERS, TEXTS, number};
use super::{CoreIdentifier, FrameRate, KlvError, Security, Uas, corners};

/// The universal key of the UAS Datalink Local Set.
pub const UNIVERSAL_KEY: [u8; 16] =
    [0x06, 0x0E, 0x2B, 0x34, 0x02, 0x0B, 0x01, 0x01, 0x0E, 0x01, 0x03, 0x01, 0x01, 0x00, 0x00, 0x00];

/// Version of ST 0601 that is written as tag 65.
const VERSION: u8 = 19;
/// Longest text item, ST 0601 §8.
const TEXT_OCTETS: usize = 127;

const TIMESTAMP: u32 = 2;
const CHECKSUM: u32 = 1;
const SECURITY: u32 = 48;
const LS_VERSION: u32 = 65;
const CORE_IDENTIFIER: u32 = 94;
const SATELLITES: u32 = 123;
const FRAME_RATE: u32 = 127;
const LEAP_SECONDS: u32 = 136;

/// What a packet holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The items we know.
    pub uas: Uas,
    /// Tag 65, the version of ST 0601 the writer followed.
    pub version: Option<u8>,
    /// Items we do not know, and known ones whose value has no meaning, as they were, in their order.
    pub others: Vec<RawItem>,
    /// Length of the packet in octets; more may follow in what was handed in.
    pub length: usize,
}

/// An item as it stands in the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawItem {
    /// Its tag.
    pub tag: u32,
    /// Its value.
    pub value: Vec<u8>,
}

/// The checksum of ST 0601 tag 1: the sum of the 16-bit words of the bytes, an odd last one in the upper half.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u16 {
    let (words, tail) = bytes.as_chunks::<2>();
    let sum = words.iter().fold(0_u16, |sum, &word| sum.wrapping_add(u16::from_be_bytes(word)));
    tail.iter().fold(sum, |sum, &octet| sum.wrapping_add(u16::from(octet) << 8))
}

impl Uas {
    /// Appends one whole packet: key, length, tag 2, the known items, tag 65, checksum.
    pub fn encode(&self, out: &mut Vec<u8>) {
        // The longest packet of numbers and usual texts, so that the buffer grows once.
        out.reserve(768);
        let start = out.len();
        out.extend_from_slice(&UNIVERSAL_KEY);
        let items = out.len();
        out.extend_from_slice(&[2, 8]);
        out.extend_from_slice(&self.timestamp_us.to_be_bytes());
        for text in &TEXTS {
            let Some(value) = (text.get)(self).filter(|value| !value.is_empty()) else {
                continue;
            };
            out.push(text.tag);
            push_value(out, |out| {
                out.extend_from_slice(&value.as_bytes()[..value.floor_char_boundary(TEXT_OCTETS)]);
            });
        }
        for number in &NUMBERS {
            if let Some((word, octets)) = number.encode(self) {
                push_word(out, number.tag, word, octets);
            }
        }
        corners::encode(self, |tag, word, octets| push_word(out, tag, word, octets));
        self.encode_sets(out);
        out.extend_from_slice(&[65, 1, VERSION, 1, 2]);
        // The checksum covers the length field, which counts the checksum: two octets stand in for it.
        out.extend_from_slice(&[0, 0]);
        insert_length(out, items);
        let end = out.len() - 2;
        let sum = checksum(&out[start..end]);
        out[end..].copy_from_slice(&sum.to_be_bytes());
    }

    fn encode_sets(&self, out: &mut Vec<u8>) {
        if let Some(security) = &self.security {
            push_oid(out, SECURITY);
            push_value(out, |out| security.encode(out));
        }
        if let Some(core) = &self.core_identifier {
            push_oid(out, CORE_IDENTIFIER);
            push_value(out, |out| out.extend_from_slice(&core.encode()));
        }
        if let Some(satellites) = self.satellites {
            push_oid(out, SATELLITES);
            out.extend_from_slice(&[1, satellites]);
        }
        if let Some(rate) = self.frame_rate {
            push_oid(out, FRAME_RATE);
            push_value(out, |out| rate.encode(out));
        }
        if let Some(seconds) = self.leap_seconds {
            push_oid(out, LEAP_SECONDS);
            push_value(out, |out| push_integer(out, seconds));
        }
    }

    /// Reads the packet at the start of `bytes`, checking its checksum first.
    ///
    /// # Errors
    /// The bytes are no whole ST 0601 packet with a right checksum and a time stamp; see [`KlvError`].
    pub fn decode(bytes: &[u8]) -> Result<Decoded, KlvError> {
        let mut cursor = Cursor::new(bytes);
        if cursor.take(UNIVERSAL_KEY.len())? != UNIVERSAL_KEY {
            return Err(KlvError::Key);
        }
        let length = cursor.length()?;
        let items_at = cursor.at;
        let items = cursor.take(length)?;
        let packet = &bytes[..cursor.at];
        let Some((covered, [1, 2, high, low])) = packet.split_last_chunk::<4>() else {
            return Err(KlvError::ChecksumMissing);
        };
        let found = u16::from_be_bytes([*high, *low]);
        let computed = checksum(&packet[..covered.len() + 2]);
        if found != computed {
            return Err(KlvError::Checksum { found, computed });
        }
        let mut reading = Reading::default();
        let mut cursor = Cursor { rest: items, at: items_at };
        while !cursor.rest.is_empty() {
            let (tag, value) = cursor.item()?;
            if !reading.started {
                if tag != TIMESTAMP || value.len() != 8 {
                    return Err(KlvError::Timestamp);
                }
                reading.started = true;
            }
            if tag == CHECKSUM && cursor.at != packet.len() {
                return Err(KlvError::ChecksumMissing);
            }
            reading.take(tag, value);
        }
        reading.finish(packet.len())
    }
}

/// A packet half read.
#[derive(Default)]
struct Reading {
    uas: Uas,
    version: Option<u8>,
    others: Vec<RawItem>,
    corners: corners::Collected,
    started: bool,
}

impl Reading {
    fn take(&mut self, tag: u32, value: &[u8]) {
        // ST 0107: an item of no length says that its value is not known, which is what an absent one says here.
        if tag != CHECKSUM && !value.is_empty() && !self.take_known(tag, value) {
            self.others.push(RawItem { tag, value: value.to_vec() });
        }
    }

    /// False when the tag is not ours or the value has no meaning.
    fn take_known(&mut self, tag: u32, value: &[u8]) -> bool {
        let uas = &mut self.uas;
        if let Some(number) = number(tag) {
            return number.take(uas, value);
        }
        let octet = value.as_array::<1>().map(|&[octet]| octet);
        match tag {
            TIMESTAMP => value.as_array().map(|&octets| uas.timestamp_us = u64::from_be_bytes(octets)).is_some(),
            SECURITY => keep(&mut uas.security, Security::decode(value).ok().flatten()),
            LS_VERSION => keep(&mut self.version, octet),
            CORE_IDENTIFIER => keep(&mut uas.core_identifier, CoreIdentifier::decode(value)),
            SATELLITES => keep(&mut uas.satellites, octet),
            FRAME_RATE => keep(&mut uas.frame_rate, FrameRate::decode(value)),
            LEAP_SECONDS => keep(&mut uas.leap_seconds, integer(value)),
            _ => match TEXTS.iter().find(|text| u32::from(text.tag) == tag) {
                Some(text) => keep((text.field)(uas), std::str::from_utf8(value).ok().map(Into::into)),
                None => self.corners.take(tag, value),
            },
        }
    }

    fn finish(mut self, length: usize) -> Result<Decoded, KlvError> {
        if !self.started {
            return Err(KlvError::Timestamp);
        }
        self.uas.corners = self.corners.corners(&self.uas);
        Ok(Decoded { uas: self.uas, version: self.version, others: self.others, length })
    }
}

fn keep<T>(field: &mut Option<T>, value: Option<T>) -> bool {
    let understood = value.is_some();
    if understood {
        *field = value;
    }
    understood
}

#[inline]
fn push_word(out: &mut Vec<u8>, tag: u8, word: u32, octets: u8) {
    let unused = 4 - octets;
    let [a, b, c, d] = (word << (8 * unused)).to_be_bytes();
    // One write of a fixed length and a cut are faster than one of the item's length.
    out.extend_from_slice(&[tag, octets, a, b, c, d]);
    out.truncate(out.len() - usize::from(unused));
}

/// A signed number in as few octets as hold it.
fn push_integer(out: &mut Vec<u8>, value: i32) {
    let octets = value.to_be_bytes();
    let spare = (0..3)
        .take_while(|&index| {
            let fill = if value < 0 { 0xFF } else { 0 };
            octets[index] == fill && (octets[index + 1] ^ fill) & 0x80 == 0
        })
        .count();
    out.extend_from_slice(&octets[spare..]);
}

fn integer(value: &[u8]) -> Option<i32> {
    if value.len() > 4 {
        return None;
    }
    let sign = i32::from(value.first()?.cast_signed() >> 7);
    Some(value.iter().fold(sign, |number, &octet| (number << 8) | i32::from(octet)))
}
