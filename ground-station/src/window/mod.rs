//! The window: ties what is known, what is drawn and what does the work together.

mod chips;
mod flight;
pub(crate) mod settings;
pub(crate) mod words;
