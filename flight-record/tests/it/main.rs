//! Whole small flights, written, broken and read back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod support;
mod writing;
