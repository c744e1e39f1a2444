//! What a flight sweeps of the ground, in pieces small enough for one plane each.

use rstar::AABB;

use super::Reach;
use super::flat::{Flat, winding};
use crate::place::{EarthPoint, MEAN_RADIUS_M, Position, TangentPlane, direct, earth_point, ground_distance_m};

/// The longest piece of a leg that one plane serves, metres.
const PIECE_M: f64 = 4_000.0;
/// The longest side of a piece of the ways home, metres.
const HOMEWARD_M: f64 = 10_000.0;
/// Pieces of one leg; a longer leg has longer pieces.
const MAX_PIECES: u32 = 250;
/// Beyond what the planes and chords themselves err, metres.
pub(super) const ROUNDING_M: f64 = 0.1;

/// A part of a leg or of the ways home from it, on the plane that touches the earth in its middle.
pub(super) struct Piece {
    pub(super) middle: Position,
    contact: EarthPoint,
    pub(super) plane: TangentPlane,
    /// Two corners, or three.
    pub(super) corners: Vec<Flat>,
    pub(super) points: Vec<EarthPoint>,
}

pub(super) fn pieces(reach: Reach) -> Vec<Piece> {
    let way = crate::place::inverse(reach.from, reach.to);
    let farthest_m = reach.home.map_or(0.0, |home| ground_distance_m(earth_point(reach.from), earth_point(home)));
    // Bounded by MAX_PIECES, and never below one.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let count = |length_m: f64, piece_m: f64| (length_m / piece_m).ceil().clamp(1.0, f64::from(MAX_PIECES)) as u32;
    let along = |i: u32, of: u32| match i {
        0 => reach.from,
        i if i == of => reach.to,
        i => direct(reach.from, way.azimuth_deg, way.distance_m * f64::from(i) / f64::from(of)),
    };
    let Some(home) = reach.home else {
        let of = count(way.distance_m, PIECE_M);
        return (0..of).map(|i| Piece::of(&[along(i, of), along(i + 1, of)])).collect();
    };
    let (of, bands) = (count(way.distance_m, HOMEWARD_M), count(farthest_m, HOMEWARD_M));
    (0..of).flat_map(|i| homeward([along(i, of), along(i + 1, of)], home, bands)).collect()
}

/// The triangle from a short stretch home, in bands across it.
fn homeward([a, b]: [Position; 2], home: Position, bands: u32) -> Vec<Piece> {
    let down = |from: Position, band: u32| match band {
        0 => from,
        band if band == bands => home,
        band => {
            let way = crate::place::inverse(from, home);
            direct(from, way.azimuth_deg, way.distance_m * f64::from(band) / f64::from(bands))
        }
    };
    let band = |i: u32| {
        let [near, far] = [[down(a, i), down(b, i)], [down(a, i + 1), down(b, i + 1)]];
        let last = i + 1 == bands;
        let rest = (!last).then(|| Piece::of(&[near[1], far[1], far[0]]));
        std::iter::once(Piece::of(&[near[0], near[1], far[0]])).chain(rest)
    };
    (0..bands).flat_map(band).collect()
}

impl Piece {
    fn of(corners: &[Position]) -> Self {
        let middle = super::shape::middle(corners);
        let plane = TangentPlane::at(middle);
        let points: Vec<_> = corners.iter().map(|corner| earth_point(*corner)).collect();
        let corners = points.iter().map(|point| plane.project(*point)).collect();
        Self { middle, contact: earth_point(middle), plane, corners, points }
    }

    pub(super) fn envelope(&self, within_m: f64) -> AABB<EarthPoint> {
        let farthest_m = self.points.iter().map(|point| ground_distance_m(self.contact, *point)).fold(0.0, f64::max);
        grown(&self.points, bulge_m(2.0 * farthest_m) + within_m + ROUNDING_M)
    }

    /// The position at `flat` on the plane, within some kilometres.
    pub(super) fn position(&self, flat: Flat) -> Position {
        direct(self.middle, flat[0].atan2(flat[1]).to_degrees(), flat[0].hypot(flat[1]))
    }

    /// Its sides: the one stretch, or three.
    pub(super) fn sides(&self) -> impl Iterator<Item = [Flat; 2]> {
        let closing = (self.corners.len() > 2).then(|| [self.corners[self.corners.len() - 1], self.corners[0]]);
        self.corners.windows(2).map(|side| [side[0], side[1]]).chain(closing)
    }

    /// Whether `point` is inside, where the piece has an inside.
    pub(super) fn contains(&self, point: Flat) -> bool {
        self.corners.len() > 2 && winding(&self.corners, point) != 0
    }

    /// The shortest of what `distance` gives for the sides, and 0 at `inner` when that is inside.
    pub(super) fn nearest(&self, inner: Option<Flat>, distance: impl Fn([Flat; 2]) -> (f64, Flat)) -> (f64, Flat) {
        if let Some(inner) = inner.filter(|inner| self.contains(*inner)) {
            return (0.0, inner);
        }
        let start = (f64::INFINITY, self.corners[0]);
        self.sides().map(distance).fold(start, |best, next| if next.0 < best.0 { next } else { best })
    }
}

/// How high the ground between two points that far apart rises over their chord, metres.
pub(super) fn bulge_m(length_m: f64) -> f64 {
    let half = (length_m / 2.0 / MEAN_RADIUS_M).min(std::f64::consts::FRAC_PI_2);
    MEAN_RADIUS_M * (1.0 - half.cos()) * 1.01
}

pub(super) fn grown(points: &[EarthPoint], by_m: f64) -> AABB<EarthPoint> {
    let low = points.iter().fold([f64::MAX; 3], |low, point| std::array::from_fn(|i| low[i].min(point[i])));
    let high = points.iter().fold([f64::MIN; 3], |high, point| std::array::from_fn(|i| high[i].max(point[i])));
    AABB::from_corners(low.map(|edge| edge - by_m), high.map(|edge| edge + by_m))
}
