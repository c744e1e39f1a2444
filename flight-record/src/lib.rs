//! What proves a flight: signed records in an RFC 6962 tree, footage sealed while it is shot, and the verifier.
//!
//! `FORMAT.md` beside this crate is the public specification of every byte written here. The crate never
//! reads a clock: each call that leaves a trace takes a [`Stamp`]. Random bytes come from the operating system.
//!
//! Writing, aboard: [`flight::Flight`] keeps the log, [`seal::SealedFile`] takes the frames, [`device_log::DeviceLog`]
//! keeps what happens between flights. Reading, on the ground: [`verify::verify`]. Disclosing a part: [`extract`].
//! Handing over, between the two: [`dock`].

pub mod canonical;
pub mod device_log;
pub mod digest;
pub mod disk;
pub mod dock;
pub mod dsse;
pub mod extract;
pub mod flight;
pub mod keys;
pub mod layout;
pub mod live;
pub mod names;
pub mod note;
pub mod outline;
pub mod outside_time;
pub mod package;
pub mod page;
pub mod papers;
pub mod radio;
pub mod recipients;
pub mod record;
pub mod seal;
pub mod stamp;
pub mod statement;
pub mod tree;
pub mod trust;
pub mod verify;
pub mod witness;

mod durable;
mod log;

pub use digest::{Counted, Extent, Sha256};
pub use names::{BootId, Code, FlightId, Label, Reason, StreamName};
pub use stamp::{ClockSource, Stamp};
