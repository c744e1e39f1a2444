//! What is so: pure state machines, from events. No egui, no files, no clock.

pub(crate) mod airspace;
pub(crate) mod plan;
