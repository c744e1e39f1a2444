//! The capture time in the picture's own stream, MISB ST 0604: an SEI message *user data unregistered* with the
//! precision time stamp. It survives remultiplexing, and it is how a live picture finds its telemetry.

use crate::access_unit::Codec;
use crate::access_unit::nal::{header_octets, push_escaped, unescape};

/// Identifier of the time stamp in H.264, ST 0604 §7.
const H264_IDENTIFIER: [u8; 16] = *b"MISPmicrosectime";
/// Identifier (a UUID) of the time stamp in H.265, ST 0604 §8.
const H265_IDENTIFIER: [u8; 16] =
    [0xA8, 0x68, 0x7D, 0xD4, 0xD7, 0x59, 0x37, 0x58, 0xA5, 0xCE, 0xF0, 0x33, 0x8B, 0x65, 0x45, 0xF1];
/// Identifier of the nanosecond time stamp in H.265; recognised so that it does not stand beside ours.
const H265_NANOSECONDS: [u8; 16] =
    [0xCF, 0x84, 0x82, 0x78, 0xEE, 0x23, 0x30, 0x6C, 0x92, 0x65, 0xE8, 0xFE, 0xF2, 0x2F, 0xB8, 0xB8];

const USER_DATA_UNREGISTERED: u32 = 5;
/// Identifier, status, eight octets of time with three octets between.
const PAYLOAD_OCTETS: usize = 28;
/// ST 0603 time status: the clock is locked to an absolute reference; the low five bits are always one.
const LOCKED: u8 = 0x1F;
/// ST 0603 time status: bit 7 says that the clock is not locked.
const NOT_LOCKED: u8 = 0x9F;

/// A capture time as a picture carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptureTime {
    /// Instant of capture, µs since 1970 as in ST 0601 tag 2.
    pub time_us: u64,
    /// The clock was locked to an absolute reference.
    pub locked: bool,
}

/// Appends the NAL unit (without start code) that carries a capture time.
pub fn push_nal(codec: Codec, time: CaptureTime, out: &mut Vec<u8>) {
    let mut rbsp = [0_u8; 2 + PAYLOAD_OCTETS + 1];
    rbsp[0] = 5;
    rbsp[1] = 28;
    rbsp[2..18].copy_from_slice(match codec {
        Codec::H264 => &H264_IDENTIFIER,
        Codec::H265 => &H265_IDENTIFIER,
    });
    rbsp[18] = if time.locked { LOCKED } else { NOT_LOCKED };
    let [a, b, c, d, e, f, g, h] = time.time_us.to_be_bytes();
    rbsp[19..30].copy_from_slice(&[a, b, 0xFF, c, d, 0xFF, e, f, 0xFF, g, h]);
    rbsp[30] = 0x80;
    match codec {
        Codec::H264 => out.push(0x06),
        Codec::H265 => out.extend_from_slice(&[0x4E, 0x01]),
    }
    push_escaped(out, &rbsp);
}

/// The capture time in an SEI NAL unit (without start code), if it carries one in microseconds.
#[must_use]
pub fn parse_nal(codec: Codec, nal: &[u8]) -> Option<CaptureTime> {
    let rbsp = unescape(nal.get(header_octets(codec)..)?);
    messages(&rbsp).find_map(|message| capture_time(codec, &message))
}

/// The capture time in an access unit in annex B form.
#[must_use]
pub fn parse_access_unit(codec: Codec, annexb: &[u8]) -> Option<CaptureTime> {
    use crate::access_unit::nal::{Kind, kind, split};
    split(annexb).filter(|nal| kind(codec, nal) == Some(Kind::Sei)).find_map(|nal| parse_nal(codec, nal))
}

/// An SEI NAL unit rid of time stamps.
pub(crate) enum WithoutTime {
    /// There was none.
    Unchanged,
    /// What remains when they are taken out.
    Rest(Vec<u8>),
    /// There was nothing else in it.
    Nothing,
}

