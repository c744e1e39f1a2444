//! Zones in words: their limits as charts write them, and what is known of each.

use mission_profiles::place::{Altitude, Datum};
use mission_profiles::zones::{Dataset, Kind as ZoneKind, Limit, Zone};

use super::cards;

const FOOT_M: f64 = 0.3048;

/// `SFC–2,175 ft AMSL`: a floor and a ceiling, as charts write them.
pub(super) fn span(lower: Limit, upper: Limit) -> String {
    let (low, high) = (limit(lower), limit(upper));
    match (lower, upper) {
        (Limit::At(a), Limit::At(b)) if a.datum == b.datum && a.datum != Datum::StandardPressure => {
            let low = low.split(" ft").next().unwrap_or(&low).to_owned();
            format!("{low}–{high}")
        }
        _ => format!("{low}–{high}"),
    }
}

/// `2,175 ft AMSL`, `FL 45`, `SFC`.
pub(super) fn limit(limit: Limit) -> String {
    let Limit::At(Altitude { metres, datum }) = limit else {
        return if limit == Limit::Surface { "SFC".into() } else { "unlimited".into() };
    };
    let feet = thousands(metres / FOOT_M);
    match datum {
        Datum::Agl => format!("{feet} ft AGL"),
        Datum::Amsl => format!("{feet} ft AMSL"),
        Datum::Ellipsoid => format!("{feet} ft WGS84"),
        Datum::StandardPressure => format!("FL {:.0}", metres / FOOT_M / 100.0),
    }
}

fn thousands(feet: f64) -> String {
    let digits = format!("{feet:.0}");
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |digits| ("−", digits));
    let mut words = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            words.push(',');
        }
        words.push(digit);
    }
    format!("{sign}{words}")
}

/// What is known of a zone, in lines of a label and words.
pub(crate) fn zone_facts(dataset: &Dataset, zone: &Zone) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Kind", zone_kind_words(zone.kind).trim_end_matches('s').to_owned()),
        ("Asks for", cards::capital(zone.restriction.word())),
    ];
    facts.extend(zone.volumes.iter().take(6).map(|volume| ("From–to", span(volume.lower, volume.upper))));
    if zone.volumes.len() > 6 {
        facts.push(("From–to", format!("{} more parts", zone.volumes.len() - 6)));
    }
    if !zone.reasons.is_empty() {
        facts.push(("Because of", zone.reasons.join(", ").to_lowercase().replace('_', " ")));
    }
    facts.push(("Identifier", zone.identifier.clone()));
    let edition = &dataset.source.edition;
    facts.push(("Dataset", dataset.source.name.clone()));
    facts.push(("Edition", if edition.is_empty() { "not stated".into() } else { edition.clone() }));
    facts
}

/// A kind of zone in words.
pub(crate) fn zone_kind_words(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Aerodrome => "Aerodrome zones",
        ZoneKind::Restricted => "Restricted areas",
        ZoneKind::Prohibited => "Prohibited areas",
        ZoneKind::Danger => "Danger areas",
        ZoneKind::Controlled => "Controlled airspace",
        ZoneKind::Temporary => "Temporary restrictions",
        ZoneKind::Geographical => "Geographical zones",
        ZoneKind::Information => "Information",
    }
}
