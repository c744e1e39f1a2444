//! What became of erase orders that an aircraft carried out later: its device log says so at its next handover.

use super::Source;
use super::run::{Desk, IntakeError};
use crate::store::Store;
use flight_record::trust::{Role, TrustList};
use flight_record::{FlightId, device_log};

/// The flights that an aircraft has erased since, by orders of which the ledger did not know what became.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// Written down now.
    pub erased: Vec<FlightId>,
    /// Not written down yet: the entry needs a second person, at once.
    pub unsigned: Vec<FlightId>,
}

/// Looks through the device log of the source for the outcome of every order that the ledger has none of, and writes it
/// down: once for each order, whatever is called how often. Believed is only a log that holds, line by line, under the key
/// of the device that `trust` lists and that flew the flight.
///
/// # Errors
/// When the source, a store or the ledger fails; or somebody's account.
pub fn settle(source: &mut dyn Source, desk: &mut Desk<'_>, trust: &TrustList) -> Result<Settled, IntakeError> {
    let mut settled = Settled::default();
    let open = desk.ledger.unsettled_orders()?;
    if open.is_empty() {
        return Ok(settled);
    }
    let log = source.device()?.device_log;
    let Some(told) = log.and_then(|log| device_log::erasures(&log.records)) else {
        return Ok(settled);
    };
    if trust.entry(told.device).is_none_or(|entry| entry.role != Role::Device) {
        return Ok(settled);
    }
    let _lock = desk.first.lock()?;
    for entry in open {
        let (Some(flight), [order, manifest, ..]) = (entry.flight, &entry.items[..]) else { continue };
        let said = told.erased.iter().find(|(erased, _)| erased.order == *order && erased.flight == flight);
        let holding = (desk.first as &dyn Store).holding(flight)?;
        let Some((_, line)) = said.filter(|_| holding.is_some_and(|held| held.device_id == Some(told.device))) else {
            continue;
        };
        if desk.witness.is_none() {
            settled.unsigned.push(flight);
            continue;
        }
        desk.note_erased(flight, *manifest, *order, line)?;
        settled.erased.push(flight);
    }
    if !settled.erased.is_empty() {
        desk.ledger.publish()?;
    }
    Ok(settled)
}
