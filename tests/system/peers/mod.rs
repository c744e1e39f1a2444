//! Other people's ground software, unmodified, flies the simulated vehicle in both personalities.
//!
//! The scripts of `tests/oracles/peers` write a table: each call passed, or refused with the reason that the peer was given. What a real
//! ArduPilot refuses too is named here; anything else that did not pass fails.

use std::io::Read as _;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use system_tests::aircraft::PATIENCE;
use system_tests::oracle;
use system_tests::process::{Running, binary, run, wait_for};

/// MAV_CMD_MISSION_START: beyond it the two fly at their own pace.
const MISSION_START: &str = "300";

/// Simulated seconds a second: peers' timeouts are real, their flights are not.
const SPEED: &str = "4";

/// What ArduPilot Copter's own simulation refuses to MAVSDK as well: Copter has no orbit, and no mission item that says who steers the
/// gimbal, with which MAVSDK's missions begin; so there is none of them to give back.
const REFUSED_BY_ARDUPILOT: &[&str] = &["action.do_orbit", "mission.upload_mission", "mission.download_mission"];

/// A running simulator, and where it listens.
pub(crate) struct Vehicle {
    running: Running,
    folder: tempfile::TempDir,
}

impl Vehicle {
    /// Starts it with more arguments, and waits until it has opened `ports` ports.
    pub(crate) fn start(arguments: &[&str], ports: usize) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(binary("skyseal-sim"));
        command.args(["run", "--no-camera", "--json", "--speed", SPEED, "--mavlink", "tcpin:127.0.0.1:0"]);
        command.args(arguments).env("RUST_LOG", "info");
        let running = Running::start(&mut command, folder.path().join("simulator.log"))?;
        let mut vehicle = Self { running, folder };
        let log = vehicle.folder.path().join("simulator.log");
        let count = || std::fs::read_to_string(&log).unwrap_or_default().lines().filter_map(bound).count();
        vehicle.running.until("its ports", PATIENCE, || count() >= ports)?;
        Ok(vehicle)
    }

    /// The addresses that it says it has, of links or of the control port.
    pub(crate) fn addresses(&self, of: &str) -> Vec<String> {
        let output = self.running.output();
        let bound = output.lines().filter_map(bound);
        bound.filter(|(what, _)| what == of).map(|(_, address)| address).collect()
    }
}

/// What a line of the log says was bound, and where.
fn bound(line: &str) -> Option<(String, String)> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some((line["message"].as_str()?.to_owned(), line["bound"].as_str()?.to_owned()))
}

/// Runs a peer's script against a vehicle of its own.
fn fly(personality: &str, script: &str, url: &str, more: &[&str], refused: &[&str]) -> Result<Vec<String>> {
    let vehicle = Vehicle::start(&["--personality", personality], 1)?;
    fly_this(&vehicle, script, url, more, refused).with_context(|| personality.to_owned())
}

/// Runs a peer's script against a vehicle; every call that did not pass must be expected, and every expected one must not have passed.
fn fly_this(vehicle: &Vehicle, script: &str, url: &str, more: &[&str], refused: &[&str]) -> Result<Vec<String>> {
    let address = vehicle.addresses("MAVLink").pop().context("an address")?;
    let url = format!("{url}{address}");
    let path = Path::new("peers").join(script);
    let mut command = oracle::venv("python")?;
    command.arg(oracle::scripts().join(path)).arg(url).args(more);
    let text = run(&mut command, 0)?;
    // Peers' libraries print on standard output too: the table is its last line.
    let table = text.lines().last().context("a table")?;
    let table: Value = serde_json::from_str(table).with_context(|| format!("no table: {table}"))?;
    let calls = table["calls"].as_array().context("calls")?;
    let row = |call: &Value| Some((call["call"].as_str()?.to_owned(), call["result"].as_str()?.to_owned()));
    let rows: Vec<(String, String)> = calls.iter().filter_map(row).collect();
    let failed: Vec<&(String, String)> = rows.iter().filter(|(_, result)| result != "passed").collect();
    let names: Vec<&str> = failed.iter().map(|(call, _)| call.as_str()).collect();
    if names != refused {
        bail!("other calls did not pass than {refused:?}: {failed:#?}\n{}", vehicle.running.output());
    }
    Ok(rows.into_iter().map(|(call, _)| call).collect())
}

