//! Patterns: from an area, a line or a place to the waypoints that cover it.
//!
//! Everything is drawn on the plane that touches the earth in the middle of what is given; up to 20 km it is the ground to centimetres.

mod camera;
mod estimate;
mod lines;
mod mission;
mod plane;
mod round;
mod search;
mod survey;

pub use camera::Camera;
pub use estimate::{Estimate, Performance, estimate, split};
pub use lines::{corridor, facade};
pub use mission::mission;
pub use round::{orbit, perimeter};
pub use search::{expanding_square, sector_search};
pub use survey::{Survey, creeping_line, parallel_track, survey};

use crate::place::{Position, Terrain, direct};

/// Most waypoints of a pattern: what a vehicle takes in one mission, with room for what is added to it.
pub const MAX_WAYPOINTS: usize = 10_000;
/// The largest area or line, metres from its middle.
pub const FARTHEST_M: f64 = 20_000.0;

/// A place of a pattern.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Waypoint {
    /// Where.
    pub position: Position,
    /// How high, metres above the ground at the take-off.
    pub height_m: f64,
    /// Where the nose points, degrees from north; along the way, where nothing is said.
    pub heading_deg: Option<f64>,
}

/// Why a pattern cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// A number that makes no sense.
    #[error("{name} is {value}: it must lie between {low} and {high}")]
    Number {
        /// Which.
        name: &'static str,
        /// What it is.
        value: f64,
        /// At least.
        low: f64,
        /// At most.
        high: f64,
    },
    /// Too few corners.
    #[error("{0} corners or points are not enough")]
    Corners(usize),
    /// Larger than is drawn.
    #[error("it reaches farther than {} km from its middle: split it", FARTHEST_M / 1_000.0)]
    TooLarge,
    /// More waypoints than a vehicle takes.
    #[error("it needs more than {MAX_WAYPOINTS} waypoints: split the area, or fly higher or with less overlap")]
    TooMany,
    /// An area without an inside.
    #[error("the area's outline crosses itself: draw it without crossings")]
    Crosses,
}

pub(crate) fn checked(name: &'static str, value: f64, low: f64, high: f64) -> Result<f64, PatternError> {
    if value >= low && value <= high { Ok(value) } else { Err(PatternError::Number { name, value, low, high }) }
}

/// The same waypoints over terrain: `height_m` above the ground below each, with more between them where the ground rises over the line
/// from one to the next by more than `within_m`. `None` where the terrain is not known.
#[must_use]
pub fn follow(waypoints: &[Waypoint], terrain: &Terrain, home: Position, within_m: f64) -> Option<Vec<Waypoint>> {
    /// Metres between looks at the ground: three seconds of arc.
    const LOOK_M: f64 = 90.0;
    let home_m = terrain.height_m(home)?;
    let over = |position: Position, height_m: f64| Some(terrain.height_m(position)? - home_m + height_m);
    let mut followed: Vec<Waypoint> = Vec::new();
    for (i, waypoint) in waypoints.iter().enumerate() {
        let Some(before) = i.checked_sub(1).map(|before| waypoints[before]) else {
            followed.push(Waypoint { height_m: over(waypoint.position, waypoint.height_m)?, ..*waypoint });
            continue;
        };
        let way = crate::place::inverse(before.position, waypoint.position);
        // Patterns reach 40 km at most.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let looks = (way.distance_m / LOOK_M).ceil().max(1.0) as u32;
        let part = |look: u32| f64::from(look) / f64::from(looks);
        let mut last = followed.last().map_or(0.0, |last| last.height_m);
        for look in 1..=looks {
            let there = if look == looks {
                waypoint.position
            } else {
                direct(before.position, way.azimuth_deg, way.distance_m * part(look))
            };
            let height_m = over(there, before.height_m + (waypoint.height_m - before.height_m) * part(look))?;
            if look == looks || (height_m - last).abs() > within_m {
                followed.push(Waypoint { position: there, height_m, ..*waypoint });
                last = height_m;
            }
        }
        if followed.len() > MAX_WAYPOINTS {
            return None;
        }
    }
    Some(followed)
}
