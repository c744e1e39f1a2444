//! Fly: the picture, the map, the seal, the recording, and the flight's own controls.

pub(crate) mod bar;
pub(crate) mod beside;
mod canvas;
pub(crate) mod controls;
pub(crate) mod failsafe;
pub(crate) mod here;
pub(crate) mod hud;
pub(crate) mod layout;
mod lines;
pub(crate) mod mode;
pub(crate) mod picture;
mod plates;
pub(crate) mod reason;
pub(crate) mod replay;
pub(crate) mod ribbon;
pub(crate) mod stick;
pub(crate) mod why;

#[cfg(test)]
mod tests;