fn mavsdk(personality: &str, refused: &[&str]) -> Result<()> {
    let calls = fly(personality, "mavsdk_peer.py", "tcpout://", &[], refused)?;
    for needed in
        ["telemetry.health_all_ok", "action.arm", "action.goto_location", "action.land", "log_files.get_entries"]
    {
        ensure!(calls.iter().any(|call| call == needed), "{needed} was not called: {calls:?}");
    }
    Ok(())
}

#[test]
fn mavsdk_flies_px4() -> Result<()> {
    mavsdk("px4", &[])
}

#[test]
fn mavsdk_flies_ardupilot() -> Result<()> {
    mavsdk("ardupilot", REFUSED_BY_ARDUPILOT)
}

/// A plan made of a profile and a drawing, as `.plan` and as waypoints.
#[test]
fn mavsdk_takes_plans_that_we_wrote() -> Result<()> {
    let vehicle = Vehicle::start(&["--personality", "px4"], 1)?;
    let folder = vehicle.folder.path();
    let drawing = r#"{"type":"Point","coordinates":[-1.9787,51.5034]}"#;
    std::fs::write(folder.join("seen.geojson"), drawing)?;
    let ground =
        |words: &[&str]| run(Command::new(binary("skyseal-ground")).arg("plan").args(words).current_dir(folder), 0);
    let place =
        ["--drawing", "seen.geojson", "--home", "51.5034,-1.9787", "--home-amsl", "142", "--out", "search.plan"];
    ground(&[&["make", "--profile", "missing-person"], &place[..]].concat())?;
    ground(&["convert", "search.plan", "search.waypoints"])?;
    let files = ["search.plan", "search.waypoints"].map(|name| folder.join(name).display().to_string());
    let calls = fly_this(&vehicle, "mavsdk_plans.py", "tcpout://", &[&files[0], &files[1]], &[])?;
    ensure!(calls.iter().any(|call| call == "import_mission_planner_mission"), "{calls:?}");
    Ok(())
}

#[test]
fn pymavlink_speaks_to_both() -> Result<()> {
    for personality in ["px4", "ardupilot"] {
        let calls = fly(personality, "pymavlink_peer.py", "tcp:", &[], &[])?;
        ensure!(calls.iter().any(|call| call == "log download"), "{calls:?}");
    }
    Ok(())
}

#[test]
fn mavproxy_is_typed_at_for_both() -> Result<()> {
    fly("ardupilot", "mavproxy_peer.py", "tcp:", &["ardupilot"], &[])?;
    fly("px4", "mavproxy_peer.py", "tcp:", &["px4"], &[]).map(drop)
}

/// Plays our station of a capture to the simulated vehicle, which must answer as the captured one did.
fn answer_as(personality: &str, capture: &str) -> Result<()> {
    let vehicle = Vehicle::start(&["--personality", personality], 1)?;
    let address = vehicle.addresses("MAVLink").pop().context("an address")?;
    let mut command = oracle::venv("python")?;
    command.arg(oracle::scripts().join("conversation.py")).arg("station");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("data").join(capture));
    let text = run(command.arg(address).args(["--until", MISSION_START]), 0)?;
    let verdict: Value = serde_json::from_str(text.lines().last().unwrap_or_default())?;
    assert_eq!(verdict["same"], true, "{verdict}: {text}\n{}", vehicle.running.output());
    ensure!(verdict["answered"].as_u64() > Some(25), "{verdict}");
    Ok(())
}

#[test]
fn the_simulated_copter_answers_our_station_as_arducopter_did() -> Result<()> {
    answer_as("ardupilot", "ardupilot-copter-conversation.tlog")
}

#[test]
fn the_simulated_px4_answers_our_station_as_px4_did() -> Result<()> {
    answer_as("px4", "px4-conversation.tlog")
}

