//! The writer: one frame in, its packets out.

use super::cells;
use super::packet::{Clock, Track};
use super::pes::{Header, MOST_PAYLOAD};
use super::psi::Tables;
use super::waiting::Waiting;
use super::{KLV_PID, Metadata, PAT_PID, PMT_PID, TIME_MASK, TsConfig, VIDEO_PID};

const VIDEO_STREAM_ID: u8 = 0xE0;
const METADATA_STREAM_ID: u8 = 0xFC;
const PRIVATE_STREAM_ID: u8 = 0xBD;
/// A whole access unit in one cell, random access, reserved bits set.
const WHOLE_CELL: u8 = 0xDF;

/// How much the clock reference leads the decoding time: what a receiver has to take a picture in.
const LEAD_90K: u64 = 90_000 / 5;
/// Tables and clock references come at least this often; H.222.0 asks for the clock, ST 1402 for the tables.
const MOST_INTERVAL_90K: u64 = 90_000 / 10;
/// Packets that fill a gap between frames come this often.
const FILL_INTERVAL_90K: u64 = 90_000 * 9 / 100;
/// How much before a picture's clock reference another one may lie: at a key picture one does, so that the telemetry
/// a segment begins with has a time of arrival.
const AHEAD_90K: u64 = 90_000 / 200;
/// A gap that is not filled any more: the clock jumps over it and says so.
const JUMP_90K: u64 = 90_000 * 10;

/// One picture and its telemetry. Times in ticks of 90 kHz, unwrapped; the stream carries their low 33 bits.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// When the picture is shown: its capture time.
    pub pts_90k: u64,
    /// When it is decoded, see [`crate::dts::Order`]: rising from frame to frame.
    pub dts_90k: u64,
    /// Decoding can start here.
    pub key: bool,
    /// The access unit as [`crate::access_unit::Normaliser`] made it.
    pub picture: &'a [u8],
    /// KLV packets with the time each belongs to.
    pub klv: &'a [(u64, &'a [u8])],
}

/// Why a frame cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MuxError {
    /// A KLV packet longer than a PES packet can be.
    #[error("a KLV packet of {octets} bytes is longer than a PES packet holds ({most}); split it")]
    KlvTooLong {
        /// Its length.
        octets: usize,
        /// The longest possible.
        most: usize,
    },
}

/// Writes a transport stream frame by frame.
///
/// Before each key picture, and at least every 100 ms, come the tables; each picture carries a clock reference that
/// leads its decoding time by 200 ms, and where frames are more than 100 ms apart packets with the clock alone lie
/// between. Telemetry is written in order of its time: right before its picture, and where pictures are reordered as
/// soon as no earlier one can follow, which is never later than its time. Continuity counters go on as long as the muxer lives, so segments cut at key pictures concatenate to a
/// legal stream.
#[derive(Debug)]
pub struct Muxer {
    metadata: Metadata,
    tables: Tables,
    association: Track,
    map: Track,
    video: Track,
    klv: Track,
    cell: u8,
    waiting: Waiting,
    /// DTS of the frame before.
    last_90k: Option<u64>,
    /// DTS at which the tables were last written.
    tables_90k: u64,
}

impl Muxer {
    /// A writer at the beginning of a stream.
    #[must_use]
    pub fn new(config: TsConfig) -> Self {
        Self {
            metadata: config.metadata,
            tables: Tables::new(config),
            association: Track::new(PAT_PID),
            map: Track::new(PMT_PID),
            video: Track::new(VIDEO_PID),
            klv: Track::new(KLV_PID),
            cell: 0,
            waiting: Waiting::default(),
            last_90k: None,
            tables_90k: 0,
        }
    }

