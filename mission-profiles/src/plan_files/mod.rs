//! Plans and drawings as other ground stations and maps write them.

mod drawing;
mod fence;
mod file;
mod gpx;
mod items;
mod kml;
mod kmz;
mod plan;
mod scan;
mod waypoints;
mod write;

pub use drawing::{Drawing, DrawingError, Named, Shape};
pub use fence::{fence, rally};
pub use file::{Change, PlanFile};
pub use plan::{Item, Plan, PlanError};
pub use waypoints::WaypointsError;
