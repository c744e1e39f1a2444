//! Asking for a token, keeping it in both stores, entering it in the ledger: each step looks first whether it was done.

use super::{AskError, Authority, Held, Line, Stamped, look};
use crate::intake::{ACTORS, put_bytes};
use crate::ledger::{Act, Category, Ledger, LedgerError};
use crate::people::{PeopleError, Session};
use crate::store::{Folder, Store, StoreError};
use flight_record::outside_time::{Closing, MAX_TOKENS, Request, Roots, Token};
use flight_record::{Code, FlightId, Label, Reason, Stamp};
use rand::TryRngCore as _;
use std::io;

/// How an entry about a token ends.
const OUTCOME: &str = "timestamped";

/// Who sees to it that flights are stamped, and with what.
pub struct Clerk<'a> {
    /// The store that holds the flights and the ledger.
    pub first: &'a Folder,
    /// The second one, which is to have the tokens too.
    pub second: Option<&'a dyn Store>,
    /// Where it is written down.
    pub ledger: &'a mut Ledger,
    /// Who does it.
    pub actor: &'a Session,
    /// Where this happens.
    pub place: Label,
    /// Why.
    pub reason: Reason,
    /// The program's clock.
    pub clock: &'a dyn Fn() -> Stamp,
}

/// What came of it.
#[derive(Debug)]
pub enum Came {
    /// There is no head over `close`, so nothing to stamp.
    NotClosed,
    /// Held and entered, all that there is to do.
    Stamped(Box<Line>),
    /// It goes on waiting: no authority answered.
    Queued(AskError),
    /// It goes on waiting: what the authority said is not taken.
    Refused(String),
}

/// Why nothing can be done at all.
#[derive(Debug, thiserror::Error)]
pub enum TimestampError {
    /// A store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Somebody's account.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// No nonce.
    #[error("the system gives no random bytes")]
    Random(#[source] io::Error),
}

impl Clerk<'_> {
    /// Puts everything about a flight's tokens in order, and asks for one where none is held that leads to `roots` (any,
    /// without roots). To be called again after it was stopped.
    ///
    /// # Errors
    /// Only what is wrong here; whatever the authority does is in [`Came`].
    pub fn stamp(&mut self, flight: FlightId, authority: &Authority, roots: &Roots) -> Result<Came, TimestampError> {
        let _lock = self.first.lock()?;
        self.actor.signatory_as(&ACTORS, (self.clock)().utc_us)?;
        let line = self.settled(flight)?;
        let Some(closing) = line.closing else { return Ok(Came::NotClosed) };
        if line.is_stamped(roots) {
            return Ok(Came::Stamped(Box::new(line)));
        }
        if line.tokens.len() >= MAX_TOKENS {
            return Ok(Came::Refused(format!(
                "it has {MAX_TOKENS} tokens already, none of which leads to these roots"
            )));
        }
        let request = Request::new(closing.imprint, nonce()?);
        let query = match request.der() {
            Ok(query) => query,
            Err(error) => return Ok(Came::Refused(error.to_string())),
        };
        let reply = match authority.ask(query) {
            Ok(reply) => reply,
            Err(error) => return Ok(Came::Queued(error)),
        };
        let (bytes, token) = match request.answered(&reply) {
            Ok(answered) => answered,
            Err(error) => return Ok(Came::Refused(error.to_string())),
        };
        if !roots.is_empty()
            && let Err(why) = token.root(roots)
        {
            return Ok(Came::Refused(why));
        }
        self.keep(flight, &closing, (&bytes, &token))?;
        Ok(Came::Stamped(Box::new(self.settled(flight)?)))
    }

    /// The flight with every token that is held in both stores and in the ledger.
    fn settled(&mut self, flight: FlightId) -> Result<Line, TimestampError> {
        let line = look(self.first, flight)?;
        let line = line.ok_or_else(|| StoreError::NoFlight { flight, store: self.first.describe() })?;
        let second = match self.second {
            Some(second) => look(second, flight)?.map(|line| (second, line)),
            None => None,
        };
        for held in &line.tokens {
            if let Some((second, known)) = &second
                && !known.tokens.iter().any(|known| known.name == held.name)
            {
                put(*second, &held.stamped)?;
            }
            self.enter(flight, held)?;
        }
        if !line.tokens.is_empty() {
            self.ledger.publish()?;
        }
        Ok(line)
    }

    fn keep(&self, flight: FlightId, closing: &Closing, token: (&[u8], &Token)) -> Result<(), StoreError> {
        let store = self.first.identity().key.public().id();
        put(self.first, &Stamped::new(flight, closing, token, store, (self.clock)().utc_us))
    }

    /// One entry a token.
    fn enter(&mut self, flight: FlightId, held: &Held) -> Result<(), TimestampError> {
        if self.ledger.find(flight, Category::Verification, OUTCOME, held.name)?.is_some() {
            return Ok(());
        }
        let outcome: Code = OUTCOME.parse().map_err(|_| LedgerError::Rule("an outcome is a code"))?;
        let at = (self.clock)();
        let act = Act {
            category: Category::Verification,
            outcome,
            flight: Some(flight),
            items: vec![held.name, held.stamped.imprint],
            place: self.place.clone(),
            reason: Some(self.reason.clone()),
            personal: None,
        };
        let actor = self.actor.signatory_as(&ACTORS, at.utc_us)?;
        self.ledger.append(&act, &actor, None, at)?;
        Ok(())
    }
}

fn put(store: &dyn Store, stamped: &Stamped) -> Result<(), StoreError> {
    let extent = put_bytes(store, &stamped.sign(store.identity()))?;
    store.enter(stamped.flight_id, extent.sha256)
}

fn nonce() -> Result<u64, TimestampError> {
    rand::rngs::OsRng.try_next_u64().map_err(|error| TimestampError::Random(io::Error::other(error)))
}

impl Held {
    /// Whether the ledger has an entry about it.
    ///
    /// # Errors
    /// The ledger fails.
    pub fn is_entered(&self, ledger: &Ledger) -> Result<bool, LedgerError> {
        Ok(ledger.find(self.stamped.flight_id, Category::Verification, OUTCOME, self.name)?.is_some())
    }
}
