//! An aircraft in a folder of its own: key, recipients, configuration, and the agent flying.

use std::fmt::Write as _;
use std::net::{TcpListener, UdpSocket};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Running, binary, run};
use crate::unit::Unit;

/// How long the agent may take to start, to find its camera, or to close a flight on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An aircraft.
pub struct Aircraft {
    folder: TempDir,
    data: PathBuf,
    unit: Rc<Unit>,
    name: String,
    run_dir: TempDir,
    /// Where the agent listens for MAVLink over UDP.
    pub mavlink_port: u16,
    /// Where it listens for the ground.
    pub radio_port: u16,
    /// Where it serves flights to a dock, if it does.
    pub dock_port: Option<u16>,
    /// The vehicle it flies on, where several are heard.
    pub system_id: Option<u8>,
    /// More lines of `[mavlink]`.
    pub mavlink: String,
    /// What comes after the common part of `onboard.toml`.
    pub cameras: String,
    /// Lines of `[record]`.
    pub record: String,
    /// MiB that stay free.
    pub reserve_mib: u64,
}

impl Aircraft {
    /// An aircraft of a unit of its own.
    ///
    /// # Errors
    /// When one of the programs refuses.
    pub fn new() -> Result<Self> {
        Self::of(&Rc::new(Unit::found()?), "TEST-1")
    }

    /// Makes device key and recipients of aircraft `name` with the real programs, and enrols it with its unit.
    ///
    /// # Errors
    /// When one of the programs refuses.
    pub fn of(unit: &Rc<Unit>, name: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = |name: &str| folder.path().join(name);
        run(
            Command::new(binary("skyseal-onboard"))
                .args(["enrol", "--name", name, "--key"])
                .arg(path("device.key"))
                .arg("--request")
                .arg(path("request.json")),
            0,
        )?;
        unit.enrol(&path("request.json"), "device", &["--class", "simulated"])?;
        run(
            Command::new(binary("skyseal-ground"))
                .args(["recipients", "make", "--count", "8", "--secrets"])
                .arg(path("identities"))
                .arg("--public")
                .arg(path("recipients.txt")),
            0,
        )?;
        let data = path("data");
        std::fs::create_dir(&data)?;
        Ok(Self {
            data,
            folder,
            unit: Rc::clone(unit),
            name: name.to_owned(),
            run_dir: tempfile::tempdir_in("/dev/shm")?,
            mavlink_port: free_udp_port()?,
            radio_port: free_udp_port()?,
            dock_port: None,
            system_id: None,
            mavlink: String::new(),
            cameras: String::new(),
            record: "policy = \"commanded\"\nclose_after_disarm_s = 1".to_owned(),
            reserve_mib: 64,
        })
    }

    /// The unit it belongs to.
    #[must_use]
    pub fn unit(&self) -> &Rc<Unit> {
        &self.unit
    }

    /// Where it keeps evidence.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Puts evidence somewhere else, such as a small file system.
    pub fn store_in(&mut self, data: &Path) {
        self.data = data.to_owned();
    }

    /// The folder with everything but the evidence.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Fingerprint of the root.
    ///
    /// # Errors
    /// When the file is gone.
    pub fn root(&self) -> Result<String> {
        self.unit.root()
    }

    /// Adds an RTSP camera named `stream`.
    pub fn rtsp_camera(&mut self, stream: &str, url: &str, delay_ms: u32) {
        let source = format!("{{ kind = \"rtsp\", url = \"{url}\" }}");
        self.camera(stream, &source, &format!("delay_ms = {delay_ms}"));
    }

    /// Adds a camera with a source as TOML and further lines.
    pub fn camera(&mut self, stream: &str, source: &str, lines: &str) {
        let _ =
            write!(self.cameras, "\n[[camera]]\nstream = \"{stream}\"\nhfov_deg = 60.0\nsource = {source}\n{lines}\n");
    }

