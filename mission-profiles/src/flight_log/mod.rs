//! The flight log: what the operator must keep of each flight (UK Regulation (EU) 2019/947, UAS.SPEC.050 and 060), drafted from the station's
//! own telemetry at landing, reconciled with the flight's record at docking.

mod by_hand;
mod changes;
mod csv_file;
mod currency;
mod draft;
mod header;
mod hours;
mod incident;
mod light;
mod reconcile;
mod track;

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use by_hand::{HandError, by_hand};
pub use changes::changes;
pub use csv_file::{CsvError, write_csv};
pub use currency::{CURRENCY_H, Currency, currency, currency_h};
pub use draft::{Drafter, Sample};
pub use header::{Header, HeaderError, Headers};
pub use hours::{Hours, hours};
pub use incident::{Grade, Incident, Prompt, prompts};
pub use reconcile::{Belongs, Reconciled, Recorded, belongs};

use crate::place::{Position, to_grid};

/// Largest entry read, bytes.
pub const MAX_ENTRY_BYTES: usize = 1 << 20;
/// How long an entry is kept, at least, from the landing: years (UAS.SPEC.050(1)(g)).
pub const KEPT_YEARS: i32 = 3;

/// `schema` of an entry: this version, nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Schema {
    /// Version 1.
    #[default]
    #[serde(rename = "skyseal-flight-log/1")]
    V1,
}

/// A flight in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Always [`Schema::V1`].
    pub schema: Schema,
    /// Its name in the log: the take-off as it was drafted, and the aircraft. It stays when those are corrected.
    pub id: String,
    /// Who flew it, with what, and why.
    pub header: Header,
    /// Off the ground,
    pub take_off: Moment,
    /// and back on it.
    pub landing: Moment,
    /// Between the two, by a clock that nobody sets, seconds.
    pub aloft_s: u32,
    /// Of that by night: between the end of evening and the beginning of morning civil twilight, seconds; `None` where nobody knows the place.
    pub night_s: Option<u32>,
    /// The most above the take-off, metres, where the aircraft says.
    pub highest_m: Option<f64>,
    /// The most from it, metres.
    pub farthest_m: f64,
    /// Over the ground, metres.
    pub distance_m: f64,
    /// Of the battery, at take-off and landing, per cent, where the aircraft says.
    pub battery_percent: Option<[f64; 2]>,
    /// What is to be known of the draft itself: silences, a clock that was set, a landing that nobody saw.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The pilot's remarks.
    #[serde(default)]
    pub remarks: String,
    /// Defects found.
    #[serde(default)]
    pub defects: Vec<String>,
    /// Incidents.
    #[serde(default)]
    pub incidents: Vec<Incident>,
    /// The flight's records, once the aircraft was docked.
    #[serde(default)]
    pub records: Vec<Reconciled>,
    /// The way flown, thinned out: latitude and longitude, degrees, and metres above the take-off.
    #[serde(default)]
    pub track: Vec<[f64; 3]>,
}

/// When and where.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Where: latitude and longitude, degrees; `None` where the aircraft did not know.
    pub place: Option<[f64; 2]>,
}

/// Why bytes are no entry.
#[derive(Debug, thiserror::Error)]
pub enum EntryError {
    /// Longer than one may be.
    #[error("longer than {MAX_ENTRY_BYTES} bytes: no entry of a flight log")]
    TooLong,
    /// Not as one is written.
    #[error("not an entry of a flight log")]
    Json(#[from] serde_json::Error),
    /// What cannot be.
    #[error("`{0}`: {1}")]
    Senseless(&'static str, String),
}

impl Entry {
    /// Reads one.
    ///
    /// # Errors
    /// [`EntryError`] names the key and what is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_ENTRY_BYTES {
            return Err(EntryError::TooLong);
        }
        let entry: Self = serde_json::from_slice(bytes)?;
        entry.check()?;
        Ok(entry)
    }

