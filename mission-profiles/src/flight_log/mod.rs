//! The flight log: what the operator must keep of each flight (UK Regulation (EU) 2019/947, UAS.SPEC.050 and 060), drafted from the station's
//! own telemetry at landing, reconciled with the flight's record at docking.

mod csv_file;
mod draft;
mod hours;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use csv_file::{CsvError, write_csv};
pub use draft::{Drafter, Sample};
pub use hours::{Hours, currency_h, hours};

use crate::place::{Position, SunEvent, sun};

/// Two sources of a time that are further apart are told of.
const APART: SignedDuration = SignedDuration::from_secs(60);
/// Day and night are told apart in steps of this.
const STEP: SignedDuration = SignedDuration::from_secs(30);

/// A flight in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Who flew it, with what, and why.
    pub header: Header,
    /// Off the ground,
    pub take_off: Moment,
    /// and back on it.
    pub landing: Moment,
    /// Of the time between, by day, seconds.
    pub day_s: u32,
    /// By night: between the end of evening and the beginning of morning civil twilight, seconds.
    pub night_s: u32,
    /// The most above the take-off, metres.
    pub highest_m: f64,
    /// The most from it, metres.
    pub farthest_m: f64,
    /// Over the ground, metres.
    pub distance_m: f64,
    /// Of the battery, at take-off and landing, per cent, where the aircraft says.
    pub battery_percent: Option<[f64; 2]>,
    /// The pilot's remarks.
    #[serde(default)]
    pub remarks: String,
    /// Defects found.
    #[serde(default)]
    pub defects: Vec<String>,
    /// Incidents.
    #[serde(default)]
    pub incidents: Vec<String>,
    /// The flight's record, once the aircraft was docked.
    #[serde(default)]
    pub record: Option<Reconciled>,
}

/// Who flew, with what, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Header {
    /// The operator's id.
    pub operator_id: String,
    /// The aircraft's make.
    pub make: String,
    /// Its model.
    pub model: String,
    /// Its serial number.
    pub serial: String,
    /// The battery's.
    pub battery: String,
    /// The remote pilot.
    pub pilot: String,
    /// The pilot's flyer id.
    pub flyer_id: String,
    /// Others of the crew, with their roles.
    pub crew: Vec<String>,
    /// What for: the profile's task.
    pub activity: String,
    /// `VLOS` or `BVLOS`.
    pub sight: String,
    /// The permissions that were counted on.
    pub authorisations: Vec<String>,
    /// How the preflight ended.
    pub preflight: String,
}

/// When and where.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Latitude, degrees.
    pub lat_deg: f64,
    /// Longitude, degrees.
    pub lon_deg: f64,
}

/// What the flight's record says beside the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reconciled {
    /// Which flight.
    pub flight: String,
    /// Where the two differ.
    pub differences: Vec<String>,
}

/// What a flight's record says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Which flight.
    pub flight: String,
    /// Of which aircraft.
    pub serial: String,
    /// Armed,
    pub from: Timestamp,
    /// and disarmed.
    pub to: Timestamp,
}

impl Entry {
    /// In the air, seconds.
    #[must_use]
    pub fn duration_s(&self) -> u32 {
        self.day_s + self.night_s
    }

    /// The same entry, with what the flight's record says of it: another aircraft, or a flight that was not, or not only, then.
    #[must_use]
    pub fn reconciled(&self, recorded: &Recorded) -> Self {
        let mut differences = Vec::new();
        if recorded.serial != self.header.serial {
            differences.push(format!("the record is of {}, the log of {}", recorded.serial, self.header.serial));
        }
        let early = recorded.from.duration_since(self.take_off.at);
        let late = self.landing.at.duration_since(recorded.to);
        for (apart, what) in
            [(early, "the record begins after the take-off"), (late, "the record ends before the landing")]
        {
            if apart > APART {
                differences.push(format!("{what}, by {} s", apart.as_secs()));
            }
        }
        let record = Some(Reconciled { flight: recorded.flight.clone(), differences });
        Self { record, ..self.clone() }
    }
}

/// The date and the time of day by London's clock.
pub(crate) fn local(at: Timestamp) -> String {
    match TimeZone::get("Europe/London") {
        Ok(zone) => at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => at.to_string(),
    }
}

/// Seconds by day and by night, of the time between.
fn day_and_night(from: Timestamp, to: Timestamp, place: Position) -> (u32, u32) {
    let is_day = |at: Timestamp| {
        let date = at.to_zoned(TimeZone::UTC).date();
        match (sun(SunEvent::CivilDawn, date, place), sun(SunEvent::CivilDusk, date, place)) {
            (Some(dawn), Some(dusk)) => dawn <= at && at < dusk,
            // No dusk: day all day, or, in the polar winter, none. The sun's noon tells.
            _ => sun(SunEvent::Sunrise, date, place).is_some() || place.lat_deg.signum() * season(at) > 0.0,
        }
    };
    let (mut day, mut night) = (SignedDuration::ZERO, SignedDuration::ZERO);
    let mut at = from;
    while at < to {
        let next = at.checked_add(STEP).unwrap_or(to).min(to);
        let part = next.duration_since(at);
        if is_day(at) {
            day += part;
        } else {
            night += part;
        }
        at = next;
    }
    let seconds = |duration: SignedDuration| u32::try_from(duration.as_secs()).unwrap_or(u32::MAX);
    let total = seconds(to.duration_since(from));
    (total.saturating_sub(seconds(night)), seconds(night))
}

/// Above 0 in the northern summer.
fn season(at: Timestamp) -> f64 {
    let day = f64::from(at.to_zoned(TimeZone::UTC).day_of_year());
    (std::f64::consts::TAU * (day - 81.0) / 365.25).sin()
}
