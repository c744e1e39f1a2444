//! The recording session: an officer's word, signed before take-off, that this aircraft's recording may be started and stopped in their name
//! until a time. What the aircraft has not confirmed is no session.

use flight_record::{FlightId, Label, Reason};

const MINUTE_US: i64 = 60_000_000;

/// A session that the aircraft has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    /// In whose name.
    pub(crate) officer: Label,
    /// Until then, POSIX µs.
    pub(crate) until_utc_us: i64,
    /// Why, as it was given with it.
    pub(crate) reason: Reason,
    /// The flight that it ends with; without one it was given before a flight, and lasts over several.
    pub(crate) flight: Option<FlightId>,
}

/// How it stands with the session of one aircraft.
#[derive(Debug, Default)]
pub(crate) struct Officer {
    asked: Option<Session>,
    ending: bool,
    session: Option<Session>,
}

impl Officer {
    /// An officer's word was sent, for so many minutes from now.
    pub(crate) fn ask(&mut self, officer: Label, reason: Reason, minutes: u16, now_utc_us: i64) {
        let until_utc_us = now_utc_us.saturating_add(i64::from(minutes) * MINUTE_US);
        self.asked = Some(Session { officer, until_utc_us, reason, flight: None });
        self.ending = false;
    }

    /// Their word that it ends was sent.
    pub(crate) fn ask_end(&mut self) {
        (self.asked, self.ending) = (None, true);
    }

    /// The aircraft confirmed what was sent, in this flight.
    pub(crate) fn confirmed(&mut self, flight: Option<FlightId>) {
        if let Some(asked) = self.asked.take() {
            self.session = Some(Session { flight, ..asked });
        } else if self.ending {
            self.session = None;
        }
        self.ending = false;
    }

    /// The aircraft did not take what was sent; a session that stood before stands.
    pub(crate) fn refused(&mut self) {
        (self.asked, self.ending) = (None, false);
    }

    /// The aircraft obeys no session any more: its recorder was started anew, or it said so.
    pub(crate) fn lost(&mut self) {
        self.session = None;
    }

    /// Whether a word is on its way.
    pub(crate) fn waits(&self) -> bool {
        self.asked.is_some() || self.ending
    }

    /// Time passes; `open` is the flight that is open, as far as this station knows.
    pub(crate) fn tick(&mut self, now_utc_us: i64, open: Option<FlightId>) {
        let stands = |session: &Session| {
            now_utc_us < session.until_utc_us
                && session.flight.is_none_or(|flight| open.is_none_or(|open| open == flight))
        };
        self.session = self.session.take().filter(stands);
    }

    /// The flight is over: so is what was given for it.
    pub(crate) fn flight_over(&mut self, over: FlightId) {
        self.session = self.session.take().filter(|session| session.flight != Some(over));
    }

    /// The session that is in force.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Officer {
        let mut officer = Officer::default();
        officer.ask("hale".parse().unwrap(), "search, log 1234".parse().unwrap(), 60, 0);
        officer
    }

    #[test]
    fn a_session_is_one_when_the_aircraft_says_so_and_ends_by_its_minutes() {
        let mut officer = asked();
        assert!(officer.session().is_none() && officer.waits());
        officer.confirmed(None);
        assert_eq!(officer.session().map(|session| session.until_utc_us), Some(60 * MINUTE_US));
        officer.tick(60 * MINUTE_US - 1, Some(FlightId::from_bytes([1; 16])));
        assert!(officer.session().is_some() && !officer.waits(), "it lasts over flights");
        officer.tick(60 * MINUTE_US, None);
        assert!(officer.session().is_none());
        let mut officer = asked();
        officer.refused();
        officer.confirmed(None);
        assert!(officer.session().is_none());
    }

    #[test]
    fn one_that_is_given_in_a_flight_ends_with_it() {
        let (this, next) = (FlightId::from_bytes([1; 16]), FlightId::from_bytes([2; 16]));
        let mut officer = asked();
        officer.confirmed(Some(this));
        officer.tick(1, Some(this));
        assert!(officer.session().is_some());
        officer.tick(1, Some(next));
        assert!(officer.session().is_none());
        let mut officer = asked();
        officer.confirmed(Some(this));
        officer.flight_over(this);
        assert!(officer.session().is_none());
    }

    #[test]
    fn its_end_counts_when_it_is_confirmed() {
        let mut officer = asked();
        officer.confirmed(None);
        officer.ask_end();
        assert!(officer.session().is_some());
        officer.refused();
        assert!(officer.session().is_some(), "it was not taken");
        officer.ask_end();
        officer.confirmed(None);
        assert!(officer.session().is_none());
        let mut officer = asked();
        officer.confirmed(None);
        officer.lost();
        assert!(officer.session().is_none());
    }
}
