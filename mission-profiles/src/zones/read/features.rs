//! EUROCAE ED-318 (GeoJSON with layers), and GeoJSON of anybody's.

use super::super::Zone;
use super::assembly::{Assembly, Notes};
use super::cursor::At;
use super::limits::{limits, speaks};
use super::{Reading, ed269, geometry, meaning};

/// Members that only zones of ED-269 and ED-318 have.
const STANDARD: [&str; 6] =
    ["zoneAuthority", "UASZone", "variant", "limitedApplicability", "applicability", "regulationExemption"];
/// What anybody's GeoJSON calls the kind of an airspace, the most telling first.
const KINDS: [&str; 5] = ["type", "type_code_detail", "airspaceType", "kind", "class"];

pub(super) fn read(root: &At<'_>, features: &[At<'_>], assembly: &mut Assembly) -> Reading<()> {
    let standard = features.iter().any(|feature| is_standard(&feature.field("properties")));
    assembly.source.format = if standard { "ED-318" } else { "GeoJSON" };
    if let Some(name) = root.any(&["name", "title"]).text() {
        assembly.source.name = name;
    }
    let metadata = root.any(&["metadata", "datasetMetadata"]);
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
        assembly.zone(&feature.path, |notes| zone(feature, notes))?;
    }
    Ok(())
}

fn is_standard(properties: &At<'_>) -> bool {
    STANDARD.iter().any(|name| properties.has(name)) || ed269::has_restriction(properties)
}

fn zone(feature: &At<'_>, notes: &mut Notes) -> Result<Zone, String> {
    let (geometry, properties) = (feature.field("geometry"), feature.field("properties"));
    let mut volumes = Vec::new();
    for (outline, at) in geometry::outlines(&geometry, &properties, notes) {
        // ED-318 has the layer in the geometry; states have it there, beside it, or flat among the properties.
        let layers = [at.field("layer"), geometry.field("layer"), feature.field("layer"), properties.field("layer")];
        let layer = layers.into_iter().chain([properties.field("verticalLayer")]).find(|layer| layer.is_object());
        let (lower, upper) = match layer {
            Some(layer) => limits(&layer, true, notes),
            None => {
                let nested = properties.field("geometry");
                limits(if speaks(&nested) { &nested } else { &properties }, false, notes)
            }
        };
        volumes.push(notes.volume(&at.path, outline, lower, upper));
    }
    if volumes.is_empty() && geometry.is_absent() {
        return Err("it has no geometry".into());
    }
    if is_standard(&properties) {
        let places: Vec<_> =
            [properties.field("UASZone")].into_iter().filter(At::is_object).chain([properties]).collect();
        return Ok(ed269::described(&places, volumes, notes));
    }
    let name = properties.any(&["name", "title", "id", "identifier"]).text().unwrap_or_else(|| feature.path.clone());
    let identifier = ["identifier", "id", "_id"].iter().find_map(|name| properties.field(name).text());
    let identifier = identifier.or_else(|| feature.field("id").text()).unwrap_or_else(|| name.clone());
    let mut zone = Zone::unexplained(identifier, name, volumes);
    let kind = properties.any(&KINDS);
    if let Some((kind, restriction)) = meaning::of(&kind) {
        (zone.kind, zone.restriction) = (kind, restriction);
    }
    Ok(zone)
}
