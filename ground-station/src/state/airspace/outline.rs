//! Outlines of zones as rings for a map, and as areas on a plane for geometry.

use geo::{Buffer as _, Coord, LineString, MultiPolygon, Polygon};
use mission_profiles::place::{EarthPoint, Position, TangentPlane, direct, earth_point};
use mission_profiles::zones::{Edges, Outline};

/// WGS 84 semi-major axis, metres, and first eccentricity squared.
const A_M: f64 = 6_378_137.0;
const E2: f64 = 6.694_379_990_141_316e-3;
/// Longer edges are drawn as geodesics, metres; shorter ones bend by less than a metre from the map's straight line.
const STRAIGHT_M: f64 = 10_000.0;

/// A plane that touches the earth, and the way back to places; east and north, metres.
pub(crate) struct Flat {
    middle: Position,
    plane: TangentPlane,
}

impl Flat {
    /// At a place.
    pub(crate) fn at(middle: Position) -> Self {
        Self { middle, plane: TangentPlane::at(middle) }
    }

    /// A place on the plane.
    pub(crate) fn to(&self, place: Position) -> Coord<f64> {
        let [x, y] = self.plane.project(earth_point(place));
        Coord { x, y }
    }

    /// The place of a point of the plane.
    pub(crate) fn back(&self, at: Coord<f64>) -> Position {
        direct(self.middle, at.x.atan2(at.y).to_degrees(), at.x.hypot(at.y))
    }

    /// A ring on the plane.
    pub(crate) fn ring(&self, corners: &[Position]) -> LineString<f64> {
        LineString::new(corners.iter().map(|corner| self.to(*corner)).collect())
    }

    /// A ring's places, the first not repeated.
    pub(crate) fn places(&self, ring: &LineString<f64>) -> Vec<Position> {
        let open = ring.0.split_last().map_or(&[][..], |(_, open)| open);
        open.iter().map(|at| self.back(*at)).collect()
    }

    /// What an outline covers, `margin_m` wider; `None` of the whole earth.
    pub(crate) fn area(&self, outline: &Outline, margin_m: f64) -> Option<MultiPolygon<f64>> {
        match outline {
            Outline::Polygon(polygon) => {
                let holes = polygon.holes.iter().map(|hole| self.ring(hole)).collect();
                let area = Polygon::new(self.ring(&polygon.exterior), holes);
                Some(area.buffer(margin_m + polygon.margin_m))
            }
            Outline::Circle { centre, radius_m } => Some(geo::Point(self.to(*centre)).buffer(radius_m + margin_m)),
            Outline::Corridor { line, half_width_m } => Some(self.ring(line).buffer(half_width_m + margin_m)),
            Outline::Everywhere => None,
        }
    }
}

/// A ring of an outline, for a map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ring {
    /// Whether it is cut out of the outer ring before it.
    pub(crate) hole: bool,
    /// Its corners, the first not repeated.
    pub(crate) corners: Vec<Position>,
}

/// Its rings; what is round is drawn with `around` corners. None of the whole earth.
pub(crate) fn rings(outline: &Outline, around: u16) -> Vec<Ring> {
    match outline {
        Outline::Polygon(polygon) => {
            let ring = |hole: bool, corners: &[Position]| Ring {
                hole,
                corners: if polygon.edges == Edges::Geodesic { dense(corners) } else { corners.to_vec() },
            };
            let holes = polygon.holes.iter().map(|hole| ring(true, hole));
            std::iter::once(ring(false, &polygon.exterior)).chain(holes).collect()
        }
        Outline::Circle { centre, radius_m } => {
            vec![Ring { hole: false, corners: circle(*centre, *radius_m, around) }]
        }
        Outline::Corridor { line, .. } => {
            let flat = Flat::at(mission_middle(line));
            let area = flat.area(outline, 0.0).map(|area| area.0).unwrap_or_default();
            let part = |polygon: &Polygon<f64>| {
                let holes: Vec<_> =
                    polygon.interiors().iter().map(|hole| Ring { hole: true, corners: flat.places(hole) }).collect();
                std::iter::once(Ring { hole: false, corners: flat.places(polygon.exterior()) }).chain(holes)
            };
            area.iter().flat_map(part).collect()
        }
        Outline::Everywhere => Vec::new(),
    }
}

