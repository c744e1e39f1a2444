//! The flight: the aircraft with its agent on one side, the ground station on the other, a radio between them.

use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use indicatif::ProgressBar;

use super::programs::{Background, Programs};
use super::window::{self, Beside};
use super::{DemoArgs, layout, papers, unit};
use crate::scenario::Scenario;

/// The flight: a search over a made-up village.
const SCENARIO: &str = include_str!("../../scenarios/demo.toml");
/// From the call to return until the motors stand, from the farthest point of the search.
const WAY_HOME_S: u32 = 28;
/// How long programs may take to find each other on a loaded machine.
const MEET: Duration = Duration::from_secs(30);
/// A camera's first sender reports date its pictures: a crew looks at the picture for so long before it records.
const SETTLE: Duration = Duration::from_secs(6);
/// What arming, landing and a loaded machine may add to the flight itself.
const SLACK: Duration = Duration::from_secs(90);
/// How long the last head may wait for its cosignature.
const LANDED: Duration = Duration::from_secs(20);

/// Ports, as the system gave them.
pub(super) struct Ports {
    /// The agent hears the vehicle.
    pub(super) vehicle: u16,
    /// The agent hears the ground.
    pub(super) radio: u16,
    /// The ground hears the agent; another than `radio` where a relay stands between.
    pub(super) ground: u16,
    /// The vehicle hears whoever commands it.
    control: u16,
    pub(super) rtsp: u16,
    pub(super) dock: u16,
    /// Pictures and telemetry of the live view.
    pub(super) live: [u16; 2],
}

impl Ports {
    fn free(relayed: bool) -> Result<Self> {
        let radio = udp()?;
        let ground = if relayed { udp()? } else { radio };
        Ok(Self { vehicle: udp()?, radio, ground, control: tcp()?, rtsp: tcp()?, dock: tcp()?, live: [udp()?, udp()?] })
    }
}

fn udp() -> Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn tcp() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// The aircraft after landing, its agent still running, to be docked.
pub(super) struct Landed {
    agent: Background,
    vehicle: Background,
    run_dir: String,
    pub(super) ports: Ports,
}

impl Landed {
    /// Ends the agent and the vehicle as a person would.
    pub(super) fn shut_down(mut self) -> Result<()> {
        self.agent.stop()?;
        self.vehicle.stop()?;
        std::fs::remove_dir_all(&self.run_dir).with_context(|| self.run_dir.clone())
    }
}

/// Flies once.
pub(super) fn fly(
    programs: &Programs,
    out: &Path,
    args: &DemoArgs,
    bar: &ProgressBar,
    root: &str,
) -> Result<(Landed, Beside)> {
    let ports = Ports::free(args.cut_ground_link.is_some())?;
    // The evolving record key lives on tmpfs, as it must, and goes with the demonstration.
    let run_dir = format!("/dev/shm/skyseal-demo-{}", ports.vehicle);
    std::fs::write(out.join("aircraft/onboard.toml"), unit::configuration(root, &run_dir, &ports))?;
    bar.set_message("starting the agent, the aircraft and the ground witness");
    let scenario = scenario(programs, out, args)?;
    papers::check(programs, out)?;
    let home = Scenario::load(&out.join(&scenario))?.home;
    window::settings(out, &ports, root, [home.lat_deg, home.lon_deg])?;
    let logs = out.join("aircraft/logs");
    let onboard = ["run", "--config", "aircraft/onboard.toml"];
    let agent = Background::start(programs.command("skyseal-onboard", out, &onboard), logs.join("onboard.log"))?;
    let mut vehicle = start_vehicle(programs, out, &ports, &scenario)?;
    let cut = out.join("station/cut-begins");
    let _relay =
        args.cut_ground_link.as_ref().map(|span| start_relay(programs, out, &ports, span, &cut)).transpose()?;
    let mut witness = if args.no_witness { None } else { Some(start_witness(programs, out, &ports, root)?) };
    if witness.is_some() {
        // Four wraps were made at booking out; the fifth is this flight's own recipient, offered by radio.
        let wraps = out.join(layout::WRAPS);
        Background::until(MEET, || Ok(std::fs::read_dir(&wraps)?.count() > 4))
            .context("the ground witness and the aircraft do not hear each other; see station/logs")?;
    }
    let mut beside = Beside::open(programs, out, args)?;
    bar.set_message("looking at the picture");
    let begun = bar.elapsed();
    Background::until(2 * SETTLE, || Ok(bar.elapsed() >= begun + SETTLE))?;
    bar.set_message("recording");
    start_recording(programs, out, &ports, root)?;
    std::fs::write(&cut, "")?;
    bar.set_message("flying, filming, sealing, witnessing");
    follow(programs, out, args, (&ports, root), bar, (&mut vehicle, &mut beside))?;
    bar.set_message("closing the flight");
    let dock = out.join(layout::DOCK);
    Background::until(SLACK, || Ok(dock.is_dir() && std::fs::read_dir(&dock)?.any(|entry| is_challenge(&entry))))
        .with_context(|| format!("the agent has not closed the flight; see {}", agent.log().display()))?;
    if let Some(witness) = &mut witness {
        bar.set_message("the last head is witnessed");
        // Where the link is down it never comes: the witness then states what it has.
        if witness.wait(LANDED, || Ok(())).is_err() {
            witness.stop()?;
        }
    }
    Ok((Landed { agent, vehicle, run_dir, ports }, beside))
}

