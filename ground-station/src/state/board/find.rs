//! One field for a name, a coordinate or an OS grid reference.

use mission_profiles::place::{Position, to_grid};

/// What somebody looks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Query {
    /// Nothing yet: what is near the take-off place.
    Nothing,
    /// What is near a place.
    At(Position),
    /// What has this in its name or identifier, in small letters.
    Named(String),
}

/// Fewest digits of a grid reference: a kilometre. `NT` and `SP 14` are parts of names sooner than places.
const GRID_DIGITS: usize = 4;

/// Reads the field.
pub(crate) fn query(text: &str) -> Query {
    let text = text.trim();
    if text.is_empty() {
        return Query::Nothing;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let pair = || {
        let (lat, lon) = text.split_once(char::is_whitespace)?;
        Position::new(lat.trim().parse().ok()?, lon.trim().parse().ok()?)
    };
    let place = crate::zones::place_of(text).or_else(pair).filter(|_| digits >= GRID_DIGITS || text.contains('.'));
    place.map_or_else(|| Query::Named(text.to_lowercase()), Query::At)
}

impl Query {
    /// What the list below is of: `near SK 2905 2905`.
    pub(crate) fn words(&self, home: Option<Position>) -> String {
        match self {
            Self::Nothing if home.is_some() => "Zones near take-off".into(),
            Self::Nothing => "Zones".into(),
            Self::At(place) => format!("Zones near {}", said(*place)),
            Self::Named(_) => "Zones of that name".into(),
        }
    }
}

/// A place, shortly: by the grid where there is one.
fn said(place: Position) -> String {
    to_grid(place).unwrap_or_else(|| format!("{:.4}, {:.4}", place.lat_deg, place.lon_deg))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_field_takes_names_coordinates_and_grid_references() {
        let at = |text: &str| match query(text) {
            Query::At(place) => (place.lat_deg, place.lon_deg),
            other => panic!("{text}: {other:?}"),
        };
        let (lat, lon) = at("SK 290 290");
        assert!((lat - 52.858).abs() < 0.01 && (lon + 1.569).abs() < 0.01, "{lat} {lon}");
        assert_eq!(at("52.858, -1.569"), (52.858, -1.569));
        assert_eq!(at(" 52.858 -1.569 "), (52.858, -1.569));
        for name in ["Derby", "NT", "SP 14", "D201", "East Midlands", "23"] {
            assert_eq!(query(name), Query::Named(name.to_lowercase()), "{name}");
        }
        assert_eq!(query("  "), Query::Nothing);
        assert_eq!(query("91.0, 0.0"), Query::Named("91.0, 0.0".into()));
    }
}
