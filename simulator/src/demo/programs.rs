//! The other programs, as processes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::clock::SimClock;

/// How often a wait looks up.
const LOOK: Duration = Duration::from_millis(50);
/// How long a program may take to end when asked: an agent waits up to 15 s for the station that witnessed its flight.
const STOP: Duration = Duration::from_secs(20);

/// Where the programs are.
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// Those built together with this one.
    pub(super) fn beside_this_one() -> Result<Self> {
        let this = std::env::current_exe().context("this program's own path")?;
        let folder = this.parent().context("this program's folder")?.to_owned();
        for name in ["skyseal-onboard", "skyseal-ground", "skyseal-evidence", "skyseal-verify"] {
            if !folder.join(name).is_file() {
                bail!("{name} is not beside {}; build everything first: cargo build --release", this.display());
            }
        }
        Ok(Self { folder })
    }

    /// One of them, in the output folder.
    pub(super) fn command(&self, name: &str, out: &Path, words: &[&str]) -> Command {
        let mut command = Command::new(self.folder.join(name));
        command.args(words).current_dir(out).stdin(Stdio::null());
        command
    }

    /// Runs it to its end; gives what it printed.
    pub(super) fn run(&self, name: &str, out: &Path, words: &[&str]) -> Result<String> {
        finish(&mut self.command(name, out, words), &[0])
    }

    /// Runs one that ends with 1 when it is in doubt: still an answer.
    pub(super) fn judge(&self, name: &str, out: &Path, words: &[&str]) -> Result<String> {
        finish(&mut self.command(name, out, words), &[0, 1])
    }
}

fn finish(command: &mut Command, fine: &[i32]) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?} cannot be started"))?;
    if !output.status.code().is_some_and(|code| fine.contains(&code)) {
        bail!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A program in the background; killed when dropped.
pub(super) struct Background {
    child: Child,
    log: PathBuf,
}

impl Background {
    pub(super) fn start(mut command: Command, log: PathBuf) -> Result<Self> {
        let file = std::fs::File::create(&log).with_context(|| log.display().to_string())?;
        let child = command
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("{command:?} cannot be started"))?;
        Ok(Self { child, log })
    }

    pub(super) fn log(&self) -> &Path {
        &self.log
    }

    /// Waits until `done`, at most `most`.
    pub(super) fn until(most: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
        let clock = SimClock::start(1.0);
        let most_ns = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        while clock.now_ns() < most_ns {
            if done()? {
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
        bail!("not within {} s", most.as_secs())
    }

    /// Waits for the end, at most `most`; `go_on` is asked again and again.
    pub(super) fn wait(&mut self, most: Duration, mut go_on: impl FnMut() -> Result<()>) -> Result<ExitStatus> {
        let clock = SimClock::start(1.0);
        let most_ns = u64::try_from(most.as_nanos()).unwrap_or(u64::MAX);
        while clock.now_ns() < most_ns {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            go_on()?;
            std::thread::sleep(LOOK);
        }
        bail!("it took longer than {} s; see {}", most.as_secs(), self.log.display())
    }

    /// An error when it has failed.
    pub(super) fn still_runs_or_ended_well(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) if !status.success() => bail!("the simulator ended with {status}; see {}", self.log.display()),
            Some(_) | None => Ok(()),
        }
    }

    /// Asks it to end, as a person would with Ctrl-C, and waits.
    pub(super) fn stop(&mut self) -> Result<()> {
        let asked =
            Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).stderr(Stdio::null()).status()?;
        if !asked.success() && self.child.try_wait()?.is_none() {
            bail!("process {} cannot be stopped", self.child.id());
        }
        self.wait(STOP, || Ok(())).map(drop)
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
