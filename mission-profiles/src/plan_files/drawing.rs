//! Points, lines and areas that people drew elsewhere: KML, KMZ, GPX, GeoJSON.

use serde_json::Value;

use crate::place::Position;

/// Largest file read, bytes.
pub(super) const MAX_BYTES: usize = 16 << 20;
/// Most places read.
const MAX_PLACES: usize = 200_000;
/// Geometries in geometries, and folders in folders.
const MAX_DEPTH: usize = 32;

/// What a file shows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drawing {
    /// Its shapes, in the file's order.
    pub shapes: Vec<Named>,
}

/// A shape and its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// As the file has it; empty where it says nothing.
    pub name: String,
    /// The shape.
    pub shape: Shape,
}

/// A shape; heights, where a file has them, are left out: their datum is rarely said.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A place.
    Point(Position),
    /// A way.
    Line(Vec<Position>),
    /// An area: its outer corners, the first not repeated.
    Area(Vec<Position>),
}

/// Why a file is no drawing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct DrawingError {
    /// Where.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

pub(super) fn wrong(place: impl Into<String>, what: impl Into<String>) -> DrawingError {
    DrawingError { place: place.into(), what: what.into() }
}

impl Drawing {
    /// Reads KML, KMZ, GPX or GeoJSON, by its content.
    ///
    /// # Errors
    /// [`DrawingError`] names the place; a file without any shape is none.
    pub fn read(bytes: &[u8]) -> Result<Self, DrawingError> {
        if bytes.len() > MAX_BYTES {
            return Err(wrong("whole file", format!("longer than {} MiB", MAX_BYTES >> 20)));
        }
        if super::kmz::is_archive(bytes) {
            return Self::read_text(&super::kmz::kml(bytes)?);
        }
        Self::read_text(bytes)
    }

