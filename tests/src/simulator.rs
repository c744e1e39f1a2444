//! The simulated vehicle and camera, as a program beside the agent.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process::{Running, binary};

/// How long it may take to stop when asked.
const STOP: Duration = Duration::from_secs(20);

/// How the simulator is to fly.
pub struct Sortie<'a> {
    /// Its scenario.
    pub scenario: &'a Path,
    /// Arming to disarming of a scenario that flies itself, seconds.
    pub air_seconds: Option<u32>,
    /// Where the agent listens for MAVLink over UDP.
    pub mavlink_port: u16,
    /// Where it serves its camera.
    pub rtsp_port: u16,
}

/// `skyseal-sim run`.
pub struct Simulator {
    running: Running,
    truth: PathBuf,
}

impl Simulator {
    /// Starts it; its log and `truth/truth.csv` go to `folder`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(sortie: &Sortie<'_>, folder: &Path) -> Result<Self> {
        let truth = folder.join("truth");
        let mut command = Command::new(binary("skyseal-sim"));
        command.arg("run").arg(sortie.scenario).arg("--truth").arg(&truth);
        command.args(["--mavlink", &format!("udpout:127.0.0.1:{}", sortie.mavlink_port)]);
        command.args(["--rtsp-port", &sortie.rtsp_port.to_string()]);
        if let Some(seconds) = sortie.air_seconds {
            command.args(["--air-seconds", &seconds.to_string()]);
        }
        let running = Running::start(&mut command, folder.join("simulator.log"))?;
        Ok(Self { running, truth: truth.join("truth.csv") })
    }

    /// The RTSP address of the camera behind `port`.
    #[must_use]
    pub fn camera_url(port: u16) -> String {
        format!("rtsp://127.0.0.1:{port}/eo")
    }

    /// One of the simulator's own scenarios.
    #[must_use]
    pub fn scenario(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulator/scenarios").join(name)
    }

    /// Asks it to end, so that `truth.csv` is complete, and gives that file.
    ///
    /// # Errors
    /// When it has failed, or does not end.
    pub fn stop(mut self) -> Result<PathBuf> {
        if self.running.ended()?.is_none() {
            self.running.signal("TERM")?;
        }
        let status = self.running.wait(STOP)?;
        anyhow::ensure!(status.success(), "the simulator ended with {status}:\n{}", self.running.output());
        self.truth.is_file().then_some(self.truth).context("the simulator left no truth.csv")
    }
}
