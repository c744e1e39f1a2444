//! The command line.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use vehicle_link::endpoint::Endpoint;

use crate::autopilot::personality::Personality;
use crate::control::FaultArgs;
use crate::demo::DemoArgs;
use crate::relay::RelayArgs;
use crate::scenario::{Home, Scenario, ScenarioError};

/// `skyseal-sim`.
#[derive(Debug, Parser)]
#[command(name = "skyseal-sim", version, about, long_about = None, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Simulate a multirotor and its camera until stopped
    #[command(after_long_help = RUN_HELP)]
    Run(RunArgs),
    /// Stand between an aircraft and its ground as a bad radio
    #[command(after_long_help = RELAY_HELP)]
    Relay(RelayArgs),
    /// Let something go wrong in a running simulator
    #[command(after_long_help = FAULT_HELP)]
    Fault(FaultArgs),
    /// Write a scenario's mission as a QGroundControl .plan
    #[command(after_long_help = PLAN_HELP)]
    Plan(PlanArgs),
    /// Fly, film, seal and verify once on this machine, with the real programs
    #[command(after_long_help = DEMO_HELP)]
    Demo(DemoArgs),
}

const DEMO_HELP: &str = "\
Founds a unit (root, station, two stores, two officers), enrols an aircraft, flies a search over a made-up village for
about N seconds while the ground station witnesses the aircraft's tree heads by radio, docks it, stores the flight twice,
erases it aboard on both stores' receipts, packs it, and lets skyseal-verify judge the package. Everything stays in DIR;
summary.json there names it.

Examples:
  simulator/demo --seconds 60 --out out/demo
  simulator/demo --seconds 120 --cut-ground-link 20..80      the verdict says what was witnessed late
  simulator/demo --no-witness                                nobody on the ground

Exit: 0 the verdict is what it must be (VERIFIED; VERIFIED-UNWITNESSED without a witness or with a link cut for more than
30 s) and no frame was lost, 1 anything else, 2 misuse.";

const RELAY_HELP: &str = "\
Datagrams to --listen go to --to and answers go back, each way with the same faults. One seed, one sequence of faults.

Examples:
  skyseal-sim relay --listen 127.0.0.1:14560 --to 127.0.0.1:14551 --loss 0.3 --duplicate 0.1 --reorder 0.1
  skyseal-sim relay --listen 127.0.0.1:14560 --to 127.0.0.1:14551 --cut 20..80

Exit: 0 stopped by a signal, 1 a port cannot be had, 2 misuse.";

const FAULT_HELP: &str = "\
The simulator runs with --control; simulator/SCENARIO.md lists the faults. Times count from now; without for_s a fault stays
until `clear`.

Examples:
  skyseal-sim fault --control 127.0.0.1:5599 'gnss_jam = { for_s = 20 }'
  skyseal-sim fault --control 127.0.0.1:5599 --vehicle 2 'link_bad = { loss = 0.3, delay_ms = 500 }'
  skyseal-sim fault --control 127.0.0.1:5599 clear

Exit: 0 it was taken, 1 it was refused or nobody is there, 2 misuse.";

const PLAN_HELP: &str = "\
Example:
  skyseal-sim plan simulator/scenarios/demo.toml --air-seconds 60 --out search.plan
      the search of the demonstration, for any ground station to upload; jumps repeat it until it is called home";

const RUN_HELP: &str = "\
The vehicle speaks MAVLink 2 as PX4 or ArduPilot Copter does (system 1, gimbal component 154). Its camera serves H.264 over RTSP at
rtsp://127.0.0.1:PORT/eo, with the UTC of capture in RTCP sender reports and a machine-readable strip in each picture
(STRIP.md). Without a scenario it stands still in a made-up village at 51.5034 N 1.9787 W and waits for commands.

Examples:
  skyseal-sim run
      a vehicle for QGroundControl on this machine (UDP 14550), camera at rtsp://127.0.0.1:8554/eo
  skyseal-sim run simulator/scenarios/demo.toml --air-seconds 60 --truth out --exit-after-landing 2
      a search flight of one minute that flies itself; out/truth.csv has what was so at each picture
  skyseal-sim run simulator/scenarios/demo.toml --fast --truth out
      the same flight in a fraction of a second; one seed is one truth.csv
  skyseal-sim run --personality ardupilot --mavlink tcpin:127.0.0.1:5760 --no-camera --control 127.0.0.1:5599
      ArduPilot Copter as its own simulation offers itself, and a port for live faults (skyseal-sim fault)
  skyseal-sim run --mavlink udpout:127.0.0.1:14550 --mavlink tcpin:127.0.0.1:5760 --no-camera --speed 10
      two links, no camera, ten times as fast as life

Exit: 0 stopped by a signal or after landing, 1 something failed, 2 misuse.";

