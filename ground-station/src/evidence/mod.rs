//! The work behind the Evidence workspace, for threads of their own: reading a store, checking flights, writing down who
//! looks at them, and stills.

mod check;
mod read;
mod same;
mod session;
mod still;

pub(crate) use check::{Anchors, check};
pub(crate) use read::flights;
pub(crate) use same::Comparison;
pub(crate) use session::{Desk, begin, end};
pub(crate) use still::still;

#[cfg(test)]
mod tests;
