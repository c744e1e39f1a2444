//! Arming and disarming, and why not.

use vehicle_link::dialect::MavResult;

use super::Autopilot;
use super::mode::Mode;
use super::notice::Notice;
use super::personality::Personality;
use super::watch::Watch;
use crate::maths::Vec3;
use crate::vehicle::Vehicle;

/// Least charge to arm with.
const LEAST_CHARGE: f64 = 0.15;
/// Farther from home than this, arming makes a new home.
const NEW_HOME_M: f64 = 2.0;

impl Autopilot {
    /// Arms or disarms; `force` skips the checks.
    pub fn arm(&mut self, arm: bool, force: bool, vehicle: &Vehicle) -> MavResult {
        if arm == self.armed {
            return MavResult::MAV_RESULT_ACCEPTED;
        }
        if !arm {
            if !vehicle.airframe.on_ground() && !force {
                self.tell(Notice::DisarmRefused);
                return self.refusal(MavResult::MAV_RESULT_DENIED);
            }
            self.disarm(Notice::Disarmed);
            return MavResult::MAV_RESULT_ACCEPTED;
        }
        if let Some(why) = self.unfit(vehicle).filter(|_| !force) {
            self.tell(why);
            return self.refusal(MavResult::MAV_RESULT_TEMPORARILY_REJECTED);
        }
        self.begin_flight(vehicle);
        MavResult::MAV_RESULT_ACCEPTED
    }

    /// Why the vehicle may not be armed now.
    #[must_use]
    pub(super) fn unfit(&self, vehicle: &Vehicle) -> Option<Notice> {
        let ardupilot = self.personality == Personality::Ardupilot;
        if vehicle.battery.remaining() < LEAST_CHARGE {
            return Some(Notice::ArmBattery);
        }
        if !vehicle.gnss.has_fix() || self.watch.position_lost {
            return Some(Notice::ArmPosition);
        }
        if self.fence_breach(vehicle).is_some() {
            return Some(Notice::ArmFence);
        }
        // AUTO_OPTIONS bit 0 allows arming in AUTO.
        let auto =
            self.mode == Mode::Mission && super::fixed_point::i32_of(self.parameters.value("AUTO_OPTIONS")) & 1 == 0;
        let airborne = matches!(self.mode, Mode::Return | Mode::Land | Mode::Brake);
        (airborne || ardupilot && auto).then(|| Notice::ArmMode(self.mode.name(self.personality)))
    }

    fn begin_flight(&mut self, vehicle: &Vehicle) {
        self.armed = true;
        let Watch { station_ns, station_lost, fix_ns, position_lost, .. } = self.watch;
        self.watch = Watch { station_ns, station_lost, fix_ns, position_lost, ..Watch::default() };
        self.flight.cruise_mps = self.flight.settings.cruise_mps;
        self.flight.guidance.reset(vehicle.airframe.attitude.to_euler().yaw_rad);
        let here = Self::believed(vehicle).horizontal();
        if (here - self.flight.home).horizontal_norm() > NEW_HOME_M {
            self.set_home(Vec3::new(here.x, here.y, 0.0), vehicle);
        }
        self.logs.begin(self.clock.boot_ns(self.now_ns), self.clock.utc_us(self.now_ns));
        self.tell(Notice::Armed);
        self.send_heartbeat(vehicle);
    }

    pub(super) fn disarm(&mut self, why: Notice) {
        self.armed = false;
        self.watch.has_flown = false;
        // ArduPilot stays in the mode it landed in.
        if self.personality == Personality::Px4 {
            self.mode = Mode::Hold;
        }
        self.flight.set_current(0);
        self.logs.end();
        self.tell(why);
    }

    /// ArduPilot says FAILED to whatever it does not do now.
    pub(super) fn refusal(&self, px4: MavResult) -> MavResult {
        match self.personality {
            Personality::Px4 => px4,
            Personality::Ardupilot => MavResult::MAV_RESULT_FAILED,
        }
    }
}
