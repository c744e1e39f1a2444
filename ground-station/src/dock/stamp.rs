//! Asking a time-stamping authority at the end of a handover: once, and whatever comes of it never fails the handover.

use super::attachments::small_file;
use super::work::Work;
use crate::clock;
use anyhow::{Context as _, Result, anyhow};
use evidence_store::timestamp::{Authority, Came, Clerk};
use flight_record::FlightId;
use flight_record::outside_time::Roots;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where Debian keeps the certificates of the authorities of the web.
const SYSTEM_ROOTS: &str = "/etc/ssl/certs/ca-certificates.crt";
/// How long people at the dock wait for it.
const PATIENCE: Duration = Duration::from_secs(10);

/// An authority, by its address.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// http://… or https://…
    pub(crate) url: String,
    /// Root certificates (PEM) of that authority.
    pub(crate) roots: Vec<PathBuf>,
}

/// An authority to be asked.
pub(super) struct Outside {
    authority: Authority,
    roots: Roots,
}

impl Outside {
    /// None where none is named. What is misspelt is said before anything is done.
    pub(super) fn open(named: Option<&Named>) -> Result<Option<Self>> {
        let Some(Named { url, roots: paths }) = named else { return Ok(None) };
        let mut roots = Roots::default();
        for path in paths {
            let pem = small_file(path).context("the roots of the authority cannot be read")?;
            roots.add_pem(&pem).with_context(|| format!("{} cannot be used", path.display()))?;
        }
        let tls_roots = small_file(Path::new(SYSTEM_ROOTS)).unwrap_or_default();
        let authority = Authority::new(url, &tls_roots)?.with_tries(1, PATIENCE);
        Ok(Some(Self { authority, roots }))
    }

    /// What came of asking for one flight, as a note for people.
    pub(super) fn stamp(&self, work: &mut Work<'_>, flight: FlightId) -> String {
        match self.ask(work, flight) {
            Ok(said) => said,
            Err(error) => format!("outside time: queued: {error:#}; `skyseal-evidence timestamps request` asks again"),
        }
    }

    fn ask(&self, work: &mut Work<'_>, flight: FlightId) -> Result<String> {
        let mut clerk = Clerk {
            first: &work.stand.stores.0,
            second: Some(&work.stand.stores.1),
            ledger: &mut work.ledger,
            actor: &work.hands.actor,
            place: work.setup.place.clone(),
            reason: work.hands.reason.clone(),
            clock: &clock::stamp,
        };
        match clerk.stamp(flight, &self.authority, &self.roots)? {
            Came::NotClosed => Ok("outside time: the flight is not closed, so there is nothing to stamp".to_owned()),
            Came::Queued(error) => Err(error.into()),
            Came::Refused(why) => Err(anyhow!(why)),
            Came::Stamped(line) => Ok(line.tokens.last().map_or_else(String::new, |held| {
                let s = held.stamped.delay_us() / 1_000_000;
                format!("outside time: stamped {s} s after close, by {}", held.token.authority)
            })),
        }
    }
}
