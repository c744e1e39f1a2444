//! Recording by signed order, with the real programs: who may, what stands in the record, and that the words stay on the ground.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE};
use system_tests::oracle;
use system_tests::process::{binary, run};
use system_tests::unit::{PEOPLE, PILOT, STORES, Unit};

use crate::recorded::take_off;

/// An aircraft that stands and films.
const STANDING: &str = "seed = 5\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n";
const WHY: &str = "missing person, log 1234";
const DONE: &str = "found by the river";

/// `record` by somebody; the words that say who come last.
fn record(unit: &Unit, aircraft: &Aircraft, (action, why): (&str, &str), by: &[&str]) -> Command {
    let link = format!("udpout:127.0.0.1:{}", aircraft.radio_port);
    let words = ["record", action, "--reason", why, "--mavlink", &link, "--json"];
    unit.command("skyseal-ground", &[&words[..], by].concat())
}

fn person(name: &str) -> [String; 6] {
    ["--as", name, "--pin-file", &format!("{name}.pin"), "--store", STORES[0]].map(str::to_owned)
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// The id of a key of the trust list, by the name that the unit gives it.
fn id(unit: &Unit, name: &str) -> Result<String> {
    let list = oracle::payload(&fs::read(unit.trust())?)?;
    let key = list["keys"].as_array().and_then(|keys| keys.iter().find(|key| key["name"] == name).cloned());
    Ok(key.with_context(|| format!("no key {name}"))?["id"].as_str().context("an id")?.to_owned())
}

#[test]
fn an_order_is_obeyed_recorded_and_its_reason_kept_on_the_ground() -> Result<()> {
    let unit = Rc::new(Unit::found()?);
    unit.station("station")?;
    unit.stores()?;
    let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
    let scenario = aircraft.folder().join("standing.toml");
    fs::write(&scenario, STANDING)?;
    let (mut agent, simulator) = take_off(&mut aircraft, &scenario, None)?;
    let said = run(&mut record(&unit, &aircraft, ("start", WHY), &words(&person(PILOT.0))), 0)?;
    let said: Value = serde_json::from_str(&said)?;
    assert_eq!((&said["recording"], &said["ordered_by"]), (&Value::from(true), &Value::from(PILOT.0)), "{said:#}");
    let custodian = record(&unit, &aircraft, ("stop", DONE), &words(&person(PEOPLE[0].0))).output()?;
    let refused = String::from_utf8_lossy(&custodian.stderr);
    ensure!(!custodian.status.success() && refused.contains("this key may not order"), "{refused}");
    run(&mut record(&unit, &aircraft, ("stop", DONE), &["--key", "station.key"]), 0)?;
    let ended = agent.wait(2 * PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    drop(simulator.stop()?);

    let flight = aircraft.only_flight()?;
    the_record_has_the_orders_before_what_they_caused(&unit, &flight)?;
    the_verifier_says_who_and_why(&unit, &aircraft, &flight)?;
    for file in run(Command::new("find").arg(aircraft.data()).args(["-type", "f"]), 0)?.lines() {
        let bytes = fs::read(file)?;
        ensure!(!bytes.windows(WHY.len()).any(|found| found == WHY.as_bytes()), "the words are aboard, in {file}");
    }
    Ok(())
}

fn the_record_has_the_orders_before_what_they_caused(unit: &Unit, flight: &Path) -> Result<()> {
    let records = oracle::records(flight)?;
    let code = |record: &Value| record["body"]["code"].as_str().unwrap_or_default().to_owned();
    let orders: Vec<&Value> = records
        .iter()
        .filter(|record| record["kind"] == "statement" || code(record).starts_with("recording-"))
        .collect();
    let [start, started, stop, stopped] = &orders[..] else { anyhow::bail!("other orders: {orders:#?}") };
    let (pilot, station) = (Value::from(id(unit, PILOT.0)?), Value::from(id(unit, "station")?));
    let order = |record: &Value| (record["body"]["action"].clone(), record["body"]["subject"].clone());
    assert_eq!((order(start), &start["body"]["signer"]), (("start".into(), "device".into()), &pilot));
    assert_eq!((code(started).as_str(), &started["body"]["actor"]), ("recording-started", &pilot));
    assert_eq!((order(stop), &stop["body"]["signer"]), (("stop".into(), "flight".into()), &station));
    assert_eq!((code(stopped).as_str(), &stopped["body"]["actor"]), ("recording-stopped", &station));
    Ok(())
}

fn the_verifier_says_who_and_why(unit: &Unit, aircraft: &Aircraft, flight: &Path) -> Result<()> {
    let mut command = Command::new(binary("skyseal-verify"));
    command.arg(flight).arg("--json").args(["--root", &unit.root()?, "--trust"]).arg(unit.trust());
    command.arg("--identity").arg(aircraft.identity(flight)?);
    for kept in fs::read_dir(unit.folder().join("reasons"))? {
        command.arg("--reason").arg(kept?.path());
    }
    let verdict: Value = serde_json::from_slice(&command.output()?.stdout)?;
    assert_eq!(verdict["integrity"], "INTACT", "{verdict:#}");
    let ordered = verdict["ordered"].as_array().context("orders")?;
    let facts = |order: &Value| {
        [&order["action"], &order["name"], &order["reason"]].map(|fact| fact.as_str().map(str::to_owned))
    };
    let expected =
        [["start", PILOT.0, WHY], ["stop", "station", DONE]].map(|order| order.map(|word| Some(word.to_owned())));
    assert_eq!(ordered.iter().map(facts).collect::<Vec<_>>(), expected, "{ordered:#?}");
    Ok(())
}
