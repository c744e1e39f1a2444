//! Why a request of the dock is not answered with what it asks for.

use std::io;

use flight_record::FlightId;
use flight_record::dock::DockError;

/// What the other end is told.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The aircraft has something better to do.
    #[error("{0}")]
    Busy(&'static str),
    /// The station that asks was let in, and would not be now.
    #[error("the trust list aboard does not vouch for this station any more; ask the unit why")]
    Stranger,
    /// There is no such flight.
    #[error("flight {0} is not aboard")]
    NoFlight(FlightId),
    /// There is no such file.
    #[error("flight {flight} has no file {path:?}")]
    NoFile {
        /// The flight.
        flight: FlightId,
        /// What was asked for.
        path: String,
    },
    /// The request makes no sense.
    #[error("{0}")]
    Bad(&'static str),
    /// An order longer than any.
    #[error("an erase order has at most {most} bytes, or the connection was cut")]
    TooLong {
        /// The most.
        most: usize,
    },
    /// A range beyond the file.
    #[error("the file has {bytes} bytes; the range begins behind them")]
    Range {
        /// Its length.
        bytes: u64,
    },
    /// It is understood, and it is not done.
    #[error("{0}")]
    Refused(String),
    /// The disk.
    #[error("the aircraft's disk cannot be read or written")]
    Io(#[from] io::Error),
    /// A file of the handover.
    #[error(transparent)]
    Dock(#[from] DockError),
}
