//! How long the window may rest: until something that it shows, or judges, is another one by time alone.
//!
//! Whatever is heard, and whatever a hand does, draws it at once (telemetry ten times a second). So nothing is drawn while nothing changes:
//! without a vehicle the clock of the strip shows minutes and is what changes most often; once one has been heard it shows seconds, as do the
//! ages beside it.

use std::time::Duration;

use super::app::App;
use crate::state::alarms::Facts;
use crate::state::recording::Button;

const SECOND_US: i64 = 1_000_000;
const SECOND_NS: u64 = 1_000_000_000;
/// A little later than it changes, so that it has changed.
const AFTER: Duration = Duration::from_millis(2);
/// How often tenths of a second are drawn.
const TENTHS: Duration = Duration::from_millis(100);
/// An older alarm's age is in minutes.
const AGED_NS: u64 = 100 * SECOND_NS;

impl App {
    /// Whether clock and ages count seconds: a vehicle was heard.
    pub(super) fn counts_seconds(&self) -> bool {
        self.flight.vehicle().is_some()
    }

    /// Until then nothing changes by itself. The facts are those that the alarms were judged by just now.
    pub(super) fn rest(&self, facts: &Facts, now_ns: u64, utc_us: i64) -> Duration {
        let young = |since_ns: u64| now_ns.saturating_sub(since_ns) < AGED_NS;
        let alarm_counts = self.alarms.standing().first().is_some_and(|alarm| young(alarm.since_ns));
        let step_us = if self.counts_seconds() || alarm_counts { SECOND_US } else { 60 * SECOND_US };
        let clock_us = u64::try_from(step_us - utc_us.rem_euclid(step_us)).unwrap_or(0);
        let starts = matches!(self.flight.recording.button(now_ns), Button::Starting { .. } | Button::Stopping { .. });
        let at = |then_ns: u64| Duration::from_nanos(then_ns.saturating_sub(now_ns));
        let times = [
            facts.until_bound_s().map(Duration::from_secs_f64),
            self.alarms.next_ns().map(at),
            self.notices.next_ns().map(at),
            starts.then_some(TENTHS),
        ];
        times.into_iter().flatten().fold(Duration::from_micros(clock_us), Duration::min) + AFTER
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use super::*;
    use crate::clock::still;
    use crate::state::alarms::Id;
    use crate::window::measure::Stage;

    const MS: u64 = 1_000_000;

    /// A window and its time, which stands still while nothing is drawn.
    struct Life {
        stage: Stage,
        now_ns: u64,
    }

    impl Life {
        /// Of a station that hears nobody, what it said when it was opened read.
        fn new(folder: &tempfile::TempDir) -> Self {
            let stage = Stage::new(folder.path(), None, [1_440.0, 900.0]).unwrap();
            let mut life = Self { stage, now_ns: still::stop() };
            life.goes_on(30, u64::MAX, |_| ());
            life
        }

        /// Goes on for so many seconds, in which something happens each `every_ns`; how many frames that drew.
        fn goes_on(&mut self, seconds: u64, every_ns: u64, mut happens: impl FnMut(&mut Stage)) -> u64 {
            let end_ns = self.now_ns + seconds * SECOND_NS;
            let (mut event_ns, mut due_ns, mut drawn) = (self.now_ns, u64::MAX, 0);
            loop {
                let next_ns = event_ns.min(due_ns).max(self.now_ns);
                let then_ns = next_ns.min(end_ns);
                still::pass(then_ns - self.now_ns);
                self.now_ns = then_ns;
                if next_ns >= end_ns {
                    return drawn;
                }
                if event_ns <= self.now_ns {
                    happens(&mut self.stage);
                    event_ns = event_ns.saturating_add(every_ns);
                }
                let rest = self.stage.frame().rest.as_nanos();
                due_ns = self.now_ns.saturating_add(u64::try_from(rest).unwrap_or(u64::MAX));
                drawn += 1;
            }
        }
    }

    #[test]
    fn with_nobody_there_only_the_minute_is_drawn_on_every_workspace() {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::new(&folder);
        for number in 0..6 {
            life.stage.go(number);
            // What it reads when it is opened is drawn when it comes.
            life.goes_on(1, 100 * MS, |_| ());
            // The first shows where the count begins; then one each full minute.
            let drawn = life.goes_on(180, u64::MAX, |_| ());
            assert!((3..=5).contains(&drawn), "{number}: {drawn} frames in three minutes");
        }
    }

    #[test]
    fn a_vehicle_on_the_ground_costs_its_heartbeats_and_the_seconds() {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::new(&folder);
        let drawn = life.goes_on(60, SECOND_NS, Stage::telemetry);
        assert!((60..=125).contains(&drawn), "{drawn} frames in a minute");
    }

    #[test]
    fn in_flight_each_picture_is_drawn_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::new(&folder);
        life.stage.fly();
        let mut nth = 0;
        let drawn = life.goes_on(20, SECOND_NS / 30, |stage| {
            nth += 1;
            stage.picture();
            if nth % 3 == 0 {
                stage.telemetry();
            }
        });
        assert!((600..=630).contains(&drawn), "{drawn} frames for 600 pictures");
    }

    #[test]
    fn an_alarm_that_time_alone_raises_is_raised_on_time() {
        let folder = tempfile::tempdir().unwrap();
        let mut life = Life::new(&folder);
        life.goes_on(5, SECOND_NS, Stage::telemetry);
        let last_ns = life.now_ns - SECOND_NS;
        let stands = |life: &Life| life.stage.app.alarms.standing().iter().any(|alarm| alarm.id == Id::VehicleLost);
        let mut raised_ns = None;
        // Nobody wakes it: each step is as long as it said that it rests.
        while raised_ns.is_none() && life.now_ns < last_ns + 10 * SECOND_NS {
            let rest = u64::try_from(life.stage.frame().rest.as_nanos()).unwrap();
            if stands(&life) {
                raised_ns = Some(life.now_ns);
            }
            still::pass(rest);
            life.now_ns += rest;
        }
        let after_ms = (raised_ns.unwrap() - last_ns) / MS;
        assert!((3_500..3_600).contains(&after_ms), "after {after_ms} ms");
    }
}
