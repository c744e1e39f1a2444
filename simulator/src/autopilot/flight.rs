//! What is flown in each mode: take-off, hold, mission, return, land, orbit, targets from outside.

use vehicle_link::dialect::MavCmd;

use super::fixed_point::{i32_of, u16_of};
use super::gimbal_manager::GimbalManager;
use super::guidance::{Guidance, Limits};
use super::guided::Aim;
use super::mission::Item;
use super::mode::Mode;
use crate::geodesy::Map;
use crate::maths::{Vec3, wrap_pi};
use crate::vehicle::Gimbal;

/// Speeds and heights an operator could set.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Speed of legs until a mission changes it, m/s.
    pub cruise_mps: f64,
    /// Fastest climb, m/s.
    pub climb_mps: f64,
    /// Fastest descent, m/s.
    pub sink_mps: f64,
    /// Descent near the ground, m/s.
    pub land_mps: f64,
    /// Height of take-off when none is given, m.
    pub takeoff_height_m: f64,
    /// Least height of the way home, m; none when close to home.
    pub return_height_m: f64,
    /// Fastest turn, rad/s.
    pub yaw_rate_rps: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cruise_mps: 8.0,
            climb_mps: 5.0,
            sink_mps: 4.0,
            land_mps: 1.0,
            takeoff_height_m: 10.0,
            return_height_m: 30.0,
            yaw_rate_rps: 60f64.to_radians(),
        }
    }
}

/// A circle being flown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Orbit {
    /// Its middle, at the height that is flown.
    pub centre: Vec3,
    /// Its radius, m.
    pub radius_m: f64,
    /// Along it, clockwise positive, m/s.
    pub speed_mps: f64,
    /// Where the nose points.
    pub nose: Nose,
}

/// ORBIT_YAW_BEHAVIOUR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nose {
    /// To the middle.
    Inwards,
    /// As it was.
    Kept,
    /// Along the circle.
    Along,
}

/// What a step of flight tells the rest of the autopilot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// A mission item was done.
    Reached(u16),
    /// The mission's last item was done.
    Finished,
    /// The mode ended and this one follows.
    Next(Mode),
    /// The camera's turn: pass this item on.
    Camera(Item),
}

/// State of flying.
#[derive(Clone, Debug)]
pub struct Flight {
    /// What was set.
    pub settings: Settings,
    /// Velocity and yaw being demanded.
    pub guidance: Guidance,
    /// Where hold, take-off and landing happen.
    pub target: Vec3,
    /// A heading someone asked for.
    pub yaw_target_rad: Option<f64>,
    /// The mission item whose turn it is.
    pub current: u16,
    /// Speed of legs now, m/s.
    pub cruise_mps: f64,
    /// The mission ran to its end.
    pub finished: bool,
    /// Home on the map.
    pub home: Vec3,
    /// Where a return ends: home or a rally point.
    pub return_to: Vec3,
    /// The circle of [`Mode::Orbit`].
    pub orbit: Option<Orbit>,
    /// The target of [`Mode::Guided`].
    pub aim: Option<Aim>,
    /// The mission waits here although the mode goes on (ArduPilot's pause).
    pub paused_at: Option<Vec3>,
    begun: bool,
    waited_s: f64,
    turn_left_rad: f64,
    jumps_left: Option<(u16, i32)>,
}

/// What a step needs to know.
pub struct Situation<'a> {
    /// Step, seconds.
    pub dt_s: f64,
    /// Where the vehicle believes it is.
    pub position: Vec3,
    /// The mission.
    pub items: &'a [Item],
    /// The map.
    pub map: &'a Map,
    /// Altitude of home.
    pub home_msl_m: f64,
    /// Now.
    pub now_ns: u64,
    /// Item 0 is home and not flown (ArduPilot).
    pub first_is_home: bool,
}

/// A velocity that nobody repeats is given up after this.
const VELOCITY_HOLDS_NS: u64 = 3_000_000_000;

