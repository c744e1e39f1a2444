//! An outline, ready to be asked how far a piece of a flight stays from it.

use rstar::AABB;

use super::flat::{Flat, nearest_on, to_line, to_ring, winding};
use super::shape::{Edges, Outline, Polygon, turn_deg};
use super::sweep::{Piece, ROUNDING_M, bulge_m, grown};
use crate::place::{EarthPoint, MEAN_RADIUS_M, Position, earth_point, ground_distance_m};

/// How far a densified straight edge may be from itself, metres.
const STRAIGHT_M: f64 = 0.5;

/// An outline in earth-centred points, and how far outside it the file's may yet reach.
pub(super) struct Ground {
    form: Form,
    margin_m: f64,
}

enum Form {
    Rings(Vec<Vec<EarthPoint>>),
    Circle { centre: EarthPoint, radius_m: f64 },
    Line { points: Vec<EarthPoint>, half_width_m: f64 },
    Everywhere,
}

impl Ground {
    pub(super) fn of(outline: &Outline) -> Self {
        let (form, margin_m) = form(outline);
        Self { form, margin_m: margin_m + ROUNDING_M }
    }

    /// A box round all of it.
    pub(super) fn envelope(&self) -> AABB<EarthPoint> {
        let (points, wide_m) = match &self.form {
            Form::Rings(rings) => (rings.first().map_or(&[][..], Vec::as_slice), 0.0),
            Form::Circle { centre, radius_m } => (std::slice::from_ref(centre), *radius_m),
            Form::Line { points, half_width_m } => (points.as_slice(), *half_width_m),
            Form::Everywhere => return AABB::from_corners([-1e8; 3], [1e8; 3]),
        };
        let corner = points.first().copied().unwrap_or_default();
        let farthest_m = points.iter().map(|point| ground_distance_m(corner, *point)).fold(0.0, f64::max);
        // The inside bulges above its corners: by no more than over a cap of this radius.
        grown(points, wide_m + self.margin_m + bulge_m(2.0 * farthest_m))
    }

    /// How far outside the piece stays, and where it comes nearest.
    pub(super) fn distance_m(&self, piece: &Piece) -> (f64, Position) {
        let outside = |distance_m: f64, at: Flat| ((distance_m - self.margin_m).max(0.0), piece.position(at));
        match &self.form {
            Form::Everywhere => (0.0, piece.middle),
            Form::Circle { centre, radius_m } => {
                let (centre, at) = (*centre, piece.plane.project(*centre));
                let (_, nearest) = piece.nearest(Some(at), |[a, b]| {
                    let on = nearest_on(a, b, at);
                    ((on[0] - at[0]).hypot(on[1] - at[1]), on)
                });
                let distance_m = ground_distance_m(centre, earth_point(piece.position(nearest)));
                outside((distance_m - radius_m).max(0.0), nearest)
            }
            Form::Line { points, half_width_m } => {
                let flat: Vec<_> = points.iter().map(|point| piece.plane.project(*point)).collect();
                let (distance_m, at) = piece.nearest(flat.first().copied(), |side| to_line(side, &flat));
                outside((distance_m - half_width_m).max(0.0), at)
            }
            Form::Rings(rings) => {
                let (flat, start) = (flattened(rings, piece), piece.corners[0]);
                let inside = surround(&flat, start);
                if inside {
                    return (0.0, piece.position(start));
                }
                let corner = flat.first().and_then(|ring| ring.first()).copied();
                let (distance_m, at) = piece.nearest(corner, |side| {
                    let rings = flat.iter().map(|ring| to_ring(side, ring));
                    rings.fold((f64::INFINITY, start), |best, next| if next.0 < best.0 { next } else { best })
                });
                outside(distance_m, at)
            }
        }
    }

