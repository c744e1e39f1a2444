//! Commands: what is accepted, what is refused, and always an answer (but for the faults that forbid one).

use vehicle_link::dialect::{
    COMMAND_ACK_DATA, COMMAND_INT_DATA, COMMAND_LONG_DATA, MESSAGE_INTERVAL_DATA, MavCmd, MavFrame, MavMessage,
    MavResult,
};

use super::fixed_point::{i32_of, u16_of, u32_of};
use super::gimbal_manager::Order;
use super::mode::Mode;
use super::personality::Personality;
use super::transfer::Address;
use super::{AUTOPILOT_COMPONENT, Audience, Autopilot, GIMBAL_COMPONENT, Outgoing, telemetry};
use crate::vehicle::Vehicle;

/// The magic number that arms and disarms against the autopilot's better judgement.
const FORCE: f64 = 21196.0;
/// Pause between two IN_PROGRESS of a fault.
const PROGRESS_NS: u64 = 1_000_000_000;
const AVAILABLE_MODES: u32 = 435;

/// A command of either form.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    pub(super) id: MavCmd,
    pub(super) target: Address,
    /// Parameters 1 to 4; NaN is "not given".
    pub(super) params: [f64; 4],
    pub(super) lat_deg: f64,
    pub(super) lon_deg: f64,
    /// Parameter 7.
    pub(super) z: f64,
    /// What `z` is against; COMMAND_LONG does not say.
    pub(super) frame: Option<MavFrame>,
}

impl Command {
    /// From COMMAND_LONG; places are degrees.
    #[must_use]
    pub fn from_long(c: &COMMAND_LONG_DATA) -> Self {
        Self {
            id: c.command,
            target: (c.target_system, c.target_component),
            params: [c.param1, c.param2, c.param3, c.param4].map(f64::from),
            lat_deg: f64::from(c.param5),
            lon_deg: f64::from(c.param6),
            z: f64::from(c.param7),
            frame: None,
        }
    }

    /// From COMMAND_INT; `i32::MAX` is "no place", the frame says what heights are against.
    #[must_use]
    pub fn from_int(c: &COMMAND_INT_DATA) -> Self {
        let degrees = |e7: i32| {
            if e7 == i32::MAX { f64::NAN } else { f64::from(e7) * 1e-7 }
        };
        Self {
            id: c.command,
            target: (c.target_system, c.target_component),
            params: [c.param1, c.param2, c.param3, c.param4].map(f64::from),
            lat_deg: degrees(c.x),
            lon_deg: degrees(c.y),
            z: f64::from(c.z),
            frame: Some(c.frame),
        }
    }

    /// Heights are against home, not against mean sea level.
    pub(super) fn relative(&self) -> bool {
        matches!(
            self.frame,
            Some(MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT | MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)
        )
    }
}

/// How a command goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandFault {
    /// Neither done nor answered.
    Silent,
    /// Done and answered only when it comes a second time.
    SecondTry,
    /// IN_PROGRESS every second, never done, never ended.
    Endless,
}

/// The faults of commands, and what they have to remember.
#[derive(Clone, Debug, Default)]
pub struct CommandFaults {
    /// Which commands (MAV_CMD), and how; 0 is every command.
    pub faults: Vec<(u32, CommandFault)>,
    tried: Vec<MavCmd>,
    endless: Option<(MavCmd, Address, u64)>,
}

impl CommandFaults {
    /// These faults.
    #[must_use]
    pub fn new(faults: Vec<(u32, CommandFault)>) -> Self {
        Self { faults, ..Self::default() }
    }

    /// What is wrong with this try; none where it is carried out.
    fn meets(&mut self, id: MavCmd, from: Address, now_ns: u64) -> Option<CommandFault> {
        let hit = |&&(command, _): &&(u32, CommandFault)| command == 0 || command == id as u32;
        let fault = self.faults.iter().find(hit)?.1;
        match fault {
            CommandFault::Silent => {}
            CommandFault::SecondTry => {
                if let Some(at) = self.tried.iter().position(|tried| *tried == id) {
                    self.tried.swap_remove(at);
                    return None;
                }
                self.tried.push(id);
            }
            CommandFault::Endless => self.endless = Some((id, from, now_ns)),
        }
        Some(fault)
    }

