//! What is so: pure state machines, from events. No egui, no files, no clock.

pub(crate) mod airspace;
pub(crate) mod plan;
//! What the window knows: state machines without a screen, a clock or a file.

pub(crate) mod alarms;
pub(crate) mod board;
pub(crate) mod handover;
pub(crate) mod hud;
pub(crate) mod notices;
pub(crate) mod recording;
pub(crate) mod replay;
pub(crate) mod signin;
pub(crate) mod vehicle;
pub(crate) mod seal;
pub(crate) mod station;