/// Takes every MISP time stamp out of an SEI NAL unit, so that ours is the only one.
pub(crate) fn without_time(codec: Codec, nal: &[u8]) -> WithoutTime {
    let header = header_octets(codec);
    let identifier_at = |identifier: &[u8; 16]| nal.windows(16).any(|window| window == identifier);
    // None of the identifiers holds two zeros in a row, so emulation prevention cannot hide them.
    if ![H264_IDENTIFIER, H265_IDENTIFIER, H265_NANOSECONDS].iter().any(identifier_at) {
        return WithoutTime::Unchanged;
    }
    let rbsp = unescape(&nal[header..]);
    let mut rest = Vec::with_capacity(rbsp.len());
    let mut found = false;
    for message in messages(&rbsp) {
        if is_time(&message) {
            found = true;
        } else {
            rest.extend_from_slice(message.whole);
        }
    }
    if !found {
        return WithoutTime::Unchanged;
    }
    if rest.is_empty() {
        return WithoutTime::Nothing;
    }
    rest.push(0x80);
    let mut kept = nal[..header].to_vec();
    push_escaped(&mut kept, &rest);
    WithoutTime::Rest(kept)
}

/// Whether an SEI NAL unit has a message of this payload type; gives its payload.
pub(crate) fn find_payload(codec: Codec, nal: &[u8], payload_type: u32) -> Option<Vec<u8>> {
    let rbsp = unescape(nal.get(header_octets(codec)..)?);
    messages(&rbsp).find(|message| message.payload_type == payload_type).map(|message| message.payload.to_vec())
}

struct Message<'a> {
    payload_type: u32,
    payload: &'a [u8],
    /// With its type and size fields.
    whole: &'a [u8],
}

/// The messages of an SEI payload, as far as they are whole.
fn messages(rbsp: &[u8]) -> impl Iterator<Item = Message<'_>> {
    let mut rest = rbsp;
    std::iter::from_fn(move || {
        // The trailing bits: a one and zeros.
        if rest.first() == Some(&0x80) && rest[1..].iter().all(|&octet| octet == 0) {
            return None;
        }
        let start = rest;
        let payload_type = extended(&mut rest)?;
        let size = usize::try_from(extended(&mut rest)?).ok()?;
        let (payload, after) = rest.split_at_checked(size)?;
        rest = after;
        Some(Message { payload_type, payload, whole: &start[..start.len() - after.len()] })
    })
}

/// A number as a run of FF and a last octet.
fn extended(rest: &mut &[u8]) -> Option<u32> {
    let mut value = 0_u32;
    loop {
        let (&octet, after) = rest.split_first()?;
        *rest = after;
        value = value.checked_add(u32::from(octet))?;
        if octet != 0xFF {
            return Some(value);
        }
    }
}

fn is_time(message: &Message<'_>) -> bool {
    message.payload_type == USER_DATA_UNREGISTERED
        && [H264_IDENTIFIER, H265_IDENTIFIER, H265_NANOSECONDS].iter().any(|id| message.payload.starts_with(id))
}

fn capture_time(codec: Codec, message: &Message<'_>) -> Option<CaptureTime> {
    let identifier = match codec {
        Codec::H264 => H264_IDENTIFIER,
        Codec::H265 => H265_IDENTIFIER,
    };
    let payload: &[u8; PAYLOAD_OCTETS] = message.payload.as_array()?;
    if message.payload_type != USER_DATA_UNREGISTERED || payload[..16] != identifier {
        return None;
    }
    let [status, a, b, 0xFF, c, d, 0xFF, e, f, 0xFF, g, h] = *payload[16..].as_array()? else {
        return None;
    };
    Some(CaptureTime { time_us: u64::from_be_bytes([a, b, c, d, e, f, g, h]), locked: status & 0x80 == 0 })
}
