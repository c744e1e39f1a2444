//! The ground station's window beside the demonstration: opened on a display, or pictured without one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::flight::Ports;
use super::programs::{Background, Programs};
use super::{DemoArgs, layout, unit};

/// Where its settings are.
const SETTINGS: &str = "station/station.toml";
/// Painting some dozens of pictures may take so long on a loaded machine.
const PAINT: Duration = Duration::from_secs(120);
/// The sizes pictured.
const SIZES: [&str; 2] = ["1280x800", "1920x1080"];

/// Writes the settings of the window, as a unit would.
pub(super) fn settings(out: &Path, ports: &Ports, root: &str, home: [f64; 2]) -> Result<()> {
    let [video, klv] = ports.live;
    let (ground, dock, device) = (ports.ground, ports.dock, super::handover::device_id(out)?);
    let [lat_deg, lon_deg] = home;
    let text = format!(
        r#"# Made by `simulator/demo`.
[station]
place = "Demonstration"
state = "window"

[links]
mavlink = ["udpout:127.0.0.1:{ground}"]
aircraft = "{}"

[keys]
station = "../{}"
trust = "../{}"
root = "{root}"

[witness]
start = false
dir = "../{}"
reasons = "../{}"

[live]
video_port = {video}
klv_port = {klv}

[stores]
first = "../{}"
second = "../{}"
packages = "../{}"
dock = "tls://127.0.0.1:{dock}"
device = "{device}"
opened = "../{}"

[crew]
roles = ["observer"]
endurance_min = 30
recent_h = 6

[log]
drafts = "../{}"

[map]
home = [{lat_deg}, {lon_deg}]
"#,
        unit::AIRCRAFT,
        unit::STATION_KEY,
        layout::TRUST,
        layout::WITNESS,
        layout::REASONS,
        layout::STORE,
        layout::SECOND,
        layout::PACKAGES,
        layout::OPENED,
        layout::FLIGHT_LOG,
    );
    Ok(std::fs::write(out.join(SETTINGS), text)?)
}

/// What was started beside the flight.
pub(super) struct Beside {
    window: Option<Background>,
    shots: Option<(PathBuf, Vec<Background>)>,
}

impl Beside {
    /// Opens the window where it is wanted; pictures wait for [`Self::in_flight`].
    pub(super) fn open(programs: &Programs, out: &Path, args: &DemoArgs) -> Result<Self> {
        let window = args.window.then(|| {
            let command =
                programs.command("skyseal-ground", out, &["window", "--config", SETTINGS, "--plan", layout::PLAN]);
            Background::start(command, out.join("station/window.log"))
        });
        let shots = args.shots.as_ref().map(|dir| {
            std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
            Ok::<_, anyhow::Error>((dir.canonicalize()?, Vec::new()))
        });
        Ok(Self { window: window.transpose()?, shots: shots.transpose()? })
    }

    /// Has Fly pictured after so many seconds, while the flight goes on.
    pub(super) fn in_flight(&mut self, programs: &Programs, out: &Path, after_s: u32) -> Result<()> {
        self.picture(programs, out, &["fly"], unit::PILOT.0, after_s)
    }

    /// Has Handover pictured while the aircraft waits at its dock.
    pub(super) fn landed(&mut self, programs: &Programs, out: &Path) -> Result<()> {
        self.picture(programs, out, &["handover"], unit::PEOPLE[0].0, 5)
    }

    /// Has the other workspaces pictured, and waits until all are written; then for whoever has the window open to close it.
    pub(super) fn finish(mut self, programs: &Programs, out: &Path) -> Result<()> {
        self.picture(programs, out, &["plan", "airspace", "records"], unit::PILOT.0, 6)?;
        self.picture(programs, out, &["evidence"], unit::PEOPLE[0].0, 2)?;
        for shot in self.shots.iter_mut().flat_map(|(_, all)| all) {
            let ended = shot.wait(PAINT, || Ok(()))?;
            if !ended.success() {
                bail!("the pictures were not made; see {}", shot.log().display());
            }
        }
        if let Some(window) = &mut self.window {
            println!("the window stays open until you close it");
            window.wait(Duration::MAX, || Ok(()))?;
        }
        Ok(())
    }

    fn picture(&mut self, programs: &Programs, out: &Path, workspaces: &[&str], who: &str, after_s: u32) -> Result<()> {
        let Some((dir, running)) = &mut self.shots else { return Ok(()) };
        let (after, pin) = (after_s.to_string(), unit::pin_file(who));
        for size in SIZES {
            let into = dir.join(size).display().to_string();
            let mut words = vec![
                "window",
                "--config",
                SETTINGS,
                "--plan",
                layout::PLAN,
                "--shots",
                &into,
                "--size",
                size,
                "--after",
                &after,
            ];
            words.extend(workspaces.iter().flat_map(|workspace| ["--only", workspace]));
            words.extend(["--as", who, "--pin-file", &pin]);
            if workspaces.contains(&"evidence") {
                words.extend(["--viewing", "Pictures of the demonstration"]);
            }
            let log = out.join(format!("station/shots-{}-{size}.log", workspaces.first().unwrap_or(&"none")));
            let mut shot = Background::start(programs.command("skyseal-ground", out, &words), log)?;
            // One window at a time has the view's ports.
            shot.wait(PAINT + Duration::from_secs(u64::from(after_s)), || Ok(()))?;
            running.push(shot);
        }
        Ok(())
    }
}
