//! Whole flights in the pure layer: no sockets, no waiting.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a test fails by panicking, and its numbers are small"
)]
#![expect(deprecated, reason = "peers still send what MAVLink has superseded, and must be answered")]

mod failsafes;
mod faults;
mod fleet;
mod orders;
mod station;
mod telemetry_and_missions;
