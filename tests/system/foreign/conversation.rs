//! Conversations of our ground station with ArduCopter and with PX4, captured, and played to either side again.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
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
fn fly_against(capture: &str, autopilot: &str) -> Result<Vec<u64>> {
    let folder = tempfile::tempdir()?;
    let mut vehicle = Running::start(&mut player("vehicle", capture), folder.path().join("vehicle.log"))?;
    let port = |text: &str| text.lines().next().and_then(|line| line.parse::<u16>().ok());
    let log = folder.path().join("vehicle.log");
    let listens = || fs::read_to_string(&log).is_ok_and(|text| text.ends_with('\n') && port(&text).is_some());
    vehicle.until("the vehicle listens", PATIENCE, listens)?;
    let link = format!("tcpout:127.0.0.1:{}", port(&vehicle.output()).context("a port")?);
    let mut fly = Command::new(binary("skyseal-ground"));
    fly.arg("fly").arg(data(PLAN)).args(["--mavlink", &link, "--json", "--log"]).arg(folder.path().join("drafts"));
    let flown = run(&mut fly, 0).with_context(|| format!("the vehicle: {}", vehicle.output()))?;
    let flown: Value = serde_json::from_str(&flown)?;
    assert_eq!((&flown["autopilot"], &flown["flown"]), (&json!(autopilot), &json!(true)), "{flown}");
    ensure!(vehicle.wait(PATIENCE)?.success(), "{}", vehicle.output());
    let said = verdict(&vehicle.output());
    assert_eq!(said["same"], true, "{said}\n{}", vehicle.output());
    ensure!(said["matched"].as_u64() > Some(25), "{said}");
    // Drafted although an autopilot that nobody asked for its position tells none.
    let drafts = fs::read_dir(folder.path().join("drafts"))?.flatten().count();
    assert_eq!(drafts, 1, "drafts of the flight log");
    Ok(flown["reached"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect())
}

#[test]
fn our_ground_station_says_to_arducopter_what_it_said_before() -> Result<()> {
    assert_eq!(fly_against(ARDUCOPTERS, "ArduPilot")?.len(), 5);
    Ok(())
}

#[test]
fn our_ground_station_says_to_px4_what_it_said_before() -> Result<()> {
    // The last waypoint and the return behind it were reached at once, and PX4 tells of the newest only.
    assert_eq!(fly_against(PX4S, "PX4")?, [0, 1, 2, 4]);
    Ok(())
}
