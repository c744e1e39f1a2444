//! Whole small flights, written, broken and read back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bytes;
mod command;
mod device_log;
mod dock;
mod forge;
mod hostile;
mod lines;
mod properties;
mod support;
mod trusting;
mod verdicts;
mod writing;
