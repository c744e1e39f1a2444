//! The Airspace workspace.
