//! A unit's station, aircraft and airspace, put up so that somebody can fly from the window alone.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::aircraft::{Aircraft, free_tcp_port, free_udp_port};
use crate::oracle;
use crate::process::{Running, binary, run};
use crate::simulator::Simulator;
use crate::unit::{PILOT, STORES, Unit};

/// The aircraft's name.
pub const AIRCRAFT: &str = "TEST-1";
/// Where the aircraft stands: beside Derby's aerodrome, whose zone the programs come with.
const HOME: [f64; 2] = [52.8597, -1.6178];
const HOME_MSL_M: f64 = 53.0;
/// The permission to fly in that zone.
pub const PERMISSION: &str = "AUTH-7";
/// Whom to call for it.
pub const PHONE: &str = "01632 960 107";

/// Everything beside the window.
pub struct Station {
    /// The unit.
    pub unit: Rc<Unit>,
    /// The aircraft.
    pub aircraft: Aircraft,
    /// Its agent.
    pub agent: Running,
    vehicle: Running,
    /// The window's settings.
    pub config: PathBuf,
}

impl Station {
    /// A unit with its people, an aircraft that waits for commands, and a permission that only wants the call.
    ///
    /// # Errors
    /// When a program refuses.
    pub fn put_up() -> Result<Self> {
        let unit = Rc::new(Unit::found()?);
        unit.station("station")?;
        unit.stores()?;
        permit(&unit)?;
        let mut aircraft = Aircraft::of(&unit, AIRCRAFT)?;
        aircraft.record = "close_after_disarm_s = 2".to_owned();
        aircraft.dock_port = Some(free_tcp_port()?);
        let (rtsp_port, control_port) = (free_tcp_port()?, free_tcp_port()?);
        aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
        let view = [free_udp_port()?, free_udp_port()?];
        let _ =
            write!(aircraft.cameras, "\n[live]\nvideo = \"127.0.0.1:{}\"\nklv = \"127.0.0.1:{}\"\n", view[0], view[1]);
        let agent = aircraft.start_agent(false)?;
        let vehicle = start_vehicle(&aircraft, rtsp_port, control_port)?;
        let config = unit.folder().join("station.toml");
        std::fs::write(&config, settings(&unit, &aircraft, control_port, view)?)?;
        let mut station = Self { unit, aircraft, agent, vehicle, config };
        station.aircraft.until_heard(&mut station.agent)?;
        Ok(station)
    }

    /// The PIN of an officer.
    ///
    /// # Errors
    /// When there is none.
    pub fn pin(&self, officer: &str) -> Result<String> {
        Ok(std::fs::read_to_string(self.unit.folder().join(format!("{officer}.pin")))?.trim().to_owned())
    }

    /// Ends vehicle and agent as a person would.
    ///
    /// # Errors
    /// When one of them does not end well.
    pub fn shut_down(&mut self) -> Result<()> {
        for running in [&mut self.agent, &mut self.vehicle] {
            running.signal("TERM")?;
            let ended = running.wait(crate::aircraft::PATIENCE)?;
            ensure!(ended.success(), "it ended with {ended}:\n{}", running.output());
        }
        Ok(())
    }

    /// The processes of this station that do this command's work: `witness`, `live`.
    #[must_use]
    pub fn running(&self, command: &str) -> Vec<u32> {
        let folder = self.unit.folder().as_os_str().as_encoded_bytes().to_vec();
        let ids = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = ids.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let is_ours = |id: &u32| {
            let words = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let parts: Vec<&[u8]> = words.split(|byte| *byte == 0).collect();
            parts.get(1) == Some(&command.as_bytes()) && words.windows(folder.len()).any(|part| part == folder)
        };
        ids.filter(is_ours).collect()
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        for id in self.running("witness") {
            // It is gone already, or ends now.
            drop(run(Command::new("kill").arg(id.to_string()), 0));
        }
    }
}

