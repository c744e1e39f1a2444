//! Where, how and why we may fly: places, what a camera sees of them, plans as other stations write them, and zones.
//!
//! Pure: values in, values out; no clock, no socket. Angles are degrees at the edges, lengths metres,
//! and every altitude carries its datum.

pub mod authorisation;
pub mod flight_log;
pub mod monitor;
pub mod papers;
pub mod pattern;
pub mod place;
pub mod plan_files;
pub mod preflight;
pub mod profile;
pub mod route;
pub mod zones;
