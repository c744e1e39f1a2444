//! The camera as a client of a stranger's making sees it: GStreamer's rtspsrc on loopback.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking, and its numbers are small"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app as gst_app;
use gstreamer_video as gst_video;
use gstreamer_video::prelude::*;
use simulator::camera::picture::Painter;
use simulator::camera::pipeline::Outlets;
use simulator::camera::{Camera, Job, Statistics, Ticks, strip};
use simulator::clock::SimClock;
use simulator::geodesy::{Geodetic, Map};
use simulator::scenario::{Codec, Scenario};
use simulator::vehicle::Pose;

/// Seconds between 1900 and 1970.
const NTP_EPOCH_S: u64 = 2_208_988_800;

/// What a client got.
#[derive(Debug, Default)]
struct Seen {
    /// Strips, in display order; none where one did not read.
    stamps: Vec<Option<strip::Stamp>>,
    /// Presentation times of those pictures.
    times: Vec<gst::ClockTime>,
    /// UTC by RTCP of each presentation time, µs.
    ntp_us: BTreeMap<gst::ClockTime, u64>,
}

impl Seen {
    fn frames(&self) -> Vec<u32> {
        self.stamps.iter().map(|s| s.expect("each picture's strip is readable").frame).collect()
    }
}

fn scenario(text: &str) -> Scenario {
    Scenario::parse(text, Path::new("test.toml")).unwrap()
}

/// Runs a camera for `pictures` pictures with a client that connects at once.
fn watch(scenario: &Scenario, truth: &Path, pictures: u32) -> (Seen, Statistics) {
    gst::init().unwrap();
    let painter = Painter::of(&scenario.camera);
    let clock = SimClock::start(1.0);
    let map = Map::new(Geodetic { lat_deg: 51.5, lon_deg: -1.9, height_m: 190.0 });
    let outlets = Outlets { address: "127.0.0.1", port: 0, truth: Some(truth) };
    let mut camera = Camera::start(scenario, painter, &map, clock, outlets).unwrap();
    let codec = match scenario.camera.codec {
        Codec::H264 => "h264",
        Codec::H265 => "h265",
    };
    let text = format!(
        "rtspsrc location=rtsp://127.0.0.1:{}/eo protocols=tcp latency=50 add-reference-timestamp-meta=true ! \
         rtp{codec}depay ! tee name=t ! queue ! appsink name=units sync=false  t. ! queue ! avdec_{codec} ! \
         videoconvert ! video/x-raw,format=GRAY8 ! appsink name=pictures sync=false",
        camera.port()
    );
    let pipeline = gst::parse::launch(&text).unwrap().downcast::<gst::Pipeline>().unwrap();
    let sink = |name: &str| pipeline.by_name(name).unwrap().downcast::<gst_app::AppSink>().unwrap();
    let (units, decoded) = (sink("units"), sink("pictures"));
    pipeline.set_state(gst::State::Playing).unwrap();

    let mut ticks = Ticks::new(scenario.camera.fps);
    let mut seen = Seen::default();
    let mut taken = 0;
    while taken < pictures {
        while let Some((frame, capture_ns)) = ticks.due(clock.now_ns()) {
            camera.take(Job {
                frame,
                capture_ns,
                pose: Pose::default(),
                size: (scenario.camera.width, scenario.camera.height),
            });
            taken += 1;
        }
        drain(&units, &decoded, &mut seen, gst::ClockTime::from_mseconds(5));
    }
    let end = camera.finish();
    for _ in 0..20 {
        drain(&units, &decoded, &mut seen, gst::ClockTime::from_mseconds(20));
    }
    pipeline.set_state(gst::State::Null).unwrap();
    (seen, end)
}

fn drain(units: &gst_app::AppSink, decoded: &gst_app::AppSink, seen: &mut Seen, wait: gst::ClockTime) {
    let ntp = gst::Caps::builder("timestamp/x-ntp").build();
    while let Some(sample) = units.try_pull_sample(wait) {
        let buffer = sample.buffer().unwrap();
        let meta = buffer.iter_meta::<gst::ReferenceTimestampMeta>().find(|m| m.reference().can_intersect(&ntp));
        if let Some(meta) = meta {
            seen.ntp_us.insert(buffer.pts().unwrap(), meta.timestamp().useconds() - NTP_EPOCH_S * 1_000_000);
        }
    }
    while let Some(sample) = decoded.try_pull_sample(gst::ClockTime::ZERO) {
        let info = gst_video::VideoInfo::from_caps(sample.caps().unwrap()).unwrap();
        let frame = gst_video::VideoFrameRef::from_buffer_ref_readable(sample.buffer().unwrap(), &info).unwrap();
        let stride = usize::try_from(frame.plane_stride()[0]).unwrap();
        seen.stamps.push(strip::read(frame.plane_data(0).unwrap(), stride));
        seen.times.push(sample.buffer().unwrap().pts().unwrap());
    }
}

