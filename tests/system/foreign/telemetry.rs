//! Other people's telemetry, replayed as the vehicle: a flight's log of 2015 (MAVLink 1), and a capture of ArduCopter's.

use std::path::PathBuf;

use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::{Running, run};

use super::{Filmed, data, recording_when_armed};

/// An aircraft with a test picture for a camera.
fn aircraft() -> Aircraft {
    let mut aircraft = recording_when_armed();
    aircraft.camera("eo", "{ kind = \"test\", width = 640, height = 360, fps = 15 }", "bitrate_kbps = 500");
    aircraft
}

/// pymavlink sends `log` to the agent as it was heard; gives also the file of what it has sent.
fn replay(aircraft: &Aircraft, log: &str, options: &[&str]) -> (Running, PathBuf) {
    let sent = aircraft.folder().join("sent.tlog");
    let mut replay = oracle::venv("python").unwrap();
    replay.arg(oracle::scripts().join("replay.py")).arg(data(log));
    replay.arg(format!("127.0.0.1:{}", aircraft.mavlink_port)).args(options).arg("--sent").arg(&sent);
    (Running::start(&mut replay, aircraft.folder().join("replay.log")).unwrap(), sent)
}

/// Every frame of the opened raw log, without its stamps: byte for byte a run from the first that was sent.
fn assert_every_frame_logged(filmed: &Filmed, sent: &std::path::Path) -> u64 {
    let verdict = oracle::script("logged.py", &[&filmed.opened.path().join("telemetry"), sent]).unwrap();
    assert_eq!(verdict["same"], true, "{verdict}");
    verdict["logged"].as_u64().unwrap()
}

/// Messages of a kind that `mavlogdump.py` finds in the opened raw logs, as JSON, in order.
fn dumped(filmed: &Filmed, kind: &str) -> Vec<Value> {
    let folder = filmed.opened.path().join("telemetry");
    let mut logs: Vec<PathBuf> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    logs.sort();
    let dump = |log: &PathBuf| {
        let mut dump = oracle::venv("mavlogdump.py").unwrap();
        run(dump.args(["--types", kind, "--format", "json"]).arg(log), 0).unwrap()
    };
    logs.iter()
        .flat_map(|log| dump(log).lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>())
        .collect()
}

#[test]
fn the_log_of_a_flight_of_2015_flies_again() {
    let aircraft = aircraft();
    let mut agent = aircraft.start_agent(false).unwrap();
    // Armed from the fifth second on; it takes off and moves about.
    let (mut vehicle, sent) = replay(&aircraft, "dronekit-flight-cut.tlog", &["--from", "3", "--until", "20"]);
    agent.until("the log is replayed", PATIENCE, || vehicle.ended().unwrap().is_some()).unwrap();
    let filmed = Filmed::end(&aircraft, agent);
    let track = filmed.assert_good("VERIFIED-UNWITNESSED");
    println!("{track}");
    assert!(track["with_position"].as_u64() > Some(100), "{track}");
    assert!(track["farthest_m"].as_f64() > Some(3.0), "{track}");
    assert!(track["position_error_m"]["p99"].as_f64() < Some(1.5), "{track}");
    let logged = assert_every_frame_logged(&filmed, &sent);
    assert!(logged > 1_000, "{logged} frames");
}

#[test]
fn a_flight_of_arducopter_is_recorded_from_arm_to_disarm() {
    let aircraft = aircraft();
    let mut agent = aircraft.start_agent(true).unwrap();
    let (_vehicle, sent) = replay(&aircraft, "ardupilot-copter-4.7.tlog", &[]);
    assert!(agent.wait(PATIENCE).unwrap().success(), "{}", agent.output());
    let filmed = Filmed::of(&aircraft);
    let track = filmed.assert_good("VERIFIED-UNWITNESSED");
    println!("{track}");
    assert_eq!(filmed.bodies("close")[0]["reason"], "landed");
    assert_eq!(filmed.events().first(), Some(&"recording-started"));
    assert_eq!(filmed.events().last(), Some(&"recording-stopped"));
    // Armed for 29.0 s in the capture; recording begins with the key frame before.
    let length_s = (track["last_us"].as_f64().unwrap() - track["first_us"].as_f64().unwrap()) / 1e6;
    assert!((28.0..32.0).contains(&length_s), "{length_s} s");
    assert!(track["with_position"].as_u64() > Some(filmed.frames() * 9 / 10), "{track}");
    assert!(track["with_gimbal"].as_u64() > Some(filmed.frames() * 9 / 10), "{track}");
    assert!(track["farthest_m"].as_f64() > Some(5.0), "{track}");
    assert!(track["position_error_m"]["p99"].as_f64() < Some(0.25), "{track}");
    assert!(track["heading_error_deg"]["p99"].as_f64() < Some(1.0), "{track}");
    assert!(track["elevation_error_deg"]["median"].as_f64() < Some(0.2), "{track}");
    assert_every_frame_logged(&filmed, &sent);
    let beats = dumped(&filmed, "HEARTBEAT");
    let armed = |beat: &&Value| beat["data"]["base_mode"].as_u64().is_some_and(|mode| mode & 0x80 != 0);
    assert!((28..=32).contains(&beats.iter().filter(armed).count()), "{beats:?}");
    assert!(beats.iter().is_sorted_by_key(|beat| beat["meta"]["timestamp"].as_f64().map(f64::to_bits)), "{beats:?}");
}
