//! Two flights recorded once a test run by the real programs, and shared by every test that only looks at them.
//!
//! nextest runs each test as a process of its own, so what is shared lies on disk, under the run's id.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use flight_record::verify::{Anchor, Identities, Options, Report, verify};
use serde_json::Value;
use system_tests::aircraft::{Aircraft, PATIENCE, free_tcp_port};
use system_tests::oracle;
use system_tests::process::{Running, binary, run};
use system_tests::simulator::{Simulator, Sortie};

/// Time in the air of the whole flight, seconds.
const AIR_SECONDS: u32 = 26;
/// What getting ready, landing and closing may add on a loaded machine.
const SLACK: Duration = Duration::from_secs(150);
/// A small picture, so that thousands of verdicts on the flight take minutes, not hours.
const SMALL: &str = "seed = 3\n[camera]\nwidth = 640\nheight = 360\nfps = 30\nbitrate_kbps = 600\n\
[flight]\nautostart = true\narm_at_s = 4.0\nair_seconds = 60.0\n\
mission = [{ take_off = { height_m = 20 } }, { wait = { seconds = 300 } }]\n";

/// A flight as the aircraft left it, and what the ground holds.
pub(crate) struct Recorded {
    /// Its folder.
    pub(crate) flight: PathBuf,
    /// The unit's trust list.
    pub(crate) trust: PathBuf,
    /// The root's fingerprint.
    pub(crate) root: String,
    /// The secret that opens it.
    pub(crate) identity: PathBuf,
    /// What was so at each picture.
    pub(crate) truth: PathBuf,
    /// Plain files, as `skyseal-verify --extract` wrote them.
    pub(crate) plain: PathBuf,
    /// The verifier's verdict.
    pub(crate) verdict: Value,
    /// The verifier's exit code.
    pub(crate) exit_code: Option<i32>,
}

impl Recorded {
    /// A flight of the demonstration's scenario, from arming to landing.
    pub(crate) fn flight() -> Result<&'static Self> {
        static SHARED: OnceLock<Recorded> = OnceLock::new();
        Self::shared(&SHARED, "flight", fly_a_search)
    }

    /// Some seconds of a hover, ended by SIGTERM.
    pub(crate) fn terminated() -> Result<&'static Self> {
        static SHARED: OnceLock<Recorded> = OnceLock::new();
        Self::shared(&SHARED, "terminated", hover_until_sigterm)
    }

    fn shared(
        cell: &'static OnceLock<Self>,
        name: &str,
        record: fn(&mut Aircraft) -> Result<PathBuf>,
    ) -> Result<&'static Self> {
        if let Some(recorded) = cell.get() {
            return Ok(recorded);
        }
        let shelf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("recorded-{name}"));
        fs::create_dir_all(&shelf)?;
        let guard = File::create(shelf.join("lock"))?;
        guard.lock().context("another test records this flight")?;
        let run_id = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string());
        let folder = shelf.join(run_id);
        if !folder.join("root").is_file() {
            clear(&shelf)?;
            keep(&folder, record)?;
        }
        let recorded = Self::read(&folder)?;
        drop(guard);
        Ok(cell.get_or_init(|| recorded))
    }

    fn read(folder: &Path) -> Result<Self> {
        let only = |of: &str| -> Result<PathBuf> {
            let mut entries = fs::read_dir(folder.join(of)).with_context(|| of.to_owned())?;
            Ok(entries.next().with_context(|| format!("{of} is empty"))??.path())
        };
        Ok(Self {
            flight: only("flights")?,
            trust: folder.join("trust.json"),
            root: fs::read_to_string(folder.join("root"))?,
            identity: only("identity")?,
            truth: folder.join("truth.csv"),
            plain: folder.join("plain"),
            verdict: serde_json::from_slice(&fs::read(folder.join("verdict.json"))?)?,
            exit_code: fs::read_to_string(folder.join("exit"))?.parse().ok(),
        })
    }

    /// A copy of the flight's folder that a test may spoil.
    pub(crate) fn copy(&self, to: &Path) -> Result<PathBuf> {
        run(Command::new("cp").arg("-r").arg(&self.flight).arg(to), 0)?;
        let name = self.flight.file_name().context("a flight has a name")?;
        Ok(to.join(name))
    }

    /// The verdict of the library on a folder, opened or as it lies sealed.
    pub(crate) fn judge(&self, folder: &Path, opened: bool) -> Result<Report> {
        let anchor = Anchor { trust_json: fs::read(&self.trust)?, root: self.root.parse()? };
        let options = Options {
            identities: opened.then(|| Identities::read(&self.identity)).transpose()?,
            ..Options::sealed(self.verdict["flight"]["opened_utc_us"].as_i64().context("opened_utc_us")?, 2)
        };
        Ok(verify(folder, &anchor, &options)?)
    }
}

