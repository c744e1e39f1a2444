//! What the window knows, without a window: no drawing, no I/O, time as an argument.

pub(crate) mod hud;
pub(crate) mod replay;
