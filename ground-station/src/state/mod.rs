//! What the window knows: state machines without a screen, a clock or a file.

pub(crate) mod alarms;
pub(crate) mod notices;
pub(crate) mod recording;
pub(crate) mod vehicle;
