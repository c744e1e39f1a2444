//! Distances and insides on a plane.

use super::shape::side;
use crate::place::dot;

/// East and north, metres.
pub(super) type Flat = [f64; 2];

/// How often the ring goes round `point`: nonzero inside, whatever the ring's direction.
pub(super) fn winding(ring: &[Flat], point: Flat) -> i32 {
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

pub(super) fn to_ring([a, b]: [Flat; 2], ring: &[Flat]) -> (f64, Flat) {
    let (open, at) = to_line([a, b], ring);
    let closing = ring.last().zip(ring.first()).map(|(last, first)| between(a, b, *last, *first));
    closing.filter(|closing| closing.0 < open).unwrap_or((open, at))
}

/// From the stretch `a` to `b` to a line: how far, and where on the stretch.
pub(super) fn to_line([a, b]: [Flat; 2], line: &[Flat]) -> (f64, Flat) {
    let single = line.first().filter(|_| line.len() == 1).map(|point| between(a, b, *point, *point));
    let edges = line.windows(2).map(|edge| between(a, b, edge[0], edge[1])).chain(single);
    edges.fold((f64::INFINITY, a), |best, next| if next.0 < best.0 { next } else { best })
}

/// From the stretch `a` to `b` to the edge `c` to `d`.
pub(super) fn between(a: Flat, b: Flat, c: Flat, d: Flat) -> (f64, Flat) {
    let (ab_c, ab_d, cd_a, cd_b) = (side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b));
    if ab_c * ab_d < 0.0 && cd_a * cd_b < 0.0 {
        let part = cd_a / (cd_a - cd_b);
        return (0.0, [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part]);
    }
    let apart = |p: Flat, q: Flat| (p[0] - q[0]).hypot(p[1] - q[1]);
    let from_edge = |end: Flat| {
        let on = nearest_on(a, b, end);
        (apart(on, end), on)
    };
    let from_stretch = |end: Flat| (apart(nearest_on(c, d, end), end), end);
    [from_stretch(a), from_stretch(b), from_edge(c), from_edge(d)]
        .into_iter()
        .fold((f64::INFINITY, a), |best, next| if next.0 < best.0 { next } else { best })
}

/// The point of the stretch `a` to `b` nearest to `point`.
pub(super) fn nearest_on(a: Flat, b: Flat, point: Flat) -> Flat {
    let way = [b[0] - a[0], b[1] - a[1], 0.0];
    let length2 = dot(way, way);
    if length2 <= 0.0 {
        return a;
    }
    let part = (dot([point[0] - a[0], point[1] - a[1], 0.0], way) / length2).clamp(0.0, 1.0);
    [a[0] + way[0] * part, a[1] + way[1] * part]
}
