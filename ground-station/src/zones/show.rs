//! What `zones` prints: for people, and as JSON.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

use jiff::Timestamp;
use mission_profiles::place::{Position, to_grid};
use mission_profiles::zones::{Dataset, Near, Source, Zone};
use serde_json::{Value, json};

/// Doubts that are printed of one dataset; all are in the JSON.
const MAX_PRINTED: usize = 40;

/// What reading a file left.
pub(super) fn report(dataset: &Dataset, now: Timestamp) -> String {
    let report = &dataset.report;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{} ({}): {}", dataset.source.name, dataset.source.format, said(&dataset.source, now));
    let _ = writeln!(
        text,
        "  {} zones read = {} kept + {} uncertain + {} refused",
        report.read,
        report.kept,
        report.uncertain,
        report.refused.len()
    );
    let lists = [("refused", &report.refused), ("uncertain", &report.doubts), ("deviates", &report.deviations)];
    for (what, list) in lists {
        for doubt in list.iter().take(MAX_PRINTED) {
            let _ = writeln!(text, "  {what}: {doubt}");
        }
        if list.len() > MAX_PRINTED {
            let _ = writeln!(text, "  {what}: {} more; --json has all", list.len() - MAX_PRINTED);
        }
    }
    text
}

/// A dataset's edition and age: red on a screen, where it may be out of date.
fn said(source: &Source, now: Timestamp) -> String {
    let text = source.said(now);
    let coloured = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if coloured && source.is_stale(now) { format!("\x1b[1;31m{text}\x1b[0m") } else { text }
}

/// From which zones something was found, a line.
pub(crate) fn edition(source: &Source, now: Timestamp) -> String {
    format!("zones from {}: {}\n", source.name, said(source, now))
}

/// The same as JSON.
pub(crate) fn edition_json(source: &Source, now: Timestamp) -> Value {
    json!({
        "name": source.name,
        "edition": source.edition,
        "issued": source.issued,
        "valid_from": source.valid_from,
        "valid_to": source.valid_to,
        "age_days": source.age_days(now),
        "out_of_date": source.is_stale(now),
        "said": source.said(now),
        "illustrative": source.illustrative,
        "sha256": source.sha256.to_string(),
    })
}

/// The same as JSON.
pub(super) fn report_json(dataset: &Dataset, now: Timestamp) -> Value {
    let (source, report) = (&dataset.source, &dataset.report);
    let doubts = |list: &[mission_profiles::zones::Doubt]| {
        list.iter().map(|doubt| json!({"place": doubt.place, "what": doubt.what})).collect::<Vec<_>>()
    };
    let mut facts = edition_json(source, now);
    facts["format"] = source.format.into();
    for (name, count) in [("read", report.read), ("kept", report.kept), ("uncertain", report.uncertain)] {
        facts[name] = count.into();
    }
    for (name, list) in [("refused", &report.refused), ("doubts", &report.doubts), ("deviations", &report.deviations)] {
        facts[name] = doubts(list).into();
    }
    facts
}

/// The zones that were found, the gravest and nearest first.
pub(super) fn found(near: &[Near<'_>]) -> String {
    let mut text = String::new();
    for near in near {
        let zone = near.zone;
        let apart = if near.distance_m > 0.0 { format!("{:.0} m away", near.distance_m) } else { "here".into() };
        let _ = writeln!(
            text,
            "{} ({}): {}, {} to {}, {apart}",
            zone.name,
            zone.identifier,
            zone.restriction.word(),
            near.volume.lower,
            near.volume.upper
        );
        if zone.is_uncertain() {
            text.push_str("  uncertain: parts of it could not be read\n");
        }
        for condition in &zone.conditions {
            let _ = writeln!(text, "  {condition}");
        }
        for who in whom(zone) {
            let _ = writeln!(text, "  ask {who}");
        }
    }
    text
}

fn whom(zone: &Zone) -> Vec<String> {
    let parts = |a: &mission_profiles::zones::Authority| {
        let parts = [&a.name, &a.service, &a.contact, &a.phone, &a.email, &a.site];
        parts.into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join(", ")
    };
    zone.authorities.iter().map(parts).filter(|who| !who.is_empty()).collect()
}

/// The same as a GeoJSON `FeatureCollection`.
pub(super) fn found_json(near: &[Near<'_>], holds: impl Fn(&Near<'_>) -> bool) -> Value {
    let feature = |near: &Near<'_>| {
        let zone = near.zone;
        json!({
            "type": "Feature",
            "geometry": near.volume.outline.to_geojson(),
            "properties": {
                "identifier": zone.identifier,
                "name": zone.name,
                "restriction": zone.restriction.word(),
                "lower": near.volume.lower.text(),
                "upper": near.volume.upper.text(),
                "distance_m": near.distance_m,
                "holds": holds(near),
                "uncertain": zone.is_uncertain(),
                "conditions": zone.conditions,
                "ask": whom(zone),
                "dataset": near.dataset.source.name,
                "sha256": near.dataset.source.sha256.to_string(),
            },
        })
    };
    json!({"type": "FeatureCollection", "features": near.iter().map(feature).collect::<Vec<_>>()})
}

/// A place as people say it.
pub(crate) fn place(place: Position) -> String {
    let grid = to_grid(place).map(|grid| format!(" ({grid})")).unwrap_or_default();
    format!("{:.5}, {:.5}{grid}", place.lat_deg, place.lon_deg)
}
