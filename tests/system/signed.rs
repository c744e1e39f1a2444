//! Signed links with the real programs: who has the key is heard, who has not commands nothing, and a replay counts as one, also after a
//! restart. The vehicle's own wire is not signed; what comes by it goes on signed.

use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port};
use system_tests::oracle;
use system_tests::process::{Running, run};
use system_tests::simulator::{Simulator, Sortie};
use system_tests::unit::Unit;

/// An aircraft that stands and films.
const STANDING: &str = "seed = 5\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n";

/// An aircraft whose radio is signed, beside its simulated vehicle.
struct Signed {
    unit: Rc<Unit>,
    aircraft: Aircraft,
    agent: Running,
    simulator: Simulator,
}

impl Signed {
    fn stand() -> Result<Self> {
        let unit = Rc::new(Unit::found()?);
        unit.run("skyseal-ground", &["trust", "mavlink-key", "--out", "mavlink.key"])?;
        let mut aircraft = Aircraft::of(&unit, "TEST-1")?;
        let key = unit.folder().join("mavlink.key");
        let wire = format!("udpin:127.0.0.1:{}", aircraft.mavlink_port);
        aircraft.mavlink = format!("signing_key = \"{}\"\nunsigned = [\"{wire}\"]", key.display());
        let scenario = aircraft.folder().join("standing.toml");
        std::fs::write(&scenario, STANDING)?;
        let rtsp_port = free_tcp_port()?;
        aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
        let agent = aircraft.start_agent(false)?;
        let sortie = Sortie { scenario: &scenario, air_seconds: None, mavlink_port: aircraft.mavlink_port, rtsp_port };
        let simulator = Simulator::start(&sortie, aircraft.folder())?;
        Ok(Self { unit, aircraft, agent, simulator })
    }

    fn record(&self, action: &str, more: &[&str]) -> std::process::Command {
        let link = format!("udpout:127.0.0.1:{}", self.aircraft.radio_port);
        let words = ["record", action, "--reason", "a search", "--mavlink", &link, "--json"];
        self.unit.command("skyseal-ground", &[&words[..], more].concat())
    }

    /// A peer's words; it keeps what it sent in a file of the unit.
    fn peer(&self, what: &str) -> Result<Value> {
        let port = self.aircraft.radio_port.to_string();
        let [key, sent] = ["mavlink.key", "sent.hex"].map(|name| self.unit.folder().join(name));
        let arguments = [Path::new(what), Path::new(&port), &key, &sent];
        oracle::script("peers/signed.py", &arguments).with_context(|| self.agent.output())
    }

    fn until_refused(&mut self, words: &str) -> Result<()> {
        let log = self.aircraft.folder().join("onboard.log");
        let told = || std::fs::read_to_string(&log).is_ok_and(|text| text.lines().any(|line| line.contains(words)));
        self.agent.until(words, PATIENCE, told)
    }
}

#[test]
fn a_station_with_the_key_records_and_one_without_is_refused_and_counted() -> Result<()> {
    let mut signed = Signed::stand()?;
    signed.unit.station("station")?;
    let by = ["--key", "station.key", "--signing-key", "mavlink.key"];
    let said: Value = serde_json::from_str(&run(&mut signed.record("start", &by), 0)?)?;
    assert_eq!((&said["recording"], &said["sealed"]), (&Value::from(true), &Value::from(true)), "{said:#}");

    the_camera_is_seen_and_takes_a_photo(&signed)?;
    let refused = signed.record("stop", &["--unsigned"]).output()?;
    let words = String::from_utf8_lossy(&refused.stderr);
    ensure!(refused.status.code() == Some(1) && words.contains("--signing-key"), "{words}");
    signed.until_refused("not signed")?;
    signed.unit.run("skyseal-ground", &["trust", "mavlink-key", "--out", "other.key"])?;
    let refused = signed.record("stop", &["--unsigned", "--signing-key", "other.key"]).output()?;
    ensure!(refused.status.code() == Some(1), "{}", String::from_utf8_lossy(&refused.stderr));
    signed.until_refused("with a wrong signature")?;

    let said: Value = serde_json::from_str(&run(&mut signed.record("stop", &by), 0)?)?;
    assert_eq!(said["recording"], false, "{said:#}");
    signed.simulator.stop().map(drop)
}

/// By the commands for cameras of any make.
fn the_camera_is_seen_and_takes_a_photo(signed: &Signed) -> Result<()> {
    let link = format!("udpout:127.0.0.1:{}", signed.aircraft.radio_port);
    let camera = |words: &[&str]| -> Result<Value> {
        let to = ["--mavlink", &link, "--signing-key", "mavlink.key", "--json"];
        let text = signed.unit.run("skyseal-ground", &[&["vehicle", "camera"], words, &to[..]].concat())?;
        Ok(serde_json::from_str(&text)?)
    };
    let status = camera(&["status"])?;
    let [eo] = &status.as_array().context("cameras")?[..] else { anyhow::bail!("one camera: {status:#}") };
    assert_eq!((&eo["camera"], &eo["recording"]), (&Value::from("1/100"), &Value::from(true)), "{status:#}");
    ensure!(eo["storages"][0]["status"] == "ready" && eo["can"].to_string().contains("stills"), "{status:#}");
    let photo = camera(&["photo"])?;
    ensure!(photo["file"].as_str().is_some_and(|file| !file.is_empty()), "{photo:#}");
    assert_eq!(camera(&["mode", "image"])?["mode"], "image");
    Ok(())
}

#[test]
fn pymavlink_with_the_key_is_answered_and_its_replay_refused_after_a_restart() -> Result<()> {
    let mut signed = Signed::stand()?;
    let said = signed.peer("talk")?;
    camera_and_autopilot_were_signed(&said)?;

    signed.agent.signal("KILL")?;
    signed.agent.wait(PATIENCE)?;
    signed.agent = signed.aircraft.start_agent(false)?;
    let again = signed.peer("replay")?;
    camera_and_autopilot_were_signed(&again)?;
    assert_eq!(again["answers_to_replay"], 0, "{again:#}");
    signed.until_refused("replayed or out of date")?;
    signed.simulator.stop().map(drop)
}

fn camera_and_autopilot_were_signed(said: &Value) -> Result<()> {
    let signed = said["signed"].as_array().context("who was heard")?;
    for who in [serde_json::json!([1, 1]), serde_json::json!([1, 100])] {
        ensure!(signed.contains(&who) && said["unsigned"] == 0, "{who}: {said:#}");
    }
    Ok(())
}
