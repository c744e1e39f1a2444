//! The reader: bytes in as they come, units out.

use super::assembly::{Assembly, Continuity, Ended};
use super::cells::Cells;
use super::crc::crc32;
use super::packet::{Packet, SYNC};
use super::psi::{self, Streams};
use super::{Metadata, PACKET_OCTETS, PAT_PID};
use crate::access_unit::Codec;

/// Longest picture that is assembled; longer ones are damage.
const MOST_PICTURE_OCTETS: usize = 16 << 20;
/// Longest PES packet of telemetry.
const MOST_KLV_OCTETS: usize = 6 + 0xFFFF;

/// A PES packet's payload and times. Times in ticks of 90 kHz on 33 bits, as the stream has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pes {
    /// Presentation time.
    pub pts_90k: Option<u64>,
    /// Decoding time, when it is not the presentation time.
    pub dts_90k: Option<u64>,
    /// A picture: the access unit. Telemetry: KLV, without access unit cells.
    pub data: Vec<u8>,
}

/// The streams of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// How the pictures are coded, if there are any we know.
    pub codec: Option<Codec>,
    /// How telemetry is carried, if there is any.
    pub metadata: Option<Metadata>,
}

/// What a stream gives, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// The program's streams were found, or changed.
    Program(Program),
    /// A picture.
    Video(Pes),
    /// Telemetry.
    Klv(Pes),
    /// Packets are missing: the continuity counter of a stream did not follow on. The unit it struck is lost.
    Discontinuity {
        /// Whose counter.
        pid: u16,
        /// What should have come.
        expected: u8,
        /// What came.
        found: u8,
    },
    /// Bytes that are no packet, or part of a unit that cannot be used: cut, too long, or its header wrong.
    Damaged {
        /// How many.
        octets: usize,
    },
}

/// Reads a transport stream in pieces of any length, holding at most one picture, one KLV packet and one table.
///
/// It reads the first program, of it the first picture stream and the first KLV stream. The order of units is the
/// order in which they end.
#[derive(Debug, Default)]
pub struct Demuxer {
    /// What has come and is not yet a packet.
    pending: Vec<u8>,
    /// The last packet ended where the next one must begin.
    synchronised: bool,
    /// Bytes skipped since the last packet.
    skipped: usize,
    passed_octets: u64,
    whole_octets: u64,
    map_pid: Option<u16>,
    streams: Streams,
    association: Assembly,
    map: Assembly,
    video: Assembly,
    klv: Assembly,
    cells: Cells,
}

impl Demuxer {
    /// A reader at the beginning of a stream, or anywhere in one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes, of any number, and appends what they complete.
    pub fn feed(&mut self, mut bytes: &[u8], units: &mut Vec<Unit>) {
        while !self.pending.is_empty() && !bytes.is_empty() {
            // The rest of the packet that was torn, and enough of the next to believe it.
            let (some, rest) = bytes.split_at(bytes.len().min(2 * PACKET_OCTETS));
            let mut pending = std::mem::take(&mut self.pending);
            let held = pending.len();
            pending.extend_from_slice(some);
            let used = self.packets(&pending, false, units);
            if used < held {
                pending.drain(..used);
                bytes = rest;
            } else {
                pending.clear();
                bytes = &bytes[used - held..];
            }
            self.pending = pending;
        }
        let used = self.packets(bytes, false, units);
        self.pending.extend_from_slice(&bytes[used..]);
    }

    /// Ends the stream: gives the last picture, and tells what was cut.
    pub fn finish(&mut self, units: &mut Vec<Unit>) {
        let pending = std::mem::take(&mut self.pending);
        let used = self.packets(&pending, true, units);
        self.skip(pending.len() - used);
        self.report_skipped(units);
        if let Some(ended) = self.video.end() {
            push_video(ended, units);
        }
        if let Some(ended) = self.klv.end() {
            self.push_klv(ended, units);
        }
    }

    /// Where the last whole packet ends, counted from the first byte: a torn file may be cut there.
    #[must_use]
    pub fn whole_octets(&self) -> u64 {
        self.whole_octets
    }

    /// Reads the packets at the start of `bytes`; gives how many bytes are done with.
    fn packets(&mut self, bytes: &[u8], last: bool, units: &mut Vec<Unit>) -> usize {
        let mut at = 0;
        while let Some(packet) = bytes.get(at..at + PACKET_OCTETS).and_then(<[u8]>::as_array) {
            let after = bytes.get(at + PACKET_OCTETS);
            // At first and after damage one sync byte is not believed: the next must stand where this packet ends.
            let hunting = !self.synchronised;
            if hunting && after.is_none() && !last {
                break;
            }
            if packet[0] != SYNC || (hunting && after.is_some_and(|&octet| octet != SYNC)) {
                let next =
                    bytes[at + 1..].iter().position(|&octet| octet == SYNC).map_or(bytes.len(), |gap| at + 1 + gap);
                self.skip(next - at);
                at = next;
                continue;
            }
            self.report_skipped(units);
            self.synchronised = true;
            self.packet(packet, units);
            at += PACKET_OCTETS;
            self.passed_octets += PACKET_OCTETS as u64;
            self.whole_octets = self.passed_octets;
        }
        at
    }