/// The places round one, in a circle. Off by millimetres up to 20 km, where geodesics would cost a hundred times as much.
pub(crate) fn circle(centre: Position, radius_m: f64, around: u16) -> Vec<Position> {
    if radius_m > 20_000.0 {
        let turn = |i: u16| direct(centre, 360.0 * f64::from(i) / f64::from(around), radius_m);
        return (0..around).map(turn).collect();
    }
    let (sin, cos) = centre.lat_deg.to_radians().sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let (across_m, along_m) = (A_M / w2.sqrt(), A_M * (1.0 - E2) / (w2 * w2.sqrt()));
    let tan = sin / cos.max(1e-6);
    let place = |i: u16| {
        let (east, north) = (std::f64::consts::TAU * f64::from(i) / f64::from(around)).sin_cos();
        let (east_m, north_m) = (east * radius_m, north * radius_m);
        let lat = north_m / along_m - east_m * east_m * tan / (2.0 * along_m * across_m);
        let lon = east_m / (across_m * cos.max(1e-6)) * (1.0 + north_m * tan / across_m);
        Position { lat_deg: centre.lat_deg + lat.to_degrees(), lon_deg: centre.lon_deg + lon.to_degrees() }
    };
    (0..around).map(place).collect()
}

/// With corners put into edges that are long.
fn dense(corners: &[Position]) -> Vec<Position> {
    let points: Vec<EarthPoint> = corners.iter().map(|corner| earth_point(*corner)).collect();
    let next = |i: usize| (i + 1) % corners.len();
    let mut dense = Vec::with_capacity(corners.len());
    for (i, corner) in corners.iter().enumerate() {
        dense.push(*corner);
        if mission_profiles::place::ground_distance_m(points[i], points[next(i)]) > STRAIGHT_M {
            let way = mission_profiles::place::inverse(*corner, corners[next(i)]);
            let mut along_m = STRAIGHT_M;
            while along_m < way.distance_m - 1.0 && dense.len() < 100_000 {
                dense.push(direct(*corner, way.azimuth_deg, along_m));
                along_m += STRAIGHT_M;
            }
        }
    }
    dense
}

fn mission_middle(line: &[Position]) -> Position {
    line.get(line.len() / 2).copied().unwrap_or(Position { lat_deg: 0.0, lon_deg: 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use mission_profiles::place::inverse;

    fn at(lat_deg: f64, lon_deg: f64) -> Position {
        Position::new(lat_deg, lon_deg).unwrap()
    }

    #[test]
    fn a_circle_is_round_to_decimetres() {
        for (lat, radius_m) in [(0.0, 5_000.0), (52.9, 4_630.0), (60.2, 20_000.0), (60.2, 50_000.0)] {
            for place in circle(at(lat, -1.6), radius_m, 36) {
                let error_m = inverse(at(lat, -1.6), place).distance_m - radius_m;
                assert!(error_m.abs() < 0.5, "{lat} {radius_m}: {error_m}");
            }
        }
    }

    #[test]
    fn a_corridor_is_as_wide_as_it_is() {
        let line = vec![at(52.0, -1.0), at(52.0, -0.98), at(52.01, -0.98)];
        let rings = rings(&Outline::Corridor { line: line.clone(), half_width_m: 100.0 }, 90);
        assert_eq!(rings.len(), 1);
        let flat = Flat::at(line[0]);
        let nearest = |place: &Position| {
            use geo::{Distance as _, Euclidean};
            Euclidean.distance(&geo::Point(flat.to(*place)), &flat.ring(&line))
        };
        assert!(rings[0].corners.iter().all(|corner| (nearest(corner) - 100.0).abs() < 1.0));
    }

    #[test]
    fn there_and_back_on_the_plane() {
        let flat = Flat::at(at(52.9, -1.6));
        let there = at(52.93, -1.66);
        let apart_m = inverse(there, flat.back(flat.to(there))).distance_m;
        assert!(apart_m < 0.05, "{apart_m}");
    }
}
