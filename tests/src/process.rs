//! Programs under test: started, waited for within bounds, never left behind.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// A program of this workspace, as the build of the tests left it.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap_or_default();
    while path.pop() {
        let candidate = path.join(name);
        if candidate.is_file() {
            return candidate;
        }
    }
    PathBuf::from(name)
}

/// Runs to the end and gives standard output; an exit code other than `expected` is an error with both outputs.
///
/// # Errors
/// When it cannot be started or ends otherwise than expected.
pub fn run(command: &mut Command, expected: i32) -> Result<String> {
    let shown = format!("{command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| shown.clone())?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.code() != Some(expected) {
        bail!("{shown}: {}\n{stdout}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(stdout)
}

/// A program in the background; killed when dropped.
pub struct Running {
    child: Child,
    name: String,
    log: PathBuf,
}

impl Running {
    /// Starts `command` with its output in `log`.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(command: &mut Command, log: PathBuf) -> Result<Self> {
        let name = format!("{command:?}");
        let file = std::fs::File::create(&log)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| name.clone())?;
        Ok(Self { child, name, log })
    }

    /// Process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed.
    #[must_use]
    pub fn output(&self) -> String {
        let mut text = String::new();
        if let Ok(mut file) = std::fs::File::open(&self.log) {
            drop(file.read_to_string(&mut text));
        }
        text
    }

    /// Whether it is over, and how.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Sends a signal by name: `TERM`, `KILL`, `INT`.
    ///
    /// # Errors
    /// When `kill` fails.
    pub fn signal(&self, signal: &str) -> Result<()> {
        run(Command::new("kill").arg(format!("-{signal}")).arg(self.id().to_string()), 0).map(drop)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it takes longer than `within`, with what it printed.
    pub fn wait(&mut self, within: Duration) -> Result<ExitStatus> {
        let mut status = None;
        let ended = wait_for(within, || {
            status = self.child.try_wait().ok().flatten();
            status.is_some()
        });
        match status {
            Some(status) if ended => Ok(status),
            _ => bail!("{} did not end within {within:?}:\n{}", self.name, tail(&self.output())),
        }
    }

    /// Waits until `condition` holds while the program runs.
    ///
    /// # Errors
    /// When it ends first or takes longer than `within`, with what it printed.
    pub fn until(&mut self, what: &str, within: Duration, mut condition: impl FnMut() -> bool) -> Result<()> {
        let mut ended = None;
        let held = wait_for(within, || {
            ended = self.child.try_wait().ok().flatten();
            condition() || ended.is_some()
        });
        if condition() {
            return Ok(());
        }
        let why = if held { format!("ended ({ended:?})") } else { format!("took longer than {within:?}") };
        bail!("{what}: {} {why}:\n{}", self.name, tail(&self.output()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

/// Waits until `condition` holds, at most `within`; whether it held.
#[expect(clippy::disallowed_methods, reason = "the harness's own clock: a bound on waiting, never an expectation")]
pub fn wait_for(within: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + within;
    while !condition() {
        if Instant::now() > until {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(20));
    }
    true
}
