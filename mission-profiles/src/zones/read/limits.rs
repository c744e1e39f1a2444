//! Floors and ceilings, in the many places and words in which files say them.

use super::super::Limit;
use super::assembly::Notes;
use super::cursor::{At, short};
use crate::place::Datum;

/// Which of the two limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Lower,
    Upper,
}

/// What files call the value, its reference and its unit: ED-269, ED-318, openAIP and the portals of states.
struct Words {
    values: [&'static str; 7],
    references: [&'static str; 6],
    units: [&'static str; 4],
}

const LOWER: Words = Words {
    values: ["lowerLimit", "lower", "lowerCeiling", "lower_limit_altitude", "lower_limit", "floor", "lowerMeters"],
    references: [
        "lowerVerticalReference",
        "lowerReference",
        "lowerRef",
        "lower_limit_alt_ref",
        "verticalReference",
        "reference",
    ],
    units: ["lower_limit_unit", "uomDimensions", "uom", "unit"],
};
const UPPER: Words = Words {
    values: ["upperLimit", "upper", "upperCeiling", "upper_limit_altitude", "upper_limit", "ceiling", "upperMeters"],
    references: [
        "upperVerticalReference",
        "upperReference",
        "upperRef",
        "upper_limit_alt_ref",
        "verticalReference",
        "reference",
    ],
    units: ["upper_limit_unit", "uomDimensions", "uom", "unit"],
};

/// The unit of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Metres,
    Feet,
    Level,
    /// None is given, and no standard says which it then is.
    Unstated,
}

impl Side {
    fn words(self) -> &'static Words {
        match self {
            Self::Lower => &LOWER,
            Self::Upper => &UPPER,
        }
    }

    /// What bounds nothing.
    fn open(self) -> Limit {
        match self {
            Self::Lower => Limit::Surface,
            Self::Upper => Limit::Unlimited,
        }
    }
}

/// Whether a limit stands there.
pub(super) fn speaks(at: &At<'_>) -> bool {
    LOWER.values.iter().chain(&UPPER.values).any(|name| !at.field(name).is_absent())
}

/// The floor and the ceiling that stand at `at`; metres, where it is a layer of ED-318 that names no unit.
pub(super) fn limits(at: &At<'_>, is_layer: bool, notes: &mut Notes) -> (Limit, Limit) {
    (limit(at, Side::Lower, is_layer, notes), limit(at, Side::Upper, is_layer, notes))
}

fn limit(at: &At<'_>, side: Side, is_layer: bool, notes: &mut Notes) -> Limit {
    let words = side.words();
    let value = at.any(&words.values);
    // openAIP: the value with its unit and its datum in an object of its own.
    let (value, datum, unit) = if value.is_object() {
        (value.field("value"), value.any(&["referenceDatum", "reference", "datum"]), value.any(&["unit", "uom"]))
    } else {
        (value, at.any(&words.references), at.any(&words.units))
    };
    if value.is_absent() {
        return side.open();
    }
    let unit_read = match unit.code().as_str() {
        "" if is_layer => Some(Unit::Metres),
        "" => Some(Unit::Unstated),
        "M" | "MT" | "METER" | "METERS" | "METRE" | "METRES" | "0" => Some(Unit::Metres),
        "FT" | "F" | "FEET" | "FOOT" | "1" => Some(Unit::Feet),
        "FL" | "6" => Some(Unit::Level),
        _ => None,
    };
    let read = unit_read.and_then(|unit| measured(&value, &datum, unit, side));
    if read.is_some() && unit_read == Some(Unit::Unstated) && value.number().is_some_and(|number| number != 0.0) {
        notes.doubt(&value.path, "it names no unit: a floor counts as feet, a ceiling as metres");
    }
    read.unwrap_or_else(|| {
        let said = [&value, &unit, &datum].map(|at| at.text().unwrap_or_else(|| "nothing".into()));
        notes.doubt(&value.path, format!("`{}` is no height; taken as {}", short(&said.join(" ")), side.open()));
        side.open()
    })
}

fn measured(value: &At<'_>, datum: &At<'_>, unit: Unit, side: Side) -> Option<Limit> {
    let datum = match datum.code().as_str() {
        "AGL" | "SFC" | "ASFC" | "GND" | "AAL" | "HEI" | "0" => Some(Datum::Agl),
        "AMSL" | "MSL" | "QNH" | "ALT" | "1" => Some(Datum::Amsl),
        "WGS84" | "WGS-84" | "W84" | "HAE" => Some(Datum::Ellipsoid),
        "STD" | "PA" | "FL" | "QNE" | "2" => Some(Datum::StandardPressure),
        // Zero of whatever is the surface; elsewhere nobody knows.
        "" if value.number() == Some(0.0) => Some(Datum::Agl),
        _ => None,
    };
    let feet = match unit {
        Unit::Metres => false,
        Unit::Feet => true,
        Unit::Unstated => side == Side::Lower,
        Unit::Level => {
            let level = value.text()?;
            let level = level.to_ascii_uppercase();
            return Limit::read(&format!("FL{}", level.trim_start_matches("FL")));
        }
    };
    match (value.number(), datum) {
        (Some(value), Some(datum)) => Limit::new(value, feet, datum),
        (Some(_), None) => None,
        (None, datum) => in_words(&value.text()?, feet, datum),
    }
}

/// `120 m`, `400 ft AGL`, `GND`, `UNL`: what the text leaves out stands beside it.
fn in_words(said: &str, feet: bool, datum: Option<Datum>) -> Option<Limit> {
    let end = said.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-')).unwrap_or(said.len());
    let (number, rest) = said.split_at(end);
    let rest = rest.trim().to_ascii_uppercase();
    let has_unit = number.is_empty() || rest.starts_with("FT") || rest.starts_with('M') && !rest.starts_with("MSL");
    let said = if has_unit { said.to_owned() } else { format!("{number} {} {rest}", if feet { "ft" } else { "m" }) };
    let beside = datum.map(|datum| match datum {
        Datum::Agl => "AGL",
        Datum::Amsl => "AMSL",
        Datum::Ellipsoid => "WGS84",
        Datum::StandardPressure => "STD",
    });
    // With the datum twice it cannot be read.
    beside.and_then(|datum| Limit::read(&format!("{} {datum}", said.trim()))).or_else(|| Limit::read(&said))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(value: &Value) -> (String, String, usize) {
        let mut notes = Notes::default();
        let (lower, upper) = limits(&At::root(value), false, &mut notes);
        (lower.to_string(), upper.to_string(), notes.count())
    }

    #[test]
    fn limits_as_portals_write_them() {
        for (said, lower, upper, doubts) in [
            (
                json!({"lowerLimit": "0", "lowerVerticalReference": "AGL", "upperLimit": "120 m", "upperVerticalReference": "AGL", "uomDimensions": "M"}),
                "surface",
                "394 ft AGL (120 m)",
                0,
            ),
            (json!({"lower": "SFC", "upper": "120 M AGL"}), "surface", "394 ft AGL (120 m)", 0),
            (
                json!({"lower": 45, "lowerReference": "AGL", "upper": 900, "upperReference": "AGL", "UOM": "FT"}),
                "45 ft AGL (14 m)",
                "900 ft AGL (274 m)",
                0,
            ),
            (
                json!({"lowerLimit": {"value": 0, "unit": 1, "referenceDatum": 0}, "upperLimit": {"value": 65, "unit": 6, "referenceDatum": 2}}),
                "surface",
                "FL065",
                0,
            ),
            (
                json!({"lower_limit_altitude": 0.0, "lower_limit_alt_ref": "AGL", "lower_limit_unit": "m",
                "upper_limit_altitude": 100.0, "upper_limit_alt_ref": "PA", "upper_limit_unit": "FL"}),
                "surface",
                "FL100",
                0,
            ),
            (
                json!({"upperCeiling": {"value": 1500, "unit": "FT", "referenceDatum": "MSL"}}),
                "surface",
                "1500 ft AMSL (457 m)",
                0,
            ),
            (json!({"upper": "1500", "upperReference": "AGL", "uom": "m"}), "surface", "4921 ft AGL (1500 m)", 0),
            (json!({"upper": "1500 AMSL", "uom": "m"}), "surface", "4921 ft AMSL (1500 m)", 0),
            (
                json!({"lower": 100, "lowerReference": "AGL", "upper": 100, "upperReference": "AMSL"}),
                "100 ft AGL (30 m)",
                "328 ft AMSL (100 m)",
                2,
            ),
            (json!({"lower": 10, "upper": 20, "uom": "m"}), "surface", "unlimited", 2),
            (json!({"upper": "UNL", "upperReference": "AMSL", "uom": "FT"}), "surface", "unlimited", 0),
            (json!({"CEILING": 100, "UNIT": "LGA ATCT"}), "surface", "unlimited", 1),
            (json!({}), "surface", "unlimited", 0),
        ] {
            assert_eq!(read(&said), (lower.into(), upper.into(), doubts), "{said}");
        }
    }
}
