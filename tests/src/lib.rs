//! The harness of the whole-system tests: programs, folders, bounded waits.

pub mod aircraft;
pub mod oracle;
pub mod process;
pub mod simulator;
pub mod unit;
