//! A simulated vehicle with a camera and faults, for other people's software and ours.
//!
//! What a real multirotor and its camera put on the wire, from a model whose truth is known: MAVLink from [`autopilot`], pictures over RTSP
//! from [`camera`], and what was really so at each frame from [`truth`]. It shares no geometry, clock or telemetry code with the product,
//! so the two can not be wrong together.
//!
//! - [`vehicle`], [`autopilot`], [`camera::picture`] and [`director`] are pure: the time is an argument, and one seed gives one flight.
//! - [`world`] steps them together on a fixed step; [`run`] owns the sockets, threads and files; [`clock`] is the one place that reads a clock.

#[expect(deprecated, reason = "peers still speak what MAVLink has superseded, and must be answered")]
pub mod autopilot;
pub mod camera;
pub mod cli;
pub mod clock;
pub mod control;
mod craft;
pub mod demo;
pub mod director;
pub mod fast;
pub mod faults;
pub mod geodesy;
pub mod maths;
pub mod passage;
pub mod plan_file;
pub mod relay;
pub mod run;
pub mod scenario;
pub mod truth;
pub mod vehicle;
pub mod world;
