//! Commands: what is accepted, what is refused, and always an answer.

use vehicle_link::dialect::{
    COMMAND_ACK_DATA, COMMAND_INT_DATA, COMMAND_LONG_DATA, MESSAGE_INTERVAL_DATA, MavCmd, MavFrame, MavMessage,
    MavResult, MavSeverity,
};

use super::fixed_point::{u16_of, u32_of};
use super::flight::point;
use super::mode::Mode;
use super::transfer::Address;
use super::{AUTOPILOT_COMPONENT, Audience, Autopilot, GIMBAL_COMPONENT, Outgoing, telemetry};
use crate::geodesy::Geodetic;
use crate::maths::Vec3;
use crate::vehicle::Vehicle;

/// The magic number that arms and disarms against the autopilot's better judgement.
const FORCE: f64 = 21196.0;

/// A command of either form.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    id: MavCmd,
    target: Address,
    /// Parameters 1 to 4 and 7; NaN is "not given".
    params: [f64; 4],
    lat_deg: f64,
    lon_deg: f64,
    z: f64,
    relative: bool,
}

impl Command {
    /// From COMMAND_LONG; places are degrees, heights above mean sea level.
    #[must_use]
    pub fn from_long(c: &COMMAND_LONG_DATA) -> Self {
        Self {
            id: c.command,
            target: (c.target_system, c.target_component),
            params: [c.param1, c.param2, c.param3, c.param4].map(f64::from),
            lat_deg: f64::from(c.param5),
            lon_deg: f64::from(c.param6),
            z: f64::from(c.param7),
            relative: false,
        }
    }

    /// From COMMAND_INT; `i32::MAX` is "no place", the frame says what heights are against.
    #[must_use]
    pub fn from_int(c: &COMMAND_INT_DATA) -> Self {
        let degrees = |e7: i32| {
            if e7 == i32::MAX { f64::NAN } else { f64::from(e7) * 1e-7 }
        };
        let relative =
            matches!(c.frame, MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT | MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT_INT);
        Self {
            id: c.command,
            target: (c.target_system, c.target_component),
            params: [c.param1, c.param2, c.param3, c.param4].map(f64::from),
            lat_deg: degrees(c.x),
            lon_deg: degrees(c.y),
            z: f64::from(c.z),
            relative,
        }
    }
}

impl Autopilot {
    pub(super) fn command(&mut self, peer: Address, command: &Command, vehicle: &mut Vehicle) {
        if !self.is_for_us(command.target.0, command.target.1) {
            return;
        }
        let before = self.outbox.len();
        let result = self.execute(command, vehicle);
        let component = if command.target.1 == GIMBAL_COMPONENT { GIMBAL_COMPONENT } else { AUTOPILOT_COMPONENT };
        let ack = COMMAND_ACK_DATA {
            command: command.id,
            result,
            progress: 0,
            result_param2: 0,
            target_system: peer.0,
            target_component: peer.1,
        };
        let ack = Outgoing { component, audience: Audience::Asker, message: MavMessage::COMMAND_ACK(ack) };
        // The answer first, then what was asked for: many wait for them in this order.
        self.outbox.insert(before, ack);
    }