fn is_challenge(entry: &std::io::Result<std::fs::DirEntry>) -> bool {
    entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|kind| kind == "challenge"))
}

/// The scenario for the vehicle, and the plan that the ground will upload.
fn scenario(programs: &Programs, out: &Path, args: &DemoArgs) -> Result<String> {
    let path = "aircraft/scenario.toml";
    match &args.scenario {
        Some(given) => {
            std::fs::copy(given, out.join(path)).with_context(|| given.display().to_string())?;
        }
        None => std::fs::write(out.join(path), SCENARIO)?,
    }
    let mut scenario = Scenario::load(&out.join(path))?;
    scenario.flight.air_seconds = f64::from(args.seconds);
    papers::plan(programs, out, args, &scenario)?;
    Ok(path.to_owned())
}

fn start_vehicle(programs: &Programs, out: &Path, ports: &Ports, scenario: &str) -> Result<Background> {
    let links = [format!("udpout:127.0.0.1:{}", ports.vehicle), format!("tcpin:127.0.0.1:{}", ports.control)];
    let rtsp = ports.rtsp.to_string();
    let words = ["run", scenario, "--wait-for-commands", "--truth", "truth", "--rtsp-port", &rtsp];
    let links = ["--mavlink", links[0].as_str(), "--mavlink", links[1].as_str()];
    let command = programs.command("skyseal-sim", out, &[&words[..], &links[..]].concat());
    Background::start(command, out.join("aircraft/logs/simulator.log"))
}

fn start_relay(programs: &Programs, out: &Path, ports: &Ports, cut: &str, begins: &Path) -> Result<Background> {
    let (listen, to) = (format!("127.0.0.1:{}", ports.ground), format!("127.0.0.1:{}", ports.radio));
    let begins = begins.display().to_string();
    let words = ["relay", "--listen", &listen, "--to", &to, "--cut", cut, "--cut-file", &begins];
    Background::start(programs.command("skyseal-sim", out, &words), out.join("station/relay.log"))
}

fn start_witness(programs: &Programs, out: &Path, ports: &Ports, root: &str) -> Result<Background> {
    let link = format!("udpout:127.0.0.1:{}", ports.ground);
    let words = ["witness", "--dir", layout::WITNESS, "--key", unit::STATION_KEY, "--trust", layout::TRUST, "--once"];
    let more = ["--root", root, "--mavlink", link.as_str(), "--entitled", layout::ENTITLED, "--wraps", layout::WRAPS];
    let command = programs.command("skyseal-ground", out, &[&words[..], &more[..]].concat());
    Background::start(command, out.join("station/witness.log"))
}

/// The camera joins the link a moment after the vehicle: asked again until it is there.
fn start_recording(programs: &Programs, out: &Path, ports: &Ports, root: &str) -> Result<()> {
    const TRIES: usize = 4;
    let link = format!("udpout:127.0.0.1:{}", ports.ground);
    let pin = unit::pin_file(unit::PILOT.0);
    let words = ["record", "start", "--reason", "Demonstration of a search", "--mavlink", &link];
    let by = ["--as", unit::PILOT.0, "--pin-file", &pin, "--store", layout::STORE, "--reasons", layout::REASONS];
    let words = [&words[..], &by[..], &papers::words(root)].concat();
    let ask = || programs.run("skyseal-ground", out, &words);
    (1..TRIES).find_map(|_| ask().ok()).map_or_else(ask, Ok).map(drop)
}

/// Uploads the plan, starts it, calls the vehicle home in time, and waits until it has landed.
fn follow(
    programs: &Programs,
    out: &Path,
    args: &DemoArgs,
    (ports, root): (&Ports, &str),
    bar: &ProgressBar,
    (vehicle, beside): (&mut Background, &mut Beside),
) -> Result<()> {
    let links = [format!("tcpout:127.0.0.1:{}", ports.control), format!("udpout:127.0.0.1:{}", ports.ground)];
    let home_after = args.seconds.saturating_sub(WAY_HOME_S).max(8).to_string();
    let pin = unit::pin_file(unit::PILOT.0);
    let words = ["fly", layout::PLAN, "--return-after", &home_after, "--json", "--mavlink", &links[0]];
    // The vehicle by its own wire, the recorder by the radio.
    let more = ["--mavlink", &links[1], "--as", unit::PILOT.0, "--pin-file", &pin, "--store", layout::STORE];
    let log = ["--log", layout::FLIGHT_LOG];
    let words = [&words[..], &more, &log, &papers::words(root), &papers::rules()].concat();
    let command = programs.command("skyseal-ground", out, &words);
    let mut flight = Background::start(command, out.join("station/fly.log"))?;
    beside.in_flight(programs, out, args.seconds / 3)?;
    let ended = flight.wait(Duration::from_secs(u64::from(args.seconds)) + SLACK, || {
        bar.set_position(bar.elapsed().as_secs());
        vehicle.still_runs_or_ended_well()
    })?;
    if ended.success() { Ok(()) } else { bail!("the flight ended with {ended}; see {}", flight.log().display()) }
}
