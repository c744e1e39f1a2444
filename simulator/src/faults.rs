//! What goes wrong, by the scenario's clock or by a live command.

use serde::Deserialize;

use crate::autopilot::commands::CommandFault;
use crate::maths::Vec3;

/// One fault of `faults = [...]`, or of a live command. Times are seconds after boot, in a live command seconds from then; without
/// `for_s` it stays.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum Fault {
    /// The camera takes no pictures; connections stay open.
    CameraStall(Span),
    /// The camera closes every connection and answers nobody.
    CameraDisconnect(Span),
    /// The camera changes its picture size.
    CameraResolution {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// New width.
        width: u32,
        /// New height.
        height: u32,
    },
    /// Nothing passes on MAVLink, either way.
    LinkSilence(Span),
    /// MAVLink passes badly, each way; parts are from 0 to 1.
    LinkBad {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// For.
        #[serde(default = "for_ever")]
        for_s: f64,
        /// Part of the frames lost.
        #[serde(default)]
        loss: f64,
        /// Part that come twice.
        #[serde(default)]
        duplicate: f64,
        /// Part overtaken by later ones.
        #[serde(default)]
        reorder: f64,
        /// Part damaged.
        #[serde(default)]
        corrupt: f64,
        /// Time under way.
        #[serde(default)]
        delay_ms: u32,
    },
    /// The receiver has no fix.
    GnssJam(Span),
    /// The reported position is beside the true one.
    GnssJump {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// For.
        #[serde(default = "for_ever")]
        for_s: f64,
        /// By how much.
        #[serde(default)]
        north_m: f64,
        /// By how much.
        #[serde(default)]
        east_m: f64,
        /// By how much.
        #[serde(default)]
        up_m: f64,
    },
    /// The reported position moves away from the true one.
    GnssDrift {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// For.
        #[serde(default = "for_ever")]
        for_s: f64,
        /// How fast.
        #[serde(default)]
        north_mps: f64,
        /// How fast.
        #[serde(default)]
        east_mps: f64,
    },
    /// The autopilot's boot clock runs fast (slow where negative).
    ClockSkew {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// For.
        #[serde(default = "for_ever")]
        for_s: f64,
        /// Parts in a million.
        ppm: f64,
    },
    /// The autopilot's UTC is wrong.
    ClockStep {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// For.
        #[serde(default = "for_ever")]
        for_s: f64,
        /// By how much.
        by_ms: i32,
    },
    /// The autopilot boots again: silent for two seconds, motors off.
    Reboot {
        /// When.
        #[serde(default)]
        at_s: f64,
    },
    /// The battery has only this charge left.
    BatteryFailure {
        /// When.
        #[serde(default)]
        at_s: f64,
        /// 0 to 1.
        charge: f64,
    },
    /// Other weather.
    Wind {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// For.
        #[serde(default = "for_ever")]
        for_s: f64,
        /// Mean speed.
        speed_mps: f64,
        /// Where it blows from.
        #[serde(default)]
        from_deg: f64,
        /// Standard deviation of gusts.
        #[serde(default)]
        gust_mps: f64,
    },
    /// A command goes wrong.
    Command {
        /// From.
        #[serde(default)]
        at_s: f64,
        /// For.
        #[serde(default = "for_ever")]
        for_s: f64,
        /// MAV_CMD; 0 is every command.
        #[serde(default)]
        id: u32,
        /// How.
        how: How,
    },
}

/// When a fault is there.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// From.
    #[serde(default)]
    pub at_s: f64,
    /// For.
    #[serde(default = "for_ever")]
    pub for_s: f64,
}

/// How a command goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// No response, nothing done.
    Silent,
    /// Done when it comes a second time.
    SecondTry,
    /// IN_PROGRESS without end.
    Endless,
}

fn for_ever() -> f64 {
    f64::INFINITY
}

/// How badly a link passes frames.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Radio {
    /// Part lost.
    pub loss: f64,
    /// Part doubled.
    pub duplicate: f64,
    /// Part overtaken.
    pub reorder: f64,
    /// Part damaged.
    pub corrupt: f64,
    /// Time under way, ms.
    pub delay_ms: u32,
}

