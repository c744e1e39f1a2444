//! After the flight: docked, stored twice, erased aboard, packed, verified.

use std::path::Path;

use anyhow::{Context as _, Result};
use indicatif::ProgressBar;

use super::flight::Landed;
use super::programs::Programs;
use super::summary::Recorded;
use super::{DemoArgs, layout, unit};

/// Docks the aircraft over the network. Gives what the dock says as JSON.
pub(super) fn dock(programs: &Programs, out: &Path, args: &DemoArgs, landed: &Landed, root: &str) -> Result<String> {
    let from = format!("tls://127.0.0.1:{}", landed.ports.dock);
    let [(actor, ..), (witness, ..)] = unit::PEOPLE;
    let pins = [unit::pin_file(actor), unit::pin_file(witness)];
    let device = device_id(out)?;
    let mut words = vec!["dock", "--from", &from, "--device", &device, "--key", unit::STATION_KEY];
    words.extend(["--trust", layout::TRUST, "--root", root, "--store", layout::STORE, "--second", layout::SECOND]);
    words.extend([
        "--wraps",
        layout::WRAPS,
        "--reasons",
        layout::REASONS,
        "--package",
        layout::PACKAGES,
        "--json",
        "--reason",
        "End of demonstration",
    ]);
    words.extend(["--actor", actor, "--actor-pin-file", &pins[0]]);
    words.extend(["--countersign", witness, "--countersign-pin-file", &pins[1]]);
    if !args.no_witness {
        words.extend(["--witness-dir", layout::WITNESS]);
    }
    programs.run("skyseal-ground", out, &words)
}

/// What no telemetry tells of a flight.
const FACTS: [&str; 8] = [
    "battery=SIM-B1",
    "activity=Missing-person search",
    "operator_id=for demonstration",
    "flyer_id=for demonstration",
    "make=Skyseal",
    "model=simulator",
    "sight=VLOS",
    "crew=observer: officer-12",
];

/// The pilot enters the flight that `fly` drafted.
pub(super) fn log(programs: &Programs, out: &Path) -> Result<()> {
    let nothing = "the flight left no draft of its log";
    let mut drafts = std::fs::read_dir(out.join(layout::FLIGHT_LOG)).context(nothing)?;
    let draft = drafts.next().context(nothing)??.path();
    let draft = draft.to_string_lossy();
    let (pilot, serial) = (format!("pilot={}", unit::PILOT.0), format!("serial={}", unit::AIRCRAFT));
    let facts = [pilot.as_str(), &serial].into_iter().chain(FACTS).flat_map(|fact| ["--fact", fact]);
    let words: Vec<&str> = ["log", "add", &draft].into_iter().chain(facts).collect();
    super::papers::enter(programs, out, &words, "End of demonstration")
}

/// The device's key id, as the trust list has it.
pub(super) fn device_id(out: &Path) -> Result<String> {
    let list = std::fs::read(out.join(layout::TRUST))?;
    let list: serde_json::Value = super::summary::payload(&list)?;
    let devices = list["keys"].as_array().context("a trust list without keys")?;
    let device = devices.iter().find(|key| key["role"] == "device").context("no device in the trust list")?;
    Ok(device["id"].as_str().context("a key without an id")?.to_owned())
}

/// A person entitled unwraps the flight's secret; the verifier judges the package with it.
pub(super) fn verify(programs: &Programs, out: &Path, root: &str, bar: &ProgressBar) -> Result<(Recorded, String)> {
    bar.set_message("verifying the package");
    let package = only_package(out)?;
    let recorded = Recorded::read(out, &package)?;
    let identity = layout::identity(&recorded.recipient);
    let wrap = format!("{}/{}.age", layout::WRAPS, recorded.recipient);
    let unwrap = ["recipients", "unwrap", "--identity", layout::PERSON, "--wrap", &wrap, "--out", &identity];
    programs.run("skyseal-ground", out, &unwrap)?;
    let words = [package.as_str(), "--json", "--root", root, "--trust", layout::TRUST];
    let opened = ["--identity", &identity, "--extract", layout::OPENED];
    let verdict = programs.judge("skyseal-verify", out, &[&words[..], &opened[..]].concat())?;
    std::fs::write(out.join(layout::VERDICT), &verdict)?;
    Ok((recorded, verdict))
}

/// The package of the one flight, relative to the output folder.
fn only_package(out: &Path) -> Result<String> {
    let mut packages =
        std::fs::read_dir(out.join(layout::PACKAGES)).context("the dock made no package; see dock.json")?;
    let package = packages.next().context("the dock made no package; see dock.json")??;
    anyhow::ensure!(packages.next().is_none(), "the dock made more than one package");
    Ok(format!("{}/{}", layout::PACKAGES, package.file_name().to_string_lossy()))
}
