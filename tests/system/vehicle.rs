//! `skyseal-ground vehicle` against the simulated vehicle in both personalities: parameters, logs, files, gimbal.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::aircraft::PATIENCE;
use system_tests::process::{binary, run, wait_for};

use crate::peers::Vehicle;

/// A hop, so that there is a log.
const HOP: &str = "seed = 9\n[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 20.0\n\
mission = [{ take_off = { height_m = 5 } }, { wait = { seconds = 3 } }]\n";

/// The ground station's commands in a folder of their own, to one vehicle.
struct Ground {
    folder: tempfile::TempDir,
    address: String,
}

impl Ground {
    fn to(vehicle: &Vehicle) -> Result<Self> {
        let address = vehicle.addresses("MAVLink").pop().context("an address")?;
        Ok(Self { folder: tempfile::tempdir()?, address })
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary("skyseal-ground"));
        command.arg("vehicle").args(words).args(["--json", "--mavlink", &format!("tcpout:{}", self.address)]);
        command.current_dir(self.folder.path());
        command
    }

    fn facts(&self, words: &[&str]) -> Result<Value> {
        let text = run(&mut self.command(words), 0)?;
        serde_json::from_str(&text).with_context(|| text.clone())
    }

    /// What it says as it refuses.
    fn refused(&self, words: &[&str]) -> Result<String> {
        let output = self.command(words).output()?;
        ensure!(output.status.code() == Some(1), "{words:?}: {}", output.status);
        Ok(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[test]
fn parameters_of_both_are_listed_read_and_set_in_their_own_encoding() -> Result<()> {
    for (personality, real, whole) in [("px4", "MPC_XY_CRUISE", "RTL_TYPE"), ("ardupilot", "WPNAV_SPEED", "RTL_ALT")] {
        let vehicle = Vehicle::start(&["--personality", personality], 1)?;
        let ground = Ground::to(&vehicle)?;
        let all = ground.facts(&["parameters", "list"])?;
        let all = all.as_object().context("names and values")?;
        ensure!(all.len() > 20 && all.contains_key(real) && all.contains_key(whole), "{personality}: {all:#?}");
        let some = ground.facts(&["parameters", "list", "--like", "rtl"])?;
        ensure!(some.as_object().is_some_and(|some| some.len() < all.len() && some.contains_key(whole)), "{some:#}");
        assert_eq!(ground.facts(&["parameters", "get", whole])?[whole], all[whole], "{personality}");

        let before = all[whole].as_i64().context("a whole number")?;
        let value = (before + 1).to_string();
        let set = ground.facts(&["parameters", "set", whole, &value])?;
        assert_eq!((set["before"].as_i64(), set["value"].as_i64()), (Some(before), Some(before + 1)), "{set:#}");
        assert_eq!(ground.facts(&["parameters", "get", whole])?[whole], before + 1, "{personality}");
        for (wrong, why) in [("1.5", "is no value for it"), ("1000000", "keeps")] {
            let said = ground.refused(&["parameters", "set", whole, wrong])?;
            ensure!(said.contains(why), "{personality}: {said}");
        }
        let said = ground.refused(&["parameters", "get", "NO_SUCH_ONE"])?;
        ensure!(said.contains("NO_SUCH_ONE was not read"), "{said}");
    }
    Ok(())
}

#[test]
fn logs_and_files_of_both_are_listed_and_fetched_whole_also_after_a_break() -> Result<()> {
    for personality in ["px4", "ardupilot"] {
        let scenario = tempfile::NamedTempFile::with_suffix(".toml")?;
        fs::write(scenario.path(), HOP)?;
        let vehicle = Vehicle::start(&[&scenario.path().display().to_string(), "--personality", personality], 1)?;
        let ground = Ground::to(&vehicle)?;
        let flown = wait_for(PATIENCE, || flown(&ground));
        ensure!(flown, "{personality} did not land: {}", ground.refused(&["parameters", "get", "NONE"])?);
        let listed = ground.facts(&["logs", "list"])?;
        let [log] = &listed.as_array().context("a list")?[..] else { anyhow::bail!("one log: {listed:#}") };
        let fetched = ground.facts(&["logs", "fetch", "latest", "--out", "whole"])?;
        assert_eq!((&fetched["bytes"], &fetched["before"]), (&log["bytes"], &Value::from(0)), "{fetched:#}");
        let bytes = fs::read(ground.folder.path().join("whole"))?;
        assert_eq!(Some(bytes.len() as u64), log["bytes"].as_u64());
        ensure!(ground.refused(&["logs", "fetch", "latest", "--out", "whole"])?.contains("not written over"));
        ensure!(ground.refused(&["logs", "fetch", "999"])?.contains("no log 999"));

        the_files_hold_the_same(&ground, &bytes)?;
        it_goes_on_after_a_break(&ground, &bytes)?;
    }
    Ok(())
}

/// Whether the hop is over: a log is there, and the vehicle takes parameters again.
fn flown(ground: &Ground) -> bool {
    let logs = ground.facts(&["logs", "list"]).ok();
    let one = logs.is_some_and(|logs| logs.as_array().is_some_and(|logs| !logs.is_empty()));
    one && ["MIS_TAKEOFF_ALT", "RTL_ALT"].iter().any(|name| ground.facts(&["parameters", "set", name, "30"]).is_ok())
}

/// The log is a file too; the folders lead to it.
fn the_files_hold_the_same(ground: &Ground, bytes: &[u8]) -> Result<()> {
    let mut path = String::new();
    for _ in 0..8 {
        let entries = ground.facts(&["files", "list", if path.is_empty() { "/" } else { &path }])?;
        let first = entries[0].clone();
        if let Some(name) = first["file"].as_str() {
            path = format!("{path}/{name}");
            break;
        }
        path = format!("{path}/{}", first["folder"].as_str().with_context(|| format!("{path}: {entries:#}"))?);
    }
    let got = ground.facts(&["files", "get", &path, "--out", "by-ftp"])?;
    assert_eq!(got["checked"], true, "{got:#}");
    ensure!(fs::read(ground.folder.path().join("by-ftp"))? == bytes, "{path} is another file");
    fs::write(ground.folder.path().join("again.file.part"), &bytes[..bytes.len() / 2])?;
    let got = ground.facts(&["files", "get", &path, "--out", "again"])?;
    assert_eq!(got["before"].as_u64(), Some(bytes.len() as u64 / 2), "{got:#}");
    ensure!(fs::read(ground.folder.path().join("again"))? == bytes, "a part and the rest are not the whole");
    ensure!(ground.refused(&["files", "get", "/none/such"])?.contains("there is no such file"));
    Ok(())
}

/// A fetch that is killed leaves its beginning.
fn it_goes_on_after_a_break(ground: &Ground, bytes: &[u8]) -> Result<()> {
    let part = || -> Option<(u64, std::path::PathBuf)> {
        let mut entries = fs::read_dir(ground.folder.path()).ok()?.flatten().map(|entry| entry.path());
        let path = entries.find(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("broken") && name.ends_with(".part")
        })?;
        Some((fs::metadata(&path).ok()?.len(), path))
    };
    let mut fetch = ground.command(&["logs", "fetch", "latest", "--out", "broken"]).spawn()?;
    let begun =
        wait_for(PATIENCE, || part().is_some_and(|(len, _)| len > 0) || ground.folder.path().join("broken").exists());
    fetch.kill()?;
    fetch.wait()?;
    ensure!(begun, "nothing came");
    if let Some((len, path)) = part() {
        ensure!(fs::read(&path)? == bytes[..usize::try_from(len)?], "what stays is no beginning");
        let fetched = ground.facts(&["logs", "fetch", "latest", "--out", "broken"])?;
        assert_eq!(fetched["before"].as_u64(), Some(len), "{fetched:#}");
    }
    ensure!(fs::read(ground.folder.path().join("broken"))? == bytes, "a part and the rest are not the whole");
    Ok(())
}

#[test]
fn a_gimbal_of_both_looks_where_it_is_told_and_nobody_is_shut_out() -> Result<()> {
    for personality in ["px4", "ardupilot"] {
        let vehicle = Vehicle::start(&["--personality", personality], 1)?;
        let ground = Ground::to(&vehicle)?;
        let status = ground.facts(&["gimbal", "status"])?;
        ensure!(status[0]["attitude"].is_object() && status[0]["in_control"].is_null(), "{personality}: {status:#}");
        let near = |value: &Value, wanted: f64| value.as_f64().is_some_and(|value| (value - wanted).abs() < 2.5);
        let seen = ground.facts(&["gimbal", "point", "--pitch", "-45", "--yaw", "20"])?;
        ensure!(near(&seen["pitch_deg"], -45.0), "{personality}: {seen:#}");
        ground.facts(&["gimbal", "look-at", "51.6", "-1.9", "--altitude", "100"])?;
        ground.facts(&["gimbal", "let-go"])?;
        let seen = ground.facts(&["gimbal", "point", "--pitch", "-10"])?;
        ensure!(near(&seen["pitch_deg"], -10.0), "{personality}: {seen:#}");
        assert_eq!(ground.facts(&["gimbal", "status"])?[0]["in_control"], Value::Null, "{personality}: given up");
        ensure!(ground.refused(&["gimbal", "point", "--pitch", "0", "--gimbal", "9"])?.contains("not that one"));
        assert_eq!(ground.facts(&["camera", "status"])?, serde_json::json!([]), "it has no camera");
    }
    Ok(())
}
