//! Pictures with their telemetry: from the network or a file to one slot in which the newest wins.
//!
//! A picture is dated by what stands in its own bytes (SEI, MISB ST 0604), and its KLV packet is found by that time
//! ([`join`]); when either of them came says nothing. GStreamer takes in and decodes ([`live`]); [`reel`] plays recorded
//! segments; [`watch`] says how it stands; [`gate`] judges what the network brings.

mod branch;
mod chain;
mod gate;
mod join;
mod live;
mod pipeline;
mod pixels;
mod reel;
mod sink;
mod slot;
mod watch;

#[cfg(test)]
pub(crate) mod tests;

use std::net::Ipv4Addr;
use std::sync::Arc;

use footage::access_unit::Codec;
use footage::klv::Decoded;

pub use live::Live;
pub use pixels::Pixels;
pub(crate) use reel::{Order as ReelOrder, Reel, ReelState};
pub use watch::Status;

/// Where pictures come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// Plain RTP, as `live` hands it on: pictures and KLV on a port each.
    Rtp {
        /// Whom it listens to: this machine alone (127.0.0.1), or whoever sends (0.0.0.0). Nothing in plain RTP says who sent it.
        listen: Ipv4Addr,
        /// UDP port of the pictures.
        video_port: u16,
        /// UDP port of the telemetry.
        klv_port: u16,
    },
    /// A camera's own server.
    Rtsp(String),
}

/// A picture with what was known when it was shot.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green, blue, 255, row by row without gaps.
    pub rgba: Pixels,
    /// When it was shot, by what stands in it.
    pub taken_utc_us: Option<i64>,
    /// The clock that dated it was locked to an absolute reference.
    pub time_locked: bool,
    /// The telemetry of that instant.
    pub klv: Option<Arc<Decoded>>,
    /// When its bytes were here, monotonic.
    pub arrived_ns: u64,
    /// How it was coded.
    pub codec: Codec,
    /// Part of it may be made up: something that it follows from was lost on the way, or the decoder says so.
    pub damaged: bool,
    /// Counts the pictures shown since the start.
    pub frame_number: u64,
}

/// What came and what became of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Coded pictures that came.
    pub(crate) came: u64,
    /// Pictures that reached the slot.
    pub(crate) shown: u64,
    /// Coded pictures that never came out: not decoded, or overtaken by a newer one.
    pub(crate) dropped: u64,
    /// Pictures with their telemetry.
    pub(crate) joined: u64,
    /// Pictures without.
    pub(crate) unjoined: u64,
    /// KLV packets whose picture had gone before they came, or never came.
    pub(crate) late_packets: u64,
    /// KLV packets that could not be read.
    pub(crate) unread_packets: u64,
}
