//! The flight log as its people have it: drafted while a flight is followed, entered, corrected, put beside the record, summed, written out.

mod at_the_desk;
mod drafted;
mod handed_over;

use std::path::PathBuf;
use std::process::Output;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use system_tests::unit::{PILOT, STORES, Unit};

/// A header that says all that the regulation asks for.
const HEADER: &str = "operator_id = \"GBR-OP-1\"\nmake = \"Acme\"\nmodel = \"Quad\"\nserial = \"TEST-1\"\nbattery = \"B7\"\npilot = \"P1\"\n\
flyer_id = \"GBR-RP-1\"\ncrew = [\"observer: O2\"]\nactivity = \"training\"\nplace = \"Field 3\"\nsight = \"VLOS\"\n";

/// `skyseal-ground log …`, as facts.
fn log(unit: &Unit, words: &[&str]) -> Result<Value> {
    let text = unit.run("skyseal-ground", &[&["log"], words, &["--json"]].concat())?;
    serde_json::from_str(&text).with_context(|| text.clone())
}

/// The same by the pilot at the desk, whatever comes of it.
fn desk(unit: &Unit, words: &[&str]) -> Result<Output> {
    let pin = format!("{}.pin", PILOT.0);
    let desk =
        ["--store", STORES[0], "--second", STORES[1], "--as", PILOT.0, "--pin-file", &pin, "--reason", "end of duty"];
    Ok(unit.command("skyseal-ground", &[&["log"], words, &desk, &["--json"]].concat()).output()?)
}

/// What the desk entered.
fn entered(unit: &Unit, words: &[&str]) -> Result<Value> {
    let output = desk(unit, words)?;
    ensure!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).context("no facts")
}

/// What the desk says as it refuses.
fn refused(unit: &Unit, words: &[&str]) -> Result<String> {
    let output = desk(unit, words)?;
    ensure!(output.status.code() == Some(1), "{words:?}: {}", output.status);
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The files of a folder with this ending, by name.
fn files(unit: &Unit, folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(unit.folder().join(folder)).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == ending));
    files.sort();
    files
}

/// The ledger, checked by the program that keeps it, with the head beside the second store.
fn check_ledger(unit: &Unit) -> Result<()> {
    let heads = format!("{}/ledger.heads", STORES[1]);
    unit.run("skyseal-evidence", &["ledger", "check", "--store", STORES[0], "--outside-head", &heads]).map(drop)
}
