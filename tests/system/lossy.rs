//! A radio between aircraft and ground that loses three of ten, doubles one of ten, lets later ones overtake and takes half a second
//! each way: orders, a mission and the witnessing of its flight end right, in bounded time, and every loss is counted.

use std::fs;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port, free_udp_port};
use system_tests::oracle;
use system_tests::process::{Running, binary};
use system_tests::simulator::{Simulator, Sortie};
use system_tests::unit::Unit;

pub(crate) const RADIO: [&str; 10] =
    ["--loss", "0.3", "--duplicate", "0.1", "--reorder", "0.2", "--delay-ms", "500", "--seed", "11"];
/// Where the simulated vehicle stands, degrees; it flies some metres north.
const HOME_LAT: f64 = 51.5034;
const HOME_LON: f64 = -1.9787;
const NORTH_M: f64 = 12.0;
const METRES_PER_DEGREE: f64 = 111_320.0;
pub(crate) const STANDING: &str = "seed = 8\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n";
/// Two transfers of three items at most twenty times as long as on a good radio, the flight, and a loaded machine.
pub(crate) const FLYING: Duration = Duration::from_secs(180);
/// What a command of the ground may take: it finds the vehicle, is heard, and sees what it asked for.
pub(crate) const ORDER: Duration = Duration::from_secs(90);
/// Programs on the ground, each with a link of its own.
const CLIENTS: u64 = 4;
/// Frames of one program that are lost before its first or after its last that arrives, so that nobody can miss them.
const UNSEEN: u64 = 4;

/// A program of the ground, run to its good end in bounded time; the facts that it printed, after words about the link.
pub(crate) fn ground(unit: &Unit, words: &[&str], within: Duration) -> Result<Value> {
    let log = unit.folder().join(format!("{}.log", words[..2].join("-").replace('/', "-")));
    let mut running = Running::start(&mut unit.command("skyseal-ground", words), log)?;
    let ended = running.wait(within)?;
    ensure!(ended.success(), "{words:?} ended with {ended}:\n{}", running.output());
    let output = running.output();
    let facts = output.find('{').and_then(|at| output.get(at..)).with_context(|| output.clone())?;
    serde_json::from_str(facts).with_context(|| facts.to_owned())
}

/// Up, a little north, down.
pub(crate) fn plan() -> Value {
    let item = |place: u32, command: u32, north_m: f64, height_m: f64| {
        let lat = HOME_LAT + north_m / METRES_PER_DEGREE;
        json!({ "type": "SimpleItem", "autoContinue": true, "command": command, "doJumpId": place, "frame": 3,
                "params": [0, 0, 0, null, lat, HOME_LON, height_m] })
    };
    let items = [item(1, 22, 0.0, 8.0), item(2, 16, NORTH_M, 8.0), item(3, 21, NORTH_M, 0.0)];
    json!({ "fileType": "Plan", "version": 1, "groundStation": "QGroundControl",
            "mission": { "version": 2, "firmwareType": 12, "vehicleType": 2, "cruiseSpeed": 5, "hoverSpeed": 5,
                         "plannedHomePosition": [HOME_LAT, HOME_LON, 142], "items": items },
            "geoFence": { "version": 2, "circles": [], "polygons": [] },
            "rallyPoints": { "version": 2, "points": [] } })
}

/// How far north of where it stands the vehicle was at a picture.
fn northmost_m(truth: &str) -> Result<f64> {
    let mut lines = truth.lines();
    let column = lines.next().and_then(|head| head.split(',').position(|name| name == "lat_deg")).context("lat_deg")?;
    let lats = lines.filter_map(|line| line.split(',').nth(column)?.parse::<f64>().ok());
    Ok((lats.fold(f64::NEG_INFINITY, f64::max) - HOME_LAT) * METRES_PER_DEGREE)
}

/// The number after `name` in the last line that has all of `words`.
fn figure(log: &str, words: &[&str], name: &str) -> Result<u64> {
    let line = log.lines().rev().find(|line| words.iter().all(|word| line.contains(word)));
    let line = line.with_context(|| format!("no line with {words:?}:\n{log}"))?;
    let (_, after) = line.split_once(name).with_context(|| format!("no {name} in {line}"))?;
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().with_context(|| format!("{name} in {line}"))
}

