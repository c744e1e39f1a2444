//! What the camera says, message by message.

use crate::dialect::{
    CAMERA_CAPTURE_STATUS_DATA, CAMERA_FOV_STATUS_DATA, CAMERA_IMAGE_CAPTURED_DATA, CAMERA_INFORMATION_DATA,
    CAMERA_SETTINGS_DATA, CameraCapFlags, CameraMode, HEARTBEAT_DATA, MavAutopilot, MavBool, MavMessage, MavModeFlag,
    MavSeverity, MavState, MavType, STATUSTEXT_DATA, STORAGE_INFORMATION_DATA, StorageStatus, StorageType,
    VIDEO_STREAM_INFORMATION_DATA, VIDEO_STREAM_STATUS_DATA, VideoStreamEncoding, VideoStreamStatusFlags,
    VideoStreamType,
};

use super::facts::{Encoding, Facts, Image, Point, Storage, Stream, Transport, View};
use super::images::Images;

/// Least capacity stated, MiB. Stations take 0 for "unknown" and look elsewhere.
const LEAST_MIB: f32 = 0.01;
/// MAVLink's "unknown" in integer positions.
const UNKNOWN: i32 = i32::MAX;

pub(super) fn heartbeat() -> MavMessage {
    MavMessage::HEARTBEAT(HEARTBEAT_DATA {
        custom_mode: 0,
        mavtype: MavType::MAV_TYPE_CAMERA,
        autopilot: MavAutopilot::MAV_AUTOPILOT_INVALID,
        base_mode: MavModeFlag::empty(),
        system_status: MavState::MAV_STATE_ACTIVE,
        mavlink_version: 3,
    })
}

pub(super) fn information(facts: &Facts, time_boot_ms: u32) -> MavMessage {
    let mut flags = CameraCapFlags::CAMERA_CAP_FLAGS_CAPTURE_VIDEO | CameraCapFlags::CAMERA_CAP_FLAGS_HAS_MODES;
    let stills = CameraCapFlags::CAMERA_CAP_FLAGS_CAPTURE_IMAGE
        | CameraCapFlags::CAMERA_CAP_FLAGS_CAN_CAPTURE_IMAGE_IN_VIDEO_MODE
        | CameraCapFlags::CAMERA_CAP_FLAGS_CAN_CAPTURE_VIDEO_IN_IMAGE_MODE;
    flags.set(stills, facts.stills);
    flags.set(CameraCapFlags::CAMERA_CAP_FLAGS_HAS_VIDEO_STREAM, !facts.streams.is_empty());
    let (sensor_size_h, sensor_size_v) = facts.sensor_mm.unwrap_or((f32::NAN, f32::NAN));
    MavMessage::CAMERA_INFORMATION(CAMERA_INFORMATION_DATA {
        time_boot_ms,
        firmware_version: u32::from_le_bytes(facts.firmware),
        focal_length: facts.focal_length_mm.unwrap_or(f32::NAN),
        sensor_size_h,
        sensor_size_v,
        flags,
        resolution_h: facts.resolution.0,
        resolution_v: facts.resolution.1,
        cam_definition_version: 0,
        vendor_name: text(&facts.vendor),
        model_name: text(&facts.model),
        lens_id: 0,
        cam_definition_uri: [0; 140].into(),
        gimbal_device_id: 0,
        camera_device_id: 0,
    })
}

/// What a station shows first; video and stills go on in either mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    Image,
    #[default]
    Video,
}

impl Mode {
    /// The mode of CAMERA_MODE, if the camera has it.
    pub(super) fn from_number(number: u32, stills: bool) -> Option<Self> {
        match number {
            0 if stills => Some(Self::Image),
            1 => Some(Self::Video),
            _ => None,
        }
    }
}

pub(super) fn settings(mode: Mode, time_boot_ms: u32) -> MavMessage {
    let mode_id = match mode {
        Mode::Image => CameraMode::CAMERA_MODE_IMAGE,
        Mode::Video => CameraMode::CAMERA_MODE_VIDEO,
    };
    MavMessage::CAMERA_SETTINGS(CAMERA_SETTINGS_DATA {
        time_boot_ms,
        mode_id,
        zoomLevel: f32::NAN,
        focusLevel: f32::NAN,
        camera_device_id: 0,
    })
}

pub(super) fn storage(storage: &Storage, time_boot_ms: u32) -> MavMessage {
    let status = if storage.ready { StorageStatus::STORAGE_STATUS_READY } else { StorageStatus::STORAGE_STATUS_EMPTY };
    MavMessage::STORAGE_INFORMATION(STORAGE_INFORMATION_DATA {
        time_boot_ms,
        total_capacity: storage.total_mib,
        used_capacity: storage.used_mib,
        available_capacity: storage.available_mib.max(LEAST_MIB),
        read_speed: f32::NAN,
        write_speed: f32::NAN,
        storage_id: 1,
        storage_count: 1,
        status,
        mavtype: StorageType::STORAGE_TYPE_OTHER,
        ..Default::default()
    })
}

/// `recording_ms` is `None` when not recording.
pub(super) fn capture_status(
    recording_ms: Option<u32>,
    images: &Images,
    storage: &Storage,
    time_boot_ms: u32,
) -> MavMessage {
    let (image_status, image_interval) = images.status();
    MavMessage::CAMERA_CAPTURE_STATUS(CAMERA_CAPTURE_STATUS_DATA {
        time_boot_ms,
        image_interval,
        recording_time_ms: recording_ms.unwrap_or(0),
        available_capacity: storage.available_mib.max(LEAST_MIB),
        image_status,
        video_status: u8::from(recording_ms.is_some()),
        image_count: signed(images.count()),
        camera_device_id: 0,
    })
}

