//! Docking over the network with the real programs, killed at any point: taken up, nothing lost, nothing twice, and nothing erased
//! aboard before two stores have signed for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rand::Rng as _;
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port};
use system_tests::oracle;
use system_tests::process::{Running, run, wait_for};
use system_tests::unit::{PEOPLE, STORES, Unit};

use crate::recorded::take_off;

/// The longest that a person is locked out here, in tries a second apart.
const LOCKED_OUT: usize = 90;
/// `kill -9` of the dock so often; `SKYSEAL_ROUNDS` asks for more.
const ROUNDS: u32 = 4;
/// A file that somebody put into the flight's folder.
const STRANGER: &str = "segments/eo/holiday.mp4";
const HOVER: &str = "seed = 4\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 4000\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 20.0\n\
mission = [{ take_off = { height_m = 10 } }, { wait = { seconds = 3600 } }]\n";

/// A unit whose aircraft has landed with one flight aboard.
struct Landed {
    unit: Rc<Unit>,
    aircraft: Aircraft,
    /// The flight's folder, as it was before anybody docked.
    flight: PathBuf,
    templates: PathBuf,
}

impl Landed {
    fn new() -> Result<Self> {
        let unit = Rc::new(Unit::found()?);
        unit.station("station")?;
        unit.stores()?;
        let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
        aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
        aircraft.dock_port = Some(free_tcp_port()?);
        let scenario = aircraft.folder().join("hover.toml");
        fs::write(&scenario, HOVER)?;
        let (mut agent, simulator) = take_off(&mut aircraft, &scenario, Some(20))?;
        let ended = agent.wait(Duration::from_secs(20) + 2 * PATIENCE)?;
        ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
        drop(simulator.stop()?);
        let flight = aircraft.only_flight()?;
        let templates = aircraft.folder().join("templates");
        fs::create_dir(&templates)?;
        for folder in STORES.map(|store| unit.folder().join(store)).iter().chain([&aircraft.data().to_owned()]) {
            run(Command::new("cp").arg("-a").arg(folder).arg(&templates), 0)?;
        }
        let name = flight.file_name().context("a flight has a name")?.to_owned();
        let flight = templates.join("data/flights").join(name);
        Ok(Self { unit, aircraft, flight, templates })
    }

    /// Everything as it was when the aircraft had landed.
    fn again(&self) -> Result<()> {
        let packages = self.unit.folder().join("packages");
        for folder in STORES
            .map(|store| self.unit.folder().join(store))
            .iter()
            .chain([&self.aircraft.data().to_owned(), &packages])
        {
            if folder.exists() {
                run(Command::new("chmod").arg("-R").arg("u+w").arg(folder), 0)?;
                fs::remove_dir_all(folder)?;
            }
        }
        for store in STORES {
            run(Command::new("cp").arg("-a").arg(self.templates.join(store)).arg(self.unit.folder()), 0)?;
        }
        run(Command::new("cp").arg("-a").arg(self.templates.join("data")).arg(self.aircraft.data()), 0).map(drop)
    }

    fn dock(&self) -> Result<Command> {
        let port = self.aircraft.dock_port.context("a port")?;
        let [(actor, _), (witness, _)] = PEOPLE;
        let device = self.device()?;
        let from = format!("tls://127.0.0.1:{port}");
        let root = self.unit.root()?;
        let (actor_pin, witness_pin) = (format!("{actor}.pin"), format!("{witness}.pin"));
        let mut words = vec!["dock", "--from", &from, "--device", &device, "--key", "station.key", "--json"];
        words.extend(["--trust", "trust/trust.json", "--root", &root, "--store", STORES[0], "--second", STORES[1]]);
        words.extend(["--actor", actor, "--actor-pin-file", &actor_pin, "--reason", "End of a test flight"]);
        words.extend(["--countersign", witness, "--countersign-pin-file", &witness_pin, "--package", "packages"]);
        Ok(self.unit.command("skyseal-ground", &words))
    }

