//! A small disk fills while the camera is recorded.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::{Running, run};
use system_tests::simulator::Simulator;
use tempfile::TempDir;

use crate::recorded::{recorded, take_off};

/// Size of the disk.
const DISK_MIB: u64 = 200;
/// What the agent leaves free.
const RESERVE_MIB: u64 = 32;
const MIB: u64 = 1 << 20;
/// A flight of 22 s may take so long on a loaded machine.
const FLIGHT: Duration = Duration::from_secs(180);
/// A short hover that lands by itself.
const HOVER: &str = "seed = 9\n[camera]\nwidth = 1280\nheight = 720\nfps = 30\nbitrate_kbps = 4000\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 22.0\n\
mission = [{ take_off = { height_m = 10 } }, { wait = { seconds = 300 } }]\n";

#[test]
fn below_the_reserve_recording_stops_cleanly_and_the_flight_is_whole() -> Result<()> {
    let disk = Disk::mount()?;
    let (aircraft, mut agent, simulator) = fly_on(&disk)?;
    agent.until("two segments are closed", PATIENCE, || recorded(&aircraft, "segment") >= 2)?;
    disk.fill_to(RESERVE_MIB * MIB + MIB)?;
    agent.until("the recording stops", PATIENCE, || codes(&aircraft).iter().any(|code| code == "recording-stopped"))?;
    let ended = agent.wait(FLIGHT)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    let truth = simulator.stop()?;

    let codes = codes(&aircraft);
    let place = |code: &str| codes.iter().position(|one| one == code).with_context(|| format!("{code}: {codes:?}"));
    ensure!(place("storage-low")? < place("recording-stopped")?, "{codes:?}");
    let started = codes.iter().filter(|code| *code == "recording-started").count();
    assert_eq!(started, 1, "it does not begin again while there is no room: {codes:?}");
    let flight = aircraft.only_flight()?;
    let plain = aircraft.folder().join("plain");
    let verdict = aircraft.verify(&flight, Some(&plain))?;
    assert_eq!(verdict["word"], "VERIFIED-UNWITNESSED", "{verdict:#}");
    let close = oracle::records(&flight)?.pop().context("a record")?;
    assert_eq!(close["body"]["reason"], "landed", "the flight goes on without the camera until it lands");
    let truth = oracle::script("truth.py", &[&oracle::concatenate(&plain, "eo")?, &truth])?;
    assert_eq!((&truth["missing"], &truth["doubled"]), (&Value::from([(); 0]), &Value::from([(); 0])), "{truth:#}");
    ensure!(disk.free_bytes()? > (RESERVE_MIB - 8) * MIB, "the reserve is kept: {} bytes", disk.free_bytes()?);
    Ok(())
}

#[test]
fn a_disk_filled_to_the_last_byte_by_others_costs_footage_but_no_truth() -> Result<()> {
    let disk = Disk::mount()?;
    let (aircraft, mut agent, simulator) = fly_on(&disk)?;
    agent.until("two segments are closed", PATIENCE, || recorded(&aircraft, "segment") >= 2)?;
    let filler = disk.fill_to(0)?;
    let log = aircraft.folder().join("onboard.log");
    let says = |what: &str| fs::read_to_string(&log).is_ok_and(|text| text.contains(what));
    agent.until("the footage meets the end of the disk", PATIENCE, || says("footage cannot be written"))?;
    agent.until("the recording stops", PATIENCE, || says("StopRecording(Storage)"))?;
    ensure!(agent.ended()?.is_none(), "the agent survives");
    nothing_is_green_that_should_not_be(&aircraft, &["TRUNCATED", "MISSING", "INCOMPLETE", "UNATTESTED-TAIL"])?;

    // Somebody makes room: the flight goes on to its landing.
    fs::remove_file(filler)?;
    let ended = agent.wait(FLIGHT)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    simulator.stop()?;
    let verdict = nothing_is_green_that_should_not_be(&aircraft, &["GAP"])?;
    println!("after room was made: {} {:#}", verdict["word"], doubts(&verdict));
    let log = agent.output();
    let closed = oracle::records(&aircraft.only_flight()?)?.last().is_some_and(|record| record["kind"] == "close");
    ensure!(closed, "the flight is closed once there is room:\n{log}");
    Ok(())
}

