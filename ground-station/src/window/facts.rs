//! What the alarms are judged by.

use super::app::App;
use crate::state::alarms::{Authorisation, Facts, Near};
use crate::state::recording::Button;
use crate::state::seal;
use crate::state::vehicle::energy::{self, Home, Way};

/// Traffic nearer than this is told of, metres.
const TRAFFIC_M: f64 = 3_000.0;

impl App {
    /// What is known now.
    pub(super) fn facts(&self, now_ns: u64, utc_us: i64) -> Facts {
        let recording = self.is_recording(now_ns);
        let vehicle = self.flight.vehicle();
        let storage = vehicle.and_then(|vehicle| vehicle.storage.least(now_ns));
        let reading = self.station.reading();
        let battery = reading.and_then(|reading| reading.battery);
        #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
        let seconds = |us: i64| us as f64 / 1e6;
        let sealed = self.ribbon.newest().map(|(_, flight)| flight);
        let turn = self.home_by(now_ns);
        Facts {
            utc_us,
            vehicle_silent_s: vehicle.and_then(|vehicle| vehicle.link.silence_s(now_ns)),
            in_air: self.flight.in_air(now_ns),
            radio_received: vehicle.and_then(|vehicle| vehicle.health.radio_received(now_ns)),
            radio_percent: vehicle.and_then(|vehicle| vehicle.radio.percent(now_ns)),
            picture_age_s: self.flight.picture.as_ref().map(|picture| {
                #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
                let age_s = now_ns.saturating_sub(picture.arrived_ns) as f64 / 1e9;
                age_s
            }),
            rec_stopped: self.flight.recording.stopped_without_order(),
            recording,
            storage_free_bytes: storage.map(|left| left.free_bytes),
            storage_hours: storage.and_then(|left| left.hours),
            clock_step_s: self.unexplained_step.map(seconds),
            equivocation: sealed.and_then(|flight| {
                let cells = flight.cells(recording, utc_us);
                cells.iter().find(|cell| cell.state == seal::State::Equivocation).map(|cell| cell.last)
            }),
            unwitnessed_s: sealed
                .filter(|flight| recording && !flight.landed())
                .and_then(|flight| flight.silence_us(utc_us))
                .map(seconds),
            witness_runs: self.witness_runs,
            traffic: self.nearest(now_ns),
            turn_within_s: turn.and_then(|home| match home {
                Home::Turn { within_s, .. } => Some(within_s),
                Home::AgainstWind => None,
            }),
            wind_too_strong: matches!(turn, Some(Home::AgainstWind)),
            fence_breached: vehicle.and_then(|vehicle| vehicle.health.fence_breached(now_ns)),
            authorisation: self.skies.ends.as_ref().map(|(name, until_us)| Authorisation {
                name: name.clone(),
                left_s: (until_us - utc_us) / 1_000_000,
            }),
            emergency_text: vehicle.and_then(|vehicle| vehicle.messages.last_emergency()).map(|text| {
                #[expect(clippy::cast_precision_loss, reason = "seconds of a flight")]
                let age_s = now_ns.saturating_sub(text.at_ns) as f64 / 1e9;
                (text.number, age_s, text.words.clone())
            }),
            station_percent: battery.map(|battery| f64::from(battery.percent)),
            station_charging: battery.is_some_and(|battery| battery.on_mains),
        }
    }

    /// Whether something is recorded, as far as it is seen.
    pub(super) fn is_recording(&self, now_ns: u64) -> bool {
        matches!(
            self.flight.recording.button(now_ns),
            Button::Recording { .. } | Button::Unsealed { .. } | Button::Stopping { .. }
        )
    }

    fn nearest(&self, now_ns: u64) -> Option<Near> {
        let fix = self.flight.vehicle()?.place.fix.now(now_ns)?;
        let near = self.flight.fleet.traffic.near(fix.position, Some(fix.height_msl_m), now_ns);
        let near = near.into_iter().filter(|near| near.distance_m < TRAFFIC_M);
        let nearest = near.min_by(|a, b| a.distance_m.total_cmp(&b.distance_m))?;
        Some(Near {
            name: nearest.contact.name.clone(),
            distance_m: nearest.distance_m,
            above_m: nearest.above_m,
            bearing_deg: nearest.bearing_deg,
        })
    }

    /// When it must turn home; nothing on the ground, or where battery or place are not known.
    pub(super) fn home_by(&self, now_ns: u64) -> Option<Home> {
        let vehicle = self.flight.vehicle().filter(|_| self.flight.in_air(now_ns))?;
        let leg = vehicle.place.way_home(now_ns)?;
        let kind = vehicle.kind()?;
        let height_m = vehicle.place.height_above_home_m(now_ns)?;
        let returns_at_m = vehicle.failsafes.return_height(kind).and_then(|height| height.height_m);
        let now = energy::Now {
            percent: vehicle.power.now(now_ns)?.percent?,
            falls_percent_s: vehicle.power.falls_percent_s(now_ns)?,
            distance_m: leg.distance_m,
            azimuth_deg: leg.azimuth_deg,
            height_m,
            return_height_m: returns_at_m.unwrap_or(height_m),
            wind: vehicle.place.wind.now(now_ns),
        };
        Some(energy::home(&now, &Way::default()))
    }
}
