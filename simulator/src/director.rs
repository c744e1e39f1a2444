//! The scripted operator: arms, starts the mission, and calls the vehicle home in time. Pure.

use vehicle_link::dialect::{MavCmd, MavFrame};

use crate::autopilot::Autopilot;
use crate::autopilot::fixed_point::{deg_e7, f32_of};
use crate::autopilot::mission::Item;
use crate::autopilot::mode::Mode;
use crate::geodesy::Map;
use crate::maths::Vec3;
use crate::scenario::{FlightSpec, Step};
use crate::vehicle::Vehicle;

/// How far the script has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Waiting,
    Flying,
    Returning,
    Done,
}

/// The operator of `[flight] autostart`.
#[derive(Clone, Debug)]
pub struct Director {
    stage: Stage,
    arm_at_s: f64,
    land_by_s: f64,
}

impl Director {
    /// The operator of a flight; none where the scenario leaves it to others.
    #[must_use]
    pub fn new(flight: &FlightSpec) -> Option<Self> {
        flight.autostart.then_some(Self {
            stage: Stage::Waiting,
            arm_at_s: flight.arm_at_s,
            land_by_s: flight.arm_at_s + flight.air_seconds,
        })
    }

    /// The flight is over.
    #[must_use]
    pub fn done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Gives the orders that are due at `now_s` after boot.
    pub fn step(&mut self, now_s: f64, autopilot: &mut Autopilot, vehicle: &Vehicle) {
        match self.stage {
            Stage::Waiting if now_s >= self.arm_at_s => {
                let _ = autopilot.arm(true, false, vehicle);
                let _ = autopilot.start_mission(0.0, vehicle);
                self.stage = Stage::Flying;
            }
            Stage::Flying => {
                if matches!(autopilot.mode(), Mode::Return | Mode::Land) {
                    self.stage = Stage::Returning;
                } else if now_s + seconds_home(autopilot, vehicle) >= self.land_by_s {
                    let _ = autopilot.return_home(vehicle);
                    self.stage = Stage::Returning;
                }
            }
            Stage::Returning if !autopilot.armed() => self.stage = Stage::Done,
            Stage::Waiting | Stage::Returning | Stage::Done => {}
        }
    }
}

/// How long it takes from here to standing disarmed at home.
fn seconds_home(autopilot: &Autopilot, vehicle: &Vehicle) -> f64 {
    let flight = autopilot.flight();
    let settings = &flight.settings;
    let position = vehicle.airframe.position;
    let velocity = vehicle.airframe.velocity;
    let distance = position.horizontal_norm();
    let height = -position.z;
    let top = if distance > 10.0 { height.max(settings.return_height_m) } else { height };
    let climb_s = (top - height) / settings.climb_mps;
    let across_s = seconds_across(position, velocity, flight.cruise_mps);
    let braking_m = (settings.sink_mps.powi(2) - settings.land_mps.powi(2)) / (2.0 * 1.4) + 3.0;
    let down_s = (top - braking_m).max(0.0) / settings.sink_mps
        + (settings.sink_mps - settings.land_mps) / 1.4
        + 3.0 / settings.land_mps;
    climb_s + across_s + down_s + 2.5
}

/// How long it takes to fly home level: stop flying away, speed up, cruise, brake, settle.
fn seconds_across(position: Vec3, velocity: Vec3, cruise_mps: f64) -> f64 {
    const SPEED_UP_MPS2: f64 = 3.5;
    const BRAKE_MPS2: f64 = 2.2;
    const SETTLE_S: f64 = 2.0;
    let distance = position.horizontal_norm().max(0.1);
    let away = velocity.horizontal().dot(position.horizontal()) / distance;
    let stop_s = away.max(0.0) / SPEED_UP_MPS2;
    let distance = distance + away.max(0.0) * stop_s / 2.0;
    let per_speed_s = 1.0 / SPEED_UP_MPS2 + 1.0 / BRAKE_MPS2;
    let fastest = (2.0 * distance / per_speed_s).sqrt().min(cruise_mps);
    let cruise_s = (distance - fastest * fastest * per_speed_s / 2.0) / fastest;
    stop_s + fastest * per_speed_s + cruise_s + SETTLE_S
}

/// The scenario's mission as items. Heights are held down where the air time is short.
#[must_use]
pub fn mission_items(flight: &FlightSpec, map: &Map) -> Vec<Item> {
    let ceiling_m = if flight.autostart { ((flight.air_seconds - 8.0) * 1.2).max(10.0) } else { f64::INFINITY };
    flight.mission.iter().map(|step| item_of(step, map, ceiling_m)).collect()
}

fn item_of(step: &Step, map: &Map, ceiling_m: f64) -> Item {
    let nan = f32::NAN;
    match *step {
        Step::TakeOff { height_m } => Item {
            frame: MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT,
            command: MavCmd::MAV_CMD_NAV_TAKEOFF,
            params: [0.0, 0.0, 0.0, nan],
            x: 0,
            y: 0,
            z: f32_of(height_m.min(ceiling_m)),
            autocontinue: 1,
        },
        Step::Fly { north_m, east_m, height_m, hold_s, heading_deg } => {
            let at = map.geodetic(Vec3::new(north_m, east_m, 0.0));
            Item {
                frame: MavFrame::MAV_FRAME_GLOBAL_RELATIVE_ALT,
                command: MavCmd::MAV_CMD_NAV_WAYPOINT,
                params: [f32_of(hold_s), 0.0, 0.0, heading_deg.map_or(nan, f32_of)],
                x: deg_e7(at.lat_deg),
                y: deg_e7(at.lon_deg),
                z: f32_of(height_m.min(ceiling_m)),
                autocontinue: 1,
            }
        }
        Step::Speed { mps } => Item::act(MavCmd::MAV_CMD_DO_CHANGE_SPEED, [1.0, f32_of(mps), -1.0, 0.0], 0.0),
        Step::Look { pitch_deg, yaw_deg } => {
            Item::act(MavCmd::MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW, [f32_of(pitch_deg), f32_of(yaw_deg), nan, nan], 0.0)
        }
        Step::Turn { degrees, rate_dps } => {
            let way = if degrees < 0.0 { -1.0 } else { 1.0 };
            Item::act(MavCmd::MAV_CMD_CONDITION_YAW, [f32_of(degrees.abs()), f32_of(rate_dps), way, 1.0], 0.0)
        }
        Step::Wait { seconds } => Item::act(MavCmd::MAV_CMD_NAV_DELAY, [f32_of(seconds), -1.0, -1.0, -1.0], 0.0),
        Step::RepeatFrom { step } => Item::act(MavCmd::MAV_CMD_DO_JUMP, [f32::from(step), -1.0, 0.0, 0.0], 0.0),
        Step::Return {} => Item::act(MavCmd::MAV_CMD_NAV_RETURN_TO_LAUNCH, [0.0; 4], 0.0),
    }
}
