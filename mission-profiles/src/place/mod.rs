//! Places on the earth (WGS 84), heights with their datum, the sun, and what a camera sees of the ground.

mod altitude;
mod footprint;
mod geotiff;
mod grid;
mod os_grid;
mod pointing;
mod position;
mod rotation;
mod sun;
mod tangent;
mod terrain;

pub use altitude::{Altitude, Datum};
pub use footprint::{Footprint, View, look};
pub use os_grid::{from_grid, to_grid};
pub use pointing::{Attitude, Pointing, YawFrame};
pub use position::{Leg, Position, direct, inverse};
pub use sun::{SunEvent, sun};
pub use tangent::{EarthPoint, TangentPlane, earth_point, ground_distance_m};
pub(crate) use tangent::{MEAN_RADIUS_M, dot};
pub use terrain::{TERRAIN_ERROR_M, Terrain, TileError};
