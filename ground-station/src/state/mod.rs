//! What the screens show: pure values and state machines. No egui, no I/O; the time is an argument.

pub(crate) mod board;
