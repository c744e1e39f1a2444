//! The ground witness as a process of its own: killed, deafened, with several aircraft in the air.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rand::Rng as _;
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE, free_udp_port};
use system_tests::oracle;
use system_tests::process::{Running, binary, wait_for};
use system_tests::simulator::Simulator;
use system_tests::unit::Unit;

use crate::recorded::take_off;

/// `kill -9` so often in one flight; `SKYSEAL_ROUNDS` asks for more.
const ROUNDS: u32 = 6;
/// Seconds in the air for each kill, and for what comes before and after.
const SECONDS_A_ROUND: u32 = 3;
const SECONDS_AROUND: u32 = 26;
/// A hover with small pictures.
const HOVER: &str = "seed = 3\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 60.0\n\
mission = [{ take_off = { height_m = 10 } }, { wait = { seconds = 3600 } }]\n";

/// An aircraft that hovers for `air_seconds` and then ends.
fn hover(aircraft: &mut Aircraft, air_seconds: u32) -> Result<(Running, Simulator)> {
    aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
    let scenario = aircraft.folder().join("hover.toml");
    fs::write(&scenario, HOVER)?;
    take_off(aircraft, &scenario, Some(air_seconds))
}

fn flying_time(air_seconds: u32) -> Duration {
    Duration::from_secs(u64::from(air_seconds)) + 2 * PATIENCE
}

/// The verdict on an aircraft's only flight, with what `stations` witnessed.
fn verdict(aircraft: &Aircraft, stations: &[&str]) -> Result<Value> {
    let flight = aircraft.only_flight()?;
    let id = flight.file_name().and_then(|name| name.to_str()).context("a flight has a name")?.to_owned();
    let mut command = Command::new(binary("skyseal-verify"));
    command.arg(&flight).arg("--json").args(["--root", &aircraft.root()?, "--trust"]).arg(aircraft.unit().trust());
    command.arg("--identity").arg(aircraft.identity(&flight)?);
    for station in stations {
        command.arg("--witness").arg(aircraft.unit().witnessed(station, &id));
    }
    let output = command.output()?;
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no verdict: {}", String::from_utf8_lossy(&output.stderr)))
}

/// What a witness file says: each line's payload, read without our own code. A line being written does not count.
fn entries(file: &Path) -> Vec<Value> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| oracle::payload(line.as_bytes()).ok()).collect()
}

fn heads(entries: &[Value]) -> impl Iterator<Item = &Value> {
    entries.iter().filter(|entry| entry["kind"] == "head")
}

/// Size of the tree head in a note.
fn size_of(note: &str) -> Result<u64> {
    note.lines().nth(1).and_then(|line| line.parse().ok()).with_context(|| format!("no size in {note:?}"))
}

/// The lines of a note that stations have signed: all signature lines but the device's.
fn cosignatures(note: &str) -> impl Iterator<Item = &str> {
    note.lines().filter(|line| line.starts_with("\u{2014} skyseal/station/"))
}

#[test]
fn a_witness_killed_again_and_again_loses_nothing_and_raises_no_alarm() -> Result<()> {
    let rounds = std::env::var("SKYSEAL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
    // The radio loses, doubles and reorders.
    let ground_port = free_udp_port()?;
    let mut relay = Command::new(binary("skyseal-sim"));
    relay.args(["relay", "--listen", &format!("127.0.0.1:{ground_port}")]);
    relay.args(["--to", &format!("127.0.0.1:{}", aircraft.radio_port)]);
    relay.args(["--loss", "0.3", "--duplicate", "0.1", "--reorder", "0.1", "--seed", "5"]);
    let _relay = Running::start(&mut relay, aircraft.folder().join("relay.log"))?;
    let links = [format!("udpout:127.0.0.1:{ground_port}")];
    let mut witness = unit.witness("station", &links, &[])?;
    let air_seconds = SECONDS_AROUND + SECONDS_A_ROUND * rounds;
    let (mut agent, simulator) = hover(&mut aircraft, air_seconds)?;
    agent.until("a flight is open", PATIENCE, || aircraft.flights().len() == 1)?;
    let flight = aircraft.only_flight()?;
    let id = flight.file_name().and_then(|name| name.to_str()).context("a flight has a name")?.to_owned();
    let file = unit.witnessed("station", &id);
    let mut random = rand::rng();
    for round in 0..rounds {
        let before = heads(&entries(&file)).count();
        witness.until("a head is witnessed", PATIENCE, || heads(&entries(&file)).count() > before)?;
        // Any instant within a second, whatever was just persisted, signed or sent.
        wait_for(Duration::from_millis(random.random_range(0..1_000)), || false);
        drop(witness);
        witness = unit.witness("station", &links, &[])?;
        println!("round {round}: {before} heads before");
    }
    let ended = agent.wait(flying_time(air_seconds))?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    witness
        .until("the landing is stated", PATIENCE, || entries(&file).iter().any(|entry| entry["kind"] == "landed"))?;
    witness.signal("TERM")?;
    ensure!(witness.wait(PATIENCE)?.success(), "{}", witness.output());
    drop(simulator.stop()?);

    let entries = entries(&file);
    let alarms: Vec<&Value> = entries.iter().filter(|entry| entry["kind"] == "equivocation").collect();
    ensure!(alarms.is_empty(), "false alarms: {alarms:#?}");
    let mut held: BTreeMap<u64, &Value> = BTreeMap::new();
    for head in heads(&entries) {
        let size = size_of(head["body"]["note"].as_str().context("a head has a note")?)?;
        ensure!(held.insert(size, head).is_none(), "a doubled head of size {size}");
    }
    let mut aboard = 0;
    for line in fs::read_to_string(flight.join("checkpoints.jsonl"))?.lines() {
        let note: Value = serde_json::from_str(line)?;
        let note = note["note"].as_str().context("a note")?;
        for _cosignature in cosignatures(note) {
            aboard += 1;
            let size = size_of(note)?;
            ensure!(held.contains_key(&size), "the head of size {size} was cosigned, and the witness has lost it");
        }
    }
    println!("{rounds} kills: {} heads held, {aboard} cosignatures aboard", held.len());
    ensure!(aboard > 0, "no cosignature came aboard");
    let verdict = verdict(&aircraft, &["station"])?;
    assert_eq!(verdict["word"], "VERIFIED", "{verdict:#}");
    Ok(())
}

#[test]
fn two_aircraft_and_one_ground_station() -> Result<()> {
    const AIR_SECONDS: u32 = 22;
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    let mut fleet = [Aircraft::of(&unit, "TEST-1")?, Aircraft::of(&unit, "TEST-2")?];
    let links = fleet.each_ref().map(|aircraft| format!("udpout:127.0.0.1:{}", aircraft.radio_port));
    let mut witness = unit.witness("station", &links, &[])?;
    let mut flying = Vec::new();
    for aircraft in &mut fleet {
        flying.push(hover(aircraft, AIR_SECONDS)?);
    }
    for (mut agent, simulator) in flying {
        let ended = agent.wait(flying_time(AIR_SECONDS))?;
        ensure!(ended.success(), "an agent ended with {ended}:\n{}", agent.output());
        drop(simulator.stop()?);
    }
    witness.signal("TERM")?;
    ensure!(witness.wait(PATIENCE)?.success(), "{}", witness.output());
    for aircraft in &fleet {
        let verdict = verdict(aircraft, &["station"])?;
        assert_eq!(verdict["word"], "VERIFIED", "{verdict:#}");
    }
    Ok(())
}
