//! What the window knows: state machines without a screen, a clock or a file.

pub(crate) mod airspace;
pub(crate) mod alarms;
pub(crate) mod board;
pub(crate) mod evidence;
pub(crate) mod handover;
pub(crate) mod hud;
pub(crate) mod notices;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod recording;
pub(crate) mod records;
pub(crate) mod replay;
pub(crate) mod seal;
pub(crate) mod settings;
pub(crate) mod signin;
pub(crate) mod station;
pub(crate) mod steer;
pub(crate) mod stick;
pub(crate) mod vehicle;
pub(crate) mod viewers;
