//! Which zones a stretch of flight meets, or passes near.

use rstar::{AABB, RTree, RTreeObject};

use super::shape::{Edges, Outline, Polygon, side, turn_deg};
use super::{Dataset, Spans, Volume, Zone};
use crate::place::{EarthPoint, MEAN_RADIUS_M, Position, TangentPlane, direct, dot, earth_point, ground_distance_m};

/// The longest piece of a leg that one plane serves, metres.
const PIECE_M: f64 = 4_000.0;
/// The longest side of a piece of the ways home, metres.
const HOMEWARD_M: f64 = 10_000.0;
/// Pieces of one leg; a longer leg has longer pieces.
const MAX_PIECES: u32 = 250;
/// How far a densified straight edge may be from itself, metres.
const STRAIGHT_M: f64 = 0.5;
/// Beyond what the planes and chords themselves err, metres.
const ROUNDING_M: f64 = 0.1;

/// The volumes of some datasets, ready to be asked.
pub struct Index<'a> {
    tree: RTree<Placed>,
    volumes: Vec<Prepared<'a>>,
}

struct Prepared<'a> {
    zone: &'a Zone,
    volume: &'a Volume,
    dataset: &'a Dataset,
    form: Form,
    margin_m: f64,
}

enum Form {
    Rings(Vec<Vec<EarthPoint>>),
    Circle { centre: EarthPoint, radius_m: f64 },
    Line { points: Vec<EarthPoint>, half_width_m: f64 },
    Everywhere,
}

struct Placed {
    place: usize,
    envelope: AABB<EarthPoint>,
}

impl RTreeObject for Placed {
    type Envelope = AABB<EarthPoint>;

    fn envelope(&self) -> Self::Envelope {
        self.envelope
    }
}

/// Whether all of `reach`, and `within_m` round it, surely lies inside `outline`.
#[must_use]
pub fn holds(outline: &Outline, reach: Reach) -> bool {
    let (form, margin_m) = form(outline);
    let sure_m = reach.within_m + margin_m + ROUNDING_M;
    pieces(reach).iter().all(|piece| form.depth_m(piece).is_some_and(|depth_m| depth_m >= sure_m))
}

/// What a flight sweeps of the ground, and how near to a zone it may come.
#[derive(Debug, Clone, Copy)]
pub struct Reach {
    /// The shortest way from there
    pub from: Position,
    /// to there;
    pub to: Position,
    /// and, where one is given, every way from it to this place: the returns home from all along a leg.
    pub home: Option<Position>,
    /// Zones up to this far beside it are met, metres.
    pub within_m: f64,
}

/// A volume that a stretch meets.
#[derive(Clone, Copy)]
pub struct Near<'a> {
    /// Whose.
    pub zone: &'a Zone,
    /// Which part of it.
    pub volume: &'a Volume,
    /// From this dataset.
    pub dataset: &'a Dataset,
    /// How far outside the stretch stays, metres; 0 inside.
    pub distance_m: f64,
    /// Where the stretch comes nearest, or first is inside.
    pub at: Position,
}

impl<'a> Index<'a> {
    /// Of all volumes of `datasets`.
    #[must_use]
    pub fn new(datasets: &'a [Dataset]) -> Self {
        let zones = datasets.iter().flat_map(|dataset| dataset.zones.iter().map(move |zone| (dataset, zone)));
        let volumes: Vec<_> = zones
            .flat_map(|(dataset, zone)| zone.volumes.iter().map(move |volume| Prepared::new(dataset, zone, volume)))
            .collect();
        let placed = volumes.iter().enumerate().map(|(place, volume)| Placed { place, envelope: volume.envelope() });
        Self { tree: RTree::bulk_load(placed.collect()), volumes }
    }

