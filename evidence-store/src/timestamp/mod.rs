//! Outside time for the flights of a store: each closed flight waits until a time-stamping authority (RFC 3161) has stamped
//! its last head; without a network it goes on waiting, and how long it did is kept.
//!
//! There is no queue beside the store that could be lost: what waits is every closed flight without a token. A token is
//! kept as a statement that the store signs, an object like the others, and only then entered in the ledger; one whose
//! entry is missing is entered by the next run.

mod clerk;
mod client;
mod line;
mod statement;

pub use clerk::{Came, Clerk, TimestampError};
pub use client::{AskError, Authority};
pub use line::{Held, Line, look};
pub use statement::Stamped;
