//! What a height by one datum may be by the others.

use super::{Span, Spans};
use crate::place::{Datum, Position, TERRAIN_ERROR_M, Terrain};

/// Without a terrain model the ground near home is taken to lie this far above or below it, metres.
const UNKNOWN_RELIEF_M: f64 = 100.0;
/// Metres a hectopascal near the ground (ICAO standard atmosphere: 27.3 ft).
const METRES_PER_HPA: f64 = 8.32;
/// The standard setting, hPa.
const STANDARD_HPA: f64 = 1_013.25;
/// What is known of the air's pressure at sea level when nobody says: the UK's records, rounded outwards, hPa.
const ANY_QNH_HPA: [f64; 2] = [925.0, 1_055.0];
/// How far the geoid lies above the ellipsoid in the UK and its waters (OSGM15: 43 to 58), rounded outwards, metres.
const ANY_GEOID_M: [f64; 2] = [40.0, 60.0];

/// What is known of the ground and the air where a flight goes.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The take-off.
    pub home: Position,
    /// The height of the ground there above mean sea level, as well as it is known.
    pub home_amsl: Span,
    /// The ground elsewhere, where somebody has a model of it.
    pub terrain: Option<&'a Terrain>,
    /// The pressure at sea level, hPa, where somebody knows it.
    pub qnh_hpa: Option<f64>,
    /// The geoid above the ellipsoid, metres, where somebody knows it.
    pub geoid_m: Option<f64>,
}

/// What heights of a stretch are measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// The ground at the take-off (`MAV_FRAME_GLOBAL_RELATIVE_ALT`).
    Home,
    /// A datum.
    Datum(Datum),
}

impl Surroundings<'_> {
    /// The ground in the box round these places, `within_m` wider, above mean sea level; and whether a model says so.
    #[must_use]
    pub fn ground(&self, places: &[Position], within_m: f64) -> (Span, bool) {
        let modelled = self.terrain.and_then(|terrain| terrain.range_m(places, within_m));
        match modelled {
            Some((low_m, high_m)) => (Span { low_m: low_m - TERRAIN_ERROR_M, high_m: high_m + TERRAIN_ERROR_M }, true),
            None => (self.home_amsl.plus(Span { low_m: -UNKNOWN_RELIEF_M, high_m: UNKNOWN_RELIEF_M }), false),
        }
    }

    /// What `heights` above `reference` are by every datum, over ground between these heights.
    #[must_use]
    pub fn spans(&self, heights: Span, reference: Reference, ground: Span) -> Spans {
        let [low_m, high_m] = self.geoid_m.map_or(ANY_GEOID_M, |geoid_m| [geoid_m, geoid_m]);
        let geoid = Span { low_m, high_m };
        let [low_hpa, high_hpa] = self.qnh_hpa.map_or(ANY_QNH_HPA, |qnh_hpa| [qnh_hpa, qnh_hpa]);
        // With low pressure the standard surface lies below the sea: the level read is above the height.
        let level = Span {
            low_m: (STANDARD_HPA - high_hpa) * METRES_PER_HPA,
            high_m: (STANDARD_HPA - low_hpa) * METRES_PER_HPA,
        };
        let amsl = match reference {
            Reference::Home => heights.plus(self.home_amsl),
            Reference::Datum(Datum::Agl) => heights.plus(ground),
            Reference::Datum(Datum::Amsl) => heights,
            Reference::Datum(Datum::Ellipsoid) => heights.minus(geoid),
            Reference::Datum(Datum::StandardPressure) => heights.minus(level),
        };
        let by = |datum: Datum, converted: Span| if reference == Reference::Datum(datum) { heights } else { converted };
        Spans {
            agl: by(Datum::Agl, amsl.minus(ground)),
            amsl,
            ellipsoid: by(Datum::Ellipsoid, amsl.plus(geoid)),
            pressure: by(Datum::StandardPressure, amsl.plus(level)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(home_m: f64) -> Surroundings<'static> {
        let home = Position { lat_deg: 52.86, lon_deg: -1.62 };
        Surroundings {
            home,
            home_amsl: Span { low_m: home_m, high_m: home_m },
            terrain: None,
            qnh_hpa: Some(1_013.25),
            geoid_m: Some(50.0),
        }
    }

    #[test]
    fn heights_above_home_by_every_datum() {
        let ground = Span { low_m: 50.0, high_m: 60.0 };
        let spans = flat(53.0).spans(Span { low_m: 100.0, high_m: 120.0 }, Reference::Home, ground);
        assert_eq!((spans.amsl.low_m, spans.amsl.high_m), (153.0, 173.0));
        assert_eq!((spans.agl.low_m, spans.agl.high_m), (93.0, 123.0));
        assert_eq!((spans.ellipsoid.low_m, spans.pressure.high_m), (203.0, 173.0));
    }

    #[test]
    fn what_nobody_knows_is_wide() {
        let known = flat(53.0);
        let unknown = Surroundings { qnh_hpa: None, geoid_m: None, ..known };
        let ground = Span { low_m: 53.0, high_m: 53.0 };
        let heights = Span { low_m: 100.0, high_m: 100.0 };
        let spans = unknown.spans(heights, Reference::Home, ground);
        assert!(spans.pressure.low_m < -150.0 && spans.pressure.high_m > 800.0, "{spans:?}");
        assert_eq!((spans.ellipsoid.low_m, spans.ellipsoid.high_m), (193.0, 213.0));
        assert_eq!(unknown.ground(&[known.home], 50.0), (Span { low_m: -47.0, high_m: 153.0 }, false));
    }
}
