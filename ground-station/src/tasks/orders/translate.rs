//! An order in the words of one autopilot. Pure.

use mission_profiles::place::Position;
use vehicle_link::camera_client::orders as camera;
use vehicle_link::command::{Command, Place as CommandPlace};
use vehicle_link::gimbal::orders as gimbal;
use vehicle_link::peers::Address;

use super::{Order, Situation};
use crate::fly::ARDUPILOT;
use crate::link::OWN;

const RETURN_TO_LAUNCH: u16 = 20;
const LAND: u16 = 21;
const TAKEOFF: u16 = 22;
const ORBIT: u16 = 34;
const SET_MODE: u16 = 176;
const CHANGE_SPEED: u16 = 178;
const FLIGHT_TERMINATION: u16 = 185;
const REPOSITION: u16 = 192;
const MISSION_START: u16 = 300;
const RUN_PREARM_CHECKS: u16 = 401;
const ARM_DISARM: u16 = 400;

/// MAV_MODE_FLAG_CUSTOM_MODE_ENABLED.
const MODE_IS_CUSTOM: f32 = 1.0;
/// MAV_DO_REPOSITION_FLAGS_CHANGE_MODE.
const CHANGE_MODE: f32 = 1.0;
/// Speeds by the ground; of what is not given, the vehicle's own.
const GROUND_SPEED: f32 = 1.0;
const UNCHANGED: f32 = -1.0;
/// MAV_FRAME_GLOBAL and MAV_FRAME_GLOBAL_RELATIVE_ALT.
const FRAME_GLOBAL: u8 = 0;
const FRAME_RELATIVE: u8 = 3;
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
    #[error("the vehicle does not say where it is; wait for its position, then try again")]
    NoPlace,
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
        Order::Disarm => plain(Command::new(ARM_DISARM, [0.0])),
        Order::MotorStop => {
            vec![Command::new(FLIGHT_TERMINATION, [1.0]), Command::new(ARM_DISARM, [0.0, FORCE])]
        }
        Order::Takeoff { height_m } => return speak.take_off(number("the height", height_m)?),
        Order::SetMode { custom_mode } => plain(mode(custom_mode)),
        Order::GoTo { at, height_m } => plain(speak.go(speak.place(at, height_m)?)),
        Order::Height { height_m } => plain(speak.go(speak.above_here(height_m)?)),
        Order::Orbit { at, radius_m, height_m } => {
            let radius_m = number("the radius", radius_m)?;
            // Nose to the middle, at the speed it has, until it is told otherwise.
            plain(Command::at(ORBIT, [radius_m, f32::NAN, 0.0, 0.0], speak.place(at, height_m)?))
        }
        Order::Speed { ground_m_s } => {
            plain(Command::new(CHANGE_SPEED, [GROUND_SPEED, number("the speed", ground_m_s)?, UNCHANGED]))
        }
        Order::LookAt { at, height_amsl_m } => {
            let [lat_e7, lon_e7] = e7(at)?;
            let alt_m = number("the height", height_amsl_m)?;
            return Ok(speak.gimbal(gimbal::look_at(CommandPlace { lat_e7, lon_e7, alt_m, frame: FRAME_GLOBAL }, 0)));
        }
        Order::LookAhead => return Ok(speak.look_ahead()),
        Order::MissionStart => {
            vec![Command::new(MISSION_START, [0.0, 0.0]), mode(speak.of(copter::AUTO, px4::MISSION))]
        }
        Order::Gimbal(aim) => {
            return Ok(speak.gimbal(gimbal::point(aim, gimbal::ROLL_LOCK | gimbal::PITCH_LOCK, 0)));
        }
        Order::Zoom { camera: to, zoom } => return Ok(vec![step(to, vec![camera::zoom(zoom)])]),
        Order::Source { camera: to, source } => return Ok(vec![step(to, vec![camera::show(source)])]),
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

    /// A place at a height above home.
    fn place(&self, at: Position, height_m: f32) -> Result<CommandPlace, Unsayable> {
        self.at(e7(at)?, height_m)
    }

    fn above_here(&self, height_m: f32) -> Result<CommandPlace, Unsayable> {
        let here = self.now.place.ok_or(Unsayable::NoPlace)?;
        self.at([here.lat_e7, here.lon_e7], height_m)
    }

    /// PX4 reads heights of commands as above the sea, whatever frame is named.
    fn at(&self, [lat_e7, lon_e7]: [i32; 2], height_m: f32) -> Result<CommandPlace, Unsayable> {
        let height_m = number("the height", height_m)?;
        let (alt_m, frame) =
            if self.ardupilot { (height_m, FRAME_RELATIVE) } else { (self.home_m()? + height_m, FRAME_GLOBAL) };
        Ok(CommandPlace { lat_e7, lon_e7, alt_m, frame })
    }

    fn go(&self, place: CommandPlace) -> Command {
        Command::at(REPOSITION, [UNCHANGED, CHANGE_MODE, 0.0, f32::NAN], place)
    }

    /// Who is not kept on a place need not be let go of it.
    fn look_ahead(&self) -> Vec<Step> {
        let mut steps = self.gimbal(gimbal::look_at_nothing(0));
        steps.iter_mut().for_each(|step| step.optional = true);
        let ahead = gimbal::Aim::Angles { pitch_deg: Some(0.0), yaw_deg: Some(0.0) };
        steps.push(self.to_gimbal(gimbal::point(ahead, gimbal::ROLL_LOCK | gimbal::PITCH_LOCK, 0)));
        steps
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

fn e7(at: Position) -> Result<[i32; 2], Unsayable> {
    let at = Position::new(at.lat_deg, at.lon_deg).ok_or(Unsayable::Number("the place"))?;
    #[expect(clippy::cast_possible_truncation, reason = "degrees of a place, in 1e-7, fit 32 bits")]
    let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
    Ok([e7(at.lat_deg), e7(at.lon_deg)])
}

#[expect(clippy::cast_precision_loss, reason = "heights to the millimetre up to 16 km")]
fn metres(mm: i32) -> f32 {
    mm as f32 / 1e3
}

#[cfg(test)]
mod tests;
