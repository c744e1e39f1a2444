//! EUROCAE ED-318 (GeoJSON with layers), and GeoJSON of anybody's.

use super::super::{Limit, Zone};
use super::assembly::{Assembly, Notes};
use super::cursor::At;
use super::{Reading, ed269, geometry};

pub(super) fn read(root: &At<'_>, assembly: &mut Assembly) -> Reading<()> {
    let features = if root.has("features") { root.field("features").items() } else { vec![root.clone()] };
    let standard = features.iter().any(|feature| feature.field("properties").has("zoneAuthority"));
    assembly.source.format = if standard { "ED-318" } else { "GeoJSON" };
    if let Some(name) = root.any(&["name", "title"]).text() {
        assembly.source.name = name;
    }
    let metadata = root.field("metadata");
    ed269::head(&metadata, "issued", assembly);
    for (name, until) in [("validFrom", false), ("validTo", true)] {
        let at = metadata.field(name);
        match at.instant() {
            Ok(instant) if until => assembly.source.valid_to = instant,
            Ok(instant) => assembly.source.valid_from = instant,
            Err(said) => assembly.doubt(&at.path, format!("`{said}` is no date")),
        }
    }
    for feature in features {
        assembly.zone(&feature.path, |notes| zone(&feature, standard, notes))?;
    }
    Ok(())
}

fn zone(feature: &At<'_>, standard: bool, notes: &mut Notes) -> Result<Zone, String> {
    let (geometry, properties) = (feature.field("geometry"), feature.field("properties"));
    let mut volumes = Vec::new();
    for (outline, at) in geometry::outlines(&geometry, notes) {
        let layered = [&at, &geometry, feature].into_iter().find(|at| at.has("layer"));
        let (lower, upper) = match layered {
            Some(at) => layer(&at.field("layer"), notes),
            None => (plain(&properties, true, notes), plain(&properties, false, notes)),
        };
        volumes.push(notes.volume(&at.path, outline, lower, upper));
    }
    if volumes.is_empty() && geometry.is_absent() {
        return Err("it has no geometry".into());
    }
    if standard || properties.has("type") || properties.has("restriction") {
        return Ok(ed269::described(&properties, &properties.any(&["type", "restriction"]), volumes, notes));
    }
    let name = properties.any(&["name", "title", "id", "identifier"]).text().unwrap_or_else(|| feature.path.clone());
    let identifier = properties
        .any(&["identifier", "id"])
        .text()
        .or_else(|| feature.field("id").text())
        .unwrap_or_else(|| name.clone());
    Ok(Zone::unexplained(identifier, name, volumes))
}

fn layer(layer: &At<'_>, notes: &mut Notes) -> (Limit, Limit) {
    let mut limit = |which: &str| {
        let (value, datum) = (layer.field(which), layer.field(&format!("{which}Reference")));
        ed269::bounded(&value, &datum, &layer.field("uom"), which == "lower", notes)
    };
    (limit("lower"), limit("upper"))
}

/// A limit among the properties of anybody's GeoJSON, as text with its unit (`400 ft AGL`).
fn plain(properties: &At<'_>, is_lower: bool, notes: &mut Notes) -> Limit {
    let names = if is_lower { ["lower", "lowerLimit", "floor"] } else { ["upper", "upperLimit", "ceiling"] };
    let at = properties.any(&names);
    ed269::bounded(&at, &properties.field("reference"), &properties.field("uom"), is_lower, notes)
}
