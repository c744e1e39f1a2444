//! Plans and drawings as other ground stations and maps write them.

mod drawing;
mod gpx;
mod kml;
mod plan;
mod waypoints;
mod write;

pub use drawing::{Drawing, DrawingError, Named, Shape};
pub use plan::{Item, Plan, PlanError};
pub use waypoints::WaypointsError;
