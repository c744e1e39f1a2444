//! `skyseal-sim demo`: the whole job once on this machine, with the real programs as processes of their own.
//!
//! Trust, device key and recipients are made; the agent and the simulated aircraft fly over real sockets; the
//! verifier judges what is left. Nothing here looks into another program: only command lines, files and exit codes.

mod programs;
mod summary;

use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use programs::{Background, Programs};
use summary::{Recorded, Summary};

/// The word the demonstration must end with: intact and opened, but nobody on the ground has seen it.
const EXPECTED: &str = "VERIFIED-UNWITNESSED";
/// The flight: a search over a made-up village.
const SCENARIO: &str = include_str!("../../scenarios/demo.toml");
/// What arming, closing and a loaded machine may add to the flight itself.
const SLACK: Duration = Duration::from_secs(90);

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Time in the air, 20 to 3600
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub seconds: u32,
    /// Where everything is left; must be new or empty
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    pub out: PathBuf,
    /// Scenario to fly
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
}

/// Runs the demonstration.
///
/// # Errors
/// Says which step failed and where its log is; also when the verdict is not the expected one.
pub fn run(args: &DemoArgs) -> Result<()> {
    if !(20..=3_600).contains(&args.seconds) {
        bail!("--seconds {}: a flight takes 20 to 3600", args.seconds);
    }
    let out = new_folder(&args.out)?;
    let programs = Programs::beside_this_one()?;
    let bar = ProgressBar::new(u64::from(args.seconds) + 12);
    bar.set_style(ProgressStyle::with_template("demo: [{bar:40}] {elapsed_precise} {msg}")?.progress_chars("=> "));
    bar.set_message("making trust, device key and recipients");
    let root = prepare(&programs, &out)?;
    fly(&programs, &out, args, &bar)?;
    bar.set_message("verifying");
    let flight = only_flight(&out)?;
    let recorded = Recorded::read(&flight)?;
    let verdict = verify(&programs, &out, &flight, &root, &recorded)?;
    bar.finish_and_clear();
    let summary = Summary::gather(&out, &flight, &recorded, &verdict)?;
    summary.write(&out)?;
    summary.print(&out);
    if summary.verdict != EXPECTED || summary.lost != 0 {
        bail!(
            "the verdict is {} with {} frames lost; {EXPECTED} with none was expected",
            summary.verdict,
            summary.lost
        );
    }
    Ok(())
}

/// Paths inside the output folder, as `summary.json` names them.
pub(crate) mod layout {
    /// The unit's trust list.
    pub(crate) const TRUST: &str = "trust/trust.json";
    /// Fingerprint of its root.
    pub(crate) const ROOT: &str = "trust/root.fingerprint";
    /// Secrets of the one-time recipients: on the ground only.
    pub(crate) const IDENTITIES: &str = "identities";
    /// The secret of one recipient.
    pub(crate) fn identity(recipient: &str) -> String {
        format!("{IDENTITIES}/{recipient}.identity")
    }
    /// What was so at each picture.
    pub(crate) const TRUTH: &str = "truth/truth.csv";
    /// Flights as the aircraft left them.
    pub(crate) const FLIGHTS: &str = "aircraft/data/flights";
    /// The verdict.
    pub(crate) const VERDICT: &str = "verdict.json";
    /// Plain segments and telemetry.
    pub(crate) const OPENED: &str = "opened";
}

fn new_folder(out: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(out).with_context(|| format!("{} cannot be made", out.display()))?;
    if std::fs::read_dir(out)?.next().is_some() {
        bail!("{} is not empty; name a new folder with --out, or remove it: nothing is overwritten", out.display());
    }
    Ok(out.canonicalize()?)
}

