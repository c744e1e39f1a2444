//! `[[camera]]`: where pictures come from and what the lens sees.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

/// One camera and its stream.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Camera {
    /// Name of the stream and its folder: `eo`, `ir`; lower-case letters and digits, at most 8.
    pub stream: Spanned<String>,
    /// Where the pictures come from.
    pub source: Source,
    /// Sensor name, ST 0601 tag 11.
    #[serde(default = "Camera::default_sensor")]
    pub sensor: String,
    /// Constant time from exposure to the wire in milliseconds: a property of the camera, measured once.
    #[serde(default)]
    pub delay_ms: u32,
    /// Whether the camera's own clock is UTC (`ntp`) or free-running (`free`).
    #[serde(default)]
    pub clock: ClockTrust,
    /// Horizontal field of view in degrees, when the camera does not report one.
    pub hfov_deg: Option<f64>,
    /// Vertical field of view in degrees; absent = from the picture's shape.
    pub vfov_deg: Option<f64>,
    /// Mounting pitch in degrees (negative = down), used while no gimbal reports.
    #[serde(default)]
    pub mount_pitch_deg: f64,
    /// Bit rate in kbit/s for sources that need encoding.
    #[serde(default = "Camera::default_bitrate_kbps")]
    pub bitrate_kbps: u32,
}

impl Camera {
    fn default_sensor() -> String {
        "EO".to_owned()
    }

    fn default_bitrate_kbps() -> u32 {
        4_000
    }

    pub(super) fn rebase(&mut self, base: &Path) {
        if let Source::File { path, .. } = &mut self.source {
            *path = base.join(&*path);
        }
    }
}

/// Where pictures come from.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// An IP camera: H.264 or H.265 passed through, never re-encoded.
    Rtsp {
        /// `rtsp://…`
        url: String,
        /// Jitter buffer in milliseconds.
        #[serde(default = "default_latency_ms")]
        latency_ms: u32,
        /// UDP loses under load, TCP waits.
        #[serde(default)]
        transport: Transport,
    },
    /// A recording, played at real speed and passed through.
    File {
        /// MP4, MOV, MKV or TS with H.264 or H.265.
        path: PathBuf,
        /// Starts again at the end.
        #[serde(default)]
        repeat: bool,
    },
    /// A test picture made here.
    Test {
        /// Pixels.
        #[serde(default = "default_width")]
        width: u32,
        /// Pixels.
        #[serde(default = "default_height")]
        height: u32,
        /// Frames a second.
        #[serde(default = "default_fps")]
        fps: u32,
    },
    /// A GStreamer launch line of the user's own, without a sink.
    Pipeline {
        /// For example `libcamerasrc ! video/x-raw,width=1280,height=720`.
        launch: String,
        /// What the line ends in.
        output: Output,
    },
    /// A local camera.
    V4l2 {
        /// For example `/dev/video0`.
        device: PathBuf,
        /// Pixels.
        #[serde(default = "default_width")]
        width: u32,
        /// Pixels.
        #[serde(default = "default_height")]
        height: u32,
        /// Frames a second.
        #[serde(default = "default_fps")]
        fps: u32,
    },
}

/// What a `pipeline` source ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// Pictures to encode here.
    Raw,
    /// H.264, passed through.
    H264,
    /// H.265, passed through.
    H265,
}

/// RTP transport of an RTSP source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// Interleaved: nothing is lost while the link stands.
    #[default]
    Tcp,
    /// Datagrams.
    Udp,
}

/// How far the camera's own clock is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClockTrust {
    /// Free-running: only differences count; the offset comes from the least delay seen.
    #[default]
    Free,
    /// Disciplined to UTC: sender reports give capture time as they stand.
    Ntp,
}

fn default_latency_ms() -> u32 {
    50
}
fn default_width() -> u32 {
    1280
}
fn default_height() -> u32 {
    720
}
fn default_fps() -> u32 {
    30
}
