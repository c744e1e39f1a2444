//! What is drawn. Reads `state`, returns commands; does no work.

pub(crate) mod airspace;
pub(crate) mod cut;
pub(crate) mod evidence;
pub(crate) mod fly;
#[cfg(test)]
mod gallery;
pub(crate) mod handover;
pub(crate) mod icon;
pub(crate) mod map;
pub(crate) mod paint;
pub(crate) mod plan;
pub(crate) mod raster;
pub(crate) mod records;
pub(crate) mod shell;
pub(crate) mod shot;
pub(crate) mod text;
pub(crate) mod theme;
pub(crate) mod tokens;
pub(crate) mod widget;
