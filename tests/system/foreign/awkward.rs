//! Cameras that are not as one would like: B-frames, H.265, no sender reports, a stall, another resolution.

use serde_json::Value;
use system_tests::aircraft::{Aircraft, free_tcp_port};
use system_tests::oracle;
use system_tests::process::Running;
use system_tests::simulator::Simulator;

use super::{Filmed, recording_when_armed, until_recorded, vehicle_with_camera};

/// A small picture; `more` are further lines of `[camera]`.
fn camera(more: &str) -> String {
    format!("[camera]\nwidth = 640\nheight = 360\nfps = 25\nbitrate_kbps = 800\n{more}")
}

/// A simulated camera and vehicle under an agent that records them.
fn take_off(camera: &str) -> (Aircraft, Running, Simulator) {
    let mut aircraft = recording_when_armed();
    let port = free_tcp_port().unwrap();
    aircraft.rtsp_camera("eo", &Simulator::camera_url(port), 40);
    let agent = aircraft.start_agent(false).unwrap();
    let simulator = vehicle_with_camera(&aircraft, camera, port);
    (aircraft, agent, simulator)
}

/// Lands what `take_off` began, and compares the pictures with what the camera showed.
fn land(aircraft: &Aircraft, agent: Running, simulator: Simulator) -> (Filmed, Value) {
    let filmed = Filmed::end(aircraft, agent);
    let shown = simulator.stop().unwrap();
    let truth = oracle::script("truth.py", &[&filmed.video, &shown]).unwrap();
    println!("{truth}");
    (filmed, truth)
}

/// Each picture sent is there once, none in another's place.
#[track_caller]
fn assert_every_picture(truth: &Value) {
    assert_eq!(truth["unreadable_strips"], 0, "{truth}");
    assert_eq!(truth["pictures"], truth["frames_sent"], "{truth}");
    assert_eq!(truth["missing"], Value::Array(Vec::new()), "{truth}");
    assert_eq!(truth["doubled"], Value::Array(Vec::new()), "{truth}");
}

fn at_most(value: &Value, limit: f64) -> bool {
    value.as_f64().is_some_and(|value| value <= limit)
}

#[test]
fn b_frames_are_kept_and_dated() {
    let (aircraft, mut agent, simulator) = take_off(&camera("bframes = 2\n"));
    until_recorded(&mut agent, &aircraft, 120);
    let (filmed, truth) = land(&aircraft, agent, simulator);
    filmed.assert_good("VERIFIED-UNWITNESSED");
    assert_every_picture(&truth);
    // A picture shown late by its encoder is dated late by as much: that delay is the camera's, and configuration.
    assert!(at_most(&truth["time_error_ms"]["median"], 120.0), "{truth}");
}

#[test]
fn h265_is_kept_and_dated() {
    let (aircraft, mut agent, simulator) = take_off(&camera("codec = \"h265\"\n"));
    until_recorded(&mut agent, &aircraft, 120);
    let (filmed, truth) = land(&aircraft, agent, simulator);
    filmed.assert_good("VERIFIED-UNWITNESSED");
    assert_every_picture(&truth);
    // The pictures before the first sender report are dated by their arrival.
    assert!(at_most(&truth["time_error_ms"]["median"], 5.0), "{truth}");
}

#[test]
fn without_sender_reports_frames_are_dated_by_their_arrival() {
    let (aircraft, mut agent, simulator) = take_off(&camera("sender_reports = false\n"));
    until_recorded(&mut agent, &aircraft, 150);
    let (filmed, truth) = land(&aircraft, agent, simulator);
    filmed.assert_good("VERIFIED-UNWITNESSED");
    assert_every_picture(&truth);
    // The uncertainty the agent claims for such a frame is 50 ms.
    assert!(at_most(&truth["time_error_ms"]["median"], 50.0), "{truth}");
}

#[test]
fn a_stall_is_a_gap() {
    let stall = "[[faults]]\ncamera_stall = { at_s = 12.0, for_s = 5.0 }\n";
    let (aircraft, mut agent, simulator) = take_off(&camera(stall));
    agent
        .until("the camera is back", super::FILMING, || {
            let flight = aircraft.only_flight().ok();
            let records = flight.and_then(|flight| oracle::records(&flight).ok()).unwrap_or_default();
            let gap = records.iter().position(|record| record["kind"] == "gap");
            gap.is_some_and(|gap| records[gap..].iter().filter(|record| record["kind"] == "segment").count() >= 2)
        })
        .unwrap();
    let (filmed, truth) = land(&aircraft, agent, simulator);
    let track = filmed.assert_good("GAP");
    assert_every_picture(&truth);
    let [gap] = filmed.bodies("gap")[..] else { panic!("{:#?}", filmed.bodies("gap")) };
    assert_eq!((gap["stream"].as_str(), gap["reason"].as_str()), (Some("eo"), Some("camera-lost")));
    let length_s = (gap["to_utc_us"].as_f64().unwrap() - gap["from_utc_us"].as_f64().unwrap()) / 1e6;
    assert!((4.9..6.0).contains(&length_s), "{length_s} s");
    assert!((track["longest_step_ms"].as_f64().unwrap() / 1e3 - length_s).abs() < 0.001, "{track}");
    let events = filmed.events();
    assert!(events.contains(&"camera-lost") && events.contains(&"camera-regained"), "{events:?}");
}

#[test]
fn another_resolution_begins_a_segment() {
    let change = "[[faults]]\ncamera_resolution = { at_s = 12.0, width = 800, height = 450 }\n";
    let (aircraft, mut agent, simulator) = take_off(&camera(change));
    agent
        .until("the picture changed", super::FILMING, || {
            let flight = aircraft.only_flight().ok();
            let records = flight.and_then(|flight| oracle::records(&flight).ok()).unwrap_or_default();
            let change = records.iter().position(|record| record["body"]["code"] == "stream-changed");
            change.is_some_and(|at| records[at..].iter().filter(|record| record["kind"] == "segment").count() >= 3)
        })
        .unwrap();
    let filmed = Filmed::end(&aircraft, agent);
    drop(simulator.stop().unwrap());
    filmed.assert_good("VERIFIED-UNWITNESSED");
    assert_eq!(filmed.events().iter().filter(|code| **code == "stream-changed").count(), 1);
    let sizes = super::sizes(&filmed);
    assert_eq!(sizes.first().map(String::as_str), Some("640x360"), "{sizes:?}");
    assert_eq!(sizes.last().map(String::as_str), Some("800x450"), "{sizes:?}");
    assert!(sizes.is_sorted(), "one size a segment, changed once: {sizes:?}");
}
