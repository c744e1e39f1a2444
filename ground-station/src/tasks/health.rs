//! Reads how this station is, and keeps it awake.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Result;

use super::{Inbox, Repaint, mailbox};
use crate::clock;
use crate::state::station::{Battery, Clocks, Reading, Sleep};

const LOOK: Duration = Duration::from_secs(2);
/// A keeper that ended is started again after so many looks.
const AGAIN: u32 = 30;
const ROOM: usize = 16;
/// Longest file of /sys read, and longest words of the keeper.
const MAX_BYTES: u64 = 4096;
const SUPPLIES: &str = "/sys/class/power_supply";
/// Supplies of one machine.
const MAX_SUPPLIES: usize = 16;

/// The handle; the machine may sleep again when it goes.
pub(crate) struct Health {
    inbox: Inbox<Reading>,
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Health {
    /// Begins; `disk` is a folder on the disk that holds the flights.
    ///
    /// # Errors
    /// When the machine gives no thread.
    pub(crate) fn start(disk: PathBuf, repaint: Repaint) -> Result<Self> {
        let (post, inbox) = mailbox(ROOM, repaint);
        let (stop, stopped) = sync_channel(1);
        let run = move || {
            let mut awake = Awake::default();
            let mut told: Option<Reading> = None;
            loop {
                let reading = read(&disk, awake.look());
                if told.as_ref().is_none_or(|told| reading.differs(told)) {
                    post.telemetry(reading.clone());
                    told = Some(reading);
                }
                if !matches!(stopped.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout)) {
                    return;
                }
            }
        };
        let thread = Some(std::thread::Builder::new().name("health".to_owned()).spawn(run)?);
        Ok(Self { inbox, stop: Some(stop), thread })
    }

