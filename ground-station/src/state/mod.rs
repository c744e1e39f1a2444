//! What the window knows: state machines without a screen, a clock or a file.

pub(crate) mod alarms;
pub(crate) mod notices;
pub(crate) mod recording;
pub(crate) mod vehicle;
//! What the window knows, without a window: no drawing, no I/O, time as an argument.

pub(crate) mod hud;
pub(crate) mod replay;
//! What the window knows: pure state, told by events, with the time handed in. Nothing here draws, reads or waits.

pub(crate) mod handover;
pub(crate) mod signin;
//! What the screens show: pure values and state machines. No egui, no I/O; the time is an argument.

pub(crate) mod board;