/// What a unit does once, and at booking out: root, device, recipients, configuration. Gives the root's fingerprint.
fn prepare(programs: &Programs, out: &Path) -> Result<String> {
    let aircraft = out.join("aircraft");
    std::fs::create_dir_all(aircraft.join("logs"))?;
    let (trust, passphrase) = (out.join("trust"), out.join("passphrase"));
    write_secret(&passphrase, &format!("{:032x}\n", rand::random::<u128>()))?;
    let request = aircraft.join("request.json");
    programs.ground(
        &["trust", "init", "--unit", "Demonstration unit", "--dir"],
        &[&trust],
        &[("--passphrase-file", &passphrase)],
    )?;
    programs
        .onboard(&["enrol", "--name", "SIM-1"], &[("--key", &aircraft.join("device.key")), ("--request", &request)])?;
    programs.ground(
        &["trust", "enrol", "--yes", "--class", "simulated", "--valid-days", "30", "--dir"],
        &[&trust],
        &[("--request", &request), ("--passphrase-file", &passphrase)],
    )?;
    programs.ground(
        &["recipients", "make", "--count", "4"],
        &[],
        &[("--secrets", &out.join(layout::IDENTITIES)), ("--public", &aircraft.join("recipients.txt"))],
    )?;
    std::fs::copy(out.join(layout::TRUST), aircraft.join("trust.json"))?;
    let root = std::fs::read_to_string(out.join(layout::ROOT)).context("the root's fingerprint")?;
    Ok(root.trim().to_owned())
}

fn write_secret(path: &Path, text: &str) -> Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

fn fly(programs: &Programs, out: &Path, args: &DemoArgs, bar: &ProgressBar) -> Result<()> {
    let aircraft = out.join("aircraft");
    let root = std::fs::read_to_string(out.join(layout::ROOT))?;
    let (mavlink, rtsp) = (free_udp_port()?, free_tcp_port()?);
    // The evolving record key lives on tmpfs, as it must, and goes with the demonstration.
    let run_dir = format!("/dev/shm/skyseal-demo-{mavlink}");
    let config = aircraft.join("onboard.toml");
    std::fs::write(&config, configuration(root.trim(), &run_dir, mavlink, rtsp))?;
    bar.set_message("starting the agent and the aircraft");
    let mut agent = Background::start(programs.onboard_run(&config), aircraft.join("logs/onboard.log"))?;
    let truth = out.join("truth");
    let scenario = aircraft.join("scenario.toml");
    match &args.scenario {
        Some(given) => {
            std::fs::copy(given, &scenario).with_context(|| given.display().to_string())?;
        }
        None => std::fs::write(&scenario, SCENARIO)?,
    }
    let mut vehicle = Background::start(
        programs.simulator_run(&scenario, args.seconds, mavlink, rtsp, &truth),
        aircraft.join("logs/simulator.log"),
    )?;
    let most = Duration::from_secs(u64::from(args.seconds)) + SLACK;
    let ended = agent.wait(most, || {
        bar.set_message("flying, filming, sealing");
        bar.set_position(bar.elapsed().as_secs());
        vehicle.still_runs_or_ended_well()
    })?;
    if !ended.success() {
        bail!("the agent ended with {ended}; see {}", agent.log().display());
    }
    vehicle.stop()?;
    std::fs::remove_dir_all(&run_dir).with_context(|| run_dir.clone())
}

/// The aircraft's `onboard.toml`, as a unit would write it.
fn configuration(root: &str, run_dir: &str, mavlink: u16, rtsp: u16) -> String {
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
endpoints = ["udpin:127.0.0.1:{mavlink}"]

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

fn free_udp_port() -> Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn free_tcp_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn only_flight(out: &Path) -> Result<PathBuf> {
    let mut flights = std::fs::read_dir(out.join(layout::FLIGHTS)).context("the aircraft left no flights")?;
    let flight = flights.next().context("the aircraft recorded no flight; see aircraft/logs")??;
    if flights.next().is_some() {
        bail!("the aircraft recorded more than one flight");
    }
    Ok(flight.path())
}

fn verify(programs: &Programs, out: &Path, flight: &Path, root: &str, recorded: &Recorded) -> Result<String> {
    let identity = out.join(layout::identity(&recorded.recipient));
    let verdict = programs.verify(flight, &out.join(layout::TRUST), root, &identity, &out.join(layout::OPENED))?;
    std::fs::write(out.join(layout::VERDICT), &verdict)?;
    Ok(verdict)
}
