//! Fly: the picture, the map, the seal, the recording, and the flight's own controls.

pub(crate) mod controls;
pub(crate) mod layout;
