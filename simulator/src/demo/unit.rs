//! What a unit does once, and at booking out: root, keys, people, stores, configuration.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::layout;
use super::programs::Programs;

/// Who hands over and who countersigns: pseudonyms, as the trust list has them.
pub(super) const PEOPLE: [(&str, &str, &str); 2] =
    [("officer-11", "custodian", "PC 411"), ("officer-12", "witness", "PC 412")];
/// Who flies.
pub(super) const PILOT: (&str, &str, &str) = ("officer-10", "pilot", "PC 410");
/// The aircraft.
pub(super) const AIRCRAFT: &str = "SIM-1";
/// Who makes the accounts, and sees no footage.
const ADMINISTRATOR: &str = "admin-1";

/// Where a person's PIN is kept for this demonstration; a person would type it.
pub(super) fn pin_file(name: &str) -> String {
    format!("people/{name}.pin")
}

/// The station's key.
pub(super) const STATION_KEY: &str = "station/station.key";

/// Makes everything. Gives the root's fingerprint.
pub(super) fn found(programs: &Programs, out: &Path) -> Result<String> {
    for folder in
        ["aircraft/logs", "station", "people", "papers", "requests", "identities", layout::WITNESS, layout::WRAPS]
    {
        std::fs::create_dir_all(out.join(folder))?;
    }
    let unit = Unit { programs, out };
    write_secret(&out.join("passphrase"), &format!("{:032x}\n", rand::random::<u128>()))?;
    let ground = |words: &[&str]| programs.run("skyseal-ground", out, words);
    ground(&["trust", "init", "--unit", "Demonstration unit", "--dir", "trust", "--passphrase-file", "passphrase"])?;
    let onboard = ["enrol", "--name", AIRCRAFT, "--key", "aircraft/device.key", "--request", "requests/device.json"];
    programs.run("skyseal-onboard", out, &onboard)?;
    unit.enrol("device", "device", &["--class", "simulated"])?;
    ground(&["trust", "request", "--key", STATION_KEY, "--name", "Station 1", "--request", "requests/station.json"])?;
    unit.enrol("station", "station", &[])?;
    for (store, name) in [(layout::STORE, "Store A"), (layout::SECOND, "Store B")] {
        programs.run("skyseal-evidence", out, &["store", "init", "--store", store, "--name", name])?;
        unit.enrol_request(&format!("{store}/store-request.json"), "store", &[])?;
    }
    unit.account(ADMINISTRATOR, "administrator", "PS 10")?;
    for (name, duty, staff) in PEOPLE.into_iter().chain([PILOT]) {
        unit.account(name, duty, staff)?;
        unit.officer(name, duty)?;
    }
    let person = ground(&["recipients", "person", "--json", "--out", layout::PERSON])?;
    let person: serde_json::Value = serde_json::from_str(&person)?;
    let recipient = person["recipient"].as_str().context("an identity without a recipient")?;
    std::fs::write(out.join(layout::ENTITLED), format!("{recipient}\n"))?;
    let loaded = ["recipients", "make", "--count", "4", "--entitled", layout::ENTITLED, "--wraps", layout::WRAPS];
    ground(&[&loaded[..], &["--public", "aircraft/recipients.txt"]].concat())?;
    std::fs::copy(out.join(layout::TRUST), out.join("aircraft/trust.json"))?;
    let root = std::fs::read_to_string(out.join(layout::ROOT)).context("the root's fingerprint")?;
    Ok(root.trim().to_owned())
}

struct Unit<'a> {
    programs: &'a Programs,
    out: &'a Path,
}

impl Unit<'_> {
    fn enrol(&self, request: &str, role: &str, more: &[&str]) -> Result<()> {
        self.enrol_request(&format!("requests/{request}.json"), role, more)
    }

    fn enrol_request(&self, request: &str, role: &str, more: &[&str]) -> Result<()> {
        let words = ["trust", "enrol", "--dir", "trust", "--request", request, "--role", role, "--valid-days", "30"];
        // A person compares the key's fingerprint by eye; here both ends are this program.
        let signed = ["--passphrase-file", "passphrase", "--yes"];
        self.programs.run("skyseal-ground", self.out, &[&words[..], more, &signed[..]].concat()).map(drop)
    }

    /// An account with a PIN of its own; after the first, the administrator makes them.
    fn account(&self, name: &str, duty: &str, staff: &str) -> Result<()> {
        let (pin, administrators) = (pin_file(name), pin_file(ADMINISTRATOR));
        write_secret(&self.out.join(&pin), &format!("{:08}\n", rand::random_range(0..100_000_000_u32)))?;
        let mut add =
            vec!["accounts", "add", "--store", layout::STORE, "--name", name, "--duty", duty, "--staff", staff];
        if name != ADMINISTRATOR {
            add.extend(["--as", ADMINISTRATOR, "--pin-file", &administrators]);
        }
        self.programs.run("skyseal-evidence", self.out, &add)?;
        let set = ["accounts", "pin", "--store", layout::STORE, "--name", name, "--pin-file", &pin];
        self.programs.run("skyseal-evidence", self.out, &set).map(drop)
    }

    /// Puts the key of an account on the trust list.
    fn officer(&self, name: &str, duty: &str) -> Result<()> {
        let (pin, request) = (pin_file(name), format!("requests/{name}.json"));
        let words = ["accounts", "request", "--store", layout::STORE, "--as", name, "--pin-file", &pin];
        self.programs.run("skyseal-evidence", self.out, &[&words[..], &["--request", &request]].concat())?;
        self.enrol(name, "officer", &["--duty", duty])
    }
}

fn write_secret(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

/// The aircraft's `onboard.toml`, as a unit would write it.
pub(super) fn configuration(root: &str, run_dir: &str, ports: &super::flight::Ports) -> String {
    let super::flight::Ports { vehicle, radio, rtsp, dock, live: [video, klv], .. } = ports;
    format!(
        r#"# Made by `simulator/demo`.
[aircraft]
name = "SIM-1"
mission = "DEMONSTRATION"

[storage]
dir = "data"
reserve_mib = 64

[keys]
device = "device.key"
trust = "trust.json"
root = "{root}"
recipients = "recipients.txt"
run_dir = "{run_dir}"

[record]
policy = "armed"
close_after_disarm_s = 2

[mavlink]
endpoints = ["udpin:127.0.0.1:{vehicle}", "udpin:127.0.0.1:{radio}"]

[live]
video = "127.0.0.1:{video}"
klv = "127.0.0.1:{klv}"

[dock]
listen = "127.0.0.1:{dock}"

[[camera]]
stream = "eo"
sensor = "EO Day"
delay_ms = 40
clock = "ntp"
hfov_deg = 60.0
source = {{ kind = "rtsp", url = "rtsp://127.0.0.1:{rtsp}/eo" }}
"#
    )
}
