//! GeoJSON geometries (RFC 7946), with the circles of ED-269 and ED-318.

use serde_json::Value;

use super::super::shape::{self, Cleaned, Edges};
use super::assembly::Notes;
use super::cursor::At;
use crate::place::Position;

/// Geometries in geometries: ED-318 has one level.
const MAX_DEPTH: usize = 4;

/// The outlines of a geometry, each with the geometry that it stands in (whose `layer` holds for it).
pub(super) fn outlines<'v>(geometry: &At<'v>, notes: &mut Notes) -> Vec<(Cleaned, At<'v>)> {
    let mut found = Vec::new();
    gather(geometry, notes, &mut found, MAX_DEPTH);
    found
}

fn gather<'v>(geometry: &At<'v>, notes: &mut Notes, found: &mut Vec<(Cleaned, At<'v>)>, depth: usize) {
    let coordinates = geometry.any(&["coordinates", "center", "centre"]);
    let here = |field: &str| geometry.field(field);
    let mut keep = |cleaned: Option<Cleaned>, notes: &mut Notes| match cleaned {
        Some(cleaned) => found.push((cleaned, geometry.clone())),
        None => notes.doubt(&coordinates.path, "a part has no corner that can be read, and is not kept"),
    };
    match here("type").code().as_str() {
        "GEOMETRYCOLLECTION" if depth > 0 => {
            for part in here("geometries").items() {
                gather(&part, notes, found, depth - 1);
            }
        }
        "POLYGON" => keep(polygon(coordinates.array(), &coordinates.path, notes), notes),
        "MULTIPOLYGON" => {
            for part in coordinates.items() {
                keep(polygon(part.array(), &part.path, notes), notes);
            }
        }
        "CIRCLE" => keep(circle(&coordinates, &here("radius")), notes),
        "POINT" => {
            let extent = here("extent");
            let radius = if extent.has("radius") { extent.field("radius") } else { here("radius") };
            keep(circle(&coordinates, &radius), notes);
        }
        "LINESTRING" | "MULTIPOINT" => keep(lost(coordinates.array(), "a line has no width"), notes),
        "MULTILINESTRING" => {
            for part in coordinates.items() {
                keep(lost(part.array(), "a line has no width"), notes);
            }
        }
        other => notes
            .doubt(&geometry.path, format!("`{}` is no geometry that a zone can have", super::cursor::short(other))),
    }
}

fn circle(centre: &At<'_>, radius: &At<'_>) -> Option<Cleaned> {
    let centre = place(&Value::Array(centre.array()?.to_vec()))?.0;
    Some(shape::circle(centre, radius.number().unwrap_or(f64::NAN)))
}

/// A polygon's rings; one with a corner that cannot be read stays as the area round the others.
fn polygon(rings: Option<&[Value]>, path: &str, notes: &mut Notes) -> Option<Cleaned> {
    let rings: Vec<_> = rings?.iter().map(|ring| ring.as_array().map_or(&[][..], Vec::as_slice)).map(corners).collect();
    let mut rings = rings.into_iter();
    let exterior = rings.next()?;
    if exterior.unreadable > 0 {
        let doubt = format!("{} of its corners are no longitude and latitude", exterior.unreadable);
        return shape::around(&exterior.corners, doubt);
    }
    if !exterior.closed {
        notes.deviation(path, "a ring is not closed (RFC 7946 3.1.6)");
    }
    if exterior.wrapped {
        notes.deviation(path, "longitudes beyond ±180° (RFC 7946 3.1.9)");
    }
    // A hole that cannot be read is not cut out.
    let holes: Vec<_> = rings.filter(|hole| hole.unreadable == 0).map(|hole| hole.corners).collect();
    shape::polygon(&exterior.corners, &holes, Edges::Straight, 0.0)
}

fn lost(line: Option<&[Value]>, why: &str) -> Option<Cleaned> {
    shape::around(&corners(line?).corners, why.into())
}

struct Ring {
    corners: Vec<Position>,
    unreadable: usize,
    closed: bool,
    wrapped: bool,
}

fn corners(ring: &[Value]) -> Ring {
    let read: Vec<_> = ring.iter().filter_map(place).collect();
    let corners: Vec<_> = read.iter().map(|(corner, _)| *corner).collect();
    let closed = corners.first() == corners.last();
    Ring { unreadable: ring.len() - corners.len(), closed, wrapped: read.iter().any(|(_, wrapped)| *wrapped), corners }
}

/// Longitude, latitude, and whatever follows; whether the longitude was beyond ±180°.
fn place(coordinates: &Value) -> Option<(Position, bool)> {
    let [lon, lat, ..] = coordinates.as_array()?.as_slice() else { return None };
    let (lon, lat) = (lon.as_f64()?, lat.as_f64()?);
    if lon.abs() > 360.0 {
        return None;
    }
    let wrapped = lon.abs() > 180.0;
    let lon = if wrapped { shape::turn_deg(lon) } else { lon };
    Position::new(lat, lon).map(|place| (place, wrapped))
}
