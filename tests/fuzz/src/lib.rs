//! What a fuzzer asks of every parser of Skyseal: for each a function of bytes that must hold whatever the bytes are.
//!
//! libFuzzer calls them with bytes of its own (`libfuzzer/`, by `tests/fuzz/run`); `tests/replay.rs` calls them with the
//! corpora kept in `corpus/`, on any toolchain, with the other tests. A target fails by panicking: each asserts what the
//! format promises (one spelling, nothing lost, nothing made up, nothing without bound), not only that nothing panics.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a target fails by panicking")]

mod age;
mod airspace;
mod folder;
mod handover;
mod pictures;
mod radio;
pub mod sample;
mod signed;
mod telemetry;
mod witness;

pub use age::sealed_file;
pub use airspace::{papers, zones};
pub use folder::{flight, log, package};
pub use handover::{handover, plan};
pub use pictures::{access_unit, ts};
pub use radio::{beacon, frames};
pub use signed::{note, record, trust};
pub use telemetry::klv;
pub use witness::witness;

/// A target: panics when the bytes show a fault.
pub type Target = fn(&[u8]);

/// Every target by its name, which is also that of its corpus.
pub const TARGETS: [(&str, Target); 17] = [
    ("access_unit", access_unit),
    ("beacon", beacon),
    ("flight", flight),
    ("frames", frames),
    ("handover", handover),
    ("klv", klv),
    ("log", log),
    ("note", note),
    ("package", package),
    ("papers", papers),
    ("plan", plan),
    ("record", record),
    ("sealed_file", sealed_file),
    ("trust", trust),
    ("ts", ts),
    ("witness", witness),
    ("zones", zones),
];
