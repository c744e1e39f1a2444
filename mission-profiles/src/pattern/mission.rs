//! Waypoints as what a vehicle is sent.

use super::Waypoint;
use crate::place::Position;
use crate::plan_files::{Item, Plan};

const FRAME_MISSION: u8 = 2;
const FRAME_RELATIVE: u8 = 3;
const WAYPOINT: u16 = 16;
const RETURN_TO_LAUNCH: u16 = 20;
const TAKEOFF: u16 = 22;
const DO_CHANGE_SPEED: u16 = 178;
const DO_GIMBAL_MANAGER_PITCHYAW: u16 = 1000;

/// Take-off to the first waypoint's height, the way through all, return. `home` is latitude, longitude and height above mean sea level;
/// with `camera_down` the gimbal looks straight down from the first waypoint on.
#[must_use]
pub fn mission(home: [f64; 3], waypoints: &[Waypoint], speed_ms: f64, camera_down: bool) -> Plan {
    let nan = f32::NAN;
    let item = |command: u16, frame: u8, params: [f32; 4]| Item {
        frame,
        command,
        autocontinue: true,
        params,
        x: 0,
        y: 0,
        z: 0.0,
    };
    let mut items = Vec::with_capacity(waypoints.len() + 4);
    if let Some(first) = waypoints.first() {
        let start = Position { lat_deg: home[0], lon_deg: home[1] };
        items
            .push(Item { z: narrow(first.height_m), ..at(item(TAKEOFF, FRAME_RELATIVE, [0.0, 0.0, 0.0, nan]), start) });
        // Ground speed, no change of throttle.
        items.push(item(DO_CHANGE_SPEED, FRAME_MISSION, [1.0, narrow(speed_ms), -1.0, 0.0]));
        if camera_down {
            // Rates are left to the gimbal.
            items.push(item(DO_GIMBAL_MANAGER_PITCHYAW, FRAME_MISSION, [-90.0, 0.0, nan, nan]));
        }
    }
    for waypoint in waypoints {
        let heading = waypoint.heading_deg.map_or(nan, narrow);
        let there = at(item(WAYPOINT, FRAME_RELATIVE, [0.0, 0.0, 0.0, heading]), waypoint.position);
        items.push(Item { z: narrow(waypoint.height_m), ..there });
    }
    if !items.is_empty() {
        items.push(item(RETURN_TO_LAUNCH, FRAME_MISSION, [0.0; 4]));
    }
    Plan { planned_home: Some(home), mission: items, fence: Vec::new(), rally: Vec::new() }
}

fn at(item: Item, place: Position) -> Item {
    #[expect(clippy::cast_possible_truncation, reason = "180e7 fits an i32")]
    let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
    Item { x: e7(place.lat_deg), y: e7(place.lon_deg), ..item }
}

#[expect(clippy::cast_possible_truncation, reason = "MAVLink's parameters are f32")]
fn narrow(value: f64) -> f32 {
    value as f32
}
