//! What a camera can be told.

use crate::command::Command;

const SET_CAMERA_MODE: u16 = 530;
const SET_CAMERA_ZOOM: u16 = 531;
const SET_CAMERA_SOURCE: u16 = 534;
const IMAGE_START_CAPTURE: u16 = 2000;
const IMAGE_STOP_CAPTURE: u16 = 2001;
const VIDEO_START_CAPTURE: u16 = 2500;
const VIDEO_STOP_CAPTURE: u16 = 2501;
const VIDEO_START_STREAMING: u16 = 2502;
const VIDEO_STOP_STREAMING: u16 = 2503;

/// What a camera is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Stills.
    Image,
    /// Video.
    Video,
}

/// CAMERA_SOURCE: which of its eyes a camera shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// By visible light.
    Colour,
    /// By warmth.
    Infrared,
}

/// How the zoom is moved.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Zoom {
    /// By steps, positive is closer.
    Steps(f32),
    /// All the while: −1 wider, 1 closer, 0 stop.
    Moving(f32),
    /// To a place in its range, 0 to 100.
    Percent(f32),
    /// To a focal length, millimetres.
    FocalLengthMm(f32),
}

/// Starts the recording of a video, with a CAMERA_CAPTURE_STATUS each second.
pub fn start_video() -> Command {
    Command::new(VIDEO_START_CAPTURE, [0.0, 1.0])
}

/// Ends it.
pub fn stop_video() -> Command {
    Command::new::<0>(VIDEO_STOP_CAPTURE, [])
}

/// Takes one still; `sequence` is from 1, and another for each still, so that a repeated command takes no second one.
#[expect(clippy::cast_precision_loss, reason = "below 2^24, as the camera counts")]
pub fn take_still(sequence: u32) -> Command {
    Command::new(IMAGE_START_CAPTURE, [0.0, 0.0, 1.0, (sequence % (1 << 24)).max(1) as f32])
}

/// Takes `count` stills, or with 0 goes on until it is told to stop, one every `interval_s` seconds.
pub fn take_stills(interval_s: f32, count: u16) -> Command {
    Command::new(IMAGE_START_CAPTURE, [0.0, interval_s, f32::from(count)])
}

/// Ends a series of stills.
pub fn stop_stills() -> Command {
    Command::new::<0>(IMAGE_STOP_CAPTURE, [])
}

/// Changes what the camera is set to.
pub fn set_mode(mode: Mode) -> Command {
    Command::new(SET_CAMERA_MODE, [0.0, if mode == Mode::Image { 0.0 } else { 1.0 }])
}

/// Shows what this eye sees; a camera with two streams swaps them.
pub fn show(source: Source) -> Command {
    Command::new(SET_CAMERA_SOURCE, [0.0, if source == Source::Colour { 1.0 } else { 2.0 }])
}

/// Moves the zoom.
pub fn zoom(zoom: Zoom) -> Command {
    let (kind, value) = match zoom {
        Zoom::Steps(steps) => (0.0, steps),
        Zoom::Moving(rate) => (1.0, rate),
        Zoom::Percent(percent) => (2.0, percent),
        Zoom::FocalLengthMm(mm) => (3.0, mm),
    };
    Command::new(SET_CAMERA_ZOOM, [kind, value])
}

/// Starts a live stream; from 1, 0 all.
pub fn start_stream(id: u8) -> Command {
    Command::new(VIDEO_START_STREAMING, [f32::from(id)])
}

/// Stops a live stream; from 1, 0 all.
pub fn stop_stream(id: u8) -> Command {
    Command::new(VIDEO_STOP_STREAMING, [f32::from(id)])
}
