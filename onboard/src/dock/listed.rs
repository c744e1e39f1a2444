//! The flights whose files have been listed for a handover: what was listed is what is erased, so nothing is added to them.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use flight_record::FlightId;

/// Between the dock, which lists, and the notary, which adds what stations say of a flight that is closed.
#[derive(Debug, Default)]
pub struct Listed(Mutex<BTreeSet<FlightId>>);

impl Listed {
    /// From now on nothing is added to this flight; waits for what is being added.
    pub fn freeze(&self, flight: FlightId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(flight);
    }

    /// Adds something to a flight, unless it has been listed; nobody lists it meanwhile.
    pub fn unless_listed<T>(&self, flight: FlightId, add: impl FnOnce() -> T) -> Option<T> {
        let listed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (!listed.contains(&flight)).then(add)
    }
}
