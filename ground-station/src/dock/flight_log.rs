//! The flight log beside what was taken over: whatever comes of it never fails the handover.

use super::work::Work;
use crate::{clock, desk, log};
use anyhow::Result;
use evidence_store::register::{Register, Registrar};
use flight_record::FlightId;

/// Puts the record of a flight beside its entries in the log; what came of it, as notes for people.
pub(super) fn reconcile(work: &mut Work<'_>, flight: FlightId) -> Vec<String> {
    beside(work, flight).unwrap_or_else(|error| {
        vec![format!("flight log: not looked at: {error:#}; `skyseal-ground log reconcile` does it again")]
    })
}

fn beside(work: &mut Work<'_>, flight: FlightId) -> Result<Vec<String>> {
    let log::Beside { documents, said } = log::beside(&work.stand.stores.0, &work.ledger, flight)?;
    let mut registrar = Registrar {
        store: &work.stand.stores.0,
        second: Some(&work.stand.stores.1),
        ledger: &mut work.ledger,
        place: work.setup.place.clone(),
        reason: work.hands.reason.clone(),
    };
    for (bytes, before) in &documents {
        let at = clock::stamp();
        let actor = work.hands.actor.signatory_as(&desk::ACTORS, at.utc_us)?;
        registrar.enter(Register::FlightLog, bytes, *before, &actor, at)?;
    }
    Ok(said)
}