    fn device(&self) -> Result<String> {
        let list = oracle::payload(&fs::read(self.unit.trust())?)?;
        let device = list["keys"].as_array().and_then(|keys| keys.iter().find(|key| key["role"] == "device").cloned());
        Ok(device.context("a device")?["id"].as_str().context("an id")?.to_owned())
    }

    /// Whether both stores hold the flight whole.
    fn is_stored_twice(&self) -> Result<bool> {
        for store in STORES {
            for file in files(&self.flight)? {
                let digest = sha256(&file)?;
                let object = self.unit.folder().join(store).join("objects").join(&digest[..2]).join(&digest);
                if !object.is_file() || sha256(&object)? != digest {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

fn sha256(file: &Path) -> Result<String> {
    let sum = run(Command::new("sha256sum").arg(file), 0)?;
    Ok(sum.split(' ').next().unwrap_or_default().to_owned())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = run(Command::new("find").arg(folder).args(["-type", "f"]), 0)?;
    Ok(list.lines().map(PathBuf::from).collect())
}

#[test]
fn a_dock_killed_at_any_point_is_taken_up_and_erases_last() -> Result<()> {
    let rounds = std::env::var("SKYSEAL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let landed = Landed::new()?;
    let mut random = rand::rng();
    let (mut killed, mut whole_ms) = (0, 2_000);
    for round in 0..rounds {
        landed.again()?;
        let agent = landed.aircraft.start_agent(false)?;
        let aboard = || landed.aircraft.flights().len() == 1;
        // Until one attempt comes through; each is killed at any instant of the time a whole one takes.
        let (mut attempts, mut locked_out) = (0, 0);
        loop {
            attempts += 1;
            let log = landed.unit.folder().join(format!("dock-{round}-{attempts}.log"));
            let mut dock = Running::start(&mut landed.dock()?, log)?;
            let spared = attempts > 3;
            let instant = if spared { PATIENCE } else { Duration::from_millis(random.random_range(0..whole_ms)) };
            wait_for(instant, || dock.ended().is_ok_and(|ended| ended.is_some()));
            if let Some(status) = dock.ended()? {
                // A PIN that is being looked at when the process dies counts as a wrong one; after some of them it is waited.
                if dock.output().contains("may try again in") && locked_out < LOCKED_OUT {
                    locked_out += 1;
                    wait_for(Duration::from_secs(1), || false);
                    continue;
                }
                ensure!(status.success(), "the dock ended with {status}:\n{}", dock.output());
                break;
            }
            ensure!(!spared, "the dock takes longer than {PATIENCE:?}:\n{}", dock.output());
            drop(dock);
            killed += 1;
            ensure!(aboard() || landed.is_stored_twice()?, "erased aboard before both stores had it");
        }
        whole_ms = whole_ms.clamp(500, 5_000);
        ensure!(!aboard(), "round {round}: the flight is still aboard");
        ensure!(landed.is_stored_twice()?, "round {round}: a store lacks something");
        drop(agent);
    }
    println!("{rounds} flights docked, {killed} kills");
    ensure!(killed > 0, "the dock was never killed");
    Ok(())
}

#[test]
fn a_file_that_no_record_names_is_kept_and_reported() -> Result<()> {
    let landed = Landed::new()?;
    let flight = landed.aircraft.only_flight()?;
    fs::write(flight.join(STRANGER), b"not of this flight")?;
    let agent = landed.aircraft.start_agent(false)?;
    let output = landed.dock()?.output()?;
    let said: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("no JSON: {}", String::from_utf8_lossy(&output.stderr)))?;
    ensure!(said.to_string().contains(STRANGER), "{said:#}");
    assert_eq!(output.status.code(), Some(1), "a doubt: {said:#}");
    ensure!(landed.aircraft.flights().len() == 1, "a flight in quarantine is not erased by the ordinary order");
    let digest = sha256(&flight.join(STRANGER))?;
    let object = landed.unit.folder().join(STORES[0]).join("objects").join(&digest[..2]).join(&digest);
    ensure!(object.is_file(), "it is not kept");
    drop(agent);
    Ok(())
}