#[test]
fn orders_a_mission_and_its_record_survive_a_bad_radio() -> Result<()> {
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
    aircraft.record = "close_after_disarm_s = 3".to_owned();
    let scenario = aircraft.folder().join("standing.toml");
    fs::write(&scenario, STANDING)?;
    fs::write(unit.folder().join("hop.plan"), plan().to_string())?;
    let rtsp_port = free_tcp_port()?;
    aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
    let mut agent = aircraft.start_agent(false)?;
    let sortie = Sortie { scenario: &scenario, air_seconds: None, mavlink_port: aircraft.mavlink_port, rtsp_port };
    let simulator = Simulator::start(&sortie, aircraft.folder())?;
    aircraft.until_heard(&mut agent)?;
    let port = free_udp_port()?;
    let mut relay = Command::new(binary("skyseal-sim"));
    relay.args(["relay", "--listen", &format!("127.0.0.1:{port}"), "--to"]).env("RUST_LOG", "info");
    relay.arg(format!("127.0.0.1:{}", aircraft.radio_port)).args(RADIO);
    let mut relay = Running::start(&mut relay, aircraft.folder().join("relay.log"))?;
    let link = format!("udpout:127.0.0.1:{port}");
    let mut witness = unit.witness("station", std::slice::from_ref(&link), &[])?;

    let order = |action: &str, why: &str| -> Result<Value> {
        let words = ["record", action, "--reason", why, "--mavlink", &link, "--key", "station.key", "--json"];
        ground(&unit, &words, ORDER)
    };
    let begun = order("start", "a bad radio").with_context(|| agent.output())?;
    assert_eq!((&begun["recording"], &begun["sealed"]), (&json!(true), &json!(true)), "{begun:#}");
    let flown = ground(&unit, &["fly", "hop.plan", "--mavlink", &link, "--json"], FLYING)?;
    assert_eq!((&flown["items"], &flown["flown"]), (&json!(3), &json!(true)), "{flown:#}");
    ensure!(flown["airborne_s"].as_f64() > Some(5.0), "{flown:#}");
    let ended = order("stop", "it is over").with_context(|| agent.output())?;
    assert_eq!(ended["recording"], false, "{ended:#}");
    agent
        .until("the flight is closed and its last head witnessed", PATIENCE, || witness.output().contains("over ("))?;
    for running in [&mut agent, &mut relay, &mut witness] {
        running.signal("TERM")?;
        ensure!(running.wait(PATIENCE)?.success(), "{}", running.output());
    }
    let truth = fs::read_to_string(simulator.stop()?)?;
    ensure!(northmost_m(&truth)? > NORTH_M - 2.0, "it flew its mission");

    let lost = figure(&relay.output(), &["relay ends"], "lost: ")?;
    let radio = format!("udpin:127.0.0.1:{}", aircraft.radio_port);
    let counted = figure(&agent.output(), &["frames of a link", &radio], " lost=")?;
    println!("{lost} frames were lost on the way up, the agent missed {counted}; {flown}");
    ensure!(counted > 0 && counted.abs_diff(lost) <= CLIENTS * UNSEEN, "{lost} lost, {counted} missed");
    the_flight_says_what_was_seen(&unit, &aircraft)
}

/// The record has each order once, nothing of it is lost or doubled, and its word follows from what the ground saw in time.
fn the_flight_says_what_was_seen(unit: &Unit, aircraft: &Aircraft) -> Result<()> {
    let flight = aircraft.only_flight()?;
    let records = oracle::records(&flight)?;
    let count = |what: &dyn Fn(&Value) -> bool| records.iter().filter(|record| what(record)).count();
    for (code, times) in [("recording-started", 1), ("recording-stopped", 1)] {
        assert_eq!(count(&|record| record["body"]["code"] == code), times, "{code}");
    }
    // An order whose answers were lost for ten seconds is signed anew, and stands there again.
    let orders = count(&|record| record["kind"] == "statement");
    ensure!((2..=3).contains(&orders), "{orders} orders in the record");
    let indices: Vec<u64> = records
        .iter()
        .filter(|record| record["kind"] == "segment")
        .filter_map(|record| record["body"]["index"].as_u64())
        .collect();
    assert_eq!(indices, (1..=indices.len() as u64).collect::<Vec<_>>(), "segments in a row");
    let id = flight.file_name().and_then(|name| name.to_str()).context("a flight has a name")?.to_owned();
    let mut verifier = Command::new(binary("skyseal-verify"));
    verifier.arg(&flight).arg("--json").args(["--root", &aircraft.root()?, "--trust"]).arg(unit.trust());
    verifier.arg("--identity").arg(aircraft.identity(&flight)?).arg("--witness").arg(unit.witnessed("station", &id));
    let verdict: Value = serde_json::from_slice(&verifier.output()?.stdout)?;
    println!("{} {} {}", verdict["word"], verdict["integrity"], verdict["witness"]);
    assert_eq!(verdict["integrity"], "INTACT", "{verdict:#}");
    let word = match verdict["witness"].as_str().context("an axis")? {
        "full" => "VERIFIED",
        "late" | "partial" => "VERIFIED-UNWITNESSED",
        other => anyhow::bail!("the ground heard of nothing ({other}): {verdict:#}"),
    };
    assert_eq!(verdict["word"], word, "{verdict:#}");
    Ok(())
}