/// Removes what earlier runs left.
fn clear(shelf: &Path) -> Result<()> {
    for entry in fs::read_dir(shelf)? {
        let path = entry?.path();
        if path.is_dir() {
            fs::remove_dir_all(path)?;
        }
    }
    Ok(())
}

/// Records a flight and keeps in `folder` what a unit would have of it afterwards; `root` is written last.
fn keep(folder: &Path, record: fn(&mut Aircraft) -> Result<PathBuf>) -> Result<()> {
    let mut aircraft = Aircraft::new()?;
    let truth = record(&mut aircraft)?;
    let flight = aircraft.only_flight()?;
    let identity = aircraft.identity(&flight)?;
    for part in ["flights", "identity"] {
        fs::create_dir_all(folder.join(part))?;
    }
    let verdict = Command::new(binary("skyseal-verify"))
        .arg(&flight)
        .arg("--json")
        .args(["--root", &aircraft.root()?, "--trust"])
        .arg(aircraft.folder().join("trust/trust.json"))
        .arg("--identity")
        .arg(&identity)
        .arg("--extract")
        .arg(folder.join("plain"))
        .output()?;
    ensure!(!verdict.stdout.is_empty(), "no verdict: {}", String::from_utf8_lossy(&verdict.stderr));
    fs::write(folder.join("verdict.json"), verdict.stdout)?;
    fs::write(folder.join("exit"), verdict.status.code().unwrap_or(-1).to_string())?;
    run(Command::new("cp").arg("-r").arg(&flight).arg(folder.join("flights")), 0)?;
    fs::copy(&identity, folder.join("identity").join("flight.identity"))?;
    fs::copy(aircraft.folder().join("trust/trust.json"), folder.join("trust.json"))?;
    fs::copy(truth, folder.join("truth.csv"))?;
    fs::write(folder.join("root"), aircraft.root()?)?;
    Ok(())
}

fn fly_a_search(aircraft: &mut Aircraft) -> Result<PathBuf> {
    aircraft.record = "policy = \"armed\"\nclose_after_disarm_s = 1".to_owned();
    let scenario = Simulator::scenario("demo.toml");
    let (mut agent, simulator) = take_off(aircraft, &scenario, Some(AIR_SECONDS))?;
    let ended = agent.wait(Duration::from_secs(u64::from(AIR_SECONDS)) + SLACK)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    simulator.stop()
}

fn hover_until_sigterm(aircraft: &mut Aircraft) -> Result<PathBuf> {
    aircraft.record = "policy = \"armed\"".to_owned();
    let scenario = aircraft.folder().join("hover.toml");
    fs::write(&scenario, SMALL)?;
    let (mut agent, simulator) = take_off(aircraft, &scenario, None)?;
    agent.until("three segments are recorded", PATIENCE, || recorded(aircraft, "segment") >= 3)?;
    agent.signal("TERM")?;
    let ended = agent.wait(PATIENCE)?;
    ensure!(ended.success(), "the agent ended with {ended}:\n{}", agent.output());
    simulator.stop()
}

/// Starts the agent, which ends after its flight, and the simulated vehicle.
pub(crate) fn take_off(
    aircraft: &mut Aircraft,
    scenario: &Path,
    air_seconds: Option<u32>,
) -> Result<(Running, Simulator)> {
    let rtsp_port = free_tcp_port()?;
    aircraft.rtsp_camera("eo", &Simulator::camera_url(rtsp_port), 40);
    let agent = aircraft.start_agent(true)?;
    let sortie = Sortie { scenario, air_seconds, mavlink_port: aircraft.mavlink_port, rtsp_port };
    Ok((agent, Simulator::start(&sortie, aircraft.folder())?))
}

/// How many records of a kind the newest flight has by now; a line that is just being written does not count.
pub(crate) fn recorded(aircraft: &Aircraft, kind: &str) -> usize {
    let Some(flight) = aircraft.flights().pop() else { return 0 };
    oracle::records(&flight).map_or(0, |records| records.iter().filter(|record| record["kind"] == *kind).count())
}
