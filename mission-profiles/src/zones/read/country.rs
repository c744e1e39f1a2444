//! Zones that lie outside the state that they say they are of: longitude and latitude the wrong way round.

use super::super::Volume;
use super::super::shape::{self, Outline};
use super::assembly::Notes;
use super::cursor::At;
use crate::place::Position;

/// A state's home territory: south, west, north, east, degrees, rounded outwards. Those whose swapped place is theirs too are left out.
const STATES: [(&str, [f64; 4]); 36] = [
    ("AUT", [46.0, 9.0, 49.5, 17.5]),
    ("BEL", [49.0, 2.0, 52.0, 7.0]),
    ("BGR", [41.0, 22.0, 44.5, 29.5]),
    ("CHE", [45.5, 5.5, 48.0, 11.0]),
    ("CYP", [34.0, 31.5, 36.0, 35.0]),
    ("CZE", [48.0, 12.0, 51.5, 19.0]),
    ("DEU", [47.0, 3.0, 56.0, 15.5]),
    ("DNK", [54.0, 3.0, 58.5, 16.0]),
    ("ESP", [35.0, -10.0, 44.5, 5.0]),
    ("EST", [57.0, 20.0, 60.5, 29.0]),
    ("FIN", [59.0, 18.5, 70.5, 32.0]),
    ("FRA", [41.0, -6.0, 51.5, 10.0]),
    ("GBR", [49.0, -11.0, 62.0, 3.0]),
    ("GRC", [34.0, 19.0, 42.0, 30.0]),
    ("GUF", [2.0, -55.0, 6.0, -51.0]),
    ("HRV", [42.0, 13.0, 47.0, 19.5]),
    ("HUN", [45.5, 16.0, 49.0, 23.0]),
    ("IRL", [51.0, -11.5, 56.0, -5.0]),
    ("ISL", [62.0, -26.0, 68.0, -12.0]),
    ("ITA", [35.0, 6.0, 47.5, 19.0]),
    ("LIE", [47.0, 9.4, 47.3, 9.7]),
    ("LTU", [53.5, 20.0, 56.5, 27.0]),
    ("LUX", [49.0, 5.5, 50.5, 6.6]),
    ("LVA", [55.5, 19.0, 58.5, 28.5]),
    ("MKD", [40.5, 20.0, 42.5, 23.5]),
    ("MLT", [35.5, 13.5, 36.5, 15.0]),
    ("NLD", [50.5, 3.0, 56.0, 7.5]),
    ("NOR", [57.0, 2.0, 72.0, 32.0]),
    ("POL", [49.0, 14.0, 55.5, 24.5]),
    ("PRT", [36.5, -10.0, 42.5, -6.0]),
    ("ROU", [43.5, 20.0, 48.5, 30.0]),
    ("SRB", [42.0, 18.5, 46.5, 23.5]),
    ("SVK", [47.5, 16.5, 50.0, 23.0]),
    ("SVN", [45.0, 13.0, 47.0, 17.0]),
    ("SWE", [55.0, 10.0, 69.5, 24.5]),
    ("UKR", [44.0, 22.0, 52.5, 40.5]),
];

/// Adds to volumes that lie outside `country`, and inside it with longitude and latitude exchanged, their like there: one of them is meant.
pub(super) fn check(country: &At<'_>, volumes: &mut Vec<Volume>, notes: &mut Notes) {
    let said = country.code();
    let Some((_, home)) = STATES.iter().find(|(state, _)| *state == said) else { return };
    let mut exchanged = Vec::new();
    for volume in volumes.iter() {
        if let Some(outline) = exchange(&volume.outline)
            && !is_in(home, volume.outline.somewhere())
            && is_in(home, outline.somewhere())
        {
            exchanged.push(Volume { outline, ..volume.clone() });
        }
    }
    if !exchanged.is_empty() {
        let what =
            format!("it lies outside {said}, and inside with longitude and latitude exchanged: kept at both places");
        notes.doubt(&country.path, what);
        volumes.append(&mut exchanged);
    }
}

fn is_in([south, west, north, east]: &[f64; 4], place: Position) -> bool {
    (*south..=*north).contains(&place.lat_deg) && (*west..=*east).contains(&place.lon_deg)
}

fn exchange(outline: &Outline) -> Option<Outline> {
    let place = |place: &Position| Position::new(place.lon_deg, place.lat_deg);
    let line = |line: &Vec<Position>| line.iter().map(place).collect::<Option<Vec<_>>>();
    match outline {
        Outline::Polygon(polygon) => shape::polygon(&line(&polygon.exterior)?, &[], polygon.edges, polygon.margin_m)
            .map(|cleaned| cleaned.outline),
        Outline::Circle { centre, radius_m } => Some(Outline::Circle { centre: place(centre)?, radius_m: *radius_m }),
        Outline::Corridor { line: points, half_width_m } => {
            Some(Outline::Corridor { line: line(points)?, half_width_m: *half_width_m })
        }
        Outline::Everywhere => None,
    }
}
