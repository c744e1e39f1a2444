//! GeoJSON geometries (RFC 7946), with the circles of ED-269 and ED-318.

use serde_json::Value;

use super::super::shape::{self, Cleaned, Edges};
use super::assembly::Notes;
use super::cursor::{At, short};
use super::rings;
use crate::place::Position;

/// Geometries in geometries: ED-318 has one level.
const MAX_DEPTH: usize = 4;
/// Radii among anybody's properties below this may be kilometres or miles.
const SURELY_METRES: f64 = 100.0;

/// The outlines of a geometry, each with the geometry that it stands in (whose `layer` holds for it). The radius of a point may stand
/// among the `properties` beside it.
pub(super) fn outlines<'v>(geometry: &At<'v>, properties: &At<'v>, notes: &mut Notes) -> Vec<(Cleaned, At<'v>)> {
    let mut found = Vec::new();
    gather(geometry, properties, notes, &mut found, MAX_DEPTH);
    found
}

fn gather<'v>(
    geometry: &At<'v>,
    properties: &At<'v>,
    notes: &mut Notes,
    found: &mut Vec<(Cleaned, At<'v>)>,
    depth: usize,
) {
    let coordinates = geometry.any(&["coordinates", "center", "centre"]);
    let kind = geometry.field("type").code();
    let cleaned = match kind.as_str() {
        "GEOMETRYCOLLECTION" if depth > 0 => {
            for part in geometry.field("geometries").items() {
                gather(&part, properties, notes, found, depth - 1);
            }
            return;
        }
        "POLYGON" | "MULTIPOLYGON" => polygons(&coordinates, kind == "MULTIPOLYGON", notes),
        "" if nesting(&coordinates) >= 3 => polygons(&coordinates, false, notes),
        "CIRCLE" | "POINT" => vec![circle(&coordinates, radius_m(geometry, properties, notes))],
        "" if geometry.has("radius") => vec![circle(&coordinates, radius_m(geometry, properties, notes))],
        "LINESTRING" | "MULTIPOINT" => vec![lost(coordinates.array(), "a line has no width")],
        "MULTILINESTRING" => coordinates.items().iter().map(|part| lost(part.array(), "a line has no width")).collect(),
        other => {
            let what = format!("`{}` is no geometry that a zone can have; it is not kept", short(other));
            return notes.doubt(&geometry.path, what);
        }
    };
    if cleaned.is_empty() {
        notes.doubt(&coordinates.path, NO_CORNER);
    }
    for cleaned in cleaned {
        match cleaned {
            Some(cleaned) => found.push((cleaned, geometry.clone())),
            None => notes.doubt(&coordinates.path, NO_CORNER),
        }
    }
}

const NO_CORNER: &str = "a part has no corner that can be read, and is not kept";

/// Lists within lists: 1 is a position, 2 a ring, 3 a polygon, 4 several.
fn nesting(coordinates: &At<'_>) -> usize {
    let mut depth = 0;
    let mut value = coordinates.array();
    while let Some(items) = value
        && depth < 5
    {
        depth += 1;
        if items.first().is_some_and(Value::is_object) {
            return depth + 1;
        }
        value = items.first().and_then(Value::as_array).map(Vec::as_slice);
    }
    depth
}

/// The polygons of coordinates that may have a level too many or too few.
fn polygons(coordinates: &At<'_>, several: bool, notes: &mut Notes) -> Vec<Option<Cleaned>> {
    let depth = nesting(coordinates);
    if depth != if several { 4 } else { 3 } {
        notes.deviation(&coordinates.path, "its lists are not nested as its type has them (RFC 7946 3.1)");
    }
    match depth {
        2 => rings::polygon(std::slice::from_ref(coordinates), &coordinates.path, notes),
        3 if several => {
            // Rings that stand where polygons should: none is cut out of another.
            coordinates
                .items()
                .iter()
                .flat_map(|ring| rings::polygon(std::slice::from_ref(ring), &ring.path, notes))
                .collect()
        }
        3 => rings::polygon(&coordinates.items(), &coordinates.path, notes),
        4 => coordinates.items().iter().flat_map(|part| rings::polygon(&part.items(), &part.path, notes)).collect(),
        _ => Vec::new(),
    }
}

/// A radius in metres (ED-269, ED-318), or one among anybody's properties that is surely in metres.
fn radius_m(geometry: &At<'_>, properties: &At<'_>, notes: &mut Notes) -> f64 {
    let standard = [geometry.field("extent"), geometry.clone(), properties.field("extent")];
    if let Some(place) = standard.iter().find(|place| place.has("radius")) {
        return place.field("radius").number().unwrap_or(f64::NAN);
    }
    let radius = properties.field("radius");
    match radius.number() {
        Some(metres) if metres >= SURELY_METRES => {
            notes.deviation(&radius.path, "a radius among the properties is taken for metres");
            metres
        }
        Some(_) => {
            notes.doubt(&radius.path, "a radius whose unit nobody knows");
            f64::NAN
        }
        None => f64::NAN,
    }
}

fn circle(centre: &At<'_>, radius_m: f64) -> Option<Cleaned> {
    let centre = place(centre.value())?.0;
    Some(shape::circle(centre, radius_m))
}

fn lost(line: Option<&[Value]>, why: &str) -> Option<Cleaned> {
    let known: Vec<_> = line?.iter().filter_map(place).map(|(place, _)| place).collect();
    shape::around(&known, why.into())
}

/// Longitude, latitude, and whatever follows, as numbers or texts that are numbers; or members of these names. Whether the longitude was
/// beyond ±180°.
pub(super) fn place(coordinates: &Value) -> Option<(Position, bool)> {
    let number = |value: &Value| At::root(value).number();
    let (lon, lat) = match coordinates {
        Value::Array(items) => match items.as_slice() {
            [lon, lat, ..] => (number(lon)?, number(lat)?),
            _ => return None,
        },
        Value::Object(_) => {
            let at = At::root(coordinates);
            let (lon, lat) = (at.any(&["lon", "lng", "longitude"]), at.any(&["lat", "latitude"]));
            (lon.number()?, lat.number()?)
        }
        _ => return None,
    };
    if lon.abs() > 360.0 {
        return None;
    }
    let wrapped = lon.abs() > 180.0;
    let lon = if wrapped { shape::turn_deg(lon) } else { lon };
    Position::new(lat, lon).map(|place| (place, wrapped))
}

/// The outline of these rings, each a list of corners.
pub(super) fn outline_of(exterior: &[Position], holes: &[Vec<Position>]) -> Option<Cleaned> {
    shape::polygon(exterior, holes, Edges::Straight, 0.0)
}
