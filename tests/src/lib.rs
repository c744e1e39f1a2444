//! The harness of the whole-system tests: programs, folders, bounded waits.

pub mod aircraft;
pub mod oracle;
pub mod pilot;
pub mod process;
pub mod simulator;
pub mod station;
pub mod unit;
