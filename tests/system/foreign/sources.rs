//! Pictures that are made or encoded aboard, and a device that is not there.

use std::process::Command;

use serde_json::Value;
use system_tests::process::binary;

use super::{Filmed, recording_when_armed, until_recorded, vehicle};

/// Records a camera whose source is `source` for some seconds.
fn film(source: &str) -> Filmed {
    let mut aircraft = recording_when_armed();
    aircraft.camera("eo", source, "bitrate_kbps = 800");
    let mut agent = aircraft.start_agent(false).unwrap();
    let _vehicle = vehicle(&aircraft);
    until_recorded(&mut agent, &aircraft, 60);
    Filmed::end(&aircraft, agent)
}

#[test]
fn a_test_picture_is_recorded() {
    let filmed = film("{ kind = \"test\", width = 640, height = 360, fps = 15 }");
    let track = filmed.assert_good("VERIFIED-UNWITNESSED");
    assert!(track["longest_step_ms"].as_f64() < Some(500.0), "{track}");
}

#[test]
fn a_launch_line_of_the_users_own_is_recorded() {
    let raw = "videotestsrc is-live=true pattern=smpte ! video/x-raw,width=640,height=360,framerate=15/1";
    let filmed = film(&format!("{{ kind = \"pipeline\", launch = \"{raw}\", output = \"raw\" }}"));
    filmed.assert_good("VERIFIED-UNWITNESSED");
}

#[test]
fn a_launch_line_that_encodes_is_passed_through() {
    let encoded = "videotestsrc is-live=true ! video/x-raw,width=640,height=360,framerate=15/1 \
                   ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=500";
    let filmed = film(&format!("{{ kind = \"pipeline\", launch = \"{encoded}\", output = \"h264\" }}"));
    filmed.assert_good("VERIFIED-UNWITNESSED");
}

#[test]
fn a_camera_device_that_is_not_there_is_named_on_the_ground() {
    let mut aircraft = recording_when_armed();
    aircraft.camera("eo", "{ kind = \"v4l2\", device = \"/dev/video99\" }", "");
    let config = aircraft.configure().unwrap();
    let mut check = Command::new(binary("skyseal-onboard"));
    let checked = check.args(["check", "--json", "--config"]).arg(config).output().unwrap();
    assert_eq!(checked.status.code(), Some(1), "{}", String::from_utf8_lossy(&checked.stderr));
    let findings: Value = serde_json::from_slice(&checked.stdout).unwrap();
    let camera = findings.as_array().unwrap().iter().find(|finding| finding["what"] == "camera eo").unwrap();
    assert_eq!(camera["ok"], false);
    let detail = camera["detail"].as_str().unwrap();
    println!("{detail}");
    assert!(detail.contains("/dev/video99"), "{detail}");
}
