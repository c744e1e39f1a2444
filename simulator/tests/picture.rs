//! The picture: that the strip survives, and that what is drawn lies where the pose says it must.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking, and its numbers are small"
)]

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use simulator::camera::Job;
use simulator::camera::encoder::Encoder;
use simulator::camera::picture::{Canvas, Painter};
use simulator::camera::strip::{self, Stamp};
use simulator::maths::{Euler, Quat, Vec3};
use simulator::scenario::CameraSpec;
use simulator::vehicle::Pose;

const BITS: u32 = 12;

fn looking(north: f64, east: f64, up: f64, yaw_deg: f64, pitch_deg: f64) -> Pose {
    let angles = Euler { roll_rad: 0.0, pitch_rad: pitch_deg.to_radians(), yaw_rad: yaw_deg.to_radians() };
    Pose { position: Vec3::new(north, east, -up), camera: Quat::from_euler(angles), ..Pose::default() }
}

/// Middle of the pixels about `near` that are as white as the landing pad's H, and how many.
fn white_middle(canvas: &Canvas, near: (f64, f64)) -> (f64, f64, usize) {
    let (mut x, mut y, mut count) = (0.0, 0.0, 0);
    let close = |at: usize, to: f64| (at as f64 - to).abs() < 90.0;
    for (line, row) in canvas.luma().chunks_exact(canvas.width()).enumerate().filter(|(line, _)| close(*line, near.1)) {
        for (column, _) in row.iter().enumerate().filter(|(column, luma)| **luma > 195 && close(*column, near.0)) {
            x += column as f64 + 0.5;
            y += line as f64 + 0.5;
            count += 1;
        }
    }
    (x / count as f64, y / count as f64, count)
}

#[test]
fn the_landing_pad_is_where_the_pinhole_says() {
    let mut painter = Painter::new(60.0, BITS);
    let mut canvas = Canvas::new(1280, 720);
    let focal = 640.0 / 30f64.to_radians().tan();
    // Straight down from 30 m, heading east, 3 m north and 2 m west of home: home is 3 m to the right and 2 m ahead.
    let pose = looking(3.0, -2.0, 30.0, 90.0, -90.0);
    painter.draw(&Job { frame: 0, capture_ns: 0, pose, size: (1280, 720) }, &mut canvas);
    let expected = (640.0 + focal * 3.0 / 30.0, 360.0 - focal * 2.0 / 30.0);
    let (x, y, count) = white_middle(&canvas, expected);
    assert!(count > 300, "{count} white pixels");
    assert!((x - expected.0).abs() < 2.0 && (y - expected.1).abs() < 2.0, "({x}, {y}) {expected:?}");

    // From the south, 45° down on home: in the middle of the picture, but for the ground's perspective.
    let pose = looking(-40.0, 0.0, 40.0, 0.0, -45.0);
    painter.draw(&Job { frame: 0, capture_ns: 0, pose, size: (1280, 720) }, &mut canvas);
    let (x, y, _) = white_middle(&canvas, (640.0, 360.0));
    assert!((x - 640.0).abs() < 2.0 && (y - 360.0).abs() < 3.0, "({x}, {y})");
}

#[test]
fn sky_is_above_the_horizon() {
    let mut painter = Painter::new(60.0, BITS);
    let mut canvas = Canvas::new(640, 360);
    let pose = looking(0.0, 0.0, 50.0, 0.0, 0.0);
    painter.draw(&Job { frame: 0, capture_ns: 0, pose, size: (640, 360) }, &mut canvas);
    let mean = |lines: std::ops::Range<usize>| {
        let part = &canvas.luma()[lines.start * 640..lines.end * 640];
        part.iter().map(|&p| f64::from(p)).sum::<f64>() / part.len() as f64
    };
    assert!(mean(0..100) > mean(250..360) + 30.0);
}

#[test]
fn the_strip_survives_one_megabit() {
    gst::init().unwrap();
    let spec = CameraSpec { bitrate_kbps: 1000, ..CameraSpec::default() };
    let (units, arrived) = channel();
    let units = Mutex::new(units);
    let sink = Arc::new(move |unit| units.lock().unwrap().send(unit).unwrap());
    let encoder = Encoder::start(&spec, (1280, 720), sink).unwrap();
    let mut painter = Painter::new(60.0, BITS);
    let mut canvas = Canvas::new(1280, 720);
    let frames = 60u32;
    for frame in 0..frames {
        // Fast over the houses: as hard to encode as it gets.
        let t = f64::from(frame) / 30.0;
        let pose = looking(40.0 + 15.0 * t, -100.0, 40.0, 60.0 * t, -50.0);
        let capture_ns = u64::from(frame) * 33_333_000;
        painter.draw(&Job { frame, capture_ns, pose, size: (1280, 720) }, &mut canvas);
        strip::draw(&mut canvas, stamp(frame));
        encoder.push(&canvas, capture_ns).unwrap();
    }
    encoder.finish();

    let text = "appsrc name=in format=time caps=video/x-h264,stream-format=byte-stream,alignment=au ! avdec_h264 ! \
                videoconvert ! video/x-raw,format=GRAY8 ! appsink name=out sync=false max-buffers=4";
    let pipeline = gst::parse::launch(text).unwrap().downcast::<gst::Pipeline>().unwrap();
    let source = pipeline.by_name("in").unwrap().downcast::<gst_app::AppSrc>().unwrap();
    let output = pipeline.by_name("out").unwrap().downcast::<gst_app::AppSink>().unwrap();
    pipeline.set_state(gst::State::Playing).unwrap();
    let mut bytes = 0;
    for unit in arrived.try_iter() {
        let mut buffer = unit.buffer.copy();
        bytes += buffer.size();
        buffer.get_mut().unwrap().set_pts(gst::ClockTime::from_nseconds(unit.capture_ns));
        source.push_buffer(buffer).unwrap();
    }
    source.end_of_stream().unwrap();
    let mut read = Vec::new();
    while let Some(sample) = output.try_pull_sample(gst::ClockTime::from_seconds(5)) {
        let map = sample.buffer().unwrap().map_readable().unwrap();
        read.push(strip::read(&map, 1280));
    }
    pipeline.set_state(gst::State::Null).unwrap();
    println!("{} kbit/s", bytes * 8 * 30 / 1000 / frames as usize);
    assert!(bytes * 8 * 30 / (frames as usize) < 1_800_000, "the encoder did not keep to its rate");
    assert_eq!(read, (0..frames).map(|frame| Some(stamp(frame))).collect::<Vec<_>>());
}

fn stamp(frame: u32) -> Stamp {
    Stamp { capture_us: 1_795_000_000_000_000 + u64::from(frame) * 33_333, frame }
}