/// Arguments of `run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Scenario file (TOML); see simulator/SCENARIO.md for its keys
    pub scenario: Option<PathBuf>,
    /// Which autopilot to be; else what the scenario says, else px4
    #[arg(long, value_enum)]
    pub personality: Option<Personality>,
    /// A MAVLink link; repeat for more: udpout:HOST:PORT, udpin:[HOST:]PORT, tcpin:[HOST:]PORT, tcpout:HOST:PORT
    #[arg(long, value_name = "ENDPOINT", default_value = "udpout:127.0.0.1:14550")]
    pub mavlink: Vec<Endpoint>,
    /// Port of the camera's RTSP server; 0 takes any free one and the log says which
    #[arg(long, value_name = "PORT", default_value_t = 8554)]
    pub rtsp_port: u16,
    /// Address the RTSP server listens on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub rtsp_address: IpAddr,
    /// Where it stands: degrees, degrees, metres above mean sea level, degrees from north
    #[arg(long, value_name = "LAT,LON,ALT,HEADING", allow_hyphen_values = true)]
    pub home: Option<Place>,
    /// Seed of wind, gusts and receiver noise
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Simulated seconds per second; other than 1 only with --no-camera, as pictures are real time
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub speed: f64,
    /// No camera
    #[arg(long)]
    pub no_camera: bool,
    /// Write truth.csv into this folder: one row for each picture sent
    #[arg(long, value_name = "DIR")]
    pub truth: Option<PathBuf>,
    /// Length of a scenario's own flight, arming to disarming, 20 to 3600
    #[arg(long, value_name = "SECONDS")]
    pub air_seconds: Option<f64>,
    /// Leave the scenario's own flight to a ground station: wait for commands, with no mission aboard
    #[arg(long, conflicts_with = "exit_after_landing")]
    pub wait_for_commands: bool,
    /// Stop this long after a scenario's own flight has landed and disarmed
    #[arg(long, value_name = "SECONDS")]
    pub exit_after_landing: Option<f64>,
    /// Listen here for live commands: faults, their end, how it is; port 0 takes any free one and the log says which
    #[arg(long, value_name = "HOST:PORT")]
    pub control: Option<SocketAddr>,
    /// Fly a scenario that flies itself as fast as the machine allows, without links and camera, and say how fast that was
    #[arg(long, conflicts_with_all = ["control", "exit_after_landing", "wait_for_commands"])]
    pub fast: bool,
    /// Log as JSON lines
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Scenario file (TOML)
    pub scenario: PathBuf,
    /// Time in the air the heights shall fit into
    #[arg(long, value_name = "SECONDS")]
    pub air_seconds: Option<f64>,
    /// File to write; must not exist
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

impl PlanArgs {
    /// Writes the plan.
    ///
    /// # Errors
    /// The scenario is refused, or the file exists or cannot be written.
    pub fn write(&self) -> anyhow::Result<()> {
        let mut scenario = Scenario::load(&self.scenario)?;
        scenario.flight.air_seconds = self.air_seconds.unwrap_or(scenario.flight.air_seconds);
        scenario.check("command line")?;
        std::fs::File::create_new(&self.out)
            .and_then(|mut file| file.write_all(crate::plan_file::plan(&scenario).as_bytes()))
            .with_context(|| format!("{} cannot be written; name a new file", self.out.display()))
    }
}

/// `LAT,LON,ALT,HEADING`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    lat_deg: f64,
    lon_deg: f64,
    alt_msl_m: f64,
    heading_deg: f64,
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<f64>, _> = text.split(',').map(|part| part.trim().parse::<f64>()).collect();
        match numbers.as_deref() {
            Ok(&[lat_deg, lon_deg, alt_msl_m, heading_deg]) => Ok(Self { lat_deg, lon_deg, alt_msl_m, heading_deg }),
            _ => Err(format!("`{text}` is not LAT,LON,ALT,HEADING; write e.g. 51.5034,-1.9787,142,30")),
        }
    }
}

impl RunArgs {
    /// The scenario of the file with what the command line changes.
    ///
    /// # Errors
    /// [`ScenarioError`].
    pub fn scenario(&self) -> Result<Scenario, ScenarioError> {
        let mut scenario = match &self.scenario {
            Some(path) => Scenario::load(path)?,
            None => Scenario::default(),
        };
        if let Some(Place { lat_deg, lon_deg, alt_msl_m, heading_deg }) = self.home {
            scenario.home = Home { lat_deg, lon_deg, alt_msl_m, heading_deg, ..scenario.home };
        }
        if let Some(personality) = self.personality {
            scenario.personality = personality;
        }
        if let Some(seed) = self.seed {
            scenario.seed = seed;
        }
        if let Some(seconds) = self.air_seconds {
            scenario.flight.air_seconds = seconds;
        }
        if self.wait_for_commands {
            scenario.flight.autostart = false;
            scenario.flight.mission.clear();
        }
        scenario.check("command line")?;
        Ok(scenario)
    }

    /// What can not be asked together; the message says why and what to do.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        if !(self.speed > 0.0 && self.speed <= 1000.0) {
            return Some("--speed must be above 0 and at most 1000");
        }
        if (self.speed - 1.0).abs() > f64::EPSILON && !self.no_camera {
            return Some("--speed needs --no-camera: pictures over RTSP are real time");
        }
        if self.truth.is_some() && self.no_camera && !self.fast {
            return Some("--truth has a row for each picture: it needs the camera");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn home_is_parsed_or_explained() {
        assert!("51.5,-1.9,140,90".parse::<Place>().is_ok());
        assert!("51.5,-1.9".parse::<Place>().unwrap_err().contains("LAT,LON,ALT,HEADING"));
    }
}