/// What is wrong at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Troubles {
    /// No pictures are taken.
    pub camera_stalled: bool,
    /// No client is served.
    pub camera_disconnected: bool,
    /// The size the camera was changed to.
    pub camera_size: Option<(u32, u32)>,
    /// MAVLink is silent.
    pub link_silent: bool,
    /// MAVLink is bad.
    pub radio: Option<Radio>,
    /// There is no fix.
    pub gnss_jammed: bool,
    /// Reported minus true, NED.
    pub gnss_jump_m: Vec3,
    /// How fast that grows.
    pub gnss_drift_mps: Vec3,
    /// The boot clock's skew.
    pub clock_ppm: f64,
    /// UTC's step.
    pub clock_step_us: i64,
    /// How often the autopilot has been made to boot.
    pub reboots: u32,
    /// How often the battery has failed, and what was left.
    pub battery: (u32, f64),
    /// Mean speed, direction it blows from, gusts.
    pub wind: Option<(f64, f64, f64)>,
    /// Which commands go wrong, and how.
    pub commands: Vec<(u32, CommandFault)>,
}

impl Troubles {
    /// What `faults` make wrong at `now_ns` after boot.
    #[must_use]
    pub fn at(faults: &[Fault], now_ns: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a flight")]
        let now_s = now_ns as f64 * 1e-9;
        let mut troubles = Self::default();
        for fault in faults {
            let Span { at_s, for_s } = fault.span();
            if (at_s..at_s + for_s).contains(&now_s) {
                troubles.add(fault);
            }
        }
        troubles
    }

    fn add(&mut self, fault: &Fault) {
        match *fault {
            Fault::CameraStall(_) => self.camera_stalled = true,
            Fault::CameraDisconnect(_) => self.camera_disconnected = true,
            Fault::CameraResolution { width, height, .. } => self.camera_size = Some((width, height)),
            Fault::LinkSilence(_) => self.link_silent = true,
            Fault::LinkBad { loss, duplicate, reorder, corrupt, delay_ms, .. } => {
                self.radio = Some(Radio { loss, duplicate, reorder, corrupt, delay_ms });
            }
            Fault::GnssJam(_) => self.gnss_jammed = true,
            Fault::GnssJump { north_m, east_m, up_m, .. } => self.gnss_jump_m += Vec3::new(north_m, east_m, -up_m),
            Fault::GnssDrift { north_mps, east_mps, .. } => {
                self.gnss_drift_mps += Vec3::new(north_mps, east_mps, 0.0);
            }
            Fault::ClockSkew { ppm, .. } => self.clock_ppm += ppm,
            Fault::ClockStep { by_ms, .. } => self.clock_step_us += i64::from(by_ms) * 1000,
            Fault::Reboot { .. } => self.reboots += 1,
            Fault::BatteryFailure { charge, .. } => self.battery = (self.battery.0 + 1, charge),
            Fault::Wind { speed_mps, from_deg, gust_mps, .. } => self.wind = Some((speed_mps, from_deg, gust_mps)),
            Fault::Command { id, how, .. } => self.commands.push((id, how.fault())),
        }
    }
}

impl How {
    fn fault(self) -> CommandFault {
        match self {
            Self::Silent => CommandFault::Silent,
            Self::SecondTry => CommandFault::SecondTry,
            Self::Endless => CommandFault::Endless,
        }
    }
}

