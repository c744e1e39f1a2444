//! Recording where an officer must have signed: a button of any station works in their name, and only as long as they said. And what
//! becomes of a recording when nobody on the ground is heard any more.

use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::run;
use system_tests::unit::{PILOT, STORES, Unit};

use crate::recorded::take_off;

/// An aircraft that stands and films.
const STANDING: &str = "seed = 5\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n";
const START: &str = "2500";
const STOP: &str = "2501";
const PHOTO: &str = "2000";
const ACCEPTED: u64 = 0;
const DENIED: u64 = 2;
const WHY: &str = "search, log 1234";

/// A press of a button at another make's station.
fn press(aircraft: &Aircraft, number: &str) -> Result<(u64, String)> {
    let port = aircraft.mavlink_port.to_string();
    let parameters: &[&str] = if number == PHOTO { &["0", "0", "1", "1"] } else { &[] };
    let arguments: Vec<&Path> =
        [port.as_str(), number].into_iter().chain(parameters.iter().copied()).map(Path::new).collect();
    let said = oracle::script("peers/button.py", &arguments)?;
    Ok((said["result"].as_u64().context("a result")?, said["words"].to_string()))
}

/// A press of MAVSDK's: what it made of the answer, and the words that it was told.
fn by_mavsdk(aircraft: &Aircraft, call: &str) -> Result<(String, String)> {
    let said = crate::camera_peers::mavsdk(aircraft.radio_port, &[call])?;
    let rows = said["calls"].as_array().context("calls")?;
    let row = rows.iter().find(|row| row["call"] == format!("{call} 100")).with_context(|| said.to_string())?;
    Ok((row["result"].as_str().context("a result")?.to_owned(), said["texts"].to_string()))
}

/// `skyseal-ground record …` by the pilot.
fn by_the_pilot(unit: &Unit, aircraft: &Aircraft, words: &[&str]) -> Command {
    let link = format!("udpout:127.0.0.1:{}", aircraft.radio_port);
    let pin = format!("{}.pin", PILOT.0);
    let who =
        ["--reason", WHY, "--mavlink", &link, "--json", "--as", PILOT.0, "--pin-file", &pin, "--store", STORES[0]];
    unit.command("skyseal-ground", &[&["record"], words, &who].concat())
}

