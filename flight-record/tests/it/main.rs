//! Whole small flights, written, broken and read back.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod bytes;
mod changes;
mod command;
mod corpus;
mod cosigned;
mod crash;
mod device_log;
mod dock;
mod erasing;
mod extracts;
mod forge;
mod format;
mod ground;
mod guarded;
mod hostile;
mod judged;
mod lines;
mod ordered;
mod outside_time;
mod packages;
mod pages;
mod properties;
mod radio;
mod support;
mod trusting;
mod tsa;
mod vectors;
mod verdicts;
mod witnessed;
mod witnessing;
mod writing;
