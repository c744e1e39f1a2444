//! A flight that no telemetry tells of, as its pilot saw it.

use jiff::Timestamp;

use super::light::night_s;
use super::{Entry, EntryError, Header, Moment, Schema, id_of};
use crate::place::Position;

/// Longest flight that is believed, seconds.
const LONGEST_S: i64 = 24 * 3_600;

/// Why it is no flight.
#[derive(Debug, thiserror::Error)]
pub enum HandError {
    /// The landing is not after the take-off, or not within a day.
    #[error(
        "a flight lands after its take-off, and within a day of it; times are RFC 3339, such as 2026-05-10T10:00:00Z"
    )]
    Times,
    /// What else makes no sense.
    #[error(transparent)]
    Entry(#[from] EntryError),
}

/// The entry of a flight from what its pilot remembers; `place` is where it took off and landed.
///
/// # Errors
/// [`HandError`].
pub fn by_hand(
    header: Header,
    take_off: Timestamp,
    landing: Timestamp,
    place: Option<Position>,
) -> Result<Entry, HandError> {
    let aloft_s = landing.duration_since(take_off).as_secs();
    let aloft_s = u32::try_from(aloft_s).ok().filter(|aloft_s| *aloft_s > 0 && i64::from(*aloft_s) <= LONGEST_S);
    let aloft_s = aloft_s.ok_or(HandError::Times)?;
    let at = |at| Moment { at, place: place.map(|place| [place.lat_deg, place.lon_deg]) };
    let entry = Entry {
        schema: Schema::V1,
        id: id_of(take_off, &header.serial),
        header,
        take_off: at(take_off),
        landing: at(landing),
        aloft_s,
        night_s: place.map(|place| night_s(take_off, landing, place)),
        highest_m: None,
        farthest_m: 0.0,
        distance_m: 0.0,
        battery_percent: None,
        notes: vec!["entered by hand: no telemetry tells of this flight".to_owned()],
        remarks: String::new(),
        defects: Vec::new(),
        incidents: Vec::new(),
        records: Vec::new(),
        track: Vec::new(),
    };
    entry.check()?;
    Ok(entry)
}

impl Entry {
    /// The same with other times: somebody knows better than the clock that it was drafted by.
    ///
    /// # Errors
    /// [`HandError::Times`].
    pub fn retimed(&self, take_off: Option<Timestamp>, landing: Option<Timestamp>) -> Result<Self, HandError> {
        let (take_off, landing) = (take_off.unwrap_or(self.take_off.at), landing.unwrap_or(self.landing.at));
        let place = self.take_off.position().or(self.landing.position());
        let timed = by_hand(self.header.clone(), take_off, landing, place)?;
        Ok(Self {
            take_off: Moment { at: take_off, ..self.take_off },
            landing: Moment { at: landing, ..self.landing },
            aloft_s: timed.aloft_s,
            night_s: timed.night_s,
            ..self.clone()
        })
    }
}
