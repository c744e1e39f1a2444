//! What the aircraft, or its card, holds of one flight.

use crate::keys::KeyId;
use crate::names::FlightId;
use serde::{Deserialize, Serialize};

/// Every file of a flight's folder, whether a record names it or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The flight.
    pub flight: FlightId,
    /// The device that recorded it, where that can be said without reading the log.
    pub device: Option<KeyId>,
    /// Whether the log ends with `close`.
    pub closed: bool,
    /// Path in the flight's folder and length in bytes, sorted by the bytes of the path.
    pub files: Vec<(String, u64)>,
}
