//! The sun's rises and settings, and civil twilight (NOAA's solar equations, after Meeus, *Astronomical Algorithms*, ch. 25).
//! Right to a minute between 66° S and 66° N; refraction near the horizon varies by more than that.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use super::position::Position;

/// An instant of the day that the sun gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SunEvent {
    /// Begin of morning civil twilight: the sun's centre 6° below the horizon (ED-318 `BMCT`).
    CivilDawn,
    /// Sunrise: the upper limb on the horizon, 0.833° below by refraction and radius (`SR`).
    Sunrise,
    /// Sunset (`SS`).
    Sunset,
    /// End of evening civil twilight (`EECT`).
    CivilDusk,
}

impl SunEvent {
    /// The zenith angle of the sun's centre then, degrees, and whether it is before noon.
    fn zenith(self) -> (f64, bool) {
        match self {
            Self::CivilDawn => (96.0, true),
            Self::Sunrise => (90.833, true),
            Self::Sunset => (90.833, false),
            Self::CivilDusk => (96.0, false),
        }
    }
}

/// When `event` is on the solar day of `date` at `place`; `None` where it is not that day: in the polar summer and winter.
#[must_use]
pub fn sun(event: SunEvent, date: Date, place: Position) -> Option<Timestamp> {
    let midnight = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let (zenith_deg, morning) = event.zenith();
    // Twice: the sun moves between the noon it is first computed for and the event itself.
    let mut minutes = 720.0 - 4.0 * place.lon_deg;
    for _ in 0..3 {
        let at = midnight.checked_add(SignedDuration::from_secs_f64(minutes * 60.0)).ok()?;
        let (declination, equation_min) = solar(at);
        let hour_deg = hour_angle_deg(zenith_deg, place.lat_deg.to_radians(), declination)?;
        let noon = 720.0 - 4.0 * place.lon_deg - equation_min;
        minutes = if morning { noon - 4.0 * hour_deg } else { noon + 4.0 * hour_deg };
    }
    midnight.checked_add(SignedDuration::from_secs_f64(minutes * 60.0)).ok()
}

fn hour_angle_deg(zenith_deg: f64, lat: f64, declination: f64) -> Option<f64> {
    let cosine = zenith_deg.to_radians().cos() / (lat.cos() * declination.cos()) - lat.tan() * declination.tan();
    (cosine.abs() <= 1.0).then(|| cosine.acos().to_degrees())
}

/// The sun's declination, radians, and the equation of time, minutes.
fn solar(at: Timestamp) -> (f64, f64) {
    // The difference stays far below 2⁵³ s.
    #[allow(clippy::cast_precision_loss)]
    let days = (at.as_second() - 946_728_000) as f64 / 86_400.0;
    let t = days / 36_525.0;
    let mean_lon = (280.466_46 + t * (36_000.769_83 + 0.000_303_2 * t)).rem_euclid(360.0).to_radians();
    let anomaly = (357.529_11 + t * (35_999.050_29 - 0.000_153_7 * t)).to_radians();
    let eccentricity = 0.016_708_634 - t * (0.000_042_037 + 0.000_000_126_7 * t);
    let centre = anomaly.sin() * (1.914_602 - t * (0.004_817 + 0.000_014 * t))
        + (2.0 * anomaly).sin() * (0.019_993 - 0.000_101 * t)
        + (3.0 * anomaly).sin() * 0.000_289;
    let node = (125.04 - 1_934.136 * t).to_radians();
    let apparent = mean_lon + (centre - 0.005_69 - 0.004_78 * node.sin()).to_radians();
    let obliquity = (23.439_291 - 0.013_004_2 * t + 0.002_56 * node.cos()).to_radians();
    let declination = (obliquity.sin() * apparent.sin()).asin();
    let y = (obliquity / 2.0).tan().powi(2);
    let equation = y * (2.0 * mean_lon).sin() - 2.0 * eccentricity * anomaly.sin()
        + 4.0 * eccentricity * y * anomaly.sin() * (2.0 * mean_lon).cos()
        - 0.5 * y * y * (4.0 * mean_lon).sin()
        - 1.25 * eccentricity * eccentricity * (2.0 * anomaly).sin();
    (declination, 4.0 * equation.to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn near(event: SunEvent, day: Date, lat_deg: f64, lon_deg: f64, expected: &str) {
        let place = Position::new(lat_deg, lon_deg).unwrap();
        let expected: Timestamp = expected.parse().unwrap();
        let at = sun(event, day, place).unwrap();
        assert!(
            at.duration_since(expected).abs() <= SignedDuration::from_secs(90),
            "{event:?}: {at}, expected {expected}"
        );
    }

    /// Published times: HM Nautical Almanac Office's tables for Greenwich and for Edinburgh, to the minute.
    #[test]
    fn the_sun_rises_when_the_almanac_says() {
        near(SunEvent::Sunrise, date(2026, 6, 21), 51.4769, 0.0, "2026-06-21T03:43:00Z");
        near(SunEvent::Sunset, date(2026, 6, 21), 51.4769, 0.0, "2026-06-21T20:21:00Z");
        near(SunEvent::Sunrise, date(2026, 12, 21), 51.4769, 0.0, "2026-12-21T08:04:00Z");
        near(SunEvent::Sunset, date(2026, 12, 21), 51.4769, 0.0, "2026-12-21T15:53:00Z");
    }

    #[test]
    fn at_the_pole_there_is_no_sunrise() {
        let place = Position::new(80.0, 20.0).unwrap();
        assert_eq!(sun(SunEvent::Sunrise, date(2026, 6, 21), place), None);
        assert_eq!(sun(SunEvent::Sunset, date(2026, 12, 21), place), None);
        assert_eq!(sun(SunEvent::CivilDawn, date(2026, 12, 21), place), None);
    }

    #[test]
    fn twilight_is_outside_the_day() {
        let place = Position::new(53.0, -2.0).unwrap();
        let order = [SunEvent::CivilDawn, SunEvent::Sunrise, SunEvent::Sunset, SunEvent::CivilDusk];
        let times: Vec<_> = order.iter().map(|event| sun(*event, date(2026, 3, 29), place).unwrap()).collect();
        assert!(times.is_sorted());
    }
}
