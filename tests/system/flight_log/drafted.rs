//! Drafts of the station that flies: two take-offs, and one whose station is killed in flight.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use system_tests::aircraft::PATIENCE;
use system_tests::process::Running;
use system_tests::unit::Unit;

use super::{HEADER, files, log};
use crate::peers::Vehicle;

/// Where the simulated vehicle stands, degrees.
const HOME: [f64; 2] = [51.5034, -1.9787];
/// A short flight at four times the pace of the world, with what a loaded machine adds.
const FLYING: Duration = Duration::from_secs(120);

/// Up, so long in the air, down.
fn plan(hold_s: u32) -> Value {
    let item = |place: u32, command: u32, hold_s: u32, height_m: f64| {
        json!({ "type": "SimpleItem", "autoContinue": true, "command": command, "doJumpId": place, "frame": 3,
                "params": [hold_s, 0, 0, null, HOME[0], HOME[1], height_m] })
    };
    let items = [item(1, 22, 0, 8.0), item(2, 16, hold_s, 12.0), item(3, 21, 0, 0.0)];
    json!({ "fileType": "Plan", "version": 1, "groundStation": "QGroundControl",
            "mission": { "version": 2, "firmwareType": 12, "vehicleType": 2, "cruiseSpeed": 5, "hoverSpeed": 5,
                         "plannedHomePosition": [HOME[0], HOME[1], 142], "items": items },
            "geoFence": { "version": 2, "circles": [], "polygons": [] },
            "rallyPoints": { "version": 2, "points": [] } })
}

fn fly(unit: &Unit, address: &str, plan: &str, more: &[&str]) -> Result<Running> {
    let link = format!("tcpout:{address}");
    let words = ["fly", plan, "--mavlink", &link, "--log", "drafts", "--log-header", "header.toml"];
    let log = unit.folder().join(format!("{plan}.log"));
    Running::start(&mut unit.command("skyseal-ground", &[&words[..], more].concat()), log)
}

fn station() -> Result<Unit> {
    let unit = Unit::found()?;
    fs::write(unit.folder().join("header.toml"), HEADER)?;
    fs::write(unit.folder().join("hop.plan"), plan(8).to_string())?;
    fs::write(unit.folder().join("long.plan"), plan(3_000).to_string())?;
    Ok(unit)
}

#[test]
fn each_take_off_is_drafted_where_the_station_is_told() -> Result<()> {
    let unit = station()?;
    let vehicle = Vehicle::start(&["--personality", "px4"], 1)?;
    let address = vehicle.addresses("MAVLink").pop().context("an address")?;
    for (nth, battery) in [(1, "B7"), (2, "B8")] {
        let fact = format!("battery={battery}");
        let mut flight = fly(&unit, &address, "hop.plan", &["--log-fact", &fact])?;
        ensure!(flight.wait(FLYING)?.success(), "{}", flight.output());
        ensure!(flight.output().contains("drafted in"), "{}", flight.output());
        assert_eq!((files(&unit, "drafts", "json").len(), files(&unit, "drafts", "journal").len()), (nth, 0));
    }
    for (path, battery) in files(&unit, "drafts", "json").iter().zip(["B7", "B8"]) {
        let entry: Value = serde_json::from_slice(&fs::read(path)?)?;
        assert_eq!(
            (&entry["header"]["battery"], &entry["header"]["crew"][0]),
            (&json!(battery), &json!("observer: O2"))
        );
        let at = |key: &str, nth: usize| entry[key]["place"][nth].as_f64().context("a place");
        for moment in ["take_off", "landing"] {
            ensure!((at(moment, 0)? - HOME[0]).abs() < 2e-4 && (at(moment, 1)? - HOME[1]).abs() < 3e-4, "{entry:#}");
        }
        ensure!((3..100).contains(&entry["aloft_s"].as_u64().context("seconds")?), "{entry:#}");
        let highest = entry["highest_m"].as_f64().context("a height")?;
        ensure!((10.0..15.0).contains(&highest) && entry["notes"] == json!([]), "{entry:#}");
        ensure!(entry["battery_percent"][0].as_f64() >= entry["battery_percent"][1].as_f64(), "{entry:#}");
    }
    let listed = log(&unit, &["list", "--log", "drafts"])?;
    assert_eq!(listed["drafts"].as_array().map(Vec::len), Some(2), "{listed:#}");
    ensure!(listed["drafts"][0]["lacks"] == json!([]), "{listed:#}");
    let text = unit.run("skyseal-ground", &["log", "list", "--log", "drafts"])?;
    ensure!(text.contains("Drafts, to be entered") && text.contains("TEST-1, battery B8"), "{text}");
    let wrong = unit.command("skyseal-ground", &["fly", "hop.plan", "--log-fact", "pilt=P1"]).output()?;
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    ensure!(wrong.status.code() == Some(1) && said.contains("did you mean `pilot`?"), "{said}");
    Ok(())
}

#[test]
fn a_station_that_is_killed_in_flight_loses_some_seconds_and_no_flight() -> Result<()> {
    let unit = station()?;
    let vehicle = Vehicle::start(&["--personality", "px4"], 1)?;
    let address = vehicle.addresses("MAVLink").pop().context("an address")?;
    let mut flight = fly(&unit, &address, "long.plan", &[])?;
    let heard = || {
        let journals = files(&unit, "drafts", "journal");
        journals.first().and_then(|path| fs::read_to_string(path).ok()).map_or(0, |text| text.lines().count())
    };
    flight.until("some seconds of the flight are in its journal", FLYING, || heard() >= 10)?;
    let under_way = log(&unit, &["list", "--log", "drafts"])?;
    assert_eq!(under_way["unfinished"][0]["under_way"], true, "{under_way:#}");
    let (busy, said) =
        (unit.command("skyseal-ground", &["log", "finish", "--log", "drafts"]).output()?, "another program");
    ensure!(busy.status.code() == Some(1) && String::from_utf8_lossy(&busy.stdout).contains(said), "{busy:?}");

    let before = heard();
    flight.signal("KILL")?;
    flight.wait(PATIENCE)?;
    let listed = log(&unit, &["list", "--log", "drafts"])?;
    let unfinished = &listed["unfinished"][0];
    assert_eq!((&unfinished["under_way"], &unfinished["aircraft"]), (&json!(false), &json!("TEST-1")), "{listed:#}");
    ensure!(heard() >= before && files(&unit, "drafts", "json").is_empty());
    let id = unfinished["id"].as_str().context("an id")?;
    let missing = unit.command("skyseal-ground", &["log", "show", id, "--log", "drafts"]).output()?;
    ensure!(
        String::from_utf8_lossy(&missing.stderr).contains("it is unfinished: `skyseal-ground log finish`"),
        "{missing:?}"
    );

    let finished = log(&unit, &["finish", "--log", "drafts"])?;
    assert_eq!(finished["drafts"].as_array().map(Vec::len), Some(1), "{finished:#}");
    let shown = log(&unit, &["show", id, "--log", "drafts"])?;
    let entry = &shown["entry"];
    ensure!(entry["aloft_s"].as_u64() >= Some(5), "{entry:#}");
    ensure!(entry["notes"].to_string().contains("nobody heard it land"), "{entry:#}");
    ensure!(log(&unit, &["finish", "--log", "drafts"])?["drafts"] == json!([]), "nothing is left to finish");
    Ok(())
}
