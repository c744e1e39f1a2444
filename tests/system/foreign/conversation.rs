//! A conversation of our ground station with ArduCopter, captured, and played to either side again.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use system_tests::aircraft::PATIENCE;
use system_tests::oracle;
use system_tests::process::{Running, binary, run};

use super::data;

/// Plan, read-back, arming, mission, landing: what both said, without most of the position reports.
const CAPTURE: &str = "ardupilot-copter-conversation.tlog";
const PLAN: &str = "square.plan";

fn player(side: &str, words: &[&str]) -> Command {
    let mut player = oracle::venv("python").unwrap();
    player.arg(oracle::scripts().join("conversation.py")).arg(side).arg(data(CAPTURE)).args(words);
    player
}

/// The last line, as JSON.
fn verdict(output: &str) -> Value {
    serde_json::from_str(output.lines().last().unwrap_or_default()).unwrap_or_default()
}

#[test]
fn our_ground_station_says_to_arducopter_what_it_said_before() {
    let folder = tempfile::tempdir().unwrap();
    let mut vehicle = Running::start(&mut player("vehicle", &[]), folder.path().join("vehicle.log")).unwrap();
    let port = |text: &str| text.lines().next().and_then(|line| line.parse::<u16>().ok());
    let log = folder.path().join("vehicle.log");
    let listens = || fs::read_to_string(&log).is_ok_and(|text| text.ends_with('\n') && port(&text).is_some());
    vehicle.until("the vehicle listens", PATIENCE, listens).unwrap();
    let link = format!("tcpout:127.0.0.1:{}", port(&vehicle.output()).unwrap());
    let mut fly = Command::new(binary("skyseal-ground"));
    fly.arg("fly").arg(data(PLAN)).args(["--mavlink", &link, "--json"]);
    let flown: Value = serde_json::from_str(
        &run(&mut fly, 0).unwrap_or_else(|error| panic!("{error:#}\nthe vehicle: {}", vehicle.output())),
    )
    .unwrap();
    assert_eq!((&flown["autopilot"], &flown["flown"]), (&json!("ArduPilot"), &json!(true)), "{flown}");
    assert_eq!(flown["reached"].as_array().map(Vec::len), Some(5), "{flown}");
    assert!(vehicle.wait(PATIENCE).unwrap().success());
    let said = verdict(&vehicle.output());
    assert_eq!(said["same"], true, "{said}\n{}", vehicle.output());
    assert!(said["matched"].as_u64() > Some(25), "{said}");
}