    fn skip(&mut self, octets: usize) {
        self.synchronised = false;
        self.skipped += octets;
        self.passed_octets += octets as u64;
    }

    fn report_skipped(&mut self, units: &mut Vec<Unit>) {
        if self.skipped > 0 {
            units.push(Unit::Damaged { octets: self.skipped });
            self.skipped = 0;
        }
    }

    fn packet(&mut self, octets: &[u8; PACKET_OCTETS], units: &mut Vec<Unit>) {
        let Some(packet) = Packet::parse(octets) else {
            units.push(Unit::Damaged { octets: PACKET_OCTETS });
            return;
        };
        let is_video = self.streams.video.is_some_and(|(pid, _)| pid == packet.pid);
        let is_klv = self.streams.klv.is_some_and(|(pid, _)| pid == packet.pid);
        let is_map = self.map_pid == Some(packet.pid);
        let assembly = match packet.pid {
            PAT_PID => &mut self.association,
            _ if is_map => &mut self.map,
            _ if is_video => &mut self.video,
            _ if is_klv => &mut self.klv,
            _ => return,
        };
        let Some(payload) = packet.payload else {
            return;
        };
        match assembly.follow(packet.counter, packet.discontinuity) {
            Continuity::Next => {}
            Continuity::Repeated => return,
            Continuity::Broken { expected, found } => {
                let lost = assembly.abandon();
                units.push(Unit::Discontinuity { pid: packet.pid, expected, found });
                if lost > 0 && (is_video || is_klv) {
                    units.push(Unit::Damaged { octets: lost });
                }
            }
        }
        if packet.pid == PAT_PID {
            self.read_association(packet.start, payload);
        } else if is_map {
            self.read_map(packet.start, payload, units);
        } else if is_video {
            for ended in self.video.pes(packet.start, payload, MOST_PICTURE_OCTETS).into_iter().flatten() {
                push_video(ended, units);
            }
        } else {
            for ended in self.klv.pes(packet.start, payload, MOST_KLV_OCTETS).into_iter().flatten() {
                self.push_klv(ended, units);
            }
        }
    }

    fn read_association(&mut self, start: bool, payload: &[u8]) {
        const TABLE: u8 = 0x00;
        let map_pid = &mut self.map_pid;
        self.association.sections(start, payload, |section| {
            if section[0] == TABLE && crc32(section) == 0 {
                *map_pid = psi::map_pid(section).or(*map_pid);
            }
        });
    }

    fn read_map(&mut self, start: bool, payload: &[u8], units: &mut Vec<Unit>) {
        const TABLE: u8 = 0x02;
        let mut found = None;
        self.map.sections(start, payload, |section| {
            if section[0] == TABLE && crc32(section) == 0 {
                found = psi::streams(section).or(found);
            }
        });
        let Some(streams) = found.filter(|streams| *streams != self.streams) else {
            return;
        };
        self.video = Assembly::default();
        self.klv = Assembly::default();
        self.cells = Cells::default();
        self.streams = streams;
        units.push(Unit::Program(Program {
            codec: streams.video.map(|(_, codec)| codec),
            metadata: streams.klv.map(|(_, metadata)| metadata),
        }));
    }

    fn push_klv(&mut self, ended: Ended, units: &mut Vec<Unit>) {
        let (header, data) = match ended {
            Ended::Whole(header, data) => (header, data),
            Ended::Damaged(octets) => return units.push(Unit::Damaged { octets }),
        };
        let payload = &data[header.payload_at..];
        let unit = |data| Unit::Klv(Pes { pts_90k: header.pts, dts_90k: header.dts, data });
        match self.streams.klv {
            Some((_, Metadata::Synchronous)) => {
                let lost = self.cells.take(payload, |data| units.push(unit(data)));
                if lost > 0 {
                    units.push(Unit::Damaged { octets: lost });
                }
            }
            Some((_, Metadata::Compatibility)) | None => units.push(unit(payload.to_vec())),
        }
    }
}

fn push_video(ended: Ended, units: &mut Vec<Unit>) {
    units.push(match ended {
        Ended::Whole(header, mut data) => {
            data.drain(..header.payload_at);
            Unit::Video(Pes { pts_90k: header.pts, dts_90k: header.dts, data })
        }
        Ended::Damaged(octets) => Unit::Damaged { octets },
    });
}
