//! Floors and ceilings, and heights that are known only between bounds.

use std::fmt;

use crate::place::{Altitude, Datum};

const FOOT_M: f64 = 0.3048;
/// Numbers that datasets write for "no ceiling" (ED-318 conversions write 99999, OpenAir files FL999).
const UNLIMITED: f64 = 99_999.0;
const UNLIMITED_LEVEL: f64 = 999.0;

/// A floor or a ceiling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Limit {
    /// The ground or the water.
    Surface,
    /// There.
    At(Altitude),
    /// None.
    Unlimited,
}

impl Limit {
    /// `value` in feet (else metres) above `datum`.
    #[must_use]
    pub fn new(value: f64, feet: bool, datum: Datum) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        if value >= UNLIMITED {
            return Some(Self::Unlimited);
        }
        let metres = if feet { value * FOOT_M } else { value };
        let on_ground = datum == Datum::Agl && metres <= 0.0;
        Some(if on_ground { Self::Surface } else { Self::At(Altitude { metres, datum }) })
    }

    /// Reads `SFC`, `GND`, `FL115`, `FL 65`, `2500 ft`, `2500ft AMSL`, `500FT AGL`, `3000m MSL`, `2000 FT SFC`, `UNL`; a height without
    /// a datum is above mean sea level, as charts have it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        // In `1676mSL` the m is a unit or a part of the datum: nobody knows which.
        if text.contains("mSL") {
            return None;
        }
        let text = text.trim().to_ascii_uppercase();
        match text.as_str() {
            "SFC" | "GND" | "SURFACE" | "GROUND" | "0" => return Some(Self::Surface),
            "UNL" | "UNL FT" | "UNLD" | "UNLTD" | "UNLIM" | "UNLIMITED" => return Some(Self::Unlimited),
            _ => {}
        }
        if let Some(level) = text.strip_prefix("FL") {
            let level = number(level)?;
            let there = Altitude { metres: level * 100.0 * FOOT_M, datum: Datum::StandardPressure };
            return Some(if level >= UNLIMITED_LEVEL { Self::Unlimited } else { Self::At(there) });
        }
        let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(text.len());
        let (value, rest) = (number(&text[..digits])?, text[digits..].trim());
        let is_metres = rest.starts_with('M') && !rest.starts_with("MSL");
        let split = if rest.starts_with("FT") { 2 } else { usize::from(is_metres || rest.starts_with('\'')) };
        let (unit, reference) = rest.split_at(split);
        let reference = if unit.is_empty() { reference.trim_end_matches("FT") } else { reference };
        let datum = match reference.trim() {
            "" | "AMSL" | "MSL" | "ALT" => Datum::Amsl,
            "AGL" | "SFC" | "GND" | "ASFC" | "AAL" => Datum::Agl,
            "WGS84" | "WGS-84" => Datum::Ellipsoid,
            "STD" | "FL" => Datum::StandardPressure,
            _ => return None,
        };
        Self::new(value, unit != "M", datum)
    }
}

impl Limit {
    /// As [`Limit::read`] reads it back, to the last digit.
    #[must_use]
    pub fn text(&self) -> String {
        let Self::At(Altitude { metres, datum }) = self else { return self.to_string() };
        match datum {
            Datum::Agl => format!("{metres} m AGL"),
            Datum::Amsl => format!("{metres} m AMSL"),
            Datum::Ellipsoid => format!("{metres} m WGS84"),
            Datum::StandardPressure => format!("{metres} m STD"),
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|value: &f64| value.is_finite() && value.abs() < 1e7)
}

impl fmt::Display for Limit {
    /// As charts and permissions say it: feet, with the metres beside.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::At(altitude) = self else {
            return f.write_str(if *self == Self::Surface { "surface" } else { "unlimited" });
        };
        let (feet, metres) = (altitude.metres / FOOT_M, altitude.metres);
        match altitude.datum {
            Datum::Agl => write!(f, "{feet:.0} ft AGL ({metres:.0} m)"),
            Datum::Amsl => write!(f, "{feet:.0} ft AMSL ({metres:.0} m)"),
            Datum::Ellipsoid | Datum::StandardPressure => altitude.fmt(f),
        }
    }
}

/// A height that lies between two, metres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// At least.
    pub low_m: f64,
    /// At most.
    pub high_m: f64,
}

impl Span {
    /// From `low_m` to `high_m`, in whichever order.
    #[must_use]
    pub fn new(a_m: f64, b_m: f64) -> Self {
        Self { low_m: a_m.min(b_m), high_m: a_m.max(b_m) }
    }

    /// Every height that is one of this and one of `other` together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { low_m: self.low_m + other.low_m, high_m: self.high_m + other.high_m }
    }

    /// Every difference of one of this and one of `other`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self { low_m: self.low_m - other.high_m, high_m: self.high_m - other.low_m }
    }
}

/// The heights that a stretch of flight sweeps, by every datum that a limit may have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spans {
    /// Above the ground below.
    pub agl: Span,
    /// Above mean sea level.
    pub amsl: Span,
    /// Above the ellipsoid.
    pub ellipsoid: Span,
    /// By a barometer set to 1013.25 hPa.
    pub pressure: Span,
}

