//! What the window knows: state machines without a screen, a clock or a file.

pub(crate) mod seal;
pub(crate) mod station;
