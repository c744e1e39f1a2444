//! Where, how and why we may fly: places, what a camera sees of them, and plans as other stations write them.
//!
//! Pure: values in, values out; no clock, no socket. Angles are degrees at the edges, lengths metres,
//! and every altitude carries its datum.

pub mod place;
pub mod plan_files;