    /// How many volumes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.volumes.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.volumes.is_empty()
    }

    /// The volumes that `reach` meets on the ground, whatever their heights, each once: where it comes nearest.
    #[must_use]
    pub fn beside(&self, reach: Reach) -> Vec<Near<'a>> {
        let mut found: Vec<(usize, Near<'a>)> = Vec::new();
        for piece in pieces(reach) {
            for placed in self.tree.locate_in_envelope_intersecting(&piece.envelope(reach.within_m)) {
                let volume = &self.volumes[placed.place];
                let (distance_m, at) = volume.distance_m(&piece);
                if distance_m > reach.within_m {
                    continue;
                }
                let near = Near { zone: volume.zone, volume: volume.volume, dataset: volume.dataset, distance_m, at };
                match found.iter_mut().find(|(place, _)| *place == placed.place) {
                    Some((_, known)) if known.distance_m <= distance_m => {}
                    Some((_, known)) => *known = near,
                    None => found.push((placed.place, near)),
                }
            }
        }
        found.sort_by_key(|(place, _)| *place);
        found.into_iter().map(|(_, near)| near).collect()
    }

    /// The volumes that `reach` may enter when it sweeps these heights.
    #[must_use]
    pub fn entered(&self, reach: Reach, heights: &Spans) -> Vec<Near<'a>> {
        let mut near = self.beside(reach);
        near.retain(|near| heights.may_be_within(near.volume.lower, near.volume.upper));
        near
    }
}

/// A part of a leg or of the ways home from it, on the plane that touches the earth in its middle.
struct Piece {
    middle: Position,
    contact: EarthPoint,
    plane: TangentPlane,
    /// Two corners, or three.
    corners: Vec<[f64; 2]>,
    points: Vec<EarthPoint>,
}

fn pieces(reach: Reach) -> Vec<Piece> {
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

    fn envelope(&self, within_m: f64) -> AABB<EarthPoint> {
        let farthest_m = self.points.iter().map(|point| ground_distance_m(self.contact, *point)).fold(0.0, f64::max);
        grown(&self.points, bulge_m(2.0 * farthest_m) + within_m + ROUNDING_M)
    }

    /// The position at `flat` on the plane, within some kilometres.
    fn position(&self, flat: [f64; 2]) -> Position {
        direct(self.middle, flat[0].atan2(flat[1]).to_degrees(), flat[0].hypot(flat[1]))
    }

    /// Its sides: the one stretch, or three.
    fn sides(&self) -> impl Iterator<Item = [[f64; 2]; 2]> {
        let closing = (self.corners.len() > 2).then(|| [self.corners[self.corners.len() - 1], self.corners[0]]);
        self.corners.windows(2).map(|side| [side[0], side[1]]).chain(closing)
    }

    /// Whether `point` is inside, where the piece has an inside.
    fn contains(&self, point: [f64; 2]) -> bool {
        self.corners.len() > 2 && winding(&self.corners, point) != 0
    }

    /// The shortest of what `distance` gives for the sides, and 0 at `inner` when that is inside.
    fn nearest(&self, inner: Option<[f64; 2]>, distance: impl Fn([[f64; 2]; 2]) -> (f64, [f64; 2])) -> (f64, [f64; 2]) {
        if let Some(inner) = inner.filter(|inner| self.contains(*inner)) {
            return (0.0, inner);
        }
        let start = (f64::INFINITY, self.corners[0]);
        self.sides().map(distance).fold(start, |best, next| if next.0 < best.0 { next } else { best })
    }
}

impl<'a> Prepared<'a> {
    fn new(dataset: &'a Dataset, zone: &'a Zone, volume: &'a Volume) -> Self {
        let (form, margin_m) = form(&volume.outline);
        Self { zone, volume, dataset, form, margin_m: margin_m + ROUNDING_M }
    }

