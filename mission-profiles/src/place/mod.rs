//! Places on the earth (WGS 84), heights with their datum, and what a camera sees of the ground.

mod altitude;
mod footprint;
mod pointing;
mod position;
mod rotation;

pub use altitude::{Altitude, Datum};
pub use footprint::{Footprint, View, look};
pub use pointing::{Attitude, Pointing, YawFrame};
pub use position::{Leg, Position, direct, inverse};