    fn execute(&mut self, command: &Command, vehicle: &mut Vehicle) -> MavResult {
        let [p1, p2, ..] = command.params;
        match command.id {
            MavCmd::MAV_CMD_COMPONENT_ARM_DISARM => self.arm(p1 > 0.5, (p2 - FORCE).abs() < 0.5, vehicle),
            MavCmd::MAV_CMD_NAV_TAKEOFF => self.take_off(command, vehicle),
            MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH => self.fly_mode(Mode::Return, vehicle),
            MavCmd::MAV_CMD_NAV_LAND => self.fly_mode(Mode::Land, vehicle),
            MavCmd::MAV_CMD_NAV_LOITER_UNLIM => self.fly_mode(Mode::Hold, vehicle),
            MavCmd::MAV_CMD_MISSION_START => self.start_mission(p1, vehicle),
            MavCmd::MAV_CMD_DO_SET_MODE => self.do_set_mode(command, vehicle),
            MavCmd::MAV_CMD_DO_REPOSITION => self.reposition(command, vehicle),
            MavCmd::MAV_CMD_DO_PAUSE_CONTINUE => {
                let mode = if p1 < 0.5 { Mode::Hold } else { Mode::Mission };
                self.fly_mode(mode, vehicle)
            }
            MavCmd::MAV_CMD_DO_CHANGE_SPEED => {
                if p2 > 0.0 {
                    self.flight.cruise_mps = p2.clamp(0.5, 20.0);
                }
                MavResult::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_CONDITION_YAW => self.yaw_to(command, vehicle),
            MavCmd::MAV_CMD_DO_SET_MISSION_CURRENT => self.jump_to(p1, vehicle),
            MavCmd::MAV_CMD_DO_MOUNT_CONTROL => {
                point(&mut vehicle.gimbal, p1, command.params[2]);
                MavResult::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW => {
                point(&mut vehicle.gimbal, p1, p2);
                MavResult::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE => MavResult::MAV_RESULT_ACCEPTED,
            _ => self.execute_request(command, vehicle),
        }
    }

    /// Commands that ask for messages.
    fn execute_request(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let [p1, p2, ..] = command.params;
        match command.id {
            MavCmd::MAV_CMD_REQUEST_MESSAGE => self.send_requested(u32_of(p1), vehicle),
            MavCmd::MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES => self.send_requested(148, vehicle),
            MavCmd::MAV_CMD_GET_HOME_POSITION => self.send_requested(242, vehicle),
            MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL => {
                let id = u32_of(p1);
                if !telemetry::KNOWN.contains(&id) {
                    return MavResult::MAV_RESULT_DENIED;
                }
                self.streams.set(id, p2, self.now_ns);
                MavResult::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_GET_MESSAGE_INTERVAL => {
                let interval_us = self.streams.interval_us(u32_of(p1));
                let message_id = u16_of(p1);
                self.reply(MavMessage::MESSAGE_INTERVAL(MESSAGE_INTERVAL_DATA { interval_us, message_id }));
                MavResult::MAV_RESULT_ACCEPTED
            }
            _ => MavResult::MAV_RESULT_UNSUPPORTED,
        }
    }

    fn send_requested(&mut self, id: u32, vehicle: &Vehicle) -> MavResult {
        let Some(message) = self.build(id, vehicle) else {
            return MavResult::MAV_RESULT_UNSUPPORTED;
        };
        let component = telemetry::component_of(id);
        self.outbox.push(Outgoing { component, audience: Audience::Asker, message });
        MavResult::MAV_RESULT_ACCEPTED
    }

    /// Arms or disarms; `force` skips the checks.
    pub fn arm(&mut self, arm: bool, force: bool, vehicle: &Vehicle) -> MavResult {
        if arm == self.armed {
            return MavResult::MAV_RESULT_ACCEPTED;
        }
        if !arm {
            if !vehicle.airframe.on_ground() && !force {
                self.say(MavSeverity::MAV_SEVERITY_CRITICAL, "Disarming denied: not landed");
                return MavResult::MAV_RESULT_DENIED;
            }
            self.disarm("Disarmed by external command");
            return MavResult::MAV_RESULT_ACCEPTED;
        }
        if vehicle.battery.remaining() < 0.15 && !force {
            self.say(MavSeverity::MAV_SEVERITY_CRITICAL, "Arming denied: low battery");
            return MavResult::MAV_RESULT_TEMPORARILY_REJECTED;
        }
        self.armed = true;
        self.has_flown = false;
        self.on_ground_s = 0.0;
        self.flight.cruise_mps = self.flight.settings.cruise_mps;
        self.flight.guidance.reset(vehicle.airframe.attitude.to_euler().yaw_rad);
        self.say(MavSeverity::MAV_SEVERITY_INFO, "Armed by external command");
        if let Some(heartbeat) = self.build(0, vehicle) {
            self.broadcast(heartbeat);
        }
        MavResult::MAV_RESULT_ACCEPTED
    }

    /// A mode that needs an armed vehicle only to move: disarmed it is just selected.
    fn fly_mode(&mut self, mode: Mode, vehicle: &Vehicle) -> MavResult {
        if mode == Mode::Mission && self.plans.mission.items.is_empty() {
            self.say(MavSeverity::MAV_SEVERITY_CRITICAL, "Mode change denied: no mission");
            return MavResult::MAV_RESULT_DENIED;
        }
        self.set_mode(mode, vehicle);
        MavResult::MAV_RESULT_ACCEPTED
    }

    fn take_off(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        self.set_mode(Mode::TakeOff, vehicle);
        if command.z.is_finite() && command.z.abs() > 0.01 {
            let height = if command.relative { command.z } else { command.z - self.home_msl_m };
            if height < 1.0 {
                self.set_mode(Mode::Hold, vehicle);
                return MavResult::MAV_RESULT_DENIED;
            }
            self.flight.target.z = -height;
        }
        MavResult::MAV_RESULT_ACCEPTED
    }

    /// Starts the mission at an item.
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

    fn do_set_mode(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let [base, main, sub, _] = command.params;
        if u32_of(base) & 1 == 0 {
            return MavResult::MAV_RESULT_DENIED;
        }
        match Mode::from_px4(u32_of(main), u32_of(sub)) {
            Some(mode) => self.fly_mode(mode, vehicle),
            None => MavResult::MAV_RESULT_DENIED,
        }
    }

    fn jump_to(&mut self, seq: f64, vehicle: &Vehicle) -> MavResult {
        let seq = u16_of(seq);
        if usize::from(seq) >= self.plans.mission.items.len() {
            return MavResult::MAV_RESULT_DENIED;
        }
        self.flight.set_current(seq);
        self.send_current(vehicle);
        MavResult::MAV_RESULT_ACCEPTED
    }

    fn reposition(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let here = vehicle.airframe.position + vehicle.gnss.error();
        self.set_mode(Mode::Hold, vehicle);
        let height = match command.z {
            z if !z.is_finite() => -here.z,
            z if command.relative => z,
            z => z - self.home_msl_m,
        };
        let across = if command.lat_deg.is_finite() && command.lon_deg.is_finite() {
            self.map.local(Geodetic { lat_deg: command.lat_deg, lon_deg: command.lon_deg, height_m: 0.0 })
        } else {
            here
        };
        self.flight.target = Vec3::new(across.x, across.y, -height);
        let [speed, _, _, yaw] = command.params;
        if speed > 0.0 {
            self.flight.cruise_mps = speed.clamp(0.5, 20.0);
        }
        if yaw.is_finite() {
            self.flight.yaw_target_rad = Some(yaw);
        }
        MavResult::MAV_RESULT_ACCEPTED
    }

    fn yaw_to(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let [angle, _, way, relative] = command.params;
        if !angle.is_finite() {
            return MavResult::MAV_RESULT_DENIED;
        }
        if self.mode == Mode::Mission {
            self.set_mode(Mode::Hold, vehicle);
        }
        let sign = if way < 0.0 { -1.0 } else { 1.0 };
        let from = if relative > 0.5 { self.flight.guidance.yaw_rad() } else { 0.0 };
        let sign = if relative > 0.5 { sign } else { 1.0 };
        self.flight.yaw_target_rad = Some(from + sign * angle.to_radians());
        MavResult::MAV_RESULT_ACCEPTED
    }
}