    fn read_text(bytes: &[u8]) -> Result<Self, DrawingError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| wrong(format!("byte {}", error.valid_up_to()), "it is not UTF-8"))?;
        let mut drawing = Self::default();
        match text.trim_start_matches('\u{feff}').trim_start().bytes().next() {
            Some(b'<') => drawing.read_xml(text.trim_start_matches('\u{feff}'))?,
            Some(b'{') => {
                let value: Value = serde_json::from_str(text).map_err(|error| {
                    wrong(format!("line {}, column {}", error.line(), error.column()), error.to_string())
                })?;
                drawing.add_geojson(&value, "", MAX_DEPTH)?;
            }
            _ => return Err(wrong("whole file", "it is neither KML, KMZ, GPX nor GeoJSON")),
        }
        if drawing.shapes.is_empty() {
            return Err(wrong("whole file", "it shows no point, line or area"));
        }
        Ok(drawing)
    }

    fn read_xml(&mut self, text: &str) -> Result<(), DrawingError> {
        // Without a DTD there are no entities to expand.
        let options = roxmltree::ParsingOptions {
            allow_dtd: false,
            nodes_limit: 2_000_000,
            ..roxmltree::ParsingOptions::default()
        };
        let document = roxmltree::Document::parse_with_options(text, options).map_err(|error| {
            let at = error.pos();
            wrong(format!("line {}, column {}", at.row, at.col), error.to_string())
        })?;
        match document.root_element().tag_name().name() {
            "kml" => super::kml::read(&document, self),
            "gpx" => super::gpx::read(&document, self),
            other => Err(wrong("whole file", format!("<{other}> is neither <kml> nor <gpx>"))),
        }
    }

    pub(super) fn add(&mut self, name: &str, shape: Shape, place: &str) -> Result<(), DrawingError> {
        let few = match &shape {
            Shape::Point(_) => false,
            Shape::Line(line) => line.len() < 2,
            Shape::Area(area) => area.len() < 3,
        };
        if few {
            return Err(wrong(place, "a line needs two places, an area three corners"));
        }
        self.shapes.push(Named { name: name.trim().into(), shape });
        let places = self.shapes.iter().map(|named| named.shape.places().len()).sum::<usize>();
        if places > MAX_PLACES { Err(wrong(place, format!("more than {MAX_PLACES} places"))) } else { Ok(()) }
    }

    fn add_geojson(&mut self, value: &Value, name: &str, depth: usize) -> Result<(), DrawingError> {
        let own = value.pointer("/properties/name").and_then(Value::as_str).unwrap_or(name);
        let list = |key: &str| value.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let coordinates = &value["coordinates"];
        let places =
            |value: &Value| places(value).ok_or_else(|| wrong(own, "its coordinates are no longitude and latitude"));
        let area = |rings: &Value| places(&rings[0]).map(|ring| Shape::Area(open(ring)));
        match value["type"].as_str().unwrap_or_default() {
            _ if depth == 0 => Err(wrong(own, "geometries too deep in each other")),
            "FeatureCollection" => {
                list("features").iter().try_for_each(|feature| self.add_geojson(feature, own, depth - 1))
            }
            "GeometryCollection" => {
                list("geometries").iter().try_for_each(|part| self.add_geojson(part, own, depth - 1))
            }
            "Feature" => self.add_geojson(&value["geometry"], own, depth - 1),
            "Point" => {
                let place =
                    place(coordinates).ok_or_else(|| wrong(own, "its coordinates are no longitude and latitude"))?;
                self.add(own, Shape::Point(place), own)
            }
            "LineString" => self.add(own, Shape::Line(places(coordinates)?), own),
            "Polygon" => self.add(own, area(coordinates)?, own),
            "MultiPolygon" => list("coordinates").iter().try_for_each(|rings| self.add(own, area(rings)?, own)),
            "MultiLineString" => {
                list("coordinates").iter().try_for_each(|line| self.add(own, Shape::Line(places(line)?), own))
            }
            other => Err(wrong(own, format!("`{other}` is nothing that is drawn"))),
        }
    }

    /// As a GeoJSON `FeatureCollection`.
    #[must_use]
    pub fn to_geojson(&self) -> Value {
        let pair = |place: &Position| serde_json::json!([place.lon_deg, place.lat_deg]);
        let geometry = |shape: &Shape| match shape {
            Shape::Point(place) => serde_json::json!({"type": "Point", "coordinates": pair(place)}),
            Shape::Line(line) => {
                serde_json::json!({"type": "LineString", "coordinates": line.iter().map(pair).collect::<Vec<_>>()})
            }
            Shape::Area(area) => {
                let ring: Vec<_> = area.iter().chain(area.first()).map(pair).collect();
                serde_json::json!({"type": "Polygon", "coordinates": [ring]})
            }
        };
        let feature = |named: &Named| serde_json::json!({"type": "Feature", "properties": {"name": named.name}, "geometry": geometry(&named.shape)});
        serde_json::json!({"type": "FeatureCollection", "features": self.shapes.iter().map(feature).collect::<Vec<_>>()})
    }
}

impl Shape {
    /// Its places, in order.
    #[must_use]
    pub fn places(&self) -> &[Position] {
        match self {
            Self::Point(place) => std::slice::from_ref(place),
            Self::Line(places) | Self::Area(places) => places,
        }
    }
}

fn place(value: &Value) -> Option<Position> {
    let [lon, lat, ..] = value.as_array()?.as_slice() else { return None };
    Position::new(lat.as_f64()?, lon.as_f64()?)
}

fn places(value: &Value) -> Option<Vec<Position>> {
    value.as_array()?.iter().map(place).collect()
}

/// A ring without its repeated last corner.
pub(super) fn open(mut ring: Vec<Position>) -> Vec<Position> {
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// Text inside XML.
pub(super) fn escaped(text: &str) -> String {
    let legal = text.chars().filter(|c| !c.is_control() || matches!(c, '\t' | '\n' | '\r'));
    legal.collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