#[test]
fn a_button_works_in_an_officers_name_and_only_as_long_as_they_say() -> Result<()> {
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    unit.stores()?;
    let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
    aircraft.record = "close_after_disarm_s = 1\nauthorise = \"officer\"".to_owned();
    let scenario = aircraft.folder().join("standing.toml");
    std::fs::write(&scenario, STANDING)?;
    let (mut agent, simulator) = take_off(&mut aircraft, &scenario, None)?;

    let told = |words: &str| words.contains("an officer must order") && words.contains("record authorise");
    let (result, words) = by_mavsdk(&aircraft, "start_video").with_context(|| agent.output())?;
    ensure!(result.contains("DENIED") && told(&words), "{result}: {words}");
    let (result, words) = press(&aircraft, PHOTO)?;
    ensure!(result == DENIED && told(&words), "{result}: {words}");
    ensure!(aircraft.flights().is_empty(), "nothing began");
    let link = format!("udpout:127.0.0.1:{}", aircraft.radio_port);
    let station = ["record", "start", "--reason", WHY, "--mavlink", &link, "--key", "station.key"];
    let refused = unit.command("skyseal-ground", &station).output()?;
    let refused = String::from_utf8_lossy(&refused.stderr).into_owned();
    ensure!(refused.contains("an officer must sign"), "{refused}");

    let until = run(Command::new("date").args(["-u", "-d", "+5 minutes", "+%Y-%m-%dT%H:%M:%SZ"]), 0)?;
    let given = run(&mut by_the_pilot(&unit, &aircraft, &["authorise", "--until", until.trim()]), 0)?;
    let given: Value = serde_json::from_str(&given)?;
    assert_eq!((&given["authorised"], &given["by"]), (&Value::from(true), &Value::from(PILOT.0)), "{given:#}");
    assert_eq!(by_mavsdk(&aircraft, "start_video").with_context(|| agent.output())?.0, "passed");
    assert_eq!(press(&aircraft, PHOTO)?.0, ACCEPTED);
    run(&mut by_the_pilot(&unit, &aircraft, &["authorise", "--end"]), 0)?;
    let (result, words) = press(&aircraft, STOP)?;
    ensure!(result == DENIED && words.contains("an officer must order"), "{words}");
    run(&mut by_the_pilot(&unit, &aircraft, &["stop"]), 0)?;
    let ended = agent.wait(2 * PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    drop(simulator.stop()?);
    the_record_names_the_officer(&aircraft)
}

fn the_record_names_the_officer(aircraft: &Aircraft) -> Result<()> {
    let flight = aircraft.only_flight()?;
    let records = oracle::records(&flight)?;
    let place = |what: &dyn Fn(&Value) -> bool| records.iter().position(what);
    let event =
        |code: &'static str| place(&move |record| record["body"]["code"] == code).with_context(|| code.to_owned());
    let begun =
        place(&|record| record["kind"] == "authorisation" && record["body"]["action"] == "begin").context("begun")?;
    let over =
        place(&|record| record["kind"] == "authorisation" && record["body"]["action"] == "end").context("over")?;
    let (started, stills, stopped) =
        (event("recording-started")?, event("stills-ordered")?, event("recording-stopped")?);
    ensure!(
        begun < started && started < stills && stills < over && over < stopped,
        "{begun} {started} {stills} {over} {stopped}"
    );
    let signer = &records[begun]["body"]["signer"];
    assert_eq!(records[begun]["body"]["subject"], "device", "given while no flight was open");
    for at in [started, stills, stopped] {
        assert_eq!(&records[at]["body"]["actor"], signer, "record {at}");
    }
    let verdict = aircraft.verify(&flight, None)?;
    assert_eq!(
        (&verdict["word"], &verdict["integrity"]),
        (&"VERIFIED-UNWITNESSED".into(), &"INTACT".into()),
        "{verdict:#}"
    );
    let said: Vec<_> = verdict["ordered"].as_array().context("ordered")?.iter().map(|word| &word["action"]).collect();
    assert_eq!(said, ["authorise", "withdraw", "stop"], "{verdict:#}");
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flight-record/verifier/verify.py");
    let mut second = oracle::venv("python")?;
    second.arg(verifier).arg(&flight).args(["--root", &aircraft.root()?, "--trust"]).arg(aircraft.unit().trust());
    let said = String::from_utf8_lossy(&second.output()?.stdout).into_owned();
    ensure!(said.contains("VERIFIED-UNWITNESSED"), "the second verifier: {said}");
    Ok(())
}

#[test]
fn a_recording_that_nobody_is_heard_about_ends_by_the_policy() -> Result<()> {
    let mut aircraft = Aircraft::new()?;
    aircraft.record = "close_after_disarm_s = 1\non_link_loss = { stop_after_s = 2 }".to_owned();
    let scenario = aircraft.folder().join("standing.toml");
    std::fs::write(&scenario, STANDING)?;
    let (mut agent, simulator) = take_off(&mut aircraft, &scenario, None)?;
    assert_eq!(press(&aircraft, START).with_context(|| agent.output())?.0, ACCEPTED, "and the station is gone");
    let ended = agent.wait(2 * PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    drop(simulator.stop()?);
    let flight = aircraft.only_flight()?;
    let records = oracle::records(&flight)?;
    let events: Vec<&Value> = records.iter().filter(|record| record["kind"] == "event").collect();
    let at =
        |code: &str| events.iter().position(|event| event["body"]["code"] == *code).with_context(|| code.to_owned());
    ensure!(
        at("recording-started")? < at("ground-lost")? && at("ground-lost")? < at("recording-stopped")?,
        "{events:#?}"
    );
    ensure!(agent.output().contains("StopRecording(Policy)"), "the policy stopped it:\n{}", agent.output());
    let verdict = aircraft.verify(&flight, None)?;
    assert_eq!(verdict["integrity"], "INTACT", "{verdict:#}");
    Ok(())
}
