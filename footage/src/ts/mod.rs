//! MPEG transport streams (ISO/IEC 13818-1, ITU-T H.222.0) of one picture and one telemetry stream.
//!
//! Telemetry is carried as MISB ST 1402 and STANAG 4609 have it: synchronous (stream type 0x15, with PTS, each KLV
//! packet in a metadata access unit cell), or, for older players, as private data (0x06, without time).

mod assembly;
mod cells;
mod crc;
mod demux;
mod mux;
mod packet;
mod pes;
mod psi;

pub use demux::{Demuxer, Pes, Program, Unit};
pub use mux::{Frame, MuxError, Muxer};

use crate::access_unit::Codec;

/// Length of a transport stream packet.
pub const PACKET_OCTETS: usize = 188;

/// How telemetry is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Metadata {
    /// Stream type 0x15, PTS in each PES, access unit cells: ST 1402 synchronous carriage. The master.
    Synchronous,
    /// Stream type 0x06 with a `KLVA` registration, no PTS: for GStreamer before 1.24 and older players.
    Compatibility,
}

/// What a stream holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TsConfig {
    /// How the pictures are coded.
    pub codec: Codec,
    /// How telemetry is carried.
    pub metadata: Metadata,
}

const PAT_PID: u16 = 0;
const PMT_PID: u16 = 0x1000;
const VIDEO_PID: u16 = 0x100;
const KLV_PID: u16 = 0x101;

/// Times are counted on 33 bits.
const TIME_MASK: u64 = (1 << 33) - 1;
