//! Geofence and rally points of places that somebody drew.

use super::Item;
use crate::place::Position;

const FRAME_RELATIVE: u8 = 3;
const POLYGON_INSIDE: u16 = 5001;
const POLYGON_OUTSIDE: u16 = 5002;
const RALLY_POINT: u16 = 5100;

/// Areas to stay inside of, and areas to stay outside of, as a vehicle is sent them (MAV_CMD_NAV_FENCE_POLYGON_VERTEX_…).
#[must_use]
pub fn fence(inside: &[Vec<Position>], outside: &[Vec<Position>]) -> Vec<Item> {
    let corners = |command: u16, area: &[Position]| {
        // A polygon says in each corner how many it has; a drawing has 200,000 at most, far below 2²⁴.
        #[allow(clippy::cast_precision_loss)]
        let count = area.len() as f32;
        area.iter().map(|corner| item(command, count, *corner, 0.0)).collect::<Vec<_>>()
    };
    let kept_in = inside.iter().flat_map(|area| corners(POLYGON_INSIDE, area));
    kept_in.chain(outside.iter().flat_map(|area| corners(POLYGON_OUTSIDE, area))).collect()
}

/// Places to go to where the way home is closed, so high above home.
#[must_use]
pub fn rally(places: &[Position], height_m: f32) -> Vec<Item> {
    places.iter().map(|place| item(RALLY_POINT, 0.0, *place, height_m)).collect()
}

fn item(command: u16, param1: f32, place: Position, z: f32) -> Item {
    #[expect(clippy::cast_possible_truncation, reason = "180e7 fits an i32")]
    let e7 = |degrees: f64| (degrees * 1e7).round() as i32;
    Item {
        frame: FRAME_RELATIVE,
        command,
        autocontinue: true,
        params: [param1, 0.0, 0.0, 0.0],
        x: e7(place.lat_deg),
        y: e7(place.lon_deg),
        z,
    }
}