/// Judges the flight: its word is one of `words`, and everything that a record finished is intact.
fn nothing_is_green_that_should_not_be(aircraft: &Aircraft, words: &[&str]) -> Result<Value> {
    let flight = aircraft.only_flight()?;
    let verdict = aircraft.verify(&flight, None)?;
    let word = verdict["word"].as_str().context("word")?;
    ensure!(words.contains(&word), "{word}: {:#}", doubts(&verdict));
    let records = oracle::records(&flight)?;
    let finished: Vec<&str> = records
        .iter()
        .filter(|record| record["kind"] == "segment" || record["kind"] == "telemetry")
        .filter_map(|record| record["body"]["file"].as_str())
        .collect();
    ensure!(finished.len() >= 2, "{finished:?}");
    for item in verdict["items"].as_array().context("items")? {
        if item["item"].as_str().is_some_and(|name| finished.contains(&name)) {
            assert_eq!(item["word"], "INTACT", "{item:#}");
        }
    }
    Ok(verdict)
}

fn doubts(verdict: &Value) -> Value {
    let items = verdict["items"].as_array().into_iter().flatten();
    items.filter(|item| item["word"] != "INTACT").cloned().collect()
}

fn fly_on(disk: &Disk) -> Result<(Aircraft, Running, Simulator)> {
    let mut aircraft = Aircraft::new()?;
    aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
    aircraft.reserve_mib = RESERVE_MIB;
    aircraft.store_in(disk.path());
    let scenario = aircraft.folder().join("hover.toml");
    fs::write(&scenario, HOVER)?;
    let (agent, simulator) = take_off(&mut aircraft, &scenario, None)?;
    Ok((aircraft, agent, simulator))
}

/// Codes of the events in the flight, in order.
fn codes(aircraft: &Aircraft) -> Vec<String> {
    let records = aircraft.flights().pop().and_then(|flight| oracle::records(&flight).ok()).unwrap_or_default();
    records.iter().filter_map(|record| record["body"]["code"].as_str().map(str::to_owned)).collect()
}

/// A tmpfs of 200 MiB; unmounted when dropped.
struct Disk(TempDir);

impl Disk {
    fn mount() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let size = format!("size={DISK_MIB}m,mode=0755");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "skyseal-test"]).arg(folder.path()).output()?;
        if !mounted.status.success() {
            bail!(
                "a tmpfs of {DISK_MIB} MiB cannot be mounted ({}); run the tests as root: sudo tests/run",
                String::from_utf8_lossy(&mounted.stderr).trim()
            );
        }
        Ok(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn free_bytes(&self) -> Result<u64> {
        let said = run(Command::new("df").args(["-B1", "--output=avail"]).arg(self.path()), 0)?;
        said.split_whitespace().last().context("df printed nothing")?.parse().context("df printed no number")
    }

    /// Another program's file takes all but `free_bytes`; 0 goes on until the disk takes no more.
    fn fill_to(&self, free_bytes: u64) -> Result<PathBuf> {
        let path = self.path().join("somebody-else");
        let mut file = File::create(&path)?;
        let block = vec![0xA5; 64 * 1024];
        let mut left = if free_bytes == 0 { u64::MAX } else { self.free_bytes()?.saturating_sub(free_bytes) };
        while left > 0 {
            if let Err(error) = file.write_all(&block) {
                ensure!(free_bytes == 0 && error.kind() == std::io::ErrorKind::StorageFull, "{error}");
                break;
            }
            left = left.saturating_sub(block.len() as u64);
        }
        Ok(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("--lazy").arg(self.path()).status());
    }
}
