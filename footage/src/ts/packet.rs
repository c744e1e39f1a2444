//! Transport stream packets: headers, adaptation fields, program clock references (H.222.0 §2.4.3).

use super::{PACKET_OCTETS, TIME_MASK};

pub(super) const SYNC: u8 = 0x47;
const PAYLOAD_UNIT_START: u8 = 0x40;
const DISCONTINUITY: u8 = 0x80;
const RANDOM_ACCESS: u8 = 0x40;
const PCR_FLAG: u8 = 0x10;

/// A program clock reference with what is said beside it in the adaptation field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// Base in ticks of 90 kHz; the 27 MHz extension is always zero.
    pub(super) pcr_90k: u64,
    /// Decoding can start at this packet.
    pub(super) random_access: bool,
    /// The clock jumps here.
    pub(super) discontinuity: bool,
}

impl Clock {
    /// Flags and clock, 7 octets of an adaptation field.
    fn octets(self) -> [u8; 7] {
        let flags = PCR_FLAG
            | if self.random_access { RANDOM_ACCESS } else { 0 }
            | if self.discontinuity { DISCONTINUITY } else { 0 };
        // 33 bits of base, six reserved ones, nine of extension.
        let [_, _, a, b, c, d, e, f] = (((self.pcr_90k & TIME_MASK) << 15) | 0x7E00).to_be_bytes();
        [flags, a, b, c, d, e, f]
    }
}

/// Writer of one PID's packets: keeps its continuity counter.
#[derive(Debug)]
pub(super) struct Track {
    pid: u16,
    /// Counter of the next packet with payload.
    counter: u8,
}

impl Track {
    pub(super) fn new(pid: u16) -> Self {
        Self { pid, counter: 0 }
    }

    /// Writes a unit (a PES packet, or a section with its pointer) given in two parts, stuffing the last packet.
    pub(super) fn write(&mut self, head: &[u8], body: &[u8], mut clock: Option<Clock>, out: &mut Vec<u8>) {
        let packets = (head.len() + body.len()) / (PACKET_OCTETS - 4) + 2;
        out.reserve(packets * PACKET_OCTETS);
        let (mut head, mut body) = (head, body);
        let mut start = PAYLOAD_UNIT_START;
        while !head.is_empty() || !body.is_empty() {
            let adaptation = clock.take().map(Clock::octets);
            let fields = adaptation.as_ref().map_or(&[][..], |octets| octets);
            let left = head.len() + body.len();
            let room = PACKET_OCTETS - 4 - if fields.is_empty() { 0 } else { 1 + fields.len() };
            let payload = left.min(room);
            self.header(start, fields, payload, out);
            start = 0;
            let from_head = payload.min(head.len());
            out.extend_from_slice(&head[..from_head]);
            head = &head[from_head..];
            out.extend_from_slice(&body[..payload - from_head]);
            body = &body[payload - from_head..];
        }
    }

    /// Writes a packet that carries a clock and no payload; the counter stays (H.222.0 §2.4.3.3).
    pub(super) fn write_clock(&self, clock: Clock, out: &mut Vec<u8>) {
        let end = out.len() + PACKET_OCTETS;
        let [high, low] = self.pid.to_be_bytes();
        out.extend_from_slice(&[SYNC, high, low, 0x20 | (self.counter.wrapping_sub(1) & 15), 183]);
        out.extend_from_slice(&clock.octets());
        out.resize(end, 0xFF);
    }

    /// Header and adaptation field of a packet with `payload` octets of payload.
    fn header(&mut self, start: u8, fields: &[u8], payload: usize, out: &mut Vec<u8>) {
        let [high, low] = self.pid.to_be_bytes();
        let stuffing_room = PACKET_OCTETS - 4 - payload;
        let control = if stuffing_room == 0 { 0x10 } else { 0x30 };
        out.extend_from_slice(&[SYNC, start | high, low, control | self.counter]);
        self.counter = (self.counter + 1) & 15;
        if stuffing_room == 0 {
            return;
        }
        let end = out.len() + stuffing_room;
        // A whole adaptation field is at most 183 octets and its own length.
        out.push((stuffing_room - 1).to_le_bytes()[0]);
        if stuffing_room > 1 {
            if fields.is_empty() {
                out.push(0);
            } else {
                out.extend_from_slice(fields);
            }
            out.resize(end, 0xFF);
        }
    }
}

/// A packet that was read.
pub(super) struct Packet<'a> {
    pub(super) pid: u16,
    /// A unit begins in it.
    pub(super) start: bool,
    pub(super) counter: u8,
    /// The writer says that the counter does not follow on.
    pub(super) discontinuity: bool,
    pub(super) payload: Option<&'a [u8]>,
}

impl<'a> Packet<'a> {
    /// `None` when the packet is marked as received wrongly, is scrambled, or its adaptation field leads out of it.
    pub(super) fn parse(octets: &'a [u8; PACKET_OCTETS]) -> Option<Self> {
        const TRANSPORT_ERROR: u8 = 0x80;
        const SCRAMBLED: u8 = 0xC0;
        const ADAPTATION: u8 = 0x20;
        const PAYLOAD: u8 = 0x10;
        let [_, high, low, control] = *octets.first_chunk()?;
        if high & TRANSPORT_ERROR != 0 || control & SCRAMBLED != 0 {
            return None;
        }
        let mut body = &octets[4..];
        let mut discontinuity = false;
        if control & ADAPTATION != 0 {
            let field = body.get(1..=usize::from(body[0]))?;
            discontinuity = field.first().is_some_and(|flags| flags & DISCONTINUITY != 0);
            body = &body[1 + field.len()..];
        }
        Some(Self {
            pid: u16::from_be_bytes([high & 0x1F, low]),
            start: high & PAYLOAD_UNIT_START != 0,
            counter: control & 15,
            discontinuity,
            payload: (control & PAYLOAD != 0).then_some(body),
        })
    }
}