    /// The IN_PROGRESS that is due.
    pub(super) fn step(&mut self, now_ns: u64) -> Option<MavMessage> {
        let (id, to, due_ns) = self.endless.as_mut()?;
        if now_ns < *due_ns {
            return None;
        }
        *due_ns = now_ns + PROGRESS_NS;
        Some(MavMessage::COMMAND_ACK(ack(*id, MavResult::MAV_RESULT_IN_PROGRESS, *to)))
    }
}

fn ack(command: MavCmd, result: MavResult, to: Address) -> COMMAND_ACK_DATA {
    COMMAND_ACK_DATA { command, result, progress: 0, result_param2: 0, target_system: to.0, target_component: to.1 }
}

impl Autopilot {
    pub(super) fn command(&mut self, peer: Address, command: &Command, vehicle: &mut Vehicle) {
        if !self.is_for_us(command.target.0, command.target.1) {
            return;
        }
        if self.command_faults.meets(command.id, peer, self.now_ns).is_some() {
            return;
        }
        let before = self.outbox.len();
        let result = self.execute(peer, command, vehicle);
        let component = if command.target.1 == GIMBAL_COMPONENT { GIMBAL_COMPONENT } else { AUTOPILOT_COMPONENT };
        let content = MavMessage::COMMAND_ACK(ack(command.id, result, peer)).into();
        // The answer first, then what was asked for: many wait for them in this order.
        self.outbox.insert(before, Outgoing { component, audience: Audience::Asker, content });
    }