/// `frame → capture_us` of a truth.csv, of pictures that went to a client.
fn truth_of(folder: &Path) -> BTreeMap<u32, u64> {
    let text = std::fs::read_to_string(folder.join("truth.csv")).unwrap();
    let mut lines = text.lines();
    let names: Vec<_> = lines.next().unwrap().split(',').collect();
    let clients = names.iter().position(|n| *n == "clients").unwrap();
    let rows = lines.map(|line| line.split(',').collect::<Vec<_>>());
    rows.filter(|row| row[clients] != "0").map(|row| (row[0].parse().unwrap(), row[1].parse().unwrap())).collect()
}

#[test]
fn a_client_gets_every_picture_once_and_its_capture_time() {
    let folder = tempfile::tempdir().unwrap();
    let (seen, end) =
        watch(&scenario("[camera]\nwidth = 640\nheight = 360\nbitrate_kbps = 1000\n"), folder.path(), 270);
    assert_eq!(end.missed, 0);
    let truth = truth_of(folder.path());

    let frames = seen.frames();
    assert!(frames.len() > 200, "{}", frames.len());
    assert!(frames.windows(2).all(|w| w[1] == w[0] + 1), "{frames:?}");
    assert_eq!(frames, truth.keys().copied().collect::<Vec<_>>(), "what truth.csv says was sent");

    let mut errors: Vec<i64> = Vec::new();
    for (stamp, time) in seen.stamps.iter().flatten().zip(&seen.times) {
        assert_eq!(truth[&stamp.frame], stamp.capture_us);
        if let Some(&ntp_us) = seen.ntp_us.get(time) {
            errors.push(i64::try_from(ntp_us).unwrap() - i64::try_from(stamp.capture_us).unwrap());
        }
    }
    assert!(errors.len() > 90, "only {} of {} pictures had a sender report before them", errors.len(), frames.len());
    let worst = errors.iter().map(|e| e.abs()).max().unwrap();
    println!("capture time by RTCP against the strip: worst {worst} µs of {}", errors.len());
    assert!(worst < 1000, "{worst} µs");
}

#[test]
fn without_sender_reports_there_is_no_capture_time() {
    let folder = tempfile::tempdir().unwrap();
    let text = "[camera]\nwidth = 640\nheight = 360\nsender_reports = false\n";
    let (seen, _) = watch(&scenario(text), folder.path(), 200);
    assert!(seen.stamps.len() > 120, "{}", seen.stamps.len());
    assert!(seen.ntp_us.is_empty());
}

#[test]
fn b_pictures_and_h265_arrive_whole() {
    for text in ["bframes = 2\ndelay_ms = 200\n", "codec = \"h265\"\n"] {
        let folder = tempfile::tempdir().unwrap();
        let (seen, _) = watch(&scenario(&format!("[camera]\nwidth = 640\nheight = 360\n{text}")), folder.path(), 150);
        let frames = seen.frames();
        assert!(frames.len() > 80, "{text}: {}", frames.len());
        assert!(frames.windows(2).all(|w| w[1] == w[0] + 1), "{text}: {frames:?}");
    }
}

/// Keeps the bounded waits above honest: a test that hangs is one that fails.
#[test]
fn a_camera_nobody_watches_stops_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = scenario("[camera]\nwidth = 640\nheight = 360\n");
    let painter = Painter::of(&scenario.camera);
    let clock = SimClock::start(1.0);
    let map = Map::new(Geodetic { lat_deg: 51.5, lon_deg: -1.9, height_m: 190.0 });
    let outlets = Outlets { address: "127.0.0.1", port: 0, truth: Some(folder.path()) };
    let mut camera = Camera::start(&scenario, painter, &map, clock, outlets).unwrap();
    camera.take(Job { frame: 0, capture_ns: 0, pose: Pose::default(), size: (640, 360) });
    let before = clock.now_ns();
    assert_eq!(camera.finish().sent, 1);
    assert!(Duration::from_nanos(clock.now_ns() - before) < Duration::from_secs(3));
}
