//! What the alarms are judged by.

use super::app::App;
use crate::state::alarms::Facts;
use crate::state::alarms::facts::Authorisation;
use crate::state::recording::Button;
use crate::state::seal::Flight;
use crate::state::vehicle::energy::Way;

impl App {
    /// What is known now.
    pub(super) fn facts(&self, now_ns: u64, utc_us: i64) -> Facts {
        let recording = self.is_recording(now_ns);
        let reading = self.station.reading();
        let battery = reading.and_then(|reading| reading.battery);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
        let seconds = |us: i64| us as f64 / 1e6;
        let sealed = self.ribbon.newest().map(|(_, flight)| flight);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
        let age_s = |at_ns: u64| now_ns.saturating_sub(at_ns) as f64 / 1e9;
        let mut facts = Facts {
            utc_us,
            picture_age_s: self.flight.picture.as_ref().map(|picture| age_s(picture.arrived_ns)),
            rec_stopped: self.flight.recording.stopped_without_order(),
            recording,
            clock_step_s: self.unexplained_step.map(seconds),
            equivocation: sealed.and_then(Flight::equivocation),
            unwitnessed_s: sealed
                .filter(|flight| recording && !flight.landed())
                .and_then(|flight| flight.silence_us(utc_us))
                .map(seconds),
            witness_runs: self.witness_runs,
            authorisation: self
                .skies
                .ends
                .as_ref()
                .map(|(name, until_us)| Authorisation { name: name.clone(), left_s: (until_us - utc_us) / 1_000_000 }),
            station_percent: battery.map(|battery| f64::from(battery.percent)),
            station_charging: battery.is_some_and(|battery| battery.on_mains),
            ..Facts::default()
        };
        self.flight.fleet.tell(&Way::default(), now_ns, &mut facts);
        facts
    }

    /// Whether something is recorded, as far as it is seen.
    pub(super) fn is_recording(&self, now_ns: u64) -> bool {
        matches!(
            self.flight.recording.button(now_ns),
            Button::Recording { .. } | Button::Awaited { .. } | Button::Unsealed { .. } | Button::Stopping { .. }
        )
    }
}
