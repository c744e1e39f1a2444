//! What the autopilot says to its pilot, in the words of each autopilot.

use vehicle_link::dialect::MavSeverity;

use super::personality::Personality;

/// Something to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Motors turn.
    Armed,
    /// Motors stopped by command.
    Disarmed,
    /// Motors stopped after landing.
    DisarmedLanded,
    /// Motors stopped because nothing came of arming.
    DisarmedIdle,
    /// Not landed.
    DisarmRefused,
    /// Too little energy to arm.
    ArmBattery,
    /// No position to arm with.
    ArmPosition,
    /// Outside the fence.
    ArmFence,
    /// Not from this mode.
    ArmMode(&'static str),
    /// Touched down.
    LandingDetected,
    /// The mission's last item is done.
    MissionFinished,
    /// There is no mission to fly.
    NoMission,
    /// The mode needs a position that is not there.
    ModePosition,
    /// Offboard without targets.
    NoTargets,
    /// First battery threshold.
    BatteryLow,
    /// Second.
    BatteryCritical,
    /// Third.
    BatteryEmergency,
    /// The ground station's heartbeat has stopped.
    LinkLost,
    /// It is there again.
    LinkRegained,
    /// The position is lost.
    GnssLost,
    /// It is there again.
    GnssRegained,
    /// Beyond the fence.
    FenceBreached,
    /// Within it again.
    FenceCleared,
    /// Booted.
    Booted,
}

impl Notice {
    /// How grave, and the words.
    #[must_use]
    pub fn words(self, of: Personality) -> (MavSeverity, String) {
        let px4 = of == Personality::Px4;
        let choose = |one: &str, other: &str| (if px4 { one } else { other }).to_owned();
        let info = MavSeverity::MAV_SEVERITY_INFO;
        let warning = MavSeverity::MAV_SEVERITY_WARNING;
        let critical = MavSeverity::MAV_SEVERITY_CRITICAL;
        match self {
            Self::Armed => (info, choose("Armed by external command", "Arming motors")),
            Self::Disarmed => (info, choose("Disarmed by external command", "Disarming motors")),
            Self::DisarmedLanded => (info, choose("Disarmed by landing", "Disarming motors")),
            Self::DisarmedIdle => (info, choose("Disarmed by auto preflight disarming", "Disarming motors")),
            Self::DisarmRefused => (critical, choose("Disarming denied: not landed", "Disarm: not landed")),
            Self::ArmBattery => {
                (critical, choose("Arming denied: low battery", "Arm: Battery 1 below minimum arming capacity"))
            }
            Self::ArmPosition => {
                (critical, choose("Arming denied: global position required", "Arm: Need Position Estimate"))
            }
            Self::ArmFence => (critical, choose("Arming denied: outside geofence", "Arm: vehicle outside fence")),
            Self::ArmMode(mode) if px4 => (critical, format!("Arming denied: switch out of {mode} first")),
            Self::ArmMode(mode) => (critical, format!("Arm: {mode} mode not armable")),
            Self::LandingDetected => (info, choose("Landing detected", "Land complete")),
            Self::MissionFinished => (info, choose("Mission finished, loitering", "Mission complete")),
            Self::NoMission => {
                (critical, choose("Mode change denied: no mission", "Mode change to AUTO failed: init failed"))
            }
            Self::ModePosition => {
                (critical, choose("Mode change denied: no position", "Mode change failed: requires position"))
            }
            Self::NoTargets => (critical, choose("Offboard denied: no setpoints", "Mode change failed: no targets")),
            Self::BatteryLow => (warning, choose("Low battery level, return advised", "Battery 1 is low")),
            Self::BatteryCritical => (critical, choose("Critical battery level", "Battery 1 is critical")),
            Self::BatteryEmergency => {
                (MavSeverity::MAV_SEVERITY_EMERGENCY, choose("Dangerous battery level, landing now", "Battery 1 empty"))
            }
            Self::LinkLost => (warning, choose("Connection to ground control lost", "GCS Failsafe")),
            Self::LinkRegained => (info, choose("Connection to ground control regained", "GCS Failsafe Cleared")),
            Self::GnssLost => (critical, choose("Global position lost, failsafe", "EKF Failsafe: position lost")),
            Self::GnssRegained => (info, choose("Global position regained", "EKF Failsafe Cleared")),
            Self::FenceBreached => (warning, choose("Geofence violated", "Fence Breached")),
            Self::FenceCleared => (info, choose("Geofence cleared", "Fence breach cleared")),
            Self::Booted => (info, choose("Simulated vehicle ready", "ArduCopter V4.6.0")),
        }
    }
}
