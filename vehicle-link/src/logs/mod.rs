//! A vehicle's flight logs: which it has ([`List`]), and one of them piece by piece into the caller's file ([`Fetch`]). Pure; memory is
//! bounded, since what comes is handed out at once and only the gaps are remembered.

mod fetch;
mod list;

pub use fetch::Fetch;
pub use list::{Entry, List, MAX_LOGS};

use crate::{
    frames::Body,
    request::{Ends, Timing},
};

const LOG_REQUEST_LIST: u32 = 117;
const LOG_ENTRY: u32 = 118;
const LOG_REQUEST_DATA: u32 = 119;
const LOG_DATA: u32 = 120;
const LOG_REQUEST_END: u32 = 122;

const TIMING: Timing = Timing::every(500_000_000, 8);

/// Why logs were not listed or fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No answer, or not all of it.
    #[error("{missing} are missing of {of}; the link is bad, or the vehicle is armed and gives no logs")]
    Timeout {
        /// Entries or bytes that have not come.
        missing: u64,
        /// All, as far as is known.
        of: u64,
    },
    /// More than are taken.
    #[error("the vehicle says that it has {0} logs: {MAX_LOGS} is the most")]
    TooMany(u16),
}

/// What a client wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Send this to the vehicle.
    Send(Body),
    /// The logs, by their ids.
    Listed(Vec<Entry>),
    /// Put these bytes there in the file.
    Write {
        /// From the start of the log.
        offset: u32,
        /// At most 90.
        bytes: Vec<u8>,
    },
    /// All was written.
    Fetched,
    /// Given up; what was written stands, with gaps.
    Failed(Failure),
}

/// The vehicle may stop reading its card.
fn end(ends: Ends) -> Body {
    body(LOG_REQUEST_END, &[ends.remote.system, ends.remote.component])
}

#[expect(clippy::expect_used, reason = "the ids are in the dialect and 12 bytes fit")]
fn body(id: u32, payload: &[u8]) -> Body {
    Body::raw(id, payload).expect("messages of logs are in the dialect")
}
