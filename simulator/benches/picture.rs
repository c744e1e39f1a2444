//! What a picture costs: drawing, and drawing with encoding, beside x264 alone on the same pictures.
//!
//! A camera of 30 pictures a second may take 33.3 ms of one core for everything; the aim is 13 ms at 720p and 27 ms at 1080p.

#![allow(clippy::unwrap_used, reason = "a benchmark that can not start may panic")]

use std::sync::Arc;

use divan::Bencher;
use simulator::camera::Job;
use simulator::camera::encoder::Encoder;
use simulator::camera::picture::{Canvas, Painter};
use simulator::maths::{Euler, Quat, Vec3};
use simulator::scenario::CameraSpec;
use simulator::vehicle::Pose;

const SIZES: [(u32, u32); 2] = [(1280, 720), (1920, 1080)];

fn main() {
    gstreamer::init().unwrap();
    divan::main();
}

fn job(frame: u32, size: (u32, u32)) -> Job {
    let t = f64::from(frame) / 30.0;
    let angles = Euler { roll_rad: 0.0, pitch_rad: -0.87, yaw_rad: 0.3 * t };
    let pose = Pose {
        position: Vec3::new(15.0 * t - 60.0, -60.0, -45.0),
        camera: Quat::from_euler(angles),
        ..Pose::default()
    };
    Job { frame, capture_ns: u64::from(frame) * 33_333_000, pose, size }
}

fn canvas((width, height): (u32, u32)) -> Canvas {
    Canvas::new(width as usize, height as usize)
}

#[divan::bench(args = SIZES, sample_count = 60, sample_size = 1)]
fn draw(bencher: Bencher<'_, '_>, size: (u32, u32)) {
    let (mut painter, mut canvas, mut frame) = (Painter::new(60.0, 13), canvas(size), 0);
    bencher.bench_local(|| {
        frame += 1;
        painter.draw(&job(frame, size), &mut canvas);
    });
}

/// One picture through the encoder, which works while the next is drawn: x264's own time is what `draw` leaves of this.
#[divan::bench(args = SIZES, sample_count = 60, sample_size = 1)]
fn draw_and_encode(bencher: Bencher<'_, '_>, size: (u32, u32)) {
    let encoder = Encoder::start(&CameraSpec::default(), size, Arc::new(|_| {})).unwrap();
    let (mut painter, mut canvas, mut frame) = (Painter::new(60.0, 13), canvas(size), 0);
    bencher.bench_local(|| {
        frame += 1;
        let job = job(frame, size);
        painter.draw(&job, &mut canvas);
        encoder.push(&canvas, job.capture_ns).unwrap();
    });
    encoder.finish();
}
