//! Whole small flights, written, broken and read back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bytes;
mod command;
mod cosigned;
mod device_log;
mod dock;
mod erasing;
mod forge;
mod ground;
mod hostile;
mod judged;
mod lines;
mod ordered;
mod packages;
mod properties;
mod radio;
mod support;
mod trusting;
mod vectors;
mod verdicts;
mod witnessed;
mod witnessing;
mod writing;
