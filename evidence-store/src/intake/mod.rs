//! Taking flights over from the aircraft: a plan first, which people see, then the work, which can be stopped and taken
//! up again at any point. Nothing is refused and nothing is lost; what is in doubt is kept apart with its verdict.

mod card;
mod copy;
mod custody;
mod erase;
mod network;
mod plan;
mod progress;
mod receive;
mod run;
mod settle;
mod side_by_side;
mod staging;

pub use card::FolderSource;
pub(crate) use custody::{ACTORS, put_bytes};
pub use network::NetworkSource;
pub use plan::{IngestPlan, PlannedFile, Room, Witnessed, plan};
pub use progress::{Flow, Meter, Progress, Step};
pub use run::{Desk, EraseWish, IntakeError, Outcome, run};
pub use settle::{Settled, settle};

use flight_record::dock::Inventory;
use flight_record::keys::KeyId;
use flight_record::{FlightId, Label, Sha256};
use std::io::{self, Read};

/// Where flights come from: a card, a folder, or the aircraft itself over the network. Blocking.
pub trait Source {
    /// What it is, for people: `card /media/…`, `aircraft 1 at 192.0.2.7:7443`.
    fn describe(&self) -> String;

    /// The device behind it, as far as it can be told.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn device(&mut self) -> Result<SourceDevice, SourceError>;

    /// The flights it holds, oldest first.
    ///
    /// # Errors
    /// When the source cannot be read.
    fn flights(&mut self) -> Result<Vec<FlightId>, SourceError>;

    /// Every file of a flight, those that no record names too.
    ///
    /// # Errors
    /// [`SourceError::NoFlight`], or when the source cannot be read.
    fn inventory(&mut self, flight: FlightId) -> Result<Inventory, SourceError>;

    /// What lies in a flight's folder and is no plain file of a plain name: neither copied nor erased, but said.
    ///
    /// # Errors
    /// As [`Source::inventory`].
    fn others(&mut self, flight: FlightId) -> Result<Vec<String>, SourceError> {
        let _ = flight;
        Ok(Vec::new())
    }

    /// Reads a file of the inventory from byte `from` on.
    ///
    /// # Errors
    /// [`SourceError::NoFile`] for a path that the inventory does not hold, or when the source cannot be read.
    fn open(&mut self, flight: FlightId, path: &str, from: u64) -> Result<Box<dyn Read + Send + '_>, SourceError>;

    /// The single-use challenge that an erase order for this flight must carry.
    ///
    /// # Errors
    /// [`SourceError::Refused`] while there is none: the flight is not closed.
    fn challenge(&mut self, flight: FlightId) -> Result<Sha256, SourceError>;

    /// Hands over an erase order; the aircraft checks it and carries it out, or refuses it.
    ///
    /// # Errors
    /// [`SourceError::Refused`] with the aircraft's own reason.
    fn erase(&mut self, flight: FlightId, order: &[u8]) -> Result<Erasure, SourceError>;
}

/// The device behind a source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceDevice {
    /// Its key id: proved by the connection over the network, only claimed by the log on a card.
    pub id: Option<KeyId>,
    /// The unit's name for it.
    pub name: Option<Label>,
    /// `records.jsonl` and `checkpoints.jsonl` of its device log; `None` where there is none.
    pub device_log: Option<DeviceLogFiles>,
}

/// The two files of a device log, as they lie there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceLogFiles {
    /// `records.jsonl`
    pub records: Vec<u8>,
    /// `checkpoints.jsonl`
    pub checkpoints: Vec<u8>,
}

/// What became of an erase order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Erasure {
    /// The flight is gone from the aircraft.
    Erased {
        /// The line of the device log that says so.
        record: String,
    },
    /// The order lies on the card; the aircraft carries it out at its next start.
    Deferred,
}

/// Why a source does not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be read or written.
    #[error("{doing} {what}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// With what.
        what: String,
        /// Why it failed.
        source: io::Error,
    },
    /// It holds no such flight.
    #[error("flight {flight} is not on {source_name}")]
    NoFlight {
        /// What was asked for.
        flight: FlightId,
        /// Where.
        source_name: String,
    },
    /// The inventory holds no such file.
    #[error("flight {flight} has no file {path:?}")]
    NoFile {
        /// The flight.
        flight: FlightId,
        /// What was asked for.
        path: String,
    },
    /// The other side does not do it now.
    #[error("{reason}")]
    Refused {
        /// In the aircraft's own words.
        reason: String,
    },
    /// Somebody said stop while it was waited for.
    #[error("stopped; the same command goes on from here")]
    Stopped,
    /// The other side is not who it should be, or does not keep to the protocol.
    #[error("{what}: {reason}")]
    Protocol {
        /// What was being done.
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl SourceError {
    /// Why a file of a source cannot be read on.
    pub(crate) fn reading(what: &str, source: io::Error) -> Self {
        match source.get_ref().and_then(|inner| inner.downcast_ref()) {
            Some(Self::Stopped) => Self::Stopped,
            _ => Self::Io { doing: "cannot read", what: what.to_owned(), source },
        }
    }
}
