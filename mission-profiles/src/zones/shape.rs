//! Outlines on the ground, made of what files say of them.

use crate::place::{EarthPoint, Position, TangentPlane, earth_point, ground_distance_m};

/// An outline whose extent is lost stays as a circle of this radius about what is known of it: 5 nautical miles.
const LOST_EXTENT_M: f64 = 9_260.0;
/// An outline with a corner farther than this from its middle is taken for the whole earth: a hemisphere has no inside.
const FARTHEST_M: f64 = 5_000_000.0;
/// Rings that enclose less are lines, square metres.
const NO_AREA_M2: f64 = 0.1;
/// Pairs of edges compared before a ring counts as crossing itself.
const MAX_PAIRS: usize = 20_000_000;

/// An outline on the ground.
#[derive(Debug, Clone, PartialEq)]
pub enum Outline {
    /// A polygon.
    Polygon(Polygon),
    /// Every point within `radius_m` of `centre`.
    Circle {
        /// The middle.
        centre: Position,
        /// Metres, above 0.
        radius_m: f64,
    },
    /// Every point within `half_width_m` of a line.
    Corridor {
        /// The line: at least one point.
        line: Vec<Position>,
        /// Metres, above 0.
        half_width_m: f64,
    },
    /// The whole earth: of an outline that could not be understood.
    Everywhere,
}

/// A polygon: corners without the repeated last one, at least three.
#[derive(Debug, Clone, PartialEq)]
pub struct Polygon {
    /// Its outer ring.
    pub exterior: Vec<Position>,
    /// What is cut out of it.
    pub holes: Vec<Vec<Position>>,
    /// What runs between the corners.
    pub edges: Edges,
    /// How far outside the ring it may yet reach, metres: an arc written as corners.
    pub margin_m: f64,
}

/// What runs between two corners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// The shortest way (AIXM, OpenAir, YAIXM).
    Geodesic,
    /// A line that is straight in longitude and latitude (RFC 7946 3.1.1).
    Straight,
}

/// An outline, and why it is larger than the file's, when it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cleaned {
    pub(super) outline: Outline,
    pub(super) doubt: Option<String>,
}

impl From<Outline> for Cleaned {
    fn from(outline: Outline) -> Self {
        Self { outline, doubt: None }
    }
}

impl Outline {
    /// A point of it, or in its middle: what sunrise is computed for, and where a map looks.
    #[must_use]
    pub fn somewhere(&self) -> Position {
        match self {
            Self::Polygon(polygon) => middle(&polygon.exterior),
            Self::Circle { centre, .. } => *centre,
            Self::Corridor { line, .. } => middle(line),
            Self::Everywhere => Position { lat_deg: 0.0, lon_deg: 0.0 },
        }
    }
}

/// The circle of a file, or, where it gives no radius, the circle that stands for it.
pub(super) fn circle(centre: Position, radius_m: f64) -> Cleaned {
    if radius_m.is_finite() && radius_m > 0.0 && radius_m <= FARTHEST_M {
        return Outline::Circle { centre, radius_m }.into();
    }
    let doubt = Some(format!("its radius, {radius_m} m, is none"));
    Cleaned { outline: Outline::Circle { centre, radius_m: LOST_EXTENT_M }, doubt }
}

/// The outline with these rings; `None` when they have no corner at all.
pub(super) fn polygon(exterior: &[Position], holes: &[Vec<Position>], edges: Edges, margin_m: f64) -> Option<Cleaned> {
    let exterior = distinct(exterior);
    if exterior.len() < 3 {
        let radius_m = match exterior[..] {
            [] => return None,
            [a, b] => LOST_EXTENT_M + ground_distance_m(earth_point(a), earth_point(b)),
            _ => LOST_EXTENT_M,
        };
        let doubt = Some(format!("{} corners are no area", exterior.len()));
        return Some(Cleaned { outline: Outline::Circle { centre: middle(&exterior), radius_m }, doubt });
    }
    let centre = middle(&exterior);
    let points: Vec<_> = exterior.iter().map(|corner| earth_point(*corner)).collect();
    if points.iter().any(|point| ground_distance_m(*point, earth_point(centre)) > FARTHEST_M) {
        return Some(Cleaned {
            outline: Outline::Everywhere,
            doubt: Some("it goes round more than the earth's half".into()),
        });
    }
    let holes: Vec<_> = holes.iter().map(|hole| distinct(hole)).filter(|hole| hole.len() >= 3).collect();
    let plane = TangentPlane::at(centre);
    let flat = |ring: &[Position]| ring.iter().map(|corner| plane.project(earth_point(*corner))).collect::<Vec<_>>();
    let ring = flat(&exterior);
    if edges == Edges::Geodesic && crosses_itself(&ring)
        || edges == Edges::Straight && crosses_itself(&in_degrees(&exterior))
    {
        let exterior = hull(&ring).into_iter().map(|corner| exterior[corner]).collect();
        let hull = Polygon { exterior, holes: Vec::new(), edges, margin_m };
        return Some(Cleaned { outline: Outline::Polygon(hull), doubt: Some("its outline crosses itself".into()) });
    }
    if enclosed_m2(&ring) < NO_AREA_M2 {
        return around(&exterior, "its corners enclose no area".into());
    }
    Some(Outline::Polygon(Polygon { exterior, holes, edges, margin_m }).into())
}