impl Spans {
    /// These heights, those, and all between.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let and = |a: Span, b: Span| Span { low_m: a.low_m.min(b.low_m), high_m: a.high_m.max(b.high_m) };
        Self {
            agl: and(self.agl, other.agl),
            amsl: and(self.amsl, other.amsl),
            ellipsoid: and(self.ellipsoid, other.ellipsoid),
            pressure: and(self.pressure, other.pressure),
        }
    }

    fn by(&self, datum: Datum) -> Span {
        match datum {
            Datum::Agl => self.agl,
            Datum::Amsl => self.amsl,
            Datum::Ellipsoid => self.ellipsoid,
            Datum::StandardPressure => self.pressure,
        }
    }

    /// Whether all of these heights surely lie between `lower` and `upper`.
    #[must_use]
    pub fn are_within(&self, lower: Limit, upper: Limit) -> bool {
        let over = match lower {
            Limit::Surface => true,
            Limit::At(limit) => self.by(limit.datum).low_m >= limit.metres,
            Limit::Unlimited => false,
        };
        let under = match upper {
            Limit::Surface => false,
            Limit::At(limit) => self.by(limit.datum).high_m <= limit.metres,
            Limit::Unlimited => true,
        };
        over && under
    }

    /// Whether any of these heights may lie between `lower` and `upper`; the limits themselves belong to the volume. Where the limits
    /// are the wrong way round everything from the lower one's side counts: nobody knows which is wrong.
    #[must_use]
    pub fn may_be_within(&self, lower: Limit, upper: Limit) -> bool {
        let below = |limit: Limit| match limit {
            Limit::At(limit) => self.by(limit.datum).high_m < limit.metres,
            Limit::Surface => false,
            Limit::Unlimited => true,
        };
        let above = |limit: Limit| match limit {
            Limit::At(limit) => self.by(limit.datum).low_m > limit.metres,
            Limit::Surface => self.agl.low_m > 0.0,
            Limit::Unlimited => false,
        };
        !below(lower) && !above(upper)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres(text: &str) -> (i64, Datum) {
        let Some(Limit::At(altitude)) = Limit::read(text) else { panic!("{text}: {:?}", Limit::read(text)) };
        #[allow(clippy::cast_possible_truncation)]
        ((altitude.metres * 10.0).round() as i64, altitude.datum)
    }

    #[test]
    fn limits_as_datasets_write_them() {
        assert_eq!(metres("2175 ft"), (6629, Datum::Amsl));
        assert_eq!(metres("2000 FT SFC"), (6096, Datum::Agl));
        assert_eq!(metres("500FT AGL"), (1524, Datum::Agl));
        assert_eq!(metres("40000ft AMSL"), (121_920, Datum::Amsl));
        assert_eq!(metres("3000m AMSL"), (30_000, Datum::Amsl));
        assert_eq!(metres("1000M AGL"), (10_000, Datum::Agl));
        assert_eq!(metres("1607.611551ft MSL"), (4900, Datum::Amsl));
        assert_eq!(metres("FL 65"), (19_812, Datum::StandardPressure));
        assert_eq!(metres("18000' MSL"), (54_864, Datum::Amsl));
        assert_eq!(metres("2900AMSL FT"), (8839, Datum::Amsl));
        assert_eq!(metres("2000FtAMSL"), (6096, Datum::Amsl));
        assert_eq!(metres("14501ft STD"), (44_199, Datum::StandardPressure));
        assert_eq!(Limit::read("UNL FT"), Some(Limit::Unlimited));
        assert_eq!(Limit::read("FL999"), Some(Limit::Unlimited));
        assert_eq!(Limit::read("GND"), Some(Limit::Surface));
        assert_eq!(Limit::read("0 ft AGL"), Some(Limit::Surface));
        assert_eq!(Limit::new(99_999.0, false, Datum::Agl), Some(Limit::Unlimited));
        for wrong in [
            "FL",
            "",
            "ft",
            "by NOTAM",
            "1676mSL",
            "15000ft (Mo-Fri)",
            "FL 65 (MNM ALT 5500FT)",
            "2,500 ft",
            "12 parsecs",
            "NaN ft",
            "FLinf",
            "1e400 ft",
            "é",
        ] {
            assert_eq!(Limit::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_limits_belong_to_the_volume() {
        let at = |low_m, high_m| {
            let span = Span { low_m, high_m };
            Spans { agl: span, amsl: span, ellipsoid: span, pressure: span }
        };
        let (floor, ceiling) = (Limit::At(Altitude::amsl(100.0)), Limit::At(Altitude::amsl(200.0)));
        assert!(at(50.0, 100.0).may_be_within(floor, ceiling));
        assert!(at(200.0, 250.0).may_be_within(floor, ceiling));
        assert!(!at(50.0, 99.9).may_be_within(floor, ceiling));
        assert!(!at(200.1, 250.0).may_be_within(floor, ceiling));
        assert!(at(-5.0, 3.0).may_be_within(Limit::Surface, Limit::Unlimited));
    }
}