    fn execute(&mut self, peer: Address, command: &Command, vehicle: &mut Vehicle) -> MavResult {
        let [p1, p2, ..] = command.params;
        match command.id {
            MavCmd::MAV_CMD_COMPONENT_ARM_DISARM => self.arm(p1 > 0.5, (p2 - FORCE).abs() < 0.5, vehicle),
            MavCmd::MAV_CMD_NAV_TAKEOFF => self.take_off(command, vehicle),
            MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH => self.fly_mode(Mode::Return, vehicle),
            MavCmd::MAV_CMD_NAV_LAND => self.fly_mode(Mode::Land, vehicle),
            MavCmd::MAV_CMD_NAV_LOITER_UNLIM => {
                let px4 = self.personality == Personality::Px4;
                self.fly_mode(if px4 { Mode::Hold } else { Mode::Position }, vehicle)
            }
            MavCmd::MAV_CMD_MISSION_START => self.start_mission(p1, vehicle),
            MavCmd::MAV_CMD_DO_SET_MODE => self.do_set_mode(command, vehicle),
            MavCmd::MAV_CMD_DO_REPOSITION => self.reposition(command, vehicle),
            MavCmd::MAV_CMD_DO_ORBIT => self.orbit(command, vehicle),
            MavCmd::MAV_CMD_DO_PAUSE_CONTINUE => self.pause(p1 < 0.5, vehicle),
            MavCmd::MAV_CMD_DO_CHANGE_SPEED => self.change_speed(p2),
            MavCmd::MAV_CMD_CONDITION_YAW => self.yaw_to(command, vehicle),
            MavCmd::MAV_CMD_DO_SET_MISSION_CURRENT => self.jump_to(p1, vehicle),
            MavCmd::MAV_CMD_DO_SET_HOME => self.home_by_command(command, vehicle),
            MavCmd::MAV_CMD_DO_FENCE_ENABLE => self.enable_fence(p1),
            MavCmd::MAV_CMD_DO_FLIGHTTERMINATION if p1 > 0.5 => {
                self.disarm(super::notice::Notice::Disarmed);
                MavResult::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN => self.reboot_by_command(p1),
            MavCmd::MAV_CMD_RUN_PREARM_CHECKS => {
                if let Some(why) = self.unfit(vehicle) {
                    self.tell(why);
                }
                MavResult::MAV_RESULT_ACCEPTED
            }
            MavCmd::MAV_CMD_PREFLIGHT_STORAGE => MavResult::MAV_RESULT_ACCEPTED,
            _ => self.execute_camera_mount(peer, command, vehicle),
        }
    }

    /// Commands of the gimbal manager and of regions of interest.
    fn execute_camera_mount(&mut self, peer: Address, command: &Command, vehicle: &mut Vehicle) -> MavResult {
        let given = |value: f64| Some(value).filter(|value| value.is_finite());
        let [p1, p2, p3, p4] = command.params;
        let order = match command.id {
            MavCmd::MAV_CMD_DO_MOUNT_CONTROL => {
                Order { pitch_rad: given(p1.to_radians()), yaw_rad: given(p3.to_radians()), ..Order::default() }
            }
            MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW => Order {
                pitch_rad: given(p1.to_radians()),
                yaw_rad: given(p2.to_radians()),
                pitch_rps: given(p3.to_radians()),
                yaw_rps: given(p4.to_radians()),
                // COMMAND_LONG and COMMAND_INT have the flags in parameter 5.
                flags: if command.frame.is_some() { u32_of(command.lat_deg * 1e7) } else { u32_of(command.lat_deg) },
            },
            MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE => {
                self.gimbal.configure(peer, command.params.map(i32_of));
                return MavResult::MAV_RESULT_ACCEPTED;
            }
            MavCmd::MAV_CMD_DO_SET_ROI_LOCATION => return self.look_at(command),
            MavCmd::MAV_CMD_DO_SET_ROI if command.lat_deg != 0.0 || command.lon_deg != 0.0 => {
                return self.look_at(command);
            }
            MavCmd::MAV_CMD_DO_SET_ROI_NONE | MavCmd::MAV_CMD_DO_SET_ROI => {
                self.gimbal.look_at_nothing();
                return MavResult::MAV_RESULT_ACCEPTED;
            }
            _ => return self.execute_request(command, vehicle),
        };
        if self.point(peer, &order, vehicle) { MavResult::MAV_RESULT_ACCEPTED } else { MavResult::MAV_RESULT_DENIED }
    }

    /// Commands that ask for messages.
    fn execute_request(&mut self, command: &Command, vehicle: &Vehicle) -> MavResult {
        let [p1, p2, ..] = command.params;
        match command.id {
            MavCmd::MAV_CMD_REQUEST_MESSAGE if u32_of(p1) == AVAILABLE_MODES => self.send_modes(u32_of(p2)),
            MavCmd::MAV_CMD_REQUEST_MESSAGE => self.send_requested(u32_of(p1), vehicle),
            MavCmd::MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES => self.send_requested(148, vehicle),
            MavCmd::MAV_CMD_REQUEST_PROTOCOL_VERSION => self.send_requested(300, vehicle),
            MavCmd::MAV_CMD_GET_HOME_POSITION => self.send_requested(242, vehicle),
            MavCmd::MAV_CMD_SET_MESSAGE_INTERVAL => {
                let id = u32_of(p1);
                if !telemetry::is_sent(id, self.personality) {
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
        let Some(content) = self.content(id, vehicle) else {
            return MavResult::MAV_RESULT_UNSUPPORTED;
        };
        let component = telemetry::component_of(id);
        self.outbox.push(Outgoing { component, audience: Audience::Asker, content });
        MavResult::MAV_RESULT_ACCEPTED
    }

    /// AVAILABLE_MODES: the one of this number, or all for 0.
    fn send_modes(&mut self, number: u32) -> MavResult {
        let modes = self.available_modes();
        let asked: Vec<MavMessage> = match usize::try_from(number).unwrap_or(usize::MAX).checked_sub(1) {
            None => modes,
            Some(place) => modes.into_iter().nth(place).into_iter().collect(),
        };
        if asked.is_empty() {
            return MavResult::MAV_RESULT_DENIED;
        }
        for mode in asked {
            self.reply(mode);
        }
        MavResult::MAV_RESULT_ACCEPTED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_try_succeeds_and_the_third_fails_again() {
        let takeoff = MavCmd::MAV_CMD_NAV_TAKEOFF;
        let mut faults = CommandFaults::new(vec![(takeoff as u32, CommandFault::SecondTry)]);
        let outcomes: Vec<bool> = (0..4).map(|_| faults.meets(takeoff, (255, 190), 0).is_none()).collect();
        assert_eq!(outcomes, [false, true, false, true]);
        assert_eq!(faults.meets(MavCmd::MAV_CMD_NAV_LAND, (255, 190), 0), None);
    }

    #[test]
    fn progress_is_reported_without_end() {
        let land = MavCmd::MAV_CMD_NAV_LAND;
        let mut faults = CommandFaults::new(vec![(0, CommandFault::Endless)]);
        assert_eq!(faults.meets(land, (255, 190), 0), Some(CommandFault::Endless));
        let said = (0..10_000u64).filter(|ms| faults.step(ms * 1_000_000).is_some()).count();
        assert_eq!(said, 10);
    }
}
