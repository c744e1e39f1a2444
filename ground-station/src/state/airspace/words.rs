//! Limits and distances, short enough for a map.

use mission_profiles::place::{Altitude, Datum};
use mission_profiles::zones::Limit;

const FOOT_M: f64 = 0.3048;

/// A zone's limits, each with its datum: `SFC–2,175 ft AMSL`.
pub(crate) fn limits(lower: Limit, upper: Limit) -> String {
    format!("{}–{}", limit(lower), limit(upper))
}

fn limit(limit: Limit) -> String {
    match limit {
        Limit::Surface => "SFC".into(),
        Limit::Unlimited => "UNL".into(),
        Limit::At(Altitude { metres, datum: Datum::Agl }) => format!("{} ft AGL", thousands(metres / FOOT_M)),
        Limit::At(Altitude { metres, datum: Datum::Amsl }) => format!("{} ft AMSL", thousands(metres / FOOT_M)),
        Limit::At(Altitude { metres, datum: Datum::Ellipsoid }) => format!("{} m ellipsoid", thousands(metres)),
        Limit::At(altitude) => altitude.to_string(),
    }
}

/// `2,175`.
fn thousands(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    if value < -0.5 { format!("−{text}") } else { text }
}

/// A distance as people say it: `59 m`, `1.24 km`, `18 km`.
pub(crate) fn metres(distance_m: f64) -> String {
    if distance_m < 999.5 {
        format!("{distance_m:.0} m")
    } else if distance_m < 9_995.0 {
        format!("{:.2} km", distance_m / 1_000.0)
    } else {
        format!("{:.0} km", distance_m / 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_say_their_datum() {
        let at = |text: &str| Limit::read(text).unwrap();
        assert_eq!(limits(Limit::Surface, at("2175 ft AMSL")), "SFC–2,175 ft AMSL");
        assert_eq!(limits(at("500 ft AGL"), at("FL65")), "500 ft AGL–FL065");
        assert_eq!(limits(at("-1200 ft"), Limit::Unlimited), "−1,200 ft AMSL–UNL");
        assert_eq!([metres(59.4), metres(1_240.0), metres(18_200.0)], ["59 m", "1.24 km", "18 km"]);
    }
}