    /// Appends one frame as whole transport stream packets.
    ///
    /// A DTS that is not above the last one, or more than ten seconds above it, is written as a jump of the clock.
    ///
    /// # Errors
    /// A KLV packet does not fit; nothing is appended then.
    pub fn frame(&mut self, frame: Frame<'_>, out: &mut Vec<u8>) -> Result<(), MuxError> {
        let most = MOST_PAYLOAD - cells::HEADER_OCTETS;
        if let Some((_, long)) = frame.klv.iter().find(|(_, packet)| packet.len() > most) {
            return Err(MuxError::KlvTooLong { octets: long.len(), most });
        }
        if frame.key {
            self.flush(out);
        }
        let discontinuity = self.fill(frame.dts_90k, out);
        let gap = self.last_90k.map_or(0, |last| frame.dts_90k.saturating_sub(last));
        // A frame as far away again would come too late for the tables.
        let due = frame.dts_90k.saturating_sub(self.tables_90k) + gap > FILL_INTERVAL_90K;
        if frame.key || due || discontinuity || self.last_90k.is_none() {
            self.write_tables(frame.dts_90k, out);
        }
        if frame.key && !discontinuity && (self.last_90k.is_none() || gap > AHEAD_90K) {
            let pcr_90k = clock_reference(frame.dts_90k.wrapping_sub(AHEAD_90K));
            self.video.write_clock(Clock { pcr_90k, random_access: false, discontinuity: false }, out);
        }
        for &(pts, packet) in frame.klv {
            self.waiting.add(pts, packet);
        }
        self.write_waiting(frame.dts_90k, out);
        let clock = Clock { pcr_90k: clock_reference(frame.dts_90k), random_access: frame.key, discontinuity };
        let dts = (frame.dts_90k != frame.pts_90k).then_some(frame.dts_90k);
        let header = Header::new(VIDEO_STREAM_ID, None, Some(frame.pts_90k), dts);
        self.video.write(header.octets(), frame.picture, Some(clock), out);
        self.last_90k = Some(frame.dts_90k);
        Ok(())
    }

    /// Appends the telemetry that still waits: call it before a segment is cut and at the end of the stream. Without
    /// reordering there is none. A key picture does it by itself, into what it is appended to.
    pub fn flush(&mut self, out: &mut Vec<u8>) {
        self.write_waiting(u64::MAX, out);
    }

    fn write_waiting(&mut self, until_90k: u64, out: &mut Vec<u8>) {
        let mut waiting = std::mem::take(&mut self.waiting);
        for (pts, packet) in waiting.due(until_90k) {
            self.write_klv(pts, &packet, out);
        }
        self.waiting = waiting;
    }

    /// Keeps clock and tables coming between two frames far apart; true when the clock jumps instead.
    fn fill(&mut self, next_90k: u64, out: &mut Vec<u8>) -> bool {
        let Some(last) = self.last_90k else {
            return false;
        };
        if next_90k <= last || next_90k - last > JUMP_90K {
            return true;
        }
        let mut clock = last;
        // The tables are never older than the clock by a fill interval, so each step is a step ahead of both.
        while next_90k - clock.min(self.tables_90k) > MOST_INTERVAL_90K {
            clock = clock.min(self.tables_90k) + FILL_INTERVAL_90K;
            self.write_tables(clock, out);
            let pcr_90k = clock_reference(clock);
            self.video.write_clock(Clock { pcr_90k, random_access: false, discontinuity: false }, out);
        }
        false
    }

    fn write_tables(&mut self, at_90k: u64, out: &mut Vec<u8>) {
        self.association.write(&self.tables.association, &[], None, out);
        self.map.write(&self.tables.map, &[], None, out);
        self.tables_90k = at_90k;
    }

    fn write_klv(&mut self, pts_90k: u64, packet: &[u8], out: &mut Vec<u8>) {
        // The lengths have been checked against the PES packet's.
        let length = u16::try_from(packet.len()).unwrap_or(u16::MAX);
        let [high, low] = length.to_be_bytes();
        let (header, cell) = match self.metadata {
            Metadata::Synchronous => (
                Header::new(METADATA_STREAM_ID, Some(length + 5), Some(pts_90k), None),
                &[0, self.cell, WHOLE_CELL, high, low][..],
            ),
            Metadata::Compatibility => (Header::new(PRIVATE_STREAM_ID, Some(length), None, None), &[][..]),
        };
        self.cell = self.cell.wrapping_add(1);
        let mut head = [0; 32];
        let octets = header.octets().len();
        head[..octets].copy_from_slice(header.octets());
        head[octets..octets + cell.len()].copy_from_slice(cell);
        self.klv.write(&head[..octets + cell.len()], packet, None, out);
    }
}

/// The clock reference that belongs to a decoding time.
const fn clock_reference(dts_90k: u64) -> u64 {
    dts_90k.wrapping_sub(LEAD_90K) & TIME_MASK
}
