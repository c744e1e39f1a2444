//! One flight all the way: flown, drafted by the ground witness, entered, docked, put beside its record, listed, written out, read elsewhere.

use std::fs;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::run;
use system_tests::unit::{PEOPLE, STORES, Unit};

use super::{HEADER, check_ledger, desk, entered, files, log};
use crate::recorded::take_off;

/// Seconds from arming to disarming.
const AIR_SECONDS: u32 = 20;
const HOVER: &str = "seed = 6\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 20.0\n\
mission = [{ take_off = { height_m = 10 } }, { wait = { seconds = 3600 } }]\n";
/// The table as Python's own `csv` reads it.
const READ_CSV: &str = "import csv, json, sys\nprint(json.dumps(list(csv.DictReader(open(sys.argv[1], newline='')))))";

/// Flown with a ground witness that drafts the log; the aircraft, landed.
fn flown(unit: &Rc<Unit>) -> Result<Aircraft> {
    let mut aircraft = Aircraft::of(unit, "TEST-1")?;
    aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
    let scenario = aircraft.folder().join("hover.toml");
    fs::write(&scenario, HOVER)?;
    fs::write(unit.folder().join("header.toml"), HEADER)?;
    let link = format!("udpout:127.0.0.1:{}", aircraft.radio_port);
    let drafting = ["--log", "drafts", "--log-header", "header.toml", "--json"];
    let mut witness = unit.witness("station", std::slice::from_ref(&link), &drafting)?;
    let (mut agent, simulator) = take_off(&mut aircraft, &scenario, Some(AIR_SECONDS))?;
    let ended = agent.wait(Duration::from_secs(u64::from(AIR_SECONDS)) + 2 * PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    witness.until("the flight is drafted", PATIENCE, || witness_drafted(unit))?;
    witness.signal("TERM")?;
    ensure!(witness.wait(PATIENCE)?.success(), "{}", witness.output());
    ensure!(witness.output().contains("\"event\":\"flight-log\""), "{}", witness.output());
    drop(simulator.stop()?);
    Ok(aircraft)
}

fn witness_drafted(unit: &Unit) -> bool {
    !files(unit, "drafts", "json").is_empty()
}

/// Hands the flights of a folder over; what the dock says of them.
fn dock(unit: &Unit, aircraft: &Aircraft) -> Result<Vec<String>> {
    let [(actor, _), (witness, _)] = PEOPLE;
    let root = unit.root()?;
    let (actor_pin, witness_pin) = (format!("{actor}.pin"), format!("{witness}.pin"));
    let from = aircraft.data().display().to_string();
    let mut words = vec!["dock", "--from", &from, "--store", STORES[0], "--second", STORES[1], "--no-erase", "--json"];
    words.extend(["--trust", "trust/trust.json", "--root", &root, "--reason", "End of a test flight"]);
    words.extend(["--actor", actor, "--actor-pin-file", &actor_pin]);
    words.extend(["--countersign", witness, "--countersign-pin-file", &witness_pin]);
    let output = unit.command("skyseal-ground", &words).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let facts: Value = serde_json::from_slice(&output.stdout)?;
    let notices = facts["flights"][0]["notices"].as_array().context("notices")?;
    Ok(notices
        .iter()
        .filter_map(Value::as_str)
        .filter(|said| said.starts_with("flight log"))
        .map(str::to_owned)
        .collect())
}

#[test]
fn a_flight_goes_from_its_draft_to_the_record_beside_it_and_out_again() -> Result<()> {
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    unit.stores()?;
    let aircraft = flown(&unit)?;
    let drafts = files(&unit, "drafts", "json");
    let [draft] = &drafts[..] else { anyhow::bail!("one draft: {drafts:?}") };
    let id = draft.file_stem().and_then(|stem| stem.to_str()).context("an id")?.to_owned();
    let drafted: Value = serde_json::from_slice(&fs::read(draft)?)?;
    ensure!((5..60).contains(&drafted["aloft_s"].as_u64().context("seconds")?), "{drafted:#}");

    // Handed over before the pilot entered it: said, with the cure, and the handover goes on.
    let said = dock(&unit, &aircraft)?;
    ensure!(said.len() == 1 && said[0].contains("no entry of TEST-1 between"), "{said:?}");
    ensure!(said[0].contains("`skyseal-ground log add`, then `skyseal-ground log reconcile`"), "{said:?}");
    let remark = "gusts, \"strong\"";
    let added = entered(&unit, &["add", &id, "--log", "drafts", "--remark", remark, "--defect", "=1+1"])?;
    assert_eq!((&added["id"], &added["notes"]), (&json!(id), &json!([])), "{added:#}");
    ensure!(!draft.exists() && unit.folder().join(format!("drafts/entered/{id}.json")).is_file());

    // The same card again: now the record finds its entry.
    let said = dock(&unit, &aircraft)?;
    assert_eq!(said, [format!("flight log: {id}: the record agrees with it")]);
    assert_eq!(dock(&unit, &aircraft)?, said, "again, and nothing is entered twice");
    let shown = log(&unit, &["show", &id, "--store", STORES[0], "--map", "way.svg"])?;
    let versions = shown["versions"].as_array().context("versions")?;
    assert_eq!(versions.len(), 2, "{shown:#}");
    assert_eq!((&versions[0]["name"], &versions[1]["name"]), (&json!("officer-10"), &json!(PEOPLE[0].0)));
    ensure!(versions[1]["changes"][0].to_string().contains("records: "), "{shown:#}");
    let flight = aircraft.only_flight()?;
    let flight = flight.file_name().and_then(|name| name.to_str()).context("a flight has a name")?;
    let record = &shown["entry"]["records"][0];
    assert_eq!((&record["flight"], &record["differences"]), (&json!(flight), &json!([])), "{shown:#}");
    ensure!(fs::read_to_string(unit.folder().join("way.svg"))?.contains("<svg"));

    what_differs_is_told(&unit, &id)?;
    it_is_written_out(&unit, &id, remark)?;
    check_ledger(&unit)
}

/// The pilot corrects the landing to a time after the record's end: the difference shows when the two are compared again.
fn what_differs_is_told(unit: &Unit, id: &str) -> Result<()> {
    let shown = log(unit, &["show", id, "--store", STORES[0]])?;
    let at = shown["entry"]["landing"]["at"].as_str().context("a time")?;
    let later = run(
        std::process::Command::new("date").args(["-u", "+%Y-%m-%dT%H:%M:%SZ", "-d", &format!("{at} 10 minutes")]),
        0,
    )?;
    entered(unit, &["change", id, "--landing", later.trim()])?;
    let output = desk(unit, &["reconcile"])?;
    let facts: Value = serde_json::from_slice(&output.stdout)?;
    ensure!(facts[0]["said"][0].to_string().contains("the record ends before the landing, by 5"), "{facts:#}");
    assert_eq!(facts[0]["entered"], 1, "{facts:#}");
    let listed = unit.run("skyseal-ground", &["log", "list", "--store", STORES[0], "--log", "none"])?;
    ensure!(listed.contains("RECORD DIFFERS") && listed.contains("pilot P1: 1 flights"), "{listed}");
    Ok(())
}

fn it_is_written_out(unit: &Unit, id: &str, remark: &str) -> Result<()> {
    for out in ["log.csv", "log.html"] {
        log(unit, &["export", "--store", STORES[0], "--out", out])?;
        let again = unit.command("skyseal-ground", &["log", "export", "--store", STORES[0], "--out", out]).output()?;
        ensure!(again.status.code() == Some(1), "{out} is not written over");
    }
    let table = run(oracle::venv("python")?.args(["-c", READ_CSV]).arg(unit.folder().join("log.csv")), 0)?;
    let rows: Vec<Value> = serde_json::from_str(&table)?;
    let [row] = &rows[..] else { anyhow::bail!("one row: {table}") };
    for (column, wanted) in
        [("id", id), ("pilot", "P1"), ("serial", "TEST-1"), ("remarks", remark), ("defects", "'=1+1")]
    {
        assert_eq!(row[column], wanted, "{column}");
    }
    ensure!(row["records"].to_string().contains("ends before the landing"), "{row:#}");
    let page = fs::read_to_string(unit.folder().join("log.html"))?;
    ensure!(
        page.contains("default-src 'none'") && !page.contains("<script") && !page.contains("http://www.w3.org/1999")
    );
    ensure!(page.contains("gusts, &quot;strong&quot;") && page.contains("<svg") && page.contains("GBR-OP-1"), "{page}");
    let wrong =
        unit.command("skyseal-ground", &["log", "export", "--store", STORES[0], "--out", "log.doc"]).output()?;
    ensure!(String::from_utf8_lossy(&wrong.stderr).contains("a table ends in .csv"), "{wrong:?}");
    Ok(())
}