    /// Readings that differ from the one before.
    pub(crate) fn readings(&self) -> Vec<Reading> {
        self.inbox.take()
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(disk: &Path, sleep: Sleep) -> Reading {
    let at = clock::stamp();
    let clocks = Clocks {
        utc_us: at.utc_us,
        mono_us: i64::try_from(at.mono_ns / 1000).unwrap_or(i64::MAX),
        source: at.source,
        uncertainty_us: at.uncertainty_us,
    };
    let free = rustix::fs::statvfs(disk).ok().map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
    Reading { battery: battery(Path::new(SUPPLIES)), disk_free_bytes: free, sleep, clocks }
}

/// The batteries of this machine together; those of mice and the like are left out.
fn battery(supplies: &Path) -> Option<Battery> {
    let mut percents = Vec::new();
    let (mut discharging, mut now, mut rate) = (false, 0_u64, 0_u64);
    for entry in std::fs::read_dir(supplies).ok()?.flatten().take(MAX_SUPPLIES) {
        let text = |name: &str| {
            let mut text = String::new();
            let file = std::fs::File::open(entry.path().join(name)).ok()?;
            file.take(MAX_BYTES).read_to_string(&mut text).ok()?;
            Some(text.trim().to_owned())
        };
        if text("type").as_deref() != Some("Battery") || text("scope").as_deref() == Some("Device") {
            continue;
        }
        let Some(percent) = text("capacity").and_then(|text| text.parse::<u8>().ok()) else { continue };
        percents.push(u32::from(percent.min(100)));
        discharging |= text("status").as_deref() == Some("Discharging");
        let number = |energy: &str, charge: &str| text(energy).or_else(|| text(charge))?.parse::<u64>().ok();
        now += number("energy_now", "charge_now").unwrap_or(0);
        rate += number("power_now", "current_now").unwrap_or(0);
    }
    let batteries = u32::try_from(percents.len()).ok().filter(|batteries| *batteries > 0)?;
    let percent = u8::try_from(percents.iter().sum::<u32>() / batteries).unwrap_or(100);
    let minutes = (now * 60).checked_div(rate).and_then(|minutes| u32::try_from(minutes).ok());
    Some(Battery { percent, on_mains: !discharging, minutes_left: minutes.filter(|_| discharging && now > 0) })
}

/// Keeps the machine awake by a child that ends when this process does, however that dies: it waits for the end of its input.
#[derive(Default)]
struct Awake {
    keeper: Option<Child>,
    why: String,
    /// Looks until it is tried again.
    wait: u32,
}

impl Awake {
    fn look(&mut self) -> Sleep {
        if let Some(keeper) = &mut self.keeper {
            match keeper.try_wait() {
                Ok(None) => return Sleep::Inhibited,
                Ok(Some(_)) | Err(_) => {
                    self.why = last_words(keeper);
                    (self.keeper, self.wait) = (None, AGAIN);
                }
            }
        } else if self.wait == 0 {
            match keep_awake() {
                // Whether it is let, is seen at the next look.
                Ok(keeper) => {
                    self.keeper = Some(keeper);
                    if self.why.is_empty() {
                        return Sleep::Inhibited;
                    }
                }
                Err(error) => {
                    self.why = format!("systemd-inhibit cannot be started ({error})");
                    self.wait = AGAIN;
                }
            }
        }
        self.wait = self.wait.saturating_sub(1);
        Sleep::Allowed(self.why.clone())
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.kill();
            let _ = keeper.wait();
        }
    }
}

fn keep_awake() -> std::io::Result<Child> {
    let mut command = Command::new("systemd-inhibit");
    command.args(["--what=sleep:idle:handle-lid-switch", "--mode=block", "--who=Skyseal"]);
    command.args(["--why=The ground station watches a flight", "cat"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()
}

fn last_words(keeper: &mut Child) -> String {
    let mut words = Vec::new();
    if let Some(errors) = keeper.stderr.take() {
        let _ = errors.take(MAX_BYTES).read_to_end(&mut words);
    }
    let words = String::from_utf8_lossy(&words);
    let first = words.lines().next().unwrap_or_default().trim();
    if first.is_empty() { "systemd-inhibit ended".to_owned() } else { format!("systemd-inhibit says: {first}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn supply(dir: &Path, name: &str, facts: &[(&str, &str)]) {
        std::fs::create_dir(dir.join(name)).unwrap();
        facts.iter().for_each(|(file, text)| std::fs::write(dir.join(name).join(file), format!("{text}\n")).unwrap());
    }

    #[test]
    fn batteries_of_the_machine_are_taken_together() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(battery(temp.path()), None);
        supply(temp.path(), "AC", &[("type", "Mains"), ("online", "0")]);
        supply(temp.path(), "mouse", &[("type", "Battery"), ("scope", "Device"), ("capacity", "3")]);
        assert_eq!(battery(temp.path()), None);
        let first = [
            ("type", "Battery"),
            ("capacity", "60"),
            ("status", "Discharging"),
            ("energy_now", "30000000"),
            ("power_now", "10000000"),
        ];
        supply(temp.path(), "BAT0", &first);
        supply(
            temp.path(),
            "BAT1",
            &[("type", "Battery"), ("capacity", "20"), ("status", "Unknown"), ("energy_now", "nonsense")],
        );
        let together = battery(temp.path()).unwrap();
        assert_eq!(together, Battery { percent: 40, on_mains: false, minutes_left: Some(180) });
    }

    #[test]
    fn it_reads_this_machine_and_says_so_once() {
        let temp = tempfile::tempdir().unwrap();
        let (tell, asked) = sync_channel(1);
        let health = Health::start(
            temp.path().to_owned(),
            std::sync::Arc::new(move || {
                let _ = tell.try_send(());
            }),
        )
        .unwrap();
        asked.recv_timeout(Duration::from_secs(30)).unwrap();
        let readings = health.readings();
        assert!(
            readings[0].disk_free_bytes.is_some_and(|free| free > 0) && readings[0].clocks.mono_us > 0,
            "{readings:?}"
        );
    }
}
