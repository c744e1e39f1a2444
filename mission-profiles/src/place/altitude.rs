//! Heights, never without what they are measured from.

use std::fmt;

/// What a height is measured from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Datum {
    /// Above ground level, at the place itself.
    Agl,
    /// Above mean sea level.
    Amsl,
    /// Above the WGS 84 ellipsoid.
    Ellipsoid,
    /// Above the 1013.25 hPa surface (flight levels).
    StandardPressure,
}

/// A height and its datum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Altitude {
    /// Metres, up positive.
    pub metres: f64,
    /// Measured from this.
    pub datum: Datum,
}

impl Altitude {
    /// `metres` above mean sea level.
    pub fn amsl(metres: f64) -> Self {
        Self { metres, datum: Datum::Amsl }
    }

    /// `metres` above the WGS 84 ellipsoid.
    pub fn ellipsoid(metres: f64) -> Self {
        Self { metres, datum: Datum::Ellipsoid }
    }

    /// `metres` above the ground below.
    pub fn agl(metres: f64) -> Self {
        Self { metres, datum: Datum::Agl }
    }

    /// Metres from `other` up to this; `None` when the datums differ, for then nobody can say
    /// without a geoid, a terrain model or the weather.
    pub fn above(self, other: Self) -> Option<f64> {
        (self.datum == other.datum).then_some(self.metres - other.metres)
    }
}

impl fmt::Display for Altitude {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let metres = self.metres;
        match self.datum {
            Datum::Agl => write!(f, "{metres:.1} m AGL"),
            Datum::Amsl => write!(f, "{metres:.1} m AMSL"),
            Datum::Ellipsoid => write!(f, "{metres:.1} m above the ellipsoid"),
            Datum::StandardPressure => write!(f, "FL{:03.0}", metres / 30.48),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heights_of_different_datums_are_not_compared() {
        assert_eq!(Altitude::amsl(120.0).above(Altitude::amsl(20.0)), Some(100.0));
        assert_eq!(Altitude::amsl(120.0).above(Altitude::ellipsoid(20.0)), None);
    }

    #[test]
    fn says_its_datum() {
        let level = Altitude { metres: 1981.2, datum: Datum::StandardPressure };
        assert_eq!(level.to_string(), "FL065");
        assert_eq!(Altitude::agl(120.0).to_string(), "120.0 m AGL");
    }
}