    /// How far inside the whole piece lies, metres; `None` when part of it is outside, or nobody can say.
    pub(super) fn depth_m(&self, piece: &Piece) -> Option<f64> {
        let deep = match &self.form {
            Form::Everywhere => Some(f64::INFINITY),
            Form::Circle { centre, radius_m } => {
                let farthest_m =
                    piece.points.iter().map(|point| ground_distance_m(*centre, *point)).fold(0.0, f64::max);
                Some(radius_m - farthest_m).filter(|depth_m| *depth_m >= 0.0)
            }
            // Between the corners of a corridor the sides bend: nobody draws a permission so.
            Form::Line { .. } => None,
            Form::Rings(rings) => {
                let (flat, start) = (flattened(rings, piece), piece.corners[0]);
                let inside = surround(&flat, start);
                let holed = flat.iter().skip(1).filter_map(|hole| hole.first()).any(|corner| piece.contains(*corner));
                let to_edges = |side| flat.iter().map(|ring| to_ring(side, ring).0).fold(f64::INFINITY, f64::min);
                (inside && !holed).then(|| piece.sides().map(to_edges).fold(f64::INFINITY, f64::min))
            }
        };
        deep.map(|deep_m: f64| deep_m - self.margin_m)
    }
}

/// The rings on the piece's plane.
fn flattened(rings: &[Vec<EarthPoint>], piece: &Piece) -> Vec<Vec<Flat>> {
    rings.iter().map(|ring| ring.iter().map(|point| piece.plane.project(*point)).collect()).collect()
}

/// Whether `point` is inside the first ring, and in none of the others.
fn surround(rings: &[Vec<Flat>], point: Flat) -> bool {
    rings.iter().enumerate().all(|(ring, corners)| (winding(corners, point) != 0) == (ring == 0))
}

fn form(outline: &Outline) -> (Form, f64) {
    match outline {
        Outline::Polygon(polygon) => rings(polygon),
        Outline::Circle { centre, radius_m } => {
            (Form::Circle { centre: earth_point(*centre), radius_m: *radius_m }, 0.0)
        }
        Outline::Corridor { line, half_width_m } => {
            let points = line.iter().map(|corner| earth_point(*corner)).collect();
            (Form::Line { points, half_width_m: *half_width_m }, 0.0)
        }
        Outline::Everywhere => (Form::Everywhere, 0.0),
    }
}

/// The rings of a polygon, exterior first, and how far outside them it may yet reach.
fn rings(polygon: &Polygon) -> (Form, f64) {
    let all = std::iter::once(&polygon.exterior).chain(&polygon.holes);
    if polygon.edges == Edges::Geodesic {
        return (
            Form::Rings(all.map(|ring| ring.iter().map(|corner| earth_point(*corner)).collect()).collect()),
            polygon.margin_m,
        );
    }
    let mut margin_m: f64 = 0.0;
    let rings = all.map(|ring| {
        let next = ring.iter().cycle().skip(1);
        let edges = ring.iter().zip(next);
        edges.flat_map(|(a, b)| straight(*a, *b, &mut margin_m)).collect()
    });
    let rings = rings.collect();
    (Form::Rings(rings), margin_m + polygon.margin_m)
}

/// Points along an edge that is straight in degrees, without its end. Readers differ about such edges: the margin takes in the geodesic too.
fn straight(a: Position, b: Position, margin_m: &mut f64) -> Vec<EarthPoint> {
    let by_deg = turn_deg(b.lon_deg - a.lon_deg);
    let lat = a.lat_deg.abs().max(b.lat_deg.abs()).to_radians();
    let apart_m = by_deg.to_radians().powi(2) * lat.sin() * lat.cos() * MEAN_RADIUS_M / 8.0;
    *margin_m = margin_m.max(apart_m.min(MEAN_RADIUS_M));
    // At most 720: half a degree, over half the earth.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let steps = (apart_m / STRAIGHT_M).sqrt().ceil().clamp(1.0, 720.0) as u32;
    let part = |i: u32| f64::from(i) / f64::from(steps);
    (0..steps)
        .map(|i| {
            earth_point(Position {
                lat_deg: a.lat_deg + (b.lat_deg - a.lat_deg) * part(i),
                lon_deg: turn_deg(a.lon_deg + by_deg * part(i)),
            })
        })
        .collect()
}
