//! What a camera says of itself, read field by field, so that values newer than the dialect lose no message.

use crate::frames::Frame;

/// CAMERA_CAP_FLAGS in words, by their bits.
const ABILITIES: [(u32, &str); 12] = [
    (1, "video"),
    (2, "stills"),
    (4, "modes"),
    (8, "stills in video mode"),
    (16, "video in image mode"),
    (32, "survey mode"),
    (64, "zoom"),
    (128, "focus"),
    (256, "live stream"),
    (512, "tracking of a point"),
    (1024, "tracking of a rectangle"),
    (4096, "thermal range"),
];

/// CAMERA_INFORMATION.
#[derive(Debug, Clone, PartialEq)]
pub struct Information {
    /// Maker.
    pub vendor: String,
    /// Model.
    pub model: String,
    /// Major, minor, patch, development.
    pub firmware: [u8; 4],
    /// Millimetres; `None` unknown.
    pub focal_length_mm: Option<f32>,
    /// Width and height, millimetres; `None` unknown.
    pub sensor_mm: Option<(f32, f32)>,
    /// Width and height, pixels.
    pub resolution: (u16, u16),
    /// CAMERA_CAP_FLAGS.
    pub flags: u32,
    /// Gimbal that carries it: a component id, or 1 to 6; 0 none.
    pub gimbal: u8,
}

impl Information {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        (frame.message_id() == 259).then(|| Self {
            vendor: text(frame, 30, 32),
            model: text(frame, 62, 32),
            firmware: payload.u32(4).to_le_bytes(),
            focal_length_mm: known(payload.f32(8)),
            sensor_mm: known(payload.f32(12)).zip(known(payload.f32(16))),
            resolution: (payload.u16(24), payload.u16(26)),
            flags: payload.u32(20),
            gimbal: payload.u8(235),
        })
    }

    /// What it can do, in words.
    pub fn abilities(&self) -> Vec<&'static str> {
        ABILITIES.iter().filter(|(bit, _)| self.flags & bit != 0).map(|(_, word)| *word).collect()
    }
}

/// CAMERA_SETTINGS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// CAMERA_MODE: 0 image, 1 video, 2 survey.
    pub mode: u8,
    /// 0 to 100 of the range; `None` unknown.
    pub zoom_percent: Option<f32>,
    /// 0 to 100 of the range; `None` unknown.
    pub focus_percent: Option<f32>,
}

impl Settings {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        // The extension's fields are cut off where they are all zero: 0 is no more than that.
        (frame.message_id() == 260).then(|| Self {
            mode: payload.u8(4),
            zoom_percent: known(payload.f32(5)),
            focus_percent: known(payload.f32(9)),
        })
    }

    /// The mode in a word.
    pub fn mode_name(&self) -> &'static str {
        match self.mode {
            0 => "image",
            1 => "video",
            2 => "survey",
            _ => "newer than this program",
        }
    }
}

/// STORAGE_INFORMATION.
#[derive(Debug, Clone, PartialEq)]
pub struct Storage {
    /// From 1.
    pub id: u8,
    /// How many there are.
    pub count: u8,
    /// STORAGE_STATUS: 0 empty, 1 unformatted, 2 ready, 3 not supported.
    pub status: u8,
    /// MiB; `None` unknown.
    pub total_mib: Option<f32>,
    /// MiB; `None` unknown.
    pub used_mib: Option<f32>,
    /// MiB; `None` unknown.
    pub available_mib: Option<f32>,
}

impl Storage {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        (frame.message_id() == 261).then(|| Self {
            id: payload.u8(24),
            count: payload.u8(25),
            status: payload.u8(26),
            total_mib: known(payload.f32(4)),
            used_mib: known(payload.f32(8)),
            available_mib: known(payload.f32(12)),
        })
    }

    /// Its status in words.
    pub fn status_name(&self) -> &'static str {
        match self.status {
            0 => "empty",
            1 => "not formatted",
            2 => "ready",
            3 => "not supported",
            _ => "in a state newer than this program",
        }
    }
}

/// CAMERA_CAPTURE_STATUS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CaptureStatus {
    /// `video_status` is 1.
    pub recording: bool,
    /// Milliseconds of the video that is being recorded.
    pub recorded_ms: u32,
    /// Whether stills are being taken: bit 0 of `image_status`.
    pub taking_stills: bool,
    /// Stills so far.
    pub images: i32,
    /// MiB; `None` unknown.
    pub available_mib: Option<f32>,
}

impl CaptureStatus {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        (frame.message_id() == 262).then(|| Self {
            recording: payload.u8(17) == 1,
            recorded_ms: payload.u32(8),
            taking_stills: payload.u8(16) & 1 != 0,
            images: payload.i32(18),
            available_mib: known(payload.f32(12)),
        })
    }
}

/// VIDEO_STREAM_INFORMATION.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// From 1.
    pub id: u8,
    /// How many there are.
    pub count: u8,
    /// For people.
    pub name: String,
    /// URL, or port.
    pub address: String,
    /// VIDEO_STREAM_TYPE: 0 RTSP, 1 RTP over UDP, 2 MPEG over TCP, 3 MPEG-TS.
    pub transport: u8,
    /// Width and height, pixels.
    pub resolution: (u16, u16),
    /// Pictures a second.
    pub frame_rate_hz: f32,
    /// Bits a second.
    pub bitrate_bps: u32,
    /// It is running.
    pub running: bool,
    /// Thermal pictures.
    pub thermal: bool,
}

impl Stream {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        (frame.message_id() == 269).then(|| Self {
            id: payload.u8(18),
            count: payload.u8(19),
            name: text(frame, 21, 32),
            address: text(frame, 53, 160),
            transport: payload.u8(20),
            resolution: (payload.u16(10), payload.u16(12)),
            frame_rate_hz: payload.f32(0),
            bitrate_bps: payload.u32(4),
            running: payload.u16(8) & 1 != 0,
            thermal: payload.u16(8) & 2 != 0,
        })
    }

    /// How it is carried, in a word.
    pub fn transport_name(&self) -> &'static str {
        match self.transport {
            0 => "RTSP",
            1 => "RTP over UDP",
            2 => "MPEG over TCP",
            3 => "MPEG-TS",
            _ => "newer than this program",
        }
    }
}

/// CAMERA_IMAGE_CAPTURED.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// From 0.
    pub index: i32,
    /// Whether it was taken; else it failed.
    pub taken: bool,
    /// POSIX µs; 0 unknown.
    pub utc_us: u64,
    /// Where it lies, as the camera says.
    pub file: String,
}

impl Image {
    /// Reads it; nothing from another message.
    pub fn read(frame: &Frame) -> Option<Self> {
        let payload = frame.payload();
        (frame.message_id() == 263).then(|| Self {
            index: payload.i32(44),
            taken: payload.u8(49) == 1,
            utc_us: payload.u64(0),
            file: text(frame, 50, 205),
        })
    }
}

fn known(value: f32) -> Option<f32> {
    Some(value).filter(|value| value.is_finite())
}

/// Up to its first zero; nothing in it moves a terminal's cursor.
fn text(frame: &Frame, at: usize, len: usize) -> String {
    let bytes = frame.payload().bytes();
    let field = bytes.get(at..).unwrap_or_default();
    let field = field.split(|byte| *byte == 0).next().unwrap_or_default();
    let words = String::from_utf8_lossy(&field[..field.len().min(len)]);
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
