//! Fly: the picture, the map, the seal, the recording, and the flight's own controls.

pub(crate) mod controls;
pub(crate) mod layout;
//! The Fly workspace.

pub(crate) mod hud;
mod lines;
pub(crate) mod picture;
mod plates;

#[cfg(test)]
mod tests;