    /// Writes `onboard.toml`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn configure(&self) -> Result<PathBuf> {
        let path = self.folder().join("onboard.toml");
        let text = format!(
            r#"[aircraft]
name = "{}"
[storage]
dir = "{}"
reserve_mib = {}
[keys]
device = "device.key"
trust = "{}"
root = "{}"
recipients = "recipients.txt"
run_dir = "{}"
[record]
{}
[mavlink]
endpoints = ["udpin:127.0.0.1:{}", "udpin:127.0.0.1:{}"]
{}
{}
{}
{}"#,
            self.name,
            self.data.display(),
            self.reserve_mib,
            self.unit.trust().display(),
            self.root()?,
            self.run_dir.path().display(),
            self.record,
            self.mavlink_port,
            self.radio_port,
            self.mavlink,
            self.system_id.map(|id| format!("system_id = {id}")).unwrap_or_default(),
            self.dock_port.map(|port| format!("[dock]\nlisten = \"127.0.0.1:{port}\"")).unwrap_or_default(),
            self.cameras
        );
        std::fs::write(&path, text)?;
        Ok(path)
    }

    /// Starts the agent, with `exit_after_flight` until its first flight is closed, and waits until its links are open.
    ///
    /// # Errors
    /// When it does not start, with its log.
    pub fn start_agent(&self, exit_after_flight: bool) -> Result<Running> {
        let config = self.configure()?;
        let log = self.folder().join("onboard.log");
        let mut command = Command::new(binary("skyseal-onboard"));
        command.arg("run").arg("--config").arg(config);
        if exit_after_flight {
            command.arg("--exit-after-flight");
        }
        let mut agent = Running::start(&mut command, log.clone())?;
        agent.until("the agent starts", PATIENCE, || {
            std::fs::read_to_string(&log).is_ok_and(|text| text.contains("link open"))
        })?;
        Ok(agent)
    }

    /// Waits until the agent has heard its vehicle: stations wait for it as long as they do for any.
    ///
    /// # Errors
    /// When it does not, with its log.
    pub fn until_heard(&self, agent: &mut Running) -> Result<()> {
        let log = self.folder().join("onboard.log");
        let heard = || std::fs::read_to_string(&log).is_ok_and(|text| text.contains("news=Found"));
        agent.until("the vehicle is heard", PATIENCE, heard)
    }

    /// Folders of all flights, oldest first.
    #[must_use]
    pub fn flights(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.data.join("flights")).into_iter().flatten().flatten();
        let mut flights: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        flights.sort();
        flights
    }

    /// The only flight.
    ///
    /// # Errors
    /// When there is none or more than one.
    pub fn only_flight(&self) -> Result<PathBuf> {
        let mut flights = self.flights();
        anyhow::ensure!(flights.len() == 1, "{} flights instead of one", flights.len());
        flights.pop().context("a flight")
    }

    /// The identity file that opens `flight`: that of its first recipient.
    ///
    /// # Errors
    /// When the flight's first record cannot be read.
    pub fn identity(&self, flight: &Path) -> Result<PathBuf> {
        let open = crate::oracle::records(flight)?;
        let recipient = open.first().and_then(|open| open["body"]["recipients"][0].as_str().map(str::to_owned));
        let recipient = recipient.context("open names no recipient")?;
        Ok(self.folder().join("identities").join(format!("{recipient}.identity")))
    }

    /// The verdict on `flight`, opened, as JSON; plain files go to `extract` if given.
    ///
    /// # Errors
    /// When the verifier cannot be run or its answer is no JSON.
    pub fn verify(&self, flight: &Path, extract: Option<&Path>) -> Result<Value> {
        let mut command = Command::new(binary("skyseal-verify"));
        command.arg(flight).arg("--json").arg("--root").arg(self.root()?);
        command.arg("--trust").arg(self.unit.trust());
        command.arg("--identity").arg(self.identity(flight)?);
        if let Some(extract) = extract {
            command.arg("--extract").arg(extract);
        }
        let output = command.output()?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("no verdict: {}", String::from_utf8_lossy(&output.stderr)))
    }
}

/// A UDP port nobody listens on now, below those that the system gives to whoever asks for any: nobody takes it before it is used.
///
/// # Errors
/// When there is none.
pub fn free_udp_port() -> Result<u16> {
    free_port(|port| UdpSocket::bind(("127.0.0.1", port)).is_ok())
}

/// A TCP port nobody listens on now, as [`free_udp_port`].
///
/// # Errors
/// When there is none.
pub fn free_tcp_port() -> Result<u16> {
    free_port(|port| TcpListener::bind(("127.0.0.1", port)).is_ok())
}

/// Ports that tests choose from, each process beginning elsewhere; none is given twice by one process.
const PORTS: Range<u16> = 12_000..32_000;
static GIVEN: AtomicU16 = AtomicU16::new(0);

fn free_port(is_free: impl Fn(u16) -> bool) -> Result<u16> {
    let count = PORTS.end - PORTS.start;
    let first = u16::try_from(std::process::id().wrapping_mul(97) % u32::from(count))?;
    let next = || PORTS.start + (first + GIVEN.fetch_add(1, Ordering::Relaxed) % count) % count;
    (0..count).map(|_| next()).find(|port| is_free(*port)).context("no free port")
}
