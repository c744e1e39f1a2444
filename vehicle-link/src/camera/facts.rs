//! What the agent tells the camera component of itself, in physical units.

/// The camera, fixed for the run.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Maker, at most 32 bytes (cut beyond).
    pub vendor: String,
    /// Model, at most 32 bytes (cut beyond).
    pub model: String,
    /// Firmware version, major, minor, patch, development.
    pub firmware: [u8; 4],
    /// Focal length, mm; `None` unknown.
    pub focal_length_mm: Option<f32>,
    /// Sensor width and height, mm; `None` unknown.
    pub sensor_mm: Option<(f32, f32)>,
    /// Picture width and height, pixels.
    pub resolution: (u16, u16),
    /// Whether stills can be taken (commands 2000 and 2001), in either mode.
    pub stills: bool,
    /// Live streams, numbered from 1 in this order; at most 255.
    pub streams: Vec<Stream>,
}

/// How a live stream is carried (VIDEO_STREAM_TYPE).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// RTSP; the address is the URL.
    Rtsp,
    /// RTP over UDP; the address is the port.
    RtpUdp,
}

/// How the pictures of a stream are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// H.264.
    H264,
    /// H.265.
    H265,
}

/// One live stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Stream {
    /// Name for people, at most 32 bytes (cut beyond).
    pub name: String,
    /// Where to get it, at most 160 bytes (cut beyond).
    pub address: String,
    /// How it is carried.
    pub transport: Transport,
    /// How it is coded.
    pub encoding: Encoding,
    /// Pictures a second.
    pub frame_rate_hz: f32,
    /// Bits a second.
    pub bitrate_bps: u32,
    /// Width and height, pixels.
    pub resolution: (u16, u16),
    /// Horizontal field of view, degrees; `None` unknown.
    pub hfov_deg: Option<u16>,
    /// Thermal pictures.
    pub thermal: bool,
    /// Whether it is running at the start.
    pub running: bool,
}

/// The disk that recordings go to.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Storage {
    /// Size, MiB.
    pub total_mib: f32,
    /// Taken, MiB.
    pub used_mib: f32,
    /// Left for recordings (the reserve taken off), MiB.
    pub available_mib: f32,
    /// Mounted and writable.
    pub ready: bool,
}

/// A point on or above the ground.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Degrees, north positive.
    pub lat_deg: f64,
    /// Degrees, east positive.
    pub lon_deg: f64,
    /// Metres above mean sea level.
    pub alt_msl_m: f64,
}

/// Where the camera is and looks, for CAMERA_FOV_STATUS.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct View {
    /// The camera; `None` unknown.
    pub camera: Option<Point>,
    /// Where the middle of the picture meets the ground; `None` unknown or above the horizon.
    pub centre: Option<Point>,
    /// Attitude of the camera in the earth frame (w, x, y, z; zero rotation looks north); `None`
    /// unknown.
    pub attitude: Option<[f32; 4]>,
    /// Horizontal field of view, degrees; `None` unknown.
    pub hfov_deg: Option<f32>,
    /// Vertical field of view, degrees; `None` unknown.
    pub vfov_deg: Option<f32>,
}

/// How a still ended, for CAMERA_IMAGE_CAPTURED.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Image {
    /// It stands in the record; else nothing was taken.
    pub taken: bool,
    /// When its picture was shot, POSIX µs; 0 unknown.
    pub utc_us: u64,
    /// Where the camera was; `None` unknown.
    pub camera: Option<Point>,
    /// Height above home or the ground, metres; `None` unknown.
    pub relative_alt_m: Option<f64>,
    /// Attitude of the camera in the earth frame (w, x, y, z); `None` unknown.
    pub attitude: Option<[f32; 4]>,
    /// Where it lies aboard, at most 205 bytes (cut beyond).
    pub file: String,
}
