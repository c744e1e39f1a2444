//! An order in the words of one autopilot. Pure.

use vehicle_link::camera_client::orders as camera;
use vehicle_link::command::Command;
use vehicle_link::gimbal::orders as gimbal;
use vehicle_link::peers::Address;

use super::{Order, Situation};
use crate::fly::ARDUPILOT;
use crate::link::OWN;

const RETURN_TO_LAUNCH: u16 = 20;
const LAND: u16 = 21;
const TAKEOFF: u16 = 22;
const SET_MODE: u16 = 176;
const FLIGHT_TERMINATION: u16 = 185;
const MISSION_START: u16 = 300;
const RUN_PREARM_CHECKS: u16 = 401;
const ARM_DISARM: u16 = 400;

/// MAV_MODE_FLAG_CUSTOM_MODE_ENABLED.
const MODE_IS_CUSTOM: f32 = 1.0;
/// Disarms against the autopilot's better judgement.
const FORCE: f32 = 21_196.0;

/// ArduCopter's numbers of its modes.
mod copter {
    pub(super) const AUTO: u32 = 3;
    pub(super) const GUIDED: u32 = 4;
    pub(super) const LOITER: u32 = 5;
    pub(super) const RTL: u32 = 6;
    pub(super) const LAND: u32 = 9;
    pub(super) const BRAKE: u32 = 17;
}

/// PX4's, as in HEARTBEAT: main mode in bits 16 to 23, sub mode above.
mod px4 {
    const fn auto(sub: u32) -> u32 {
        4 << 16 | sub << 24
    }
    pub(super) const LOITER: u32 = auto(3);
    pub(super) const MISSION: u32 = auto(4);
    pub(super) const RTL: u32 = auto(5);
    pub(super) const LAND: u32 = auto(6);
}

/// One thing to be done for an order.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) to: Address,
    /// The first is tried, the next where that is refused.
    pub(crate) tries: Vec<Command>,
    /// The order goes on without it.
    pub(crate) optional: bool,
}

/// Why an order cannot be put: what is not known yet, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsayable {
    #[error("the vehicle has not said where its home is; wait for its position, then try again")]
    NoHome,
    #[error("{0} is not a number that can be flown")]
    Number(&'static str),
}

/// What an order is for this vehicle, step by step; nothing for those that are no commands.
///
/// # Errors
/// When something has to be known first.
pub(crate) fn translate(order: &Order, now: &Situation) -> Result<Vec<Step>, Unsayable> {
    let speak = Speak { now, ardupilot: now.vehicle.autopilot == ARDUPILOT };
    let (mode, plain) = (|custom: u32| speak.mode(custom), |command: Command| vec![command]);
    let tries = match *order {
        Order::Hold if speak.ardupilot => vec![mode(copter::BRAKE), mode(copter::LOITER)],
        Order::Hold => plain(mode(px4::LOITER)),
        Order::Return => vec![Command::new::<0>(RETURN_TO_LAUNCH, []), mode(speak.of(copter::RTL, px4::RTL))],
        Order::Land => {
            let here = if speak.ardupilot { [0.0; 7] } else { [0.0, 0.0, 0.0, f32::NAN, f32::NAN, f32::NAN, f32::NAN] };
            vec![Command::new(LAND, here), mode(speak.of(copter::LAND, px4::LAND))]
        }
        Order::Arm => plain(Command::new(ARM_DISARM, [1.0])),
        Order::CheckPreArm => plain(Command::new(RUN_PREARM_CHECKS, [0.0])),
        Order::MotorStop => {
            vec![Command::new(FLIGHT_TERMINATION, [1.0]), Command::new(ARM_DISARM, [0.0, FORCE])]
        }
        Order::Takeoff { height_m } => return speak.take_off(number("the height", height_m)?),
        Order::MissionStart => {
            vec![Command::new(MISSION_START, [0.0, 0.0]), mode(speak.of(copter::AUTO, px4::MISSION))]
        }
        Order::Gimbal(aim) => {
            return Ok(speak.gimbal(gimbal::point(aim, gimbal::ROLL_LOCK | gimbal::PITCH_LOCK, 0)));
        }
        Order::Zoom { camera: to, zoom } => return Ok(vec![step(to, vec![camera::zoom(zoom)])]),
        Order::RecStart { camera: to } => return Ok(vec![step(to, vec![camera::start_video()])]),
        Order::RecStop { camera: to } => return Ok(vec![step(to, vec![camera::stop_video()])]),
        Order::Signed(_)
        | Order::Mark(_)
        | Order::Papers(_)
        | Order::ReadParameters(_)
        | Order::Upload(_)
        | Order::ReadPlan => return Ok(Vec::new()),
    };
    Ok(vec![step(now.vehicle.address, tries)])
}

fn step(to: Address, tries: Vec<Command>) -> Step {
    Step { to, tries, optional: false }
}

struct Speak<'a> {
    now: &'a Situation,
    ardupilot: bool,
}

impl Speak<'_> {
    fn of(&self, copter: u32, px4: u32) -> u32 {
        if self.ardupilot { copter } else { px4 }
    }

    /// ArduPilot takes the number whole, PX4 its two halves.
    fn mode(&self, custom: u32) -> Command {
        let [low, _, main, sub] = custom.to_le_bytes().map(f32::from);
        let parts = if self.ardupilot { [MODE_IS_CUSTOM, low, 0.0] } else { [MODE_IS_CUSTOM, main, sub] };
        Command::new(SET_MODE, parts)
    }

    /// ArduCopter climbs in GUIDED to a height above home; PX4 takes heights above the sea.
    fn take_off(&self, height_m: f32) -> Result<Vec<Step>, Unsayable> {
        let to = self.now.vehicle.address;
        if self.ardupilot {
            let climb = Command::new(TAKEOFF, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, height_m]);
            return Ok(vec![step(to, vec![self.mode(copter::GUIDED)]), step(to, vec![climb])]);
        }
        let nan = f32::NAN;
        let climb = Command::new(TAKEOFF, [0.0, 0.0, 0.0, nan, nan, nan, self.home_m()? + height_m]);
        Ok(vec![step(to, vec![climb])])
    }

    /// Where that is known from HOME_POSITION, else from what the vehicle says of its own heights.
    fn home_m(&self) -> Result<f32, Unsayable> {
        let by_place = || {
            let place = self.now.place?;
            Some(metres(place.msl_mm.saturating_sub(place.above_home_mm)))
        };
        self.now.home_amsl_m.or_else(by_place).ok_or(Unsayable::NoHome)
    }

    /// Takes control first where the manager says that another has it.
    fn gimbal(&self, command: Command) -> Vec<Step> {
        let ours = self.now.gimbal.is_some_and(|(_, ours)| ours);
        let take = (!ours).then(|| Step { optional: true, ..self.to_gimbal(gimbal::take(OWN, 0)) });
        take.into_iter().chain([self.to_gimbal(command)]).collect()
    }

    fn to_gimbal(&self, command: Command) -> Step {
        let manager = self.now.gimbal.map_or(self.now.vehicle.address, |(manager, _)| manager);
        step(manager, vec![command])
    }
}

fn number(what: &'static str, value: f32) -> Result<f32, Unsayable> {
    if value.is_finite() { Ok(value) } else { Err(Unsayable::Number(what)) }
}

#[expect(clippy::cast_precision_loss, reason = "heights to the millimetre up to 16 km")]
fn metres(mm: i32) -> f32 {
    mm as f32 / 1e3
}

#[cfg(test)]
mod tests;
