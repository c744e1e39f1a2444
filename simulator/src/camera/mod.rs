//! The camera, as an IP camera is: pictures at a steady rate, encoded once, served over RTSP with the capture time in RTCP.
//!
//! ```text
//! world ─ job(frame, capture, pose) ─► renderer thread ─► x264 ─► release thread ─┬─► truth.csv
//!                                        picture, strip            at capture+delay └─► one appsrc a client ─► RTP, RTCP
//! ```
//!
//! A picture is taken at every tick of the frame rate on the boot clock, whether anybody watches or not. A finished access unit leaves the
//! camera at capture + `delay_ms`, as a camera's fixed exposure–encode pipeline would have it; where the machine was too slow it leaves late
//! and is counted. Queues: [`JOBS_MAX`] pictures before the renderer (beyond it a picture is missed, and counted); for a client
//! [`server::CLIENT_QUEUE_BYTES`] (beyond it pictures are skipped for that client up to the next key picture, and counted).

pub mod encoder;
pub mod picture;
pub mod pipeline;
pub mod server;
pub mod strip;

use crate::vehicle::Pose;

pub use pipeline::{Camera, CameraError, Statistics};

/// Pictures that may wait for the renderer: two seconds at 30 a second.
pub const JOBS_MAX: usize = 60;

/// A picture to take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Job {
    /// Number of the tick, from 0 at boot.
    pub frame: u32,
    /// Boot clock at capture.
    pub capture_ns: u64,
    /// Where everything was.
    pub pose: Pose,
    /// Picture size.
    pub size: (u32, u32),
}

/// Ticks of a frame rate on the boot clock.
#[derive(Clone, Copy, Debug)]
pub struct Ticks {
    fps: u32,
    next: u32,
}

impl Ticks {
    /// Ticks from boot on.
    #[must_use]
    pub fn new(fps: u32) -> Self {
        Self { fps, next: 0 }
    }

    /// Boot time of tick `frame`: rounded down to the microsecond, so that the strip, the truth and RTP say one instant.
    #[must_use]
    pub fn capture_ns(&self, frame: u32) -> u64 {
        u64::from(frame) * 1_000_000 / u64::from(self.fps) * 1000
    }

    /// The next tick that is not after `now_ns`.
    pub fn due(&mut self, now_ns: u64) -> Option<(u32, u64)> {
        let frame = self.next;
        let at_ns = self.capture_ns(frame);
        (at_ns <= now_ns).then(|| {
            self.next += 1;
            (frame, at_ns)
        })
    }
}
