//! Who looks at footage and why, on the store's ledger: one line when they begin, one when they end.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use evidence_store::ledger::{Act, Category};
use evidence_store::people::{People, Pin};
use evidence_store::store::{Folder, Store};
use flight_record::trust::Duty;
use flight_record::{FlightId, Label, Reason};

use crate::state::evidence::Session;
use crate::{clock, desk};

/// Whoever has an account may look; what they may see was decided when it was given to them.
const VIEWERS: [Duty; 7] = [
    Duty::Custodian,
    Duty::Supervisor,
    Duty::DataProtection,
    Duty::Auditor,
    Duty::Pilot,
    Duty::Observer,
    Duty::Administrator,
];

/// Where it happens.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    /// The store.
    pub(crate) store: PathBuf,
    /// Heads of its ledger that are kept elsewhere.
    pub(crate) outside: Vec<PathBuf>,
    /// This workstation, in words.
    pub(crate) place: Label,
}

/// Writes down that `who` looks at `flight`, and why; only then may footage be opened.
///
/// # Errors
/// When the person is not let in, the reason is none, or the ledger does not take it.
pub(crate) fn begin(desk: &Desk, who: &str, pin: &Pin, reason: &str, flight: FlightId) -> Result<Session> {
    let reason: Reason = reason.parse().context("say why in a few words")?;
    let (line, since_utc_us) = write(desk, who, pin, &reason, (flight, "viewing-begun"))?;
    Ok(Session { who: who.to_owned(), reason: reason.to_string(), flight, line, since_utc_us })
}

/// Writes down that it is over.
///
/// # Errors
/// As [`begin`].
pub(crate) fn end(desk: &Desk, session: &Session, pin: &Pin) -> Result<()> {
    let reason: Reason = session.reason.parse().context("the session's reason")?;
    write(desk, &session.who, pin, &reason, (session.flight, "viewing-ended")).map(|_| ())
}

fn write(
    desk: &Desk,
    who: &str,
    pin: &Pin,
    reason: &Reason,
    (flight, outcome): (FlightId, &str),
) -> Result<(u64, i64)> {
    let who: Label = who.trim().parse().context("the name of an account")?;
    let folder = Folder::open(&desk.store)?;
    let people = People::open(&desk.store.join("people.sqlite"))?;
    let session = people.log_in(&who, pin, clock::now_utc_us())?;
    let mut ledger = desk::ledger(&folder, &desk.store, &desk.outside)?;
    let holding = (&folder as &dyn Store).holding(flight)?.context("the store does not hold this flight")?;
    let act = Act {
        category: Category::Consultation,
        outcome: outcome.parse()?,
        flight: Some(flight),
        items: vec![holding.manifest.digest()],
        place: desk.place.clone(),
        reason: Some(reason.clone()),
        personal: None,
    };
    let at = clock::stamp();
    let written = ledger.append(&act, &session.signatory_as(&VIEWERS, at.utc_us)?, None, at)?;
    ledger.publish()?;
    Ok((written.seq, at.utc_us))
}
