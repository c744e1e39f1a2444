//! The geofence: zones from an uploaded plan, limits from parameters, and whether a place is beyond them.

use vehicle_link::dialect::{FenceBreach, MavCmd, MavMissionResult};

use super::mission::Item;
use super::policy::FencePolicy;
use crate::geodesy::{Geodetic, Map};
use crate::maths::Vec3;

/// Most corners of a polygon, so that a count that is wrong is found early.
const CORNERS_MAX: usize = 256;

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Corners, north and east, m.
    Polygon(Vec<Vec3>),
    Circle {
        centre: Vec3,
        radius_m: f64,
    },
}

#[derive(Clone, Debug, PartialEq)]
struct Zone {
    inclusion: bool,
    shape: Shape,
}

/// The zones in force.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fence {
    zones: Vec<Zone>,
}

impl Fence {
    /// Reads an uploaded plan of mission type 1.
    ///
    /// # Errors
    /// The result MAVLink has for it: an item that is none of a fence's, a polygon of fewer corners than it says or than three, a
    /// circle without a radius.
    pub fn read(items: &[Item], map: &Map) -> Result<Self, MavMissionResult> {
        let mut zones = Vec::new();
        let mut rest = items;
        while let [first, ..] = rest {
            let length = match first.command {
                MavCmd::MAV_CMD_NAV_FENCE_RETURN_POINT => 1,
                MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION | MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION => {
                    zones.push(circle(first, map)?);
                    1
                }
                MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION
                | MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION => {
                    let zone = polygon(rest, map)?;
                    let Shape::Polygon(corners) = &zone.shape else { return Err(MavMissionResult::MAV_MISSION_ERROR) };
                    let length = corners.len();
                    zones.push(zone);
                    length
                }
                _ => return Err(MavMissionResult::MAV_MISSION_UNSUPPORTED),
            };
            rest = &rest[length..];
        }
        Ok(Self { zones })
    }

    /// How `at` is beyond the fence, if it is. `home` is the middle of the parameters' circle and the foot of their ceiling.
    #[must_use]
    pub fn breach(&self, at: Vec3, home: Vec3, policy: &FencePolicy) -> Option<FenceBreach> {
        if policy.ceiling_m.is_some_and(|ceiling| home.z - at.z > ceiling) {
            return Some(FenceBreach::FENCE_BREACH_MAXALT);
        }
        if policy.radius_m.is_some_and(|radius| (at - home).horizontal_norm() > radius) {
            return Some(FenceBreach::FENCE_BREACH_BOUNDARY);
        }
        let excluded = self.zones.iter().any(|zone| !zone.inclusion && zone.holds(at));
        let mut inclusions = self.zones.iter().filter(|zone| zone.inclusion).peekable();
        let inside = if inclusions.peek().is_none() {
            true
        } else if policy.all_inclusions {
            inclusions.all(|zone| zone.holds(at))
        } else {
            inclusions.any(|zone| zone.holds(at))
        };
        (excluded || !inside).then_some(FenceBreach::FENCE_BREACH_BOUNDARY)
    }

    /// There is no zone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.zones.is_empty()
    }
}

impl Zone {
    fn holds(&self, at: Vec3) -> bool {
        match &self.shape {
            Shape::Circle { centre, radius_m } => (at - *centre).horizontal_norm() <= *radius_m,
            Shape::Polygon(corners) => {
                // A ray to the north crosses the boundary an odd number of times.
                let ends = corners.iter().zip(corners.iter().cycle().skip(1));
                let crossings = ends.filter(|(a, b)| {
                    (a.y > at.y) != (b.y > at.y) && at.x < a.x + (at.y - a.y) / (b.y - a.y) * (b.x - a.x)
                });
                crossings.count() % 2 == 1
            }
        }
    }
}

fn circle(item: &Item, map: &Map) -> Result<Zone, MavMissionResult> {
    let radius_m = f64::from(item.params[0]);
    if radius_m.is_nan() || radius_m <= 0.0 {
        return Err(MavMissionResult::MAV_MISSION_INVALID_PARAM1);
    }
    let inclusion = item.command == MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION;
    Ok(Zone { inclusion, shape: Shape::Circle { centre: place(item, map), radius_m } })
}

