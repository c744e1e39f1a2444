//! Access units: one coded picture with what belongs to it, in the order the standards want.

mod bits;
mod h264;
mod h265;
pub mod nal;
mod normalise;
mod parameter_sets;

use std::time::Duration;

pub use normalise::{AccessUnit, Normaliser};

/// How the pictures are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// ITU-T H.264, AVC.
    H264,
    /// ITU-T H.265, HEVC.
    H265,
}

/// What a sequence parameter set says of the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamInfo {
    /// Luma samples across, after cropping.
    pub width: u32,
    /// Luma samples down, after cropping.
    pub height: u32,
    /// How many pictures may precede one in decoding order and follow it in output order; 0 without B-frames.
    /// Stated by the stream, else the standard's default for profile and level.
    pub reorder_depth: u32,
    /// Time from picture to picture, where the stream states it. A statement, not a measurement.
    pub frame_duration: Option<Duration>,
}

/// Why an access unit cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuError {
    /// There is no slice in it. Parameter sets that came with it are kept for the pictures to come.
    #[error("the access unit holds no picture; the camera sent parameter sets or nothing only, the next one may")]
    NoPicture,
    /// A picture others start from refers to parameter sets that never came.
    #[error(
        "a key picture came before its parameter sets; ask the camera for them (RTSP: sprop-parameter-sets, or a new key picture)"
    )]
    NoParameterSets,
    /// A parameter set longer than any the standards' syntax leads to.
    #[error("a parameter set of {octets} bytes is longer than {most}; the stream is damaged or not what was declared")]
    ParameterSetTooLong {
        /// Its length.
        octets: usize,
        /// The longest taken.
        most: usize,
    },
}

/// `units / scale` seconds, if that is a duration a camera can have.
fn ticks_duration(units: u64, scale: u32) -> Option<Duration> {
    if units == 0 || scale == 0 {
        return None;
    }
    Some(Duration::from_nanos(units.checked_mul(1_000_000_000)? / u64::from(scale)))
}