    fn envelope(&self) -> AABB<EarthPoint> {
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
    fn distance_m(&self, piece: &Piece) -> (f64, Position) {
        let outside = |distance_m: f64, at: [f64; 2]| ((distance_m - self.margin_m).max(0.0), piece.position(at));
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
                let flat: Vec<Vec<_>> =
                    rings.iter().map(|ring| ring.iter().map(|point| piece.plane.project(*point)).collect()).collect();
                let start = piece.corners[0];
                let inside =
                    flat.iter().enumerate().all(|(ring, corners)| (winding(corners, start) != 0) == (ring == 0));
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
}

impl Form {
    /// How far inside the whole piece lies, metres; `None` when part of it is outside, or nobody can say.
    fn depth_m(&self, piece: &Piece) -> Option<f64> {
        match self {
            Self::Everywhere => Some(f64::INFINITY),
            Self::Circle { centre, radius_m } => {
                let farthest_m =
                    piece.points.iter().map(|point| ground_distance_m(*centre, *point)).fold(0.0, f64::max);
                Some(radius_m - farthest_m).filter(|depth_m| *depth_m >= 0.0)
            }
            // Between the corners of a corridor the sides bend: nobody draws a permission so.
            Self::Line { .. } => None,
            Self::Rings(rings) => {
                let flat: Vec<Vec<_>> =
                    rings.iter().map(|ring| ring.iter().map(|point| piece.plane.project(*point)).collect()).collect();
                let start = piece.corners[0];
                let inside =
                    flat.iter().enumerate().all(|(ring, corners)| (winding(corners, start) != 0) == (ring == 0));
                let holed = flat.iter().skip(1).filter_map(|hole| hole.first()).any(|corner| piece.contains(*corner));
                let to_edges = |side| flat.iter().map(|ring| to_ring(side, ring).0).fold(f64::INFINITY, f64::min);
                (inside && !holed).then(|| piece.sides().map(to_edges).fold(f64::INFINITY, f64::min))
            }
        }
    }
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

/// How high the ground between two points that far apart rises over their chord, metres.
fn bulge_m(length_m: f64) -> f64 {
    let half = (length_m / 2.0 / MEAN_RADIUS_M).min(std::f64::consts::FRAC_PI_2);
    MEAN_RADIUS_M * (1.0 - half.cos()) * 1.01
}

fn grown(points: &[EarthPoint], by_m: f64) -> AABB<EarthPoint> {
    let low = points.iter().fold([f64::MAX; 3], |low, point| std::array::from_fn(|i| low[i].min(point[i])));
    let high = points.iter().fold([f64::MIN; 3], |high, point| std::array::from_fn(|i| high[i].max(point[i])));
    AABB::from_corners(low.map(|edge| edge - by_m), high.map(|edge| edge + by_m))
}

/// How often the ring goes round `point`: nonzero inside, whatever the ring's direction.
fn winding(ring: &[[f64; 2]], point: [f64; 2]) -> i32 {
    let mut turns = 0;
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        let up = a[1] <= point[1] && b[1] > point[1];
        let down = a[1] > point[1] && b[1] <= point[1];
        if up && side(*a, *b, point) > 0.0 {
            turns += 1;
        } else if down && side(*a, *b, point) < 0.0 {
            turns -= 1;
        }
    }
    turns
}

fn to_ring([a, b]: [[f64; 2]; 2], ring: &[[f64; 2]]) -> (f64, [f64; 2]) {
    let (open, at) = to_line([a, b], ring);
    let closing = ring.last().zip(ring.first()).map(|(last, first)| between(a, b, *last, *first));
    closing.filter(|closing| closing.0 < open).unwrap_or((open, at))
}

/// From the stretch `a` to `b` to a line: how far, and where on the stretch.
fn to_line([a, b]: [[f64; 2]; 2], line: &[[f64; 2]]) -> (f64, [f64; 2]) {
    let single = line.first().filter(|_| line.len() == 1).map(|point| between(a, b, *point, *point));
    let edges = line.windows(2).map(|edge| between(a, b, edge[0], edge[1])).chain(single);
    edges.fold((f64::INFINITY, a), |best, next| if next.0 < best.0 { next } else { best })
}

/// From the stretch `a` to `b` to the edge `c` to `d`.
fn between(a: [f64; 2], b: [f64; 2], c: [f64; 2], d: [f64; 2]) -> (f64, [f64; 2]) {
    let (ab_c, ab_d, cd_a, cd_b) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    if ab_c * ab_d < 0.0 && cd_a * cd_b < 0.0 {
        let part = cd_a / (cd_a - cd_b);
        return (0.0, [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]);
    }
    let apart = |p: [f64; 2], q: [f64; 2]| (p[0] - q[0]).hypot(p[1] - q[1]);
    let from_edge = |end: [f64; 2]| {
        let on = nearest_on(a, b, end);
        (apart(on, end), on)
    };
    let from_stretch = |end: [f64; 2]| (apart(nearest_on(c, d, end), end), end);
    [from_stretch(a), from_stretch(b), from_edge(c), from_edge(d)]
        .into_iter()
        .fold((f64::INFINITY, a), |best, next| if next.0 < best.0 { next } else { best })
}

/// The point of the stretch `a` to `b` nearest to `point`.
fn nearest_on(a: [f64; 2], b: [f64; 2], point: [f64; 2]) -> [f64; 2] {
    let way = [b[0] - a[0], b[1] - a[1], 0.0];
    let length2 = dot(way, way);
    if length2 <= 0.0 {
        return a;
    }
    let part = (dot([point[0] - a[0], point[1] - a[1], 0.0], way) / length2).clamp(0.0, 1.0);
    [a[0] + way[0] * part, a[1] + way[1] * part]
}