/// `id` counts from 1 to `count`.
pub(super) fn stream_information(stream: &Stream, running: bool, id: u8, count: u8) -> MavMessage {
    let mavtype = match stream.transport {
        Transport::Rtsp => VideoStreamType::VIDEO_STREAM_TYPE_RTSP,
        Transport::RtpUdp => VideoStreamType::VIDEO_STREAM_TYPE_RTPUDP,
    };
    let encoding = match stream.encoding {
        Encoding::H264 => VideoStreamEncoding::VIDEO_STREAM_ENCODING_H264,
        Encoding::H265 => VideoStreamEncoding::VIDEO_STREAM_ENCODING_H265,
    };
    MavMessage::VIDEO_STREAM_INFORMATION(VIDEO_STREAM_INFORMATION_DATA {
        framerate: stream.frame_rate_hz,
        bitrate: stream.bitrate_bps,
        flags: stream_flags(stream, running),
        resolution_h: stream.resolution.0,
        resolution_v: stream.resolution.1,
        rotation: 0,
        hfov: stream.hfov_deg.unwrap_or(0),
        stream_id: id,
        count,
        mavtype,
        name: text(&stream.name).into(),
        uri: text(&stream.address).into(),
        encoding,
        camera_device_id: 0,
    })
}

pub(super) fn stream_status(stream: &Stream, running: bool, id: u8) -> MavMessage {
    MavMessage::VIDEO_STREAM_STATUS(VIDEO_STREAM_STATUS_DATA {
        framerate: stream.frame_rate_hz,
        bitrate: stream.bitrate_bps,
        flags: stream_flags(stream, running),
        resolution_h: stream.resolution.0,
        resolution_v: stream.resolution.1,
        rotation: 0,
        hfov: stream.hfov_deg.unwrap_or(0),
        stream_id: id,
        camera_device_id: 0,
    })
}

fn stream_flags(stream: &Stream, running: bool) -> VideoStreamStatusFlags {
    let mut flags = VideoStreamStatusFlags::empty();
    flags.set(VideoStreamStatusFlags::VIDEO_STREAM_STATUS_FLAGS_RUNNING, running);
    flags.set(VideoStreamStatusFlags::VIDEO_STREAM_STATUS_FLAGS_THERMAL, stream.thermal);
    flags
}

pub(super) fn fov_status(view: &View, time_boot_ms: u32) -> MavMessage {
    let (lat_camera, lon_camera, alt_camera) = point(view.camera);
    let (lat_image, lon_image, alt_image) = point(view.centre);
    MavMessage::CAMERA_FOV_STATUS(CAMERA_FOV_STATUS_DATA {
        time_boot_ms,
        lat_camera,
        lon_camera,
        alt_camera,
        lat_image,
        lon_image,
        alt_image,
        q: view.attitude.unwrap_or([f32::NAN; 4]),
        hfov: view.hfov_deg.unwrap_or(f32::NAN),
        vfov: view.vfov_deg.unwrap_or(f32::NAN),
        camera_device_id: 0,
    })
}

/// `index` counts from 0; what was not taken has none (-1): stations would take the next one that is for it.
pub(super) fn image_captured(index: Option<u32>, image: &Image, time_boot_ms: u32) -> MavMessage {
    let (lat, lon, alt) = image.camera.map_or((0, 0, 0), |camera| point(Some(camera)));
    #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and NaN is 0")]
    let relative_alt = image.relative_alt_m.map_or(0, |metres| (metres * 1e3).round() as i32);
    let capture_result = match image.taken {
        true => MavBool::MAV_BOOL_TRUE,
        false => MavBool::empty(),
    };
    MavMessage::CAMERA_IMAGE_CAPTURED(CAMERA_IMAGE_CAPTURED_DATA {
        time_utc: image.utc_us,
        time_boot_ms,
        lat,
        lon,
        alt,
        relative_alt,
        q: image.attitude.unwrap_or([f32::NAN; 4]),
        image_index: index.map_or(-1, signed),
        camera_id: 0,
        capture_result,
        file_url: text(&image.file).into(),
    })
}

/// A warning for people; MAVLink shows its first 50 bytes.
pub(super) fn words(words: &str) -> MavMessage {
    MavMessage::STATUSTEXT(STATUSTEXT_DATA {
        severity: MavSeverity::MAV_SEVERITY_WARNING,
        text: text(words).into(),
        ..Default::default()
    })
}

fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// 1e-7 degrees, 1e-7 degrees, mm.
fn point(point: Option<Point>) -> (i32, i32, i32) {
    point.map_or((UNKNOWN, UNKNOWN, UNKNOWN), |point| {
        let scaled = |value: f64, scale: f64| {
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and NaN is 0")]
            let scaled = (value * scale).round() as i32;
            scaled
        };
        let Point { lat_deg, lon_deg, alt_msl_m } = point;
        (scaled(lat_deg, 1e7), scaled(lon_deg, 1e7), scaled(alt_msl_m, 1e3))
    })
}

/// Cut at the field's end, on a character's border, zero-filled.
fn text<const N: usize>(text: &str) -> [u8; N] {
    let end = text.floor_char_boundary(N);
    let mut field = [0; N];
    field[..end].copy_from_slice(&text.as_bytes()[..end]);
    field
}
