//! The rings of a polygon: which are cut out of the first, and which are parts of their own.

use serde_json::Value;

use super::super::flat::{Flat, nearest_on, winding};
use super::super::shape::{self, Cleaned, crosses_itself, in_degrees};
use super::assembly::Notes;
use super::cursor::At;
use super::geometry::{outline_of, place};
use crate::place::Position;

/// A corner of a hole that is no farther outside the first ring than this lies on it, degrees: a metre.
const ON_EDGE_DEG: f64 = 1e-5;
/// A hole that leaves less than this part of the first ring is no hole.
const LEFT: f64 = 1e-3;
/// Corners of holes times corners of rings that are compared for one polygon.
const MAX_PAIRS: usize = 20_000_000;

struct Ring {
    corners: Vec<Position>,
    unreadable: usize,
    closed: bool,
    wrapped: bool,
}

/// A polygon's outlines; with a corner that cannot be read it stays as the area round the others. A further ring is cut out only where
/// it surely is a hole: writers of files put parts of their own there too.
pub(super) fn polygon(rings: &[At<'_>], path: &str, notes: &mut Notes) -> Vec<Option<Cleaned>> {
    let mut read = rings.iter().map(|ring| corners(ring.array().unwrap_or_default()));
    let Some(exterior) = read.next() else { return vec![None] };
    if exterior.unreadable > 0 {
        let doubt = format!("{} of its corners are no longitude and latitude", exterior.unreadable);
        return vec![shape::around(&exterior.corners, doubt)];
    }
    if !exterior.closed {
        notes.deviation(path, "a ring is not closed (RFC 7946 3.1.6)");
    }
    if exterior.wrapped {
        notes.deviation(path, "longitudes beyond ±180° (RFC 7946 3.1.9)");
    }
    let (mut holes, mut apart) = (Vec::new(), Vec::new());
    let mut pairs = 0;
    for (ring, at) in read.zip(&rings[1..]) {
        pairs += ring.corners.len() * (exterior.corners.len() + holes.iter().map(Vec::len).sum::<usize>());
        match role(&ring, &exterior.corners, &holes, pairs) {
            Role::Hole => holes.push(ring.corners),
            Role::Idle => {}
            Role::Unsure(why) => notes.doubt(&at.path, why),
            Role::Apart => {
                notes.deviation(&at.path, "a ring outside the first is a part of its own, not a hole (RFC 7946 3.1.6)");
                apart.push(outline_of(&ring.corners, &[]));
            }
            Role::Overlapping => {
                notes.doubt(&at.path, "a ring neither inside the first nor outside it: nothing is cut out");
                apart.push(outline_of(&ring.corners, &[]));
            }
        }
    }
    std::iter::once(outline_of(&exterior.corners, &holes)).chain(apart).collect()
}

/// What a further ring of a polygon is.
enum Role {
    /// Cut out.
    Hole,
    /// Too small to cut out anything.
    Idle,
    /// Not cut out, for this reason.
    Unsure(&'static str),
    /// A part of its own.
    Apart,
    /// Partly outside the first ring, or inside a hole.
    Overlapping,
}

fn role(ring: &Ring, exterior: &[Position], holes: &[Vec<Position>], pairs: usize) -> Role {
    if ring.unreadable > 0 {
        return Role::Unsure("a corner of a hole is no longitude and latitude: it is not cut out");
    }
    if ring.corners.len() < 3 {
        return Role::Idle;
    }
    if pairs > MAX_PAIRS {
        return Role::Unsure("holes with too many corners to be looked at are not cut out");
    }
    let (first, inner) = (in_degrees(exterior), near(&ring.corners, exterior));
    let outside = inner.iter().filter(|corner| is_outside(&first, **corner)).count();
    let in_a_hole = || {
        holes.iter().any(|hole| {
            let hole = near(hole, exterior);
            inner.iter().any(|corner| {
                winding(&hole, *corner) != 0 && !is_outside(&hole, *corner) && edge_deg(&hole, *corner) > ON_EDGE_DEG
            })
        })
    };
    match outside {
        0 if in_a_hole() => Role::Overlapping,
        0 if area(&inner).abs() > area(&first).abs() * (1.0 - LEFT) => {
            Role::Unsure("a hole as large as the polygon is not cut out")
        }
        0 if crosses_itself(&inner) => Role::Unsure("a hole that crosses itself is not cut out"),
        0 => Role::Hole,
        all if all == inner.len() && !first.iter().any(|corner| winding(&inner, *corner) != 0) => Role::Apart,
        _ => Role::Overlapping,
    }
}

/// In degrees, on the same turn round the earth as `exterior`.
fn near(ring: &[Position], exterior: &[Position]) -> Vec<Flat> {
    let mut flat = in_degrees(ring);
    if let (Some(first), Some(about)) = (flat.first().copied(), exterior.first()) {
        let there = about.lon_deg + shape::turn_deg(first[0] - about.lon_deg);
        flat.iter_mut().for_each(|corner| corner[0] += there - first[0]);
    }
    flat
}

fn is_outside(ring: &[Flat], corner: Flat) -> bool {
    winding(ring, corner) == 0 && edge_deg(ring, corner) > ON_EDGE_DEG
}

/// How far from the ring, degrees.
fn edge_deg(ring: &[Flat], corner: Flat) -> f64 {
    let edges = ring.iter().zip(ring.iter().cycle().skip(1));
    let apart = |on: Flat| (on[0] - corner[0]).hypot(on[1] - corner[1]);
    edges.map(|(a, b)| apart(nearest_on(*a, *b, corner))).fold(f64::INFINITY, f64::min)
}

fn area(ring: &[Flat]) -> f64 {
    let origin = ring.first().copied().unwrap_or_default();
    let at = |corner: &Flat| [corner[0] - origin[0], corner[1] - origin[1]];
    let edges = ring.iter().zip(ring.iter().cycle().skip(1)).map(|(a, b)| (at(a), at(b)));
    edges.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>() / 2.0
}

fn corners(ring: &[Value]) -> Ring {
    let read: Vec<_> = ring.iter().filter_map(place).collect();
    let corners: Vec<_> = read.iter().map(|(corner, _)| *corner).collect();
    let closed = corners.first() == corners.last();
    Ring { unreadable: ring.len() - corners.len(), closed, wrapped: read.iter().any(|(_, wrapped)| *wrapped), corners }
}