/// The polygon that begins `items`: each corner carries how many there are.
fn polygon(items: &[Item], map: &Map) -> Result<Zone, MavMissionResult> {
    let (command, count) = (items[0].command, items[0].params[0]);
    let length = usize::from(super::fixed_point::u16_of(f64::from(count)));
    if !(3..=CORNERS_MAX).contains(&length) {
        return Err(MavMissionResult::MAV_MISSION_INVALID_PARAM1);
    }
    let corners = items.get(..length).ok_or(MavMissionResult::MAV_MISSION_INVALID)?;
    if corners.iter().any(|corner| corner.command != command || corner.params[0].to_bits() != count.to_bits()) {
        return Err(MavMissionResult::MAV_MISSION_INVALID);
    }
    let inclusion = command == MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION;
    Ok(Zone { inclusion, shape: Shape::Polygon(corners.iter().map(|corner| place(corner, map)).collect()) })
}

/// Where an item of a fence or a rally plan lies on the ground.
#[must_use]
pub fn place(item: &Item, map: &Map) -> Vec3 {
    let height_m = map.home().height_m;
    let at = Geodetic { lat_deg: f64::from(item.x) * 1e-7, lon_deg: f64::from(item.y) * 1e-7, height_m };
    map.local(at).horizontal()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::autopilot::fixed_point::{deg_e7, f32_of};

    const OPEN: FencePolicy = FencePolicy {
        enabled: true,
        action: super::super::policy::Action::Return,
        radius_m: None,
        ceiling_m: None,
        all_inclusions: true,
    };

    fn map() -> Map {
        Map::new(Geodetic { lat_deg: 51.5, lon_deg: -1.9, height_m: 190.0 })
    }

    fn item(command: MavCmd, first: f64, north: f64, east: f64) -> Item {
        let at = map().geodetic(Vec3::new(north, east, 0.0));
        let params = [f32_of(first), 0.0, 0.0, 0.0];
        Item { x: deg_e7(at.lat_deg), y: deg_e7(at.lon_deg), ..Item::act(command, params, 0.0) }
    }

    fn corners(places: &[(f64, f64)]) -> Vec<Item> {
        let count = places.len() as f64;
        let corner = |&(n, e): &(f64, f64)| item(MavCmd::MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION, count, n, e);
        places.iter().map(corner).collect()
    }

    #[test]
    fn a_polygon_and_a_hole_in_it() {
        // An L, so that a corner turns inwards.
        let mut items = corners(&[(0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (50.0, 100.0), (50.0, 50.0), (0.0, 50.0)]);
        items.push(item(MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION, 10.0, 80.0, 80.0));
        let fence = Fence::read(&items, &map()).unwrap();
        let outside = |north, east| fence.breach(Vec3::new(north, east, -10.0), Vec3::ZERO, &OPEN).is_some();
        assert!(!outside(20.0, 20.0) && !outside(70.0, 60.0));
        assert!(outside(20.0, 70.0), "beyond the corner that turns inwards");
        assert!(outside(82.0, 82.0), "in the hole");
        assert!(outside(-1.0, 20.0) && outside(101.0, 20.0));
    }

    #[test]
    fn limits_of_the_parameters() {
        let policy = FencePolicy { radius_m: Some(100.0), ceiling_m: Some(50.0), ..OPEN };
        let breach = |at| Fence::default().breach(at, Vec3::ZERO, &policy);
        assert_eq!(breach(Vec3::new(60.0, 60.0, -49.0)), None);
        assert_eq!(breach(Vec3::new(0.0, 0.0, -51.0)), Some(FenceBreach::FENCE_BREACH_MAXALT));
        assert_eq!(breach(Vec3::new(80.0, 80.0, -9.0)), Some(FenceBreach::FENCE_BREACH_BOUNDARY));
    }

    #[test]
    fn inclusions_by_either_rule() {
        let circle = |north| item(MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, 60.0, north, 0.0);
        let fence = Fence::read(&[circle(0.0), circle(100.0)], &map()).unwrap();
        let only_in_one = Vec3::new(-10.0, 0.0, -10.0);
        assert!(fence.breach(only_in_one, Vec3::ZERO, &OPEN).is_some());
        assert!(fence.breach(only_in_one, Vec3::ZERO, &FencePolicy { all_inclusions: false, ..OPEN }).is_none());
    }

    #[test]
    fn what_is_no_fence_is_refused() {
        let refused = |items: &[Item]| Fence::read(items, &map()).is_err();
        let square = corners(&[(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 9.0)]);
        assert!(refused(&square[..3]), "a corner is missing");
        assert!(refused(&corners(&[(0.0, 0.0), (9.0, 0.0)])), "two corners");
        assert!(refused(&[item(MavCmd::MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, f64::NAN, 0.0, 0.0)]));
        assert!(refused(&[item(MavCmd::MAV_CMD_NAV_WAYPOINT, 0.0, 0.0, 0.0)]));
    }
}
