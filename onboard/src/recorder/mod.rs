//! From pictures and telemetry to sealed segments.
//!
//! | thread | module | waits for |
//! |---|---|---|
//! | one a stream | [`stream`] | pictures; writes to the disk, never syncs |
//! | raw log | [`tlog`] | MAVLink frames |
//! | notary | [`notary`] | everything that must be durable before it is named |

mod framing;
pub mod notary;
mod segment;
pub mod stream;
mod take;
pub mod timebase;
pub mod tlog;
mod transport;
