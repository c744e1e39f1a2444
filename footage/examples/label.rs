//! Writes an elementary stream with telemetry as a transport stream, as the recorder does.
//!
//! `cargo run -p footage --example label -- h264|h265 IN PTS OUT.ts [compatibility]`
//!
//! IN is an annex B stream with access unit delimiters (ffmpeg `-bsf:v h264_metadata=aud=insert`); PTS has one time
//! a line, in ticks of 90 kHz in decoding order (`ffprobe -show_entries packet=pts -of csv=p=0`). The telemetry is a
//! level flight over Cambridge at 20 m/s.

use std::fs;

use footage::access_unit::nal::{Kind, kind, split};
use footage::access_unit::{Codec, Normaliser};
use footage::dts::Order;
use footage::klv::{CoreIdentifier, Corner, FrameRate, Quality, Security, Uas};
use footage::ts::{Frame, Metadata, Muxer, TsConfig};

/// 2026-06-01 12:00:00 UTC.
const START_US: u64 = 1_780_315_200_000_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [codec, input, times, output, rest @ ..] = arguments.as_slice() else {
        return Err("usage: label h264|h265 IN PTS OUT.ts [compatibility]".into());
    };
    let codec = if codec == "h265" { Codec::H265 } else { Codec::H264 };
    let metadata = if rest.is_empty() { Metadata::Synchronous } else { Metadata::Compatibility };
    let stream = fs::read(input)?;
    let times: Vec<i64> = fs::read_to_string(times)?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let mut normaliser = Normaliser::new(codec);
    let mut muxer = Muxer::new(TsConfig { codec, metadata });
    let mut order: Option<Order> = None;
    let mut out = Vec::new();
    for (unit, time) in access_units(codec, &stream).iter().zip(&times) {
        let pts_90k = u64::try_from(time + 900_000)?;
        let time_us = START_US + pts_90k * 100 / 9;
        let mut picture = Vec::new();
        let written = normaliser.normalise(unit, time_us, true, &mut picture)?;
        if let (None, Some(info)) = (&order, written.info) {
            eprintln!("{info:?}");
            let duration = info.frame_duration.map_or(3_000, |frame| u64::from(frame.subsec_nanos()) * 9 / 100_000);
            order = Some(Order::new(info.reorder_depth, duration));
        }
        let dts_90k = order.as_mut().map_or(pts_90k, |order| order.next(pts_90k));
        let mut klv = Vec::new();
        telemetry(time_us).encode(&mut klv);
        let klv = [(pts_90k, klv.as_slice())];
        muxer.frame(Frame { pts_90k, dts_90k, key: written.key, picture: &picture, klv: &klv }, &mut out)?;
    }
    muxer.flush(&mut out);
    eprintln!("late: {}", order.map_or(0, |order| order.late()));
    fs::write(output, out)?;
    Ok(())
}

/// The access units of a stream, cut before each delimiter.
fn access_units(codec: Codec, stream: &[u8]) -> Vec<Vec<u8>> {
    let mut units: Vec<Vec<u8>> = Vec::new();
    for nal in split(stream) {
        if kind(codec, nal) == Some(Kind::Delimiter) || units.is_empty() {
            units.push(Vec::new());
        }
        if let Some(unit) = units.last_mut() {
            unit.extend_from_slice(&[0, 0, 1]);
            unit.extend_from_slice(nal);
        }
    }
    units
}

/// State at an instant: 20 m/s north, camera 30° down.
fn telemetry(timestamp_us: u64) -> Uas {
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a short clip")]
    let seconds = (timestamp_us - START_US) as f64 / 1e6;
    let latitude = 52.2 + seconds * 20.0 / 111_320.0;
    let ahead = 173.2 / 111_320.0;
    let corner = |north: f64, east: f64| Corner {
        latitude_deg: latitude + ahead + north / 111_320.0,
        longitude_deg: 0.12 + east / 68_000.0,
    };
    Uas {
        timestamp_us,
        mission_id: Some("EXERCISE 1".into()),
        platform_designation: Some("Multirotor".into()),
        image_source_sensor: Some("EO".into()),
        image_coordinate_system: Some("Geodetic WGS84".into()),
        platform_heading_deg: Some(0.0),
        platform_pitch_deg: Some(-25.0),
        platform_roll_deg: Some(seconds.sin()),
        sensor_latitude_deg: Some(latitude),
        sensor_longitude_deg: Some(0.12),
        sensor_altitude_msl_m: Some(120.0),
        sensor_height_ellipsoid_m: Some(166.0),
        sensor_fov_horizontal_deg: Some(60.0),
        sensor_fov_vertical_deg: Some(36.0),
        sensor_relative_azimuth_deg: Some(-1.0),
        sensor_relative_elevation_deg: Some(-30.0),
        sensor_relative_roll_deg: Some(0.0),
        slant_range_m: Some(200.0),
        target_width_m: Some(230.9),
        frame_centre_latitude_deg: Some(latitude + ahead),
        frame_centre_longitude_deg: Some(0.12),
        frame_centre_elevation_msl_m: Some(20.0),
        corners: Some([corner(90.0, -150.0), corner(90.0, 150.0), corner(-60.0, 90.0), corner(-60.0, -90.0)]),
        wind_direction_deg: Some(270.0),
        wind_speed_mps: Some(5.0),
        security: Some(Security::unclassified("GBR")),
        vertical_speed_mps: Some(0.0),
        ground_speed_mps: Some(20.0),
        north_velocity_mps: Some(20.0),
        east_velocity_mps: Some(0.0),
        core_identifier: Some(CoreIdentifier {
            sensor: *b"\x11\x22\x33\x44\x55\x66\x47\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF",
            sensor_quality: Quality::Physical,
            platform: *b"\x21\x22\x33\x44\x55\x66\x47\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF",
            platform_quality: Quality::Virtual,
        }),
        course_deg: Some(0.0),
        height_agl_m: Some(100.0),
        storage_used_percent: Some(12.5),
        satellites: Some(14),
        frame_rate: Some(FrameRate { numerator: 30_000, denominator: 1001 }),
        leap_seconds: None,
    }
}
