//! What aircraft and evidence store say to each other when a flight is handed over.

mod inventory;
mod manifest;

pub use inventory::Inventory;
pub use manifest::{Manifest, ManifestError};
