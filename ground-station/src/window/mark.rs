//! Markers and notices: onto this station's disk at once, and into the flight's record by radio.

use flight_record::radio::Purpose;

use super::app::{App, Over};
use super::asked::For;
use crate::clock;
use crate::state::seal::Mark;
use crate::tasks::follow::Moment;
use crate::tasks::orders::{Marked, Order};

impl App {
    /// Marks this moment with the note that was typed.
    pub(super) fn mark_moment(&mut self, now_ns: u64) {
        let note = std::mem::take(&mut self.view.note);
        if self.view.over == Some(Over::Marker) {
            self.view.over = None;
        }
        self.mark(&Mark::Marker(note.trim().to_owned()), "Marker", now_ns);
    }

    /// People were told of the flight.
    pub(super) fn mark_notice(&mut self, now_ns: u64) {
        self.mark(&Mark::Notice, "Notice given", now_ns);
    }

    fn mark(&mut self, mark: &Mark, what: &'static str, now_ns: u64) {
        let open = self.ribbon.newest().filter(|(_, flight)| !flight.landed()).map(|(id, _)| id);
        let Some(flight) = open else {
            self.notices.fault(format!("{what}: no flight is open that it could stand in. Record first."), now_ns);
            return;
        };
        let at_utc_us = clock::now_utc_us();
        let moment = Moment { flight, at_utc_us, mark: mark.clone() };
        let kept = self.work.follow.as_ref().map(|follow| follow.mark(moment));
        match kept {
            Some(Ok(())) => {
                self.notices.done(format!("{what} at {}", super::words::minute(at_utc_us, &self.zone)), None, now_ns);
            }
            Some(Err(error)) => self.notices.fault(format!("{what}: {error:#}"), now_ns),
            None => self.notices.fault(format!("{what}: this station has no key to keep it under"), now_ns),
        }
        self.send(mark, at_utc_us, now_ns);
    }

    /// Into the flight's record; without a key of this station it stays on its disk alone.
    fn send(&mut self, mark: &Mark, at_utc_us: i64, now_ns: u64) {
        let (Some(camera), Some(signer)) = (self.flight.camera, self.work.station.clone()) else { return };
        let (purpose, note, what) = match mark {
            Mark::Marker(note) => (Purpose::Marker, note.as_str(), "Marker into the record"),
            Mark::Notice => (Purpose::Notice, "", "Notice into the record"),
        };
        let at = jiff::Timestamp::from_microsecond(at_utc_us).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let mark = mission_profiles::papers::Mark::new(note, at);
        self.order(Order::Mark(Marked { camera, purpose, mark, signer }), For::Quiet(what), now_ns);
    }

    /// When notice was given in this flight, POSIX µs.
    pub(super) fn notice_given(&self) -> Option<i64> {
        let (_, flight) = self.ribbon.newest().filter(|(_, flight)| !flight.landed())?;
        flight.marks().iter().rev().find(|(_, mark)| *mark == Mark::Notice).map(|(at, _)| *at)
    }

    /// How many moments are marked in this flight.
    pub(super) fn markers(&self) -> usize {
        let flight = self.ribbon.newest().filter(|(_, flight)| !flight.landed()).map(|(_, flight)| flight);
        flight.map_or(0, |flight| flight.marks().iter().filter(|(_, mark)| matches!(mark, Mark::Marker(_))).count())
    }
}