impl Fault {
    /// A fault as a live command writes it, e.g. `gnss_jam = { for_s = 20 }`, with its times from `now_s` on.
    ///
    /// # Errors
    /// What is wrong with the text, on one line.
    pub fn live(text: &str, now_s: f64) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Line {
            fault: Fault,
        }
        let line: Line =
            toml::from_str(&format!("fault = {{ {text} }}")).map_err(|error| error.message().replace('\n', " "))?;
        let mut fault = line.fault;
        fault.check()?;
        *fault.at_s_mut() += now_s;
        Ok(fault)
    }

    /// Says what is out of range.
    ///
    /// # Errors
    /// The key and what it may be.
    pub fn check(&self) -> Result<(), String> {
        let part = |key: &str, value: f64| {
            if (0.0..=1.0).contains(&value) {
                Ok(())
            } else {
                Err(format!("{key} = {value} is out of range; use 0 to 1"))
            }
        };
        match *self {
            Self::LinkBad { loss, duplicate, reorder, corrupt, .. } => {
                part("loss", loss)?;
                part("duplicate", duplicate)?;
                part("reorder", reorder)?;
                part("corrupt", corrupt)
            }
            Self::BatteryFailure { charge, .. } => part("charge", charge),
            Self::Wind { speed_mps, .. } if !(0.0..=40.0).contains(&speed_mps) => {
                Err(format!("speed_mps = {speed_mps} is out of range; use 0 to 40"))
            }
            Self::CameraResolution { width, height, .. }
                if width % 2 + height % 2 != 0 || width < 496 || height < 64 =>
            {
                Err("a picture has even sides, at least 496 by 64".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn span(&self) -> Span {
        match *self {
            Self::CameraStall(span) | Self::CameraDisconnect(span) | Self::LinkSilence(span) | Self::GnssJam(span) => {
                span
            }
            Self::CameraResolution { at_s, .. } | Self::Reboot { at_s } | Self::BatteryFailure { at_s, .. } => {
                Span { at_s, for_s: f64::INFINITY }
            }
            Self::LinkBad { at_s, for_s, .. }
            | Self::GnssJump { at_s, for_s, .. }
            | Self::GnssDrift { at_s, for_s, .. }
            | Self::ClockSkew { at_s, for_s, .. }
            | Self::ClockStep { at_s, for_s, .. }
            | Self::Wind { at_s, for_s, .. }
            | Self::Command { at_s, for_s, .. } => Span { at_s, for_s },
        }
    }

    fn at_s_mut(&mut self) -> &mut f64 {
        match self {
            Self::CameraStall(span) | Self::CameraDisconnect(span) | Self::LinkSilence(span) | Self::GnssJam(span) => {
                &mut span.at_s
            }
            Self::CameraResolution { at_s, .. }
            | Self::Reboot { at_s }
            | Self::BatteryFailure { at_s, .. }
            | Self::LinkBad { at_s, .. }
            | Self::GnssJump { at_s, .. }
            | Self::GnssDrift { at_s, .. }
            | Self::ClockSkew { at_s, .. }
            | Self::ClockStep { at_s, .. }
            | Self::Wind { at_s, .. }
            | Self::Command { at_s, .. } => at_s,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_begin_and_end() {
        let faults = [
            Fault::CameraStall(Span { at_s: 10.0, for_s: 5.0 }),
            Fault::CameraResolution { at_s: 12.0, width: 1920, height: 1080 },
        ];
        assert_eq!(Troubles::at(&faults, 9_999_000_000), Troubles::default());
        assert!(Troubles::at(&faults, 10_000_000_000).camera_stalled);
        let late = Troubles::at(&faults, 15_000_000_000);
        assert!(!late.camera_stalled);
        assert_eq!(late.camera_size, Some((1920, 1080)));
    }

    #[test]
    fn a_live_fault_begins_now_and_says_what_is_wrong_with_it() {
        let fault = Fault::live("gnss_jam = { for_s = 20 }", 100.0).unwrap();
        assert!(!Troubles::at(&[fault], 99_000_000_000).gnss_jammed);
        assert!(Troubles::at(&[fault], 100_000_000_000).gnss_jammed);
        assert!(!Troubles::at(&[fault], 120_000_000_000).gnss_jammed);
        let fault = Fault::live("command = { id = 22, how = \"second_try\" }", 0.0).unwrap();
        assert_eq!(Troubles::at(&[fault], 1).commands, [(22, CommandFault::SecondTry)]);
        assert!(Fault::live("link_bad = { loss = 3 }", 0.0).unwrap_err().contains("0 to 1"));
        assert!(Fault::live("gnss_yam = {}", 0.0).unwrap_err().contains("gnss_yam"));
    }
}
