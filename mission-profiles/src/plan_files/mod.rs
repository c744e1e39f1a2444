//! Plans as other stations write them.

mod plan;

pub use plan::{Item, Plan, PlanError};