/// The area inside a ring, square metres.
fn enclosed_m2(ring: &[Flat]) -> f64 {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    edges.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>().abs() / 2.0
}

/// What stands for an outline of which only these places are known.
pub(super) fn around(known: &[Position], doubt: String) -> Option<Cleaned> {
    let centre = known.first().map(|_| middle(known))?;
    let farthest_m =
        known.iter().map(|there| ground_distance_m(earth_point(*there), earth_point(centre))).fold(0.0, f64::max);
    let radius_m = farthest_m * 1.5 + LOST_EXTENT_M;
    let outline = if radius_m > FARTHEST_M { Outline::Everywhere } else { Outline::Circle { centre, radius_m } };
    Some(Cleaned { outline, doubt: Some(doubt) })
}

/// Without corners that repeat the one before, or close the ring.
fn distinct(ring: &[Position]) -> Vec<Position> {
    let mut corners: Vec<Position> = Vec::with_capacity(ring.len());
    for corner in ring {
        if corners.last().is_none_or(|last| !same(*last, *corner)) {
            corners.push(*corner);
        }
    }
    while corners.len() > 1 && corners.first().zip(corners.last()).is_some_and(|(first, last)| same(*first, *last)) {
        corners.pop();
    }
    corners
}

/// Nearer than any file writes: 0.1 mm.
fn same(a: Position, b: Position) -> bool {
    (a.lat_deg - b.lat_deg).abs() < 1e-9 && (a.lon_deg - b.lon_deg).abs() < 1e-9
}

/// The place below the mean of these.
pub(crate) fn middle(places: &[Position]) -> Position {
    let sum = places
        .iter()
        .map(|place| earth_point(*place))
        .fold([0.0; 3], |sum: EarthPoint, point| [sum[0] + point[0], sum[1] + point[1], sum[2] + point[2]]);
    let across = sum[0].hypot(sum[1]);
    // Geocentric to geodetic latitude at height 0 (WGS 84: 1 / (1 − e²)).
    let lat_deg = (sum[2] * 1.006_739_496_742_276_4).atan2(across).to_degrees();
    Position { lat_deg, lon_deg: sum[1].atan2(sum[0]).to_degrees() }
}

/// Longitudes that run on over the antimeridian.
pub(super) fn in_degrees(ring: &[Position]) -> Vec<[f64; 2]> {
    let first = ring.first().map_or(0.0, |corner| corner.lon_deg);
    ring.iter().map(|corner| [first + turn_deg(corner.lon_deg - first), corner.lat_deg]).collect()
}

/// The same turn, the short way: −180 to 180 degrees.
pub(super) fn turn_deg(by_deg: f64) -> f64 {
    (by_deg + 180.0).rem_euclid(360.0) - 180.0
}

type Flat = [f64; 2];

/// Whether two edges of a ring cross; where they are too many to look at, they are taken to.
pub(crate) fn crosses_itself(ring: &[Flat]) -> bool {
    let count = ring.len();
    let edge = |i: usize| (ring[i], ring[(i + 1) % count]);
    let low = |(a, b): (Flat, Flat)| a[0].min(b[0]);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|i, j| low(edge(*i)).total_cmp(&low(edge(*j))));
    let mut pairs = 0_usize;
    for (at, &i) in order.iter().enumerate() {
        let (a, b) = edge(i);
        let reach = a[0].max(b[0]);
        for &j in order[at + 1..].iter().take_while(|&&j| low(edge(j)) <= reach) {
            pairs += 1;
            let (c, d) = edge(j);
            if pairs > MAX_PAIRS || cross_properly(a, b, c, d) {
                return true;
            }
        }
    }
    false
}

