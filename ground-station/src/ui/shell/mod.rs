//! What stands around every workspace.

pub(crate) mod keys;
pub(crate) mod palette;
pub(crate) mod pin;
pub(crate) mod rail;
pub(crate) mod settings;
pub(crate) mod signin;
pub(crate) mod strip;
