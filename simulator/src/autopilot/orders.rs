//! Orders that are flown: modes, take-off, reposition, orbit, speed, heading, home, the fence's switch.

use vehicle_link::dialect::MavResult;

use super::Autopilot;
use super::commands::Command;
use super::fixed_point::{i32_of, u16_of, u32_of};
use super::flight::{Nose, Orbit};
use super::mode::Mode;
use super::notice::Notice;
use super::personality::Personality;
use crate::geodesy::Geodetic;
use crate::maths::Vec3;
use crate::vehicle::Vehicle;

const ACCEPTED: MavResult = MavResult::MAV_RESULT_ACCEPTED;
const DENIED: MavResult = MavResult::MAV_RESULT_DENIED;
/// Speeds that may be asked for, m/s.
const SPEEDS_MPS: (f64, f64) = (0.5, 20.0);
/// PX4's offboard mode needs a target no older than this.
const TARGET_FRESH_NS: u64 = 1_000_000_000;
/// MAV_DO_REPOSITION_FLAGS_CHANGE_MODE.
const CHANGE_MODE: u32 = 1;
/// MAV_MODE_FLAG_CUSTOM_MODE_ENABLED.
const CUSTOM_MODE: u32 = 1;

impl Autopilot {
    /// A mode that needs an armed vehicle only to move: disarmed it is just selected.
    pub(super) fn fly_mode(&mut self, mode: Mode, vehicle: &Vehicle) -> MavResult {
        let empty = self.plans.mission.items.len() <= usize::from(self.personality == Personality::Ardupilot);
        if mode == Mode::Mission && empty {
            self.tell(Notice::NoMission);
            return self.refusal(DENIED);
        }
        let placed = !matches!(mode, Mode::Stabilise | Mode::Altitude | Mode::Land);
        if placed && self.watch.position_lost {
            self.tell(Notice::ModePosition);
            return self.refusal(MavResult::MAV_RESULT_TEMPORARILY_REJECTED);
        }
        if mode == Mode::Guided && self.personality == Personality::Px4 {
            let fresh = self.offered.filter(|aim| self.now_ns.saturating_sub(aim.at_ns) < TARGET_FRESH_NS);
            if fresh.is_none() {
                self.tell(Notice::NoTargets);
                return DENIED;
            }
            self.set_mode(mode, vehicle);
            self.flight.aim = fresh;
            return ACCEPTED;
        }
        self.set_mode(mode, vehicle);
        ACCEPTED
    }

    pub(super) fn take_off(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let ardupilot = self.personality == Personality::Ardupilot;
        // ArduPilot takes off in GUIDED or a pilot's mode, armed, standing; heights are above home whatever the form.
        let ready = self.armed && vehicle.airframe.on_ground();
        let suits = matches!(self.mode, Mode::Guided | Mode::Hold | Mode::Position | Mode::Altitude);
        if ardupilot && !(ready && suits) {
            return MavResult::MAV_RESULT_FAILED;
        }
        let asked = command.z.is_finite() && command.z.abs() > 0.01;
        let height = if ardupilot || command.relative() { command.z } else { command.z - self.home_msl_m };
        if ardupilot && !asked || asked && height < 1.0 {
            return self.refusal(DENIED);
        }
        self.set_mode(Mode::TakeOff, vehicle);
        if asked {
            self.flight.target.z = self.flight.home.z - height;
        }
        ACCEPTED
    }

    /// Starts the mission at an item, or goes on with it.
    pub fn start_mission(&mut self, first: f64, vehicle: &Vehicle) -> MavResult {
        if first.is_finite() && first > 0.0 {
            self.flight.set_current(u16_of(first));
        }
        self.fly_mode(Mode::Mission, vehicle)
    }

    /// Sends the vehicle home.
    pub fn return_home(&mut self, vehicle: &Vehicle) -> MavResult {
        self.fly_mode(Mode::Return, vehicle)
    }

    pub(super) fn do_set_mode(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let [base, main, sub, _] = command.params;
        if u32_of(base) & CUSTOM_MODE == 0 {
            return if self.personality == Personality::Px4 { DENIED } else { MavResult::MAV_RESULT_UNSUPPORTED };
        }
        let custom = match self.personality {
            Personality::Px4 => (u32_of(main) & 0xFF) << 16 | (u32_of(sub) & 0xFF) << 24,
            Personality::Ardupilot => u32_of(main),
        };
        match Mode::from_custom(self.personality, custom) {
            Some(mode) => self.fly_mode(mode, vehicle),
            None => self.refusal(DENIED),
        }
    }

    pub(super) fn pause(&mut self, pause: bool, vehicle: &Vehicle) -> MavResult {
        match (self.personality, pause) {
            (Personality::Px4, true) => self.fly_mode(Mode::Hold, vehicle),
            (Personality::Px4, false) => self.fly_mode(Mode::Mission, vehicle),
            // ArduPilot pauses within AUTO and GUIDED.
            (Personality::Ardupilot, _) if self.mode == Mode::Mission => {
                self.flight.paused_at = pause.then(|| Self::believed(vehicle));
                ACCEPTED
            }
            (Personality::Ardupilot, true) if matches!(self.mode, Mode::Guided | Mode::Hold) => {
                self.fly_mode(Mode::Guided, vehicle)
            }
            (Personality::Ardupilot, _) => DENIED,
        }
    }

