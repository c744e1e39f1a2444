//! The Fly workspace.

pub(crate) mod hud;
mod lines;
pub(crate) mod picture;
mod plates;

#[cfg(test)]
mod tests;