/// Whether two edges cross at a point inside both; touching is no crossing.
fn cross_properly(a: Flat, b: Flat, c: Flat, d: Flat) -> bool {
    let (ab_c, ab_d, cd_a, cd_b) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    ab_c * ab_d < 0.0 && cd_a * cd_b < 0.0
}

/// Above 0 when `point` is left of the line from `a` to `b`.
pub(super) fn side(a: Flat, b: Flat, point: Flat) -> f64 {
    (b[0] - a[0]) * (point[1] - a[1]) - (point[0] - a[0]) * (b[1] - a[1])
}

/// The corners of the convex hull, by their places in `points` (Andrew's monotone chain).
pub(crate) fn hull(points: &[Flat]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..points.len()).collect();
    order.sort_by(|i, j| points[*i][0].total_cmp(&points[*j][0]).then(points[*i][1].total_cmp(&points[*j][1])));
    let chain = |order: &mut dyn Iterator<Item = usize>| {
        let mut chain: Vec<usize> = Vec::new();
        for next in order {
            while let [.., a, b] = chain[..]
                && side(points[a], points[b], points[next]) <= 0.0
            {
                chain.pop();
            }
            chain.push(next);
        }
        chain.pop();
        chain
    };
    let mut lower = chain(&mut order.iter().copied());
    lower.extend(chain(&mut order.iter().rev().copied()));
    lower
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(corners: &[(f64, f64)]) -> Vec<Position> {
        corners.iter().map(|(lat, lon)| Position::new(*lat, *lon).unwrap()).collect()
    }

    fn made(corners: &[(f64, f64)]) -> Cleaned {
        polygon(&ring(corners), &[], Edges::Geodesic, 0.0).unwrap()
    }

    #[test]
    fn a_ring_is_closed_without_a_word_and_a_spike_is_no_crossing() {
        let open = made(&[(52.0, 0.0), (52.0, 0.1), (52.1, 0.1), (52.1, 0.0)]);
        let closed = made(&[(52.0, 0.0), (52.0, 0.1), (52.0, 0.1), (52.1, 0.1), (52.1, 0.0), (52.0, 0.0)]);
        assert_eq!(open, closed);
        assert_eq!(open.doubt, None);
        assert_eq!(made(&[(52.0, 0.0), (52.0, 0.1), (52.05, 0.2), (52.0, 0.1), (52.1, 0.0)]).doubt, None);
    }

    #[test]
    fn a_bow_tie_stays_as_its_hull() {
        let tie = made(&[(52.0, 0.0), (52.1, 0.1), (52.0, 0.1), (52.1, 0.0)]);
        let Outline::Polygon(hull) = &tie.outline else { panic!("{tie:?}") };
        assert_eq!((hull.exterior.len(), tie.doubt.is_some()), (4, true));
    }

    #[test]
    fn what_is_no_area_stays_as_a_circle() {
        assert!(polygon(&[], &[], Edges::Geodesic, 0.0).is_none());
        assert!(
            matches!(made(&[(52.0, 0.0), (52.0, 0.1)]).outline, Outline::Circle { radius_m, .. } if radius_m > 16_000.0)
        );
        let lost = circle(Position::new(1.0, 1.0).unwrap(), 0.0);
        assert!(lost.doubt.is_some() && matches!(lost.outline, Outline::Circle { radius_m, .. } if radius_m > 9_000.0));
        assert_eq!(made(&[(-10.0, 0.0), (-10.0, 120.0), (-10.0, -120.0)]).outline, Outline::Everywhere);
    }

    #[test]
    fn over_the_antimeridian_and_round_the_pole() {
        let date_line = made(&[(10.0, 179.5), (10.0, -179.5), (11.0, -179.5), (11.0, 179.5)]);
        assert_eq!(
            (date_line.doubt.is_none(), (date_line.outline.somewhere().lon_deg.abs() - 180.0).abs() < 1e-9),
            (true, true)
        );
        let pole = made(&[(80.0, 0.0), (80.0, 90.0), (80.0, 180.0), (80.0, -90.0)]);
        assert!(pole.doubt.is_none() && pole.outline.somewhere().lat_deg > 89.99);
    }
}