#[test]
fn mavsdk_flies_two_vehicles_at_once_over_one_connection() -> Result<()> {
    let scenario = tempfile::NamedTempFile::with_suffix(".toml")?;
    std::fs::write(
        scenario.path(),
        "system_id = 5\n[[vehicles]]\nsystem_id = 6\npersonality = \"ardupilot\"\nnorth_m = 100\n",
    )?;
    let vehicles = Vehicle::start(&[&scenario.path().display().to_string()], 1)?;
    let calls = fly_this(&vehicles, "two_vehicles.py", "tcpout://", &[], &[])?;
    for needed in ["5: disarmed", "6: disarmed"] {
        ensure!(calls.iter().any(|call| call == needed), "{needed} was not called: {calls:?}");
    }
    Ok(())
}

#[test]
fn every_fault_is_ordered_live_and_seen_by_a_peer() -> Result<()> {
    let vehicle = Vehicle::start(&["--control", "127.0.0.1:0"], 2)?;
    let control = vehicle.addresses("control").pop().context("a control port")?;
    let calls = fly_this(&vehicle, "faults_peer.py", "tcp:", &[&control], &[])?;
    // Every fault that simulator/SCENARIO.md lists.
    for fault in [
        "camera_stall",
        "camera_disconnect",
        "camera_resolution",
        "link_silence",
        "link_bad",
        "gnss_jam",
        "gnss_jump",
        "gnss_drift",
        "clock_skew",
        "clock_step",
        "reboot",
        "battery_failure",
        "wind",
        "command",
    ] {
        ensure!(calls.iter().any(|call| call.starts_with(fault)), "{fault} was not ordered: {calls:?}");
    }
    Ok(())
}

const TWO: &str = "system_id = 5\n[[vehicles]]\nsystem_id = 6\npersonality = \"ardupilot\"\nnorth_m = 50\n\
    mavlink = [\"tcpin:127.0.0.1:0\"]\n";

/// The system that the first frame of a link is from (MAVLink 2).
fn system_of(address: &str) -> Result<u8> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = [0; 10];
    stream.read_exact(&mut head)?;
    ensure!(head[0] == 0xFD, "no MAVLink 2 frame: {head:?}");
    Ok(head[5])
}

#[test]
fn faults_are_ordered_live_for_each_of_two_vehicles_on_links_of_their_own() -> Result<()> {
    let scenario = tempfile::NamedTempFile::with_suffix(".toml")?;
    std::fs::write(scenario.path(), TWO)?;
    let path = scenario.path().display().to_string();
    let vehicle = Vehicle::start(&[&path, "--control", "127.0.0.1:0"], 3)?;
    let systems: Result<Vec<u8>> = vehicle.addresses("MAVLink").iter().map(|address| system_of(address)).collect();
    assert_eq!(systems?, [5, 6]);

    let control = vehicle.addresses("control").pop().context("a control port")?;
    let order = |words: &[&str], code| {
        let mut command = Command::new(binary("skyseal-sim"));
        run(command.args(["fault", "--control", &control]).args(words), code)
    };
    order(&["--vehicle", "6", "gnss_jam = {}"], 0)?;
    let status = || -> Result<Value> { Ok(serde_json::from_str(&order(&["status"], 0)?)?) };
    let jammed = |status: &Value, place: usize| {
        status["vehicles"][place]["troubles"].as_str().is_some_and(|troubles| troubles.contains("gnss_jammed: true"))
    };
    let taken = wait_for(PATIENCE, || status().is_ok_and(|status| jammed(&status, 1)));
    let now = status()?;
    ensure!(taken && !jammed(&now, 0), "{now:#}");
    assert_eq!((&now["vehicles"][1]["mode"], &now["vehicles"][0]["mode"]), (&"STABILIZE".into(), &"Position".into()));
    order(&["--vehicle", "6", "clear"], 0)?;
    ensure!(wait_for(PATIENCE, || status().is_ok_and(|status| !jammed(&status, 1))), "{:#}", status()?);
    for wrong in ["gnss_yam = {}", "link_bad = { loss = 2 }"] {
        order(&[wrong], 1)?;
    }
    order(&["--vehicle", "9", "reboot = {}"], 1).map(drop)
}