    pub(super) fn jump_to(&mut self, seq: f64, vehicle: &Vehicle) -> MavResult {
        let seq = u16_of(seq);
        let known = usize::from(seq) < self.plans.mission.items.len();
        if known {
            self.flight.set_current(seq);
        }
        self.send_current(vehicle);
        if known { ACCEPTED } else { DENIED }
    }

    pub(super) fn change_speed(&mut self, speed_mps: f64) -> MavResult {
        if speed_mps > 0.0 {
            self.flight.cruise_mps = speed_mps.clamp(SPEEDS_MPS.0, SPEEDS_MPS.1);
        } else if speed_mps < -1.5 {
            // −2 is the default.
            self.flight.cruise_mps = self.flight.settings.cruise_mps;
        }
        ACCEPTED
    }

    /// Where a command lies; what it leaves out is `here`.
    fn place_of(&self, command: &Command, here: Vec3) -> Vec3 {
        let up = match command.z {
            z if !z.is_finite() => -here.z,
            z if command.relative() => z - self.flight.home.z,
            z => z - self.home_msl_m,
        };
        let across = if command.lat_deg.is_finite() && command.lon_deg.is_finite() {
            let height_m = self.map.home().height_m;
            self.map.local(Geodetic { lat_deg: command.lat_deg, lon_deg: command.lon_deg, height_m })
        } else {
            here
        };
        Vec3::new(across.x, across.y, -up)
    }

    pub(super) fn reposition(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let guided = matches!(self.mode, Mode::Guided | Mode::Hold);
        let [speed, flags, _, yaw] = command.params;
        if self.personality == Personality::Ardupilot && !guided && u32_of(flags) & CHANGE_MODE == 0 {
            return DENIED;
        }
        let result = self.fly_mode(Mode::Hold, vehicle);
        if result != ACCEPTED {
            return result;
        }
        self.flight.target = self.place_of(command, Self::believed(vehicle));
        self.change_speed(speed.max(-1.0));
        if yaw.is_finite() {
            self.flight.yaw_target_rad = Some(yaw);
        }
        ACCEPTED
    }

    /// DO_ORBIT: radius (negative: the other way round), speed, ORBIT_YAW_BEHAVIOUR. ArduPilot Copter has none.
    pub(super) fn orbit(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        if self.personality == Personality::Ardupilot {
            return MavResult::MAV_RESULT_UNSUPPORTED;
        }
        let [radius, speed, behaviour, _] = command.params;
        if vehicle.airframe.on_ground() {
            return MavResult::MAV_RESULT_TEMPORARILY_REJECTED;
        }
        let radius = if radius.is_finite() && radius.abs() >= 1.0 { radius } else { 10.0 };
        let speed_mps = if speed > 0.0 { speed.clamp(SPEEDS_MPS.0, SPEEDS_MPS.1) } else { self.flight.cruise_mps };
        let centre = self.place_of(command, Self::believed(vehicle));
        let nose = match if behaviour.is_finite() { i32_of(behaviour) } else { 0 } {
            1 | 2 | 5 => Nose::Kept,
            3 => Nose::Along,
            _ => Nose::Inwards,
        };
        let result = self.fly_mode(Mode::Orbit, vehicle);
        if result == ACCEPTED {
            let speed_mps = speed_mps.copysign(radius);
            self.flight.orbit = Some(Orbit { centre, radius_m: radius.abs(), speed_mps, nose });
        }
        result
    }

    pub(super) fn yaw_to(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let [angle, _, way, relative] = command.params;
        if !angle.is_finite() {
            return DENIED;
        }
        if self.mode == Mode::Mission {
            self.set_mode(self.stop_mode(), vehicle);
        }
        let by = relative > 0.5;
        let sign = if by && way < 0.0 { -1.0 } else { 1.0 };
        let from = if by { self.flight.guidance.yaw_rad() } else { 0.0 };
        let yaw = from + sign * angle.to_radians();
        self.flight.yaw_target_rad = Some(yaw);
        if let Some(aim) = &mut self.flight.aim {
            (aim.yaw_rad, aim.yaw_rps) = (Some(yaw), None);
        }
        ACCEPTED
    }

    pub(super) fn look_at(&mut self, command: &Command) -> MavResult {
        if !command.lat_deg.is_finite() || !command.lon_deg.is_finite() {
            return DENIED;
        }
        let place = self.place_of(command, self.flight.home);
        self.gimbal.look_at(place);
        ACCEPTED
    }

    /// DO_SET_HOME: parameter 1 is 1 for "here".
    pub(super) fn home_by_command(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let here = command.params[0] > 0.5;
        let placed = command.lat_deg.is_finite() && command.lon_deg.is_finite();
        if !here && !placed {
            return DENIED;
        }
        let place = if here { Self::believed(vehicle) } else { self.place_of(command, self.flight.home) };
        // The ground is level: heights stay as they are.
        self.set_home(Vec3::new(place.x, place.y, 0.0), vehicle);
        ACCEPTED
    }

    /// DO_FENCE_ENABLE, which PX4 does not have.
    pub(super) fn enable_fence(&mut self, on: f64) -> MavResult {
        if self.personality == Personality::Px4 {
            return MavResult::MAV_RESULT_UNSUPPORTED;
        }
        if !self.parameters.set("FENCE_ENABLE", on.clamp(0.0, 1.0)) {
            return DENIED;
        }
        self.apply_parameters();
        ACCEPTED
    }

    pub(super) fn reboot_by_command(&mut self, what: f64) -> MavResult {
        if self.armed || what < 0.5 {
            return self.refusal(DENIED);
        }
        self.reboot();
        ACCEPTED
    }
}
