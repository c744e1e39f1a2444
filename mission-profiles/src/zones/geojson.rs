//! Outlines as GeoJSON (RFC 7946), a circle as ED-318 has it.

use serde_json::{Value, json};

use super::Outline;
use crate::place::Position;

impl Outline {
    /// As a geometry. A corridor is a line with its width beside it; everywhere is null.
    #[must_use]
    pub fn to_geojson(&self) -> Value {
        let place = |place: &Position| json!([place.lon_deg, place.lat_deg]);
        let ring = |corners: &[Position]| corners.iter().chain(corners.first()).map(place).collect::<Vec<_>>();
        match self {
            Self::Polygon(polygon) => {
                let rings: Vec<_> =
                    std::iter::once(&polygon.exterior).chain(&polygon.holes).map(|corners| ring(corners)).collect();
                json!({"type": "Polygon", "coordinates": rings})
            }
            Self::Circle { centre, radius_m } => {
                json!({"type": "Point", "coordinates": place(centre), "extent": {"subType": "Circle", "radius": radius_m}})
            }
            Self::Corridor { line, half_width_m } => {
                let line: Vec<_> = line.iter().map(place).collect();
                json!({"type": "LineString", "coordinates": line, "extent": {"subType": "Corridor", "halfWidth": half_width_m}})
            }
            Self::Everywhere => Value::Null,
        }
    }
}