    /// As it is kept: JSON, a key a line.
    ///
    /// # Errors
    /// Never for an entry that was read or drafted: its keys are texts.
    pub fn write(&self) -> Result<Vec<u8>, EntryError> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Whether it makes sense.
    ///
    /// # Errors
    /// [`EntryError::Senseless`].
    pub fn check(&self) -> Result<(), EntryError> {
        let wrong = |key, what: &str| Err(EntryError::Senseless(key, what.to_owned()));
        let sayable = !self.id.is_empty() && self.id.len() <= 100 && self.id.bytes().all(is_of_an_id);
        if !sayable {
            return wrong("id", "letters, digits, `.`, `-` and `_`, at most 100");
        }
        if self.landing.at < self.take_off.at {
            return wrong("landing", "before the take-off");
        }
        if self.night_s.is_some_and(|night_s| night_s > self.aloft_s) {
            return wrong("night_s", "longer than the flight");
        }
        let there = |place: Option<[f64; 2]>| place.is_none_or(|[lat, lon]| Position::new(lat, lon).is_some());
        for (key, moment) in [("take_off", self.take_off), ("landing", self.landing)] {
            if !there(moment.place) {
                return wrong(key, "a place is a latitude from -90 to 90 and a longitude from -180 to 180");
            }
        }
        let track = self.track.iter().all(|[lat, lon, _]| there(Some([*lat, *lon])));
        if track { Ok(()) } else { wrong("track", "a place that is none") }
    }

    /// In the air, seconds.
    #[must_use]
    pub fn duration_s(&self) -> u32 {
        self.aloft_s
    }

    /// Of it by day, seconds, where that is known.
    #[must_use]
    pub fn day_s(&self) -> Option<u32> {
        self.night_s.map(|night_s| self.aloft_s.saturating_sub(night_s))
    }

    /// Until when it is kept, at least.
    #[must_use]
    pub fn kept_until(&self) -> Timestamp {
        let landed = self.landing.at.to_zoned(TimeZone::UTC);
        landed.checked_add(KEPT_YEARS.years()).map_or(Timestamp::MAX, |until| until.timestamp())
    }

    /// Whether its time in the air and that of `other` have an instant in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.take_off.at < other.landing.at && other.take_off.at < self.landing.at
    }

    /// What the regulation asks for and the entry does not say: the names of those facts.
    #[must_use]
    pub fn lacks(&self) -> Vec<&'static str> {
        let header = &self.header;
        let facts = [
            ("operator_id", &header.operator_id),
            ("make", &header.make),
            ("model", &header.model),
            ("serial", &header.serial),
            ("pilot", &header.pilot),
            ("flyer_id", &header.flyer_id),
            ("activity", &header.activity),
            ("sight", &header.sight),
        ];
        facts.into_iter().filter(|(_, said)| said.trim().is_empty()).map(|(name, _)| name).collect()
    }
}

impl Moment {
    /// At that time, nobody knows where.
    #[must_use]
    pub fn somewhere(at: Timestamp) -> Self {
        Self { at, place: None }
    }

    /// The place, as a position.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.place.and_then(|[lat, lon]| Position::new(lat, lon))
    }

    /// The place for people: its grid reference in Britain, and degrees.
    #[must_use]
    pub fn said(&self) -> String {
        let Some(position) = self.position() else { return "place not known".into() };
        let degrees = format!("{:.6}, {:.6}", position.lat_deg, position.lon_deg);
        to_grid(position).map_or(degrees.clone(), |grid| format!("{grid} ({degrees})"))
    }
}

/// The date and the time of day by London's clock, and how far that is from UTC.
#[must_use]
pub fn local(at: Timestamp) -> String {
    in_london(at, "%Y-%m-%d %H:%M %Z")
}

/// As `format` says, by London's clock.
pub(crate) fn in_london(at: Timestamp, format: &str) -> String {
    match TimeZone::get("Europe/London") {
        Ok(zone) => at.to_zoned(zone).strftime(format).to_string(),
        Err(_) => at.to_string(),
    }
}

fn is_of_an_id(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
}

/// The name of a flight that began then, of this aircraft.
pub(crate) fn id_of(take_off: Timestamp, aircraft: &str) -> String {
    let plain = |c: char| if u8::try_from(c).is_ok_and(is_of_an_id) { c } else { '-' };
    let aircraft: String = aircraft.trim().chars().map(plain).take(60).collect();
    let aircraft = if aircraft.is_empty() { "aircraft".to_owned() } else { aircraft };
    format!("{}-{aircraft}", take_off.strftime("%Y%m%dT%H%M%SZ"))
}
