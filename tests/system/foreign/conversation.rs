//! Conversations of our ground station with ArduCopter and with PX4, captured, and played to either side again.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use system_tests::aircraft::PATIENCE;
use system_tests::oracle;
use system_tests::process::{Running, binary, run};

use super::data;

// Plan, read-back, arming, mission, landing: what both said, without most of the position reports.
const ARDUCOPTERS: &str = "ardupilot-copter-conversation.tlog";
const PX4S: &str = "px4-conversation.tlog";
const PLAN: &str = "square.plan";

fn player(side: &str, capture: &str) -> Command {
    let mut player = oracle::venv("python").unwrap();
    player.arg(oracle::scripts().join("conversation.py")).arg(side).arg(data(capture));
    player
}

/// The last line, as JSON.
fn verdict(output: &str) -> Value {
    serde_json::from_str(output.lines().last().unwrap_or_default()).unwrap_or_default()
}

/// Flies the plan against the captured autopilot, which must hear what it heard before; gives the items that were reached.
fn fly_against(capture: &str, autopilot: &str) -> Vec<u64> {
    let folder = tempfile::tempdir().unwrap();
    let mut vehicle = Running::start(&mut player("vehicle", capture), folder.path().join("vehicle.log")).unwrap();
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
    assert_eq!((&flown["autopilot"], &flown["flown"]), (&json!(autopilot), &json!(true)), "{flown}");
    assert!(vehicle.wait(PATIENCE).unwrap().success());
    let said = verdict(&vehicle.output());
    assert_eq!(said["same"], true, "{said}\n{}", vehicle.output());
    assert!(said["matched"].as_u64() > Some(25), "{said}");
    flown["reached"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
}

#[test]
fn our_ground_station_says_to_arducopter_what_it_said_before() {
    assert_eq!(fly_against(ARDUCOPTERS, "ArduPilot").len(), 5);
}

#[test]
fn our_ground_station_says_to_px4_what_it_said_before() {
    // The last waypoint and the return behind it were reached at once, and PX4 tells of the newest only.
    assert_eq!(fly_against(PX4S, "PX4"), [0, 1, 2, 4]);
}
