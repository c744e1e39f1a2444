//! Flights taken over, stored and written down: whole, stopped at every point, and tampered with.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod command;
mod faults;
mod format;
mod intake;
mod ledger;
mod people;
mod registers;
mod store;
mod support;
mod timestamp;
#[path = "../../../flight-record/tests/it/tsa.rs"]
mod tsa;
