//! GPX 1.1: waypoints, routes and the segments of tracks.

use std::fmt::Write as _;

use roxmltree::{Document, Node};

use super::drawing::{Drawing, DrawingError, Shape, escaped};
use crate::place::Position;

pub(super) fn read(document: &Document<'_>, drawing: &mut Drawing) -> Result<(), DrawingError> {
    let name = |node: Node<'_, '_>| {
        let named = node.children().find(|child| child.tag_name().name() == "name");
        named.and_then(|name| name.text()).unwrap_or_default().to_owned()
    };
    for node in document.descendants() {
        let points = |tag: &'static str| {
            let points = node.children().filter(move |child| child.tag_name().name() == tag);
            points.map(|point| place(document, point)).collect::<Result<Vec<_>, _>>()
        };
        match node.tag_name().name() {
            "wpt" => drawing.add(&name(node), Shape::Point(place(document, node)?), &line(document, node))?,
            "rte" => drawing.add(&name(node), Shape::Line(points("rtept")?), &line(document, node))?,
            "trkseg" => {
                let track = node.parent().map(name).unwrap_or_default();
                drawing.add(&track, Shape::Line(points("trkpt")?), &line(document, node))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn place(document: &Document<'_>, node: Node<'_, '_>) -> Result<Position, DrawingError> {
    let number = |name: &str| node.attribute(name).and_then(|text| text.trim().parse::<f64>().ok());
    let place = number("lat").zip(number("lon")).and_then(|(lat, lon)| Position::new(lat, lon));
    place.ok_or_else(|| DrawingError { place: line(document, node), what: "it has no lat and lon in degrees".into() })
}

fn line(document: &Document<'_>, node: Node<'_, '_>) -> String {
    format!("line {}", document.text_pos_at(node.range().start).row)
}

impl Drawing {
    /// As GPX: points as waypoints, lines as routes, areas as routes that return to where they began.
    #[must_use]
    pub fn to_gpx(&self) -> String {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Skyseal\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n",
        );
        let point = |tag: &str, place: &Position| format!("<{tag} lat=\"{}\" lon=\"{}\"", place.lat_deg, place.lon_deg);
        let places = |shape: &Shape| {
            let closing = matches!(shape, Shape::Area(_)).then(|| shape.places()[0]);
            shape
                .places()
                .iter()
                .copied()
                .chain(closing)
                .map(|place| format!("{}/>", point("rtept", &place)))
                .collect::<String>()
        };
        // GPX 1.1 wants every waypoint before the first route. Writing to a string cannot fail.
        for named in &self.shapes {
            if let Shape::Point(place) = &named.shape {
                let _ = writeln!(text, "{}><name>{}</name></wpt>", point("wpt", place), escaped(&named.name));
            }
        }
        for named in self.shapes.iter().filter(|named| !matches!(named.shape, Shape::Point(_))) {
            let _ = writeln!(text, "<rte><name>{}</name>{}</rte>", escaped(&named.name), places(&named.shape));
        }
        text + "</gpx>\n"
    }
}
