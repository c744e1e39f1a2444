//! What the window knows: pure state, told by events, with the time handed in. Nothing here draws, reads or waits.

pub(crate) mod handover;
pub(crate) mod signin;
