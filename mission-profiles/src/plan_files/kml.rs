//! KML 2.2: places, lines and polygons of placemarks.

use std::fmt::Write as _;

use roxmltree::{Document, Node};

use super::drawing::{Drawing, DrawingError, Shape, escaped, open};
use crate::place::Position;

pub(super) fn read(document: &Document<'_>, drawing: &mut Drawing) -> Result<(), DrawingError> {
    for mark in document.descendants().filter(|node| node.has_tag_name_of("Placemark")) {
        let name =
            mark.children().find(|node| node.has_tag_name_of("name")).and_then(|node| node.text()).unwrap_or_default();
        for geometry in mark.descendants() {
            let shape = match geometry.tag_name().name() {
                "Point" => places(document, geometry)?.first().copied().map(Shape::Point),
                "LineString" => Some(Shape::Line(places(document, geometry)?)),
                "Polygon" => {
                    let outer = geometry.descendants().find(|node| node.has_tag_name_of("outerBoundaryIs"));
                    Some(Shape::Area(open(places(document, outer.unwrap_or(geometry))?)))
                }
                _ => None,
            };
            if let Some(shape) = shape {
                drawing.add(name, shape, &line(document, geometry))?;
            }
        }
    }
    Ok(())
}

/// Names without their namespace: files say any of three.
trait Named {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl Named for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.tag_name().name() == name
    }
}

/// `lon,lat[,height]` after `lon,lat[,height]`, between blanks.
fn places(document: &Document<'_>, geometry: Node<'_, '_>) -> Result<Vec<Position>, DrawingError> {
    let text = geometry
        .descendants()
        .find(|node| node.has_tag_name_of("coordinates"))
        .and_then(|node| node.text())
        .unwrap_or_default();
    let place = |tuple: &str| {
        let mut numbers = tuple.split(',').map(|number| number.trim().parse::<f64>().ok());
        let (lon, lat) = (numbers.next()??, numbers.next()??);
        Position::new(lat, lon)
    };
    let read = |tuple: &str| {
        let wrong = || DrawingError {
            place: line(document, geometry),
            what: format!("`{}` is no longitude,latitude", tuple.chars().take(40).collect::<String>()),
        };
        place(tuple).ok_or_else(wrong)
    };
    text.split_whitespace().map(read).collect()
}

fn line(document: &Document<'_>, node: Node<'_, '_>) -> String {
    format!("line {}", document.text_pos_at(node.range().start).row)
}

impl Drawing {
    /// As KML.
    #[must_use]
    pub fn to_kml(&self) -> String {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\n",
        );
        let tuples = |places: &mut dyn Iterator<Item = &Position>| {
            places.map(|place| format!("{},{}", place.lon_deg, place.lat_deg)).collect::<Vec<_>>().join(" ")
        };
        for named in &self.shapes {
            let coordinates = |places: String| format!("<coordinates>{places}</coordinates>");
            let geometry = match &named.shape {
                Shape::Point(place) => format!("<Point>{}</Point>", coordinates(tuples(&mut std::iter::once(place)))),
                Shape::Line(line) => format!("<LineString>{}</LineString>", coordinates(tuples(&mut line.iter()))),
                Shape::Area(area) => {
                    let ring = coordinates(tuples(&mut area.iter().chain(area.first())));
                    format!("<Polygon><outerBoundaryIs><LinearRing>{ring}</LinearRing></outerBoundaryIs></Polygon>")
                }
            };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "<Placemark><name>{}</name>{geometry}</Placemark>", escaped(&named.name));
        }
        text + "</Document></kml>\n"
    }
}