impl Flight {
    /// On the ground, nothing asked.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            guidance: Guidance::default(),
            target: Vec3::ZERO,
            yaw_target_rad: None,
            current: 0,
            cruise_mps: settings.cruise_mps,
            finished: false,
            home: Vec3::ZERO,
            return_to: Vec3::ZERO,
            orbit: None,
            aim: None,
            paused_at: None,
            begun: false,
            waited_s: 0.0,
            turn_left_rad: 0.0,
            jumps_left: None,
        }
    }

    /// Starts a mode at `position`.
    pub fn enter(&mut self, mode: Mode, position: Vec3) {
        self.begun = false;
        self.waited_s = 0.0;
        self.paused_at = None;
        self.aim = None;
        match mode {
            Mode::Hold
            | Mode::Position
            | Mode::Stabilise
            | Mode::Altitude
            | Mode::Land
            | Mode::Guided
            | Mode::Brake
            | Mode::Orbit => {
                self.target = position;
                self.yaw_target_rad = None;
            }
            Mode::TakeOff => {
                self.target = Vec3::new(position.x, position.y, position.z - self.settings.takeoff_height_m);
                self.yaw_target_rad = None;
            }
            Mode::Return => {
                let far = (position - self.return_to).horizontal_norm() > 10.0;
                let height = if far { (-position.z).max(self.settings.return_height_m) } else { -position.z };
                self.target = Vec3::new(position.x, position.y, -height);
                self.yaw_target_rad = None;
            }
            Mode::Mission => {
                self.target = position;
                self.finished = false;
            }
        }
    }

    /// Makes item `seq` the current one.
    pub fn set_current(&mut self, seq: u16) {
        self.current = seq;
        self.begun = false;
        self.finished = false;
        self.jumps_left = None;
    }

    /// Flies one step of `mode`.
    pub fn step(&mut self, mode: Mode, at: &Situation<'_>, mount: &mut Mount<'_>) -> Option<Event> {
        match mode {
            Mode::Hold | Mode::Position | Mode::Stabilise | Mode::Altitude | Mode::Brake => {
                self.fly_to(at, self.target, 0.0);
                None
            }
            Mode::Guided => {
                self.follow(at);
                None
            }
            Mode::Orbit => {
                self.circle(at);
                None
            }
            Mode::TakeOff => {
                self.fly_to(at, self.target, 0.0);
                ((self.target - at.position).z.abs() < 0.4).then_some(Event::Next(Mode::Hold))
            }
            Mode::Land => {
                self.descend(at);
                None
            }
            Mode::Return => self.step_return(at),
            Mode::Mission => match self.paused_at {
                Some(here) => {
                    self.fly_to(at, here, 0.0);
                    None
                }
                None => self.step_mission(at, mount),
            },
        }
    }

    /// Follows the target from outside; a place stays, a velocity runs out.
    fn follow(&mut self, at: &Situation<'_>) {
        let Some(aim) = self.aim else {
            self.fly_to(at, self.target, 0.0);
            return;
        };
        let fresh = at.now_ns.saturating_sub(aim.at_ns) < VELOCITY_HOLDS_NS;
        let limits = self.limits(0.0);
        match (aim.place, aim.velocity) {
            (Some(place), _) => {
                self.target = place;
                self.guidance.go(at.dt_s, at.position, place, &limits);
            }
            (None, Some(velocity)) if fresh => {
                self.target = at.position;
                let across = velocity.horizontal().limited(self.cruise_mps.max(limits.cruise_mps));
                let down = velocity.z.clamp(-limits.climb_mps, limits.sink_mps);
                self.guidance.move_at(at.dt_s, across + Vec3::new(0.0, 0.0, down));
            }
            _ => self.guidance.go(at.dt_s, at.position, self.target, &limits),
        }
        match (aim.yaw_rad, aim.yaw_rps) {
            (Some(yaw), _) => self.guidance.turn(at.dt_s, yaw, self.settings.yaw_rate_rps),
            (None, Some(rate)) if fresh => {
                self.guidance.turn_by(at.dt_s, std::f64::consts::PI.copysign(rate), rate.abs().min(3.0))
            }
            _ => self.guidance.turn(at.dt_s, self.guidance.yaw_rad(), self.settings.yaw_rate_rps),
        };
    }

    /// Flies along the circle, drawn to it where it is off.
    fn circle(&mut self, at: &Situation<'_>) {
        let Some(orbit) = self.orbit else { return self.fly_to(at, self.target, 0.0) };
        let out = (at.position - orbit.centre).horizontal();
        let distance = out.horizontal_norm();
        let out = if distance > 0.1 { out * (1.0 / distance) } else { Vec3::new(1.0, 0.0, 0.0) };
        let along = Vec3::new(-out.y, out.x, 0.0);
        let back = ((orbit.radius_m - distance) * 0.6).clamp(-self.cruise_mps, self.cruise_mps);
        // Only what is left of the speed goes along the circle.
        let share = (1.0 - (back / self.cruise_mps.max(0.1)).powi(2)).max(0.0).sqrt();
        let limits = self.limits(0.0);
        let climb = ((orbit.centre.z - at.position.z) * 0.8).clamp(-limits.climb_mps, limits.sink_mps);
        let velocity = out * back + along * (orbit.speed_mps * share) + Vec3::new(0.0, 0.0, climb);
        self.guidance.move_at(at.dt_s, velocity);
        let yaw = match orbit.nose {
            Nose::Inwards => bearing(-out),
            Nose::Along => bearing(along * orbit.speed_mps),
            Nose::Kept => self.guidance.yaw_rad(),
        };
        self.guidance.turn(at.dt_s, yaw, self.settings.yaw_rate_rps);
    }

    fn limits(&self, pass_mps: f64) -> Limits {
        let Settings { climb_mps, sink_mps, .. } = self.settings;
        Limits { cruise_mps: self.cruise_mps, climb_mps, sink_mps, pass_mps }
    }

    fn fly_to(&mut self, at: &Situation<'_>, target: Vec3, pass_mps: f64) {
        let limits = self.limits(pass_mps);
        self.guidance.go(at.dt_s, at.position, target, &limits);
        let yaw = self.yaw_target_rad.unwrap_or_else(|| self.guidance.yaw_rad());
        self.guidance.turn(at.dt_s, yaw, self.settings.yaw_rate_rps);
    }

    fn descend(&mut self, at: &Situation<'_>) {
        let height = -at.position.z;
        let error = (self.target - at.position).horizontal();
        // Slow down where the sink rate must have come down to the landing speed.
        let sink =
            (self.settings.land_mps.powi(2) + 2.0 * 1.4 * (height - 3.0).max(0.0)).sqrt().min(self.settings.sink_mps);
        self.guidance.move_at(at.dt_s, (error * 0.7).limited(2.0) + Vec3::new(0.0, 0.0, sink));
        self.guidance.turn(at.dt_s, self.guidance.yaw_rad(), self.settings.yaw_rate_rps);
    }

    /// Up to the return height, to the place of return, down.
    fn step_return(&mut self, at: &Situation<'_>) -> Option<Event> {
        let home = Vec3::new(self.return_to.x, self.return_to.y, self.target.z);
        let distance = (home - at.position).horizontal_norm();
        let climbed = -at.position.z > -self.target.z - 1.0;
        if !self.begun && !climbed {
            self.fly_to(at, self.target, 0.0);
            return None;
        }
        self.begun = true;
        if distance > 5.0 {
            self.yaw_target_rad = Some(bearing(home - at.position));
        }
        self.fly_to(at, home, 0.0);
        if distance < 0.5 {
            return Some(Event::Next(Mode::Land));
        }
        None
    }

    fn step_mission(&mut self, at: &Situation<'_>, mount: &mut Mount<'_>) -> Option<Event> {
        if at.first_is_home && self.current == 0 {
            self.current = 1;
        }
        let Some(item) = at.items.get(usize::from(self.current)).copied() else {
            self.finished = true;
            return Some(Event::Finished);
        };
        if !self.begun {
            self.begun = true;
            self.waited_s = 0.0;
            if let Some(event) = self.begin(&item, at, mount) {
                return Some(event);
            }
        }
        let done = match item.command {
            MavCmd::MAV_CMD_NAV_WAYPOINT => self.fly_leg(at, &item, f64::from(item.params[0])),
            MavCmd::MAV_CMD_NAV_LOITER_TIME => self.fly_leg(at, &item, f64::from(item.params[0])),
            MavCmd::MAV_CMD_NAV_LOITER_UNLIM => {
                self.fly_leg(at, &item, f64::INFINITY);
                false
            }
            MavCmd::MAV_CMD_NAV_TAKEOFF => {
                self.fly_to(at, self.target, 0.0);
                (self.target - at.position).z.abs() < 0.8
            }
            MavCmd::MAV_CMD_NAV_DELAY => {
                self.fly_to(at, self.target, 0.0);
                self.waited_s += at.dt_s;
                self.waited_s >= f64::from(item.params[0])
            }
            MavCmd::MAV_CMD_CONDITION_YAW => self.turn(at, &item),
            _ => true,
        };
        if !done {
            return None;
        }
        self.begun = false;
        if item.command == MavCmd::MAV_CMD_DO_JUMP {
            self.current = self.after_jump(&item);
            return None;
        }
        self.current += 1;
        Some(Event::Reached(self.current - 1))
    }

    /// First step of an item: fixes its target, does what is done at once.
    fn begin(&mut self, item: &Item, at: &Situation<'_>, mount: &mut Mount<'_>) -> Option<Event> {
        if item.has_place() {
            self.target = item.place(at.map, at.home_msl_m, at.position);
            let leg = self.target - at.position;
            let asked = f64::from(item.params[3]);
            let along = (leg.horizontal_norm() > 2.0).then(|| bearing(leg));
            self.yaw_target_rad = if asked.is_finite() { Some(asked.to_radians()) } else { along };
        }
        match item.command {
            MavCmd::MAV_CMD_NAV_TAKEOFF => {
                // Straight up; the first waypoint does the rest.
                self.target = Vec3::new(at.position.x, at.position.y, self.target.z);
                self.yaw_target_rad = None;
            }
            MavCmd::MAV_CMD_NAV_LAND => return Some(Event::Next(Mode::Land)),
            MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH => return Some(Event::Next(Mode::Return)),
            MavCmd::MAV_CMD_DO_CHANGE_SPEED if item.params[1] > 0.0 => {
                self.cruise_mps = f64::from(item.params[1]).clamp(0.5, 20.0);
            }
            MavCmd::MAV_CMD_DO_MOUNT_CONTROL => {
                mount.point(f64::from(item.params[0]), f64::from(item.params[2]));
            }
            MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW => {
                mount.point(f64::from(item.params[0]), f64::from(item.params[1]));
            }
            MavCmd::MAV_CMD_DO_SET_ROI_LOCATION | MavCmd::MAV_CMD_DO_SET_ROI if item.x != 0 || item.y != 0 => {
                mount.manager.look_at(item.place(at.map, at.home_msl_m, at.position));
            }
            MavCmd::MAV_CMD_DO_SET_ROI | MavCmd::MAV_CMD_DO_SET_ROI_NONE => mount.manager.look_at_nothing(),
            MavCmd::MAV_CMD_CONDITION_YAW => self.turn_left_rad = self.turn_of(item),
            _ if item.is_camera_command() => {
                self.current += 1;
                self.begun = false;
                return Some(Event::Camera(*item));
            }
            _ => {}
        }
        None
    }

    fn fly_leg(&mut self, at: &Situation<'_>, item: &Item, hold_s: f64) -> bool {
        let radius_m = if item.params[1] > 0.0 { f64::from(item.params[1]).min(50.0) } else { 1.5 };
        let pass_mps = if hold_s > 0.0 { 0.0 } else { self.pass_speed(at) };
        self.fly_to(at, self.target, pass_mps);
        let error = self.target - at.position;
        if error.horizontal_norm() < radius_m && error.z.abs() < 1.0 || self.waited_s > 0.0 {
            self.waited_s += at.dt_s;
        }
        self.waited_s > 0.0 && self.waited_s >= hold_s
    }

    /// How fast a waypoint may be passed: as fast as the next leg goes on in the same direction.
    fn pass_speed(&self, at: &Situation<'_>) -> f64 {
        let Some(next) = at.items.get(usize::from(self.current) + 1) else {
            return 0.0;
        };
        if next.command != MavCmd::MAV_CMD_NAV_WAYPOINT {
            return 0.0;
        }
        let on = next.place(at.map, at.home_msl_m, self.target) - self.target;
        let here = self.target - at.position;
        let cosine = on.horizontal().dot(here.horizontal()) / (on.horizontal_norm() * here.horizontal_norm()).max(1e-6);
        self.cruise_mps * cosine.clamp(0.0, 1.0)
    }

    /// Angle a CONDITION_YAW turns: param 1 degrees, param 3 direction (−1, 0 shortest, 1), param 4 relative.
    fn turn_of(&self, item: &Item) -> f64 {
        let [angle, _, way, relative] = item.params.map(f64::from);
        if relative > 0.5 {
            return angle.to_radians() * if way < 0.0 { -1.0 } else { 1.0 };
        }
        let shortest = wrap_pi(angle.to_radians() - self.guidance.yaw_rad());
        if way > 0.5 {
            shortest.rem_euclid(std::f64::consts::TAU)
        } else if way < -0.5 {
            shortest.rem_euclid(std::f64::consts::TAU) - std::f64::consts::TAU
        } else {
            shortest
        }
    }

    fn turn(&mut self, at: &Situation<'_>, item: &Item) -> bool {
        let limits = self.limits(0.0);
        self.guidance.go(at.dt_s, at.position, self.target, &limits);
        let asked = f64::from(item.params[1]).to_radians();
        let rate = if asked > 0.0 { asked.min(1.8) } else { self.settings.yaw_rate_rps };
        self.turn_left_rad = self.guidance.turn_by(at.dt_s, self.turn_left_rad, rate);
        self.yaw_target_rad = Some(self.guidance.yaw_rad());
        self.turn_left_rad.abs() < 0.01
    }

    /// DO_JUMP: param 1 the item, param 2 how often (−1 for ever).
    fn after_jump(&mut self, item: &Item) -> u16 {
        let here = self.current;
        let left = match self.jumps_left {
            Some((seq, left)) if seq == here => left,
            _ => i32_of(f64::from(item.params[1])),
        };
        if left == 0 {
            self.jumps_left = None;
            return here + 1;
        }
        self.jumps_left = Some((here, if left < 0 { left } else { left - 1 }));
        u16_of(f64::from(item.params[0]))
    }
}

/// What a mission points: the manager, and the gimbal it moves.
pub struct Mount<'a> {
    /// Who decides.
    pub manager: &'a mut GimbalManager,
    /// What moves.
    pub gimbal: &'a mut Gimbal,
}

impl Mount<'_> {
    fn point(&mut self, pitch_deg: f64, yaw_deg: f64) {
        self.manager.point(pitch_deg, yaw_deg, self.gimbal);
    }
}

fn bearing(leg: Vec3) -> f64 {
    leg.y.atan2(leg.x)
}