/// The permission of the zone, agreed to and not yet called in.
fn permit(unit: &Unit) -> Result<()> {
    let permission = json!({
        "id": PERMISSION, "kind": "frz", "issuer": {"authority": "Derby Tower", "phone": PHONE}, "operator": "GBR-OP-1",
        "pilots": [PILOT.0], "lower": "surface", "upper": "2000 ft AMSL", "zones": ["derby-atz"],
        "windows": [{"from": "2026-01-01T00:00:00Z", "to": "2036-01-01T00:00:00Z"}]
    });
    std::fs::write(unit.folder().join("frz.json"), permission.to_string())?;
    let pin = format!("{}.pin", PILOT.0);
    let desk = ["--store", STORES[0], "--second", STORES[1], "--as", PILOT.0, "--pin-file", &pin];
    let why = ["--reason", "search at Findern"];
    for words in [
        &["add", "frz.json"][..],
        &["apply", PERMISSION, "--how", "e-mail to the tower"],
        &["change", PERMISSION, "--to", "in-principle", "--how", "e-mail from Mr B"],
    ] {
        unit.run("skyseal-ground", &[&["auth"], words, &desk, &why].concat())?;
    }
    Ok(())
}

fn start_vehicle(aircraft: &Aircraft, rtsp_port: u16, control_port: u16) -> Result<Running> {
    let scenario = aircraft.folder().join("standing.toml");
    let [lat_deg, lon_deg] = HOME;
    let text = format!(
        "seed = 8\n[home]\nlat_deg = {lat_deg}\nlon_deg = {lon_deg}\nalt_msl_m = {HOME_MSL_M:.1}\n\
         [camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n"
    );
    std::fs::write(&scenario, text)?;
    let mut command = Command::new(binary("skyseal-sim"));
    command.arg("run").arg(&scenario).arg("--wait-for-commands").arg("--truth").arg(aircraft.folder().join("truth"));
    command.args(["--rtsp-port", &rtsp_port.to_string()]);
    command.args(["--mavlink", &format!("udpout:127.0.0.1:{}", aircraft.mavlink_port)]);
    command.args(["--mavlink", &format!("tcpin:127.0.0.1:{control_port}")]);
    Running::start(&mut command, aircraft.folder().join("simulator.log"))
}

/// As a unit would write them: the vehicle by its own wire, the recorder by the radio.
fn settings(unit: &Unit, aircraft: &Aircraft, control_port: u16, view: [u16; 2]) -> Result<String> {
    let (radio_port, root) = (aircraft.radio_port, unit.root()?);
    let dock_port = aircraft.dock_port.context("a dock")?;
    let device = device(unit.trust().as_path())?;
    let [first, second] = STORES;
    let [lat_deg, lon_deg] = HOME;
    Ok(format!(
        r#"[station]
place = "Van 3"
state = "window"
sounds = false

[links]
mavlink = ["tcpout:127.0.0.1:{control_port}", "udpout:127.0.0.1:{radio_port}"]
aircraft = "{AIRCRAFT}"

[keys]
station = "station.key"
trust = "trust/trust.json"
root = "{root}"

[witness]
dir = "witness"
reasons = "reasons"

[live]
video_port = {}
klv_port = {}

[stores]
first = "{first}"
second = "{second}"
packages = "packages"
dock = "tls://127.0.0.1:{dock_port}"
device = "{device}"

[crew]
roles = ["observer"]
endurance_min = 30
recent_h = 6

[log]
drafts = "flight-log"

[map]
home = [{lat_deg}, {lon_deg}]
"#,
        view[0], view[1]
    ))
}

/// The aircraft's key id, as the trust list has it.
fn device(trust: &Path) -> Result<String> {
    let list: Value = oracle::payload(&std::fs::read(trust)?)?;
    let keys = list["keys"].as_array().context("a trust list without keys")?;
    let device = keys.iter().find(|key| key["role"] == "device").context("no device in the trust list")?;
    Ok(device["id"].as_str().context("a key without an id")?.to_owned())
}
