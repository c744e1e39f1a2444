//! Day and night.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use crate::place::{Position, SunEvent, sun};

/// Day and night are told apart in steps of this.
const STEP: SignedDuration = SignedDuration::from_secs(30);

/// Of the time between, by night: between the end of evening and the beginning of morning civil twilight, seconds.
pub(super) fn night_s(from: Timestamp, to: Timestamp, place: Position) -> u32 {
    let mut night = SignedDuration::ZERO;
    let mut at = from;
    while at < to {
        let next = at.checked_add(STEP).unwrap_or(to).min(to);
        if !is_day(at, place) {
            night += next.duration_since(at);
        }
        at = next;
    }
    u32::try_from(night.as_secs()).unwrap_or(u32::MAX)
}

fn is_day(at: Timestamp, place: Position) -> bool {
    let date = at.to_zoned(TimeZone::UTC).date();
    match (sun(SunEvent::CivilDawn, date, place), sun(SunEvent::CivilDusk, date, place)) {
        (Some(dawn), Some(dusk)) => dawn <= at && at < dusk,
        // No dusk: day all day, or, in the polar winter, none. The sun's noon tells.
        _ => sun(SunEvent::Sunrise, date, place).is_some() || place.lat_deg.signum() * season(at) > 0.0,
    }
}

/// Above 0 in the northern summer.
fn season(at: Timestamp) -> f64 {
    let day = f64::from(at.to_zoned(TimeZone::UTC).day_of_year());
    (std::f64::consts::TAU * (day - 81.0) / 365.25).sin()
}
