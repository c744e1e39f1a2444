//! Where, how and why we may fly: places and what a camera sees of them.
pub mod place;
