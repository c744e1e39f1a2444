//! Where a flight stands: not closed, waiting, or stamped.

use super::Stamped;
use crate::store::{Statement, Store, StoreError, statements};
use flight_record::layout::{CHECKPOINTS, RECORDS};
use flight_record::outside_time::{Closing, Roots, Token};
use flight_record::{FlightId, Sha256};
use std::collections::BTreeMap;
use std::io::BufReader;

/// A flight in the queue, or through it.
#[derive(Clone, Debug)]
pub struct Line {
    /// The flight.
    pub flight: FlightId,
    /// What there is to stamp; none while there is no head over `close`.
    pub closing: Option<Closing>,
    /// When the flight was taken over, POSIX µs: it waits since.
    pub taken_over_utc_us: i64,
    /// Tokens over exactly that.
    pub tokens: Vec<Held>,
}

/// A token in a store.
#[derive(Clone, Debug)]
pub struct Held {
    /// SHA-256 of the token's bytes: its name in a package and in the ledger.
    pub name: Sha256,
    /// What the store says of it.
    pub stamped: Stamped,
    /// What it says itself.
    pub token: Token,
}

impl Line {
    /// Whether nothing more is to be asked for: some token is there, one that leads to these roots where there are any.
    pub fn is_stamped(&self, roots: &Roots) -> bool {
        self.tokens.iter().any(|held| roots.is_empty() || held.token.root(roots).is_ok())
    }
}

/// Looks a flight up; none when the store does not hold it. Tokens that do not read, or stamp something else than the
/// holding of now, are passed over.
///
/// # Errors
/// The store fails.
pub fn look(store: &dyn Store, flight: FlightId) -> Result<Option<Line>, StoreError> {
    let Some(holding) = store.holding(flight)? else { return Ok(None) };
    let log = |name: &str| -> Result<_, StoreError> {
        match holding.manifest.entries().get(name) {
            Some(extent) => Ok(Some(BufReader::new(store.get(extent.sha256)?))),
            None => Ok(None),
        }
    };
    let closing = match (log(RECORDS)?, log(CHECKPOINTS)?) {
        (Some(records), Some(checkpoints)) => {
            let io = StoreError::io("cannot read the logs of flight", flight.to_string());
            Closing::find(records, checkpoints).map_err(io)?
        }
        _ => None,
    };
    let stamped = statements(store, flight)?.into_iter().filter_map(|(_, statement)| match statement {
        Statement::Timestamp(stamped) => Some(*stamped),
        Statement::Holding(_) | Statement::Receipt(_) => None,
    });
    let held = stamped.filter_map(|stamped| {
        let bytes = stamped.token();
        let token = Token::open(&bytes).ok()?;
        Some(Held { name: Sha256::of(&bytes), stamped, token })
    });
    let held = held.filter(|held| closing.is_some_and(|closing| held.token.imprint == closing.imprint));
    let tokens = held.map(|held| (held.name, held)).collect::<BTreeMap<_, _>>().into_values().collect();
    Ok(Some(Line { flight, closing, taken_over_utc_us: holding.at_utc_us, tokens }))
}
