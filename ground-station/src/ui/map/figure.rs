//! Outlines as they are painted at one scale: simplified below a point, triangulated once, kept.

use std::collections::HashMap;

use earcut::Earcut;
use egui::{Color32, Mesh};
use mission_profiles::place::Position;
use mission_profiles::zones::Outline;

use super::lens::{Lens, World, narrow, world};
use crate::state::airspace::outline;

/// What is simplified away: a quarter of a point.
const FINE: f64 = 0.25;
/// Most corners of what is round.
const MOST_AROUND: u16 = 1440;
/// Figures kept; then all are made anew as they are needed.
const MOST_KEPT: usize = 60_000;
/// Figures made for one frame; the rest follow in the next.
pub(crate) const MOST_MADE: usize = 600;

/// A ring of the projected world.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ring {
    pub(crate) points: Vec<World>,
    /// Whether the edge from each point is to be drawn.
    pub(crate) drawn: Option<Vec<bool>>,
    pub(crate) hole: bool,
}

/// An outline at one scale.
#[derive(Debug, Clone, Default)]
pub(crate) struct Figure {
    pub(crate) rings: Vec<Ring>,
    corners: Vec<World>,
    triangles: Vec<u32>,
}

impl Figure {
    /// Of rings that are simple enough already.
    pub(crate) fn of(rings: Vec<Ring>) -> Self {
        let mut figure = Self { rings, ..Self::default() };
        let mut parts: Vec<Vec<&Ring>> = Vec::new();
        for ring in &figure.rings {
            match parts.last_mut().filter(|_| ring.hole) {
                Some(part) => part.push(ring),
                None => parts.push(vec![ring]),
            }
        }
        let mut cutter = Earcut::new();
        for part in parts {
            let (mut flat, mut holes): (Vec<World>, Vec<u32>) = (Vec::new(), Vec::new());
            for ring in part {
                if ring.hole {
                    holes.push(u32::try_from(flat.len()).unwrap_or(u32::MAX));
                }
                flat.extend(&ring.points);
            }
            let mut triangles: Vec<u32> = Vec::new();
            // Far from 0 the world's fractions have too few digits for areas: they are taken from the first corner.
            let [x, y] = flat.first().copied().unwrap_or_default();
            cutter.earcut(flat.iter().map(|at| [(at[0] - x) * 1e6, (at[1] - y) * 1e6]), &holes, &mut triangles);
            let base = u32::try_from(figure.corners.len()).unwrap_or(u32::MAX);
            figure.triangles.extend(triangles.into_iter().map(|corner| base.saturating_add(corner)));
            figure.corners.append(&mut flat);
        }
        figure
    }

    /// Adds its inside to a mesh.
    pub(crate) fn fill(&self, lens: &Lens, color: Color32, mesh: &mut Mesh) {
        let base = u32::try_from(mesh.vertices.len()).unwrap_or(u32::MAX);
        for corner in &self.corners {
            mesh.colored_vertex(lens.point(*corner), color);
        }
        mesh.indices.extend(self.triangles.iter().map(|corner| base.saturating_add(*corner)));
    }
}

/// The box of an outline in the projected world; `None` of the whole earth.
pub(crate) fn bounds(outline: &Outline) -> Option<[World; 2]> {
    let mut low = [f64::MAX; 2];
    let mut high = [f64::MIN; 2];
    for place in outline::rings(outline, 16).iter().flat_map(|ring| &ring.corners) {
        let at = world(*place);
        for axis in 0..2 {
            low[axis] = low[axis].min(at[axis]);
            high[axis] = high[axis].max(at[axis]);
        }
    }
    // 16 corners lie up to 2 % inside a circle.
    let pad = [(high[0] - low[0]) * 0.02, (high[1] - low[1]) * 0.02];
    (low[0] <= high[0]).then(|| [[low[0] - pad[0], low[1] - pad[1]], [high[0] + pad[0], high[1] + pad[1]]])
}

/// Which zone's volume a figure is of: dataset, zone, volume.
pub(crate) type Key = [usize; 3];

/// The figures of zones.
#[derive(Default)]
pub(crate) struct Figures {
    bounds: HashMap<Key, Option<[World; 2]>>,
    made: HashMap<Key, (i32, Figure)>,
}

impl Figures {
    /// Other datasets: nothing that was made is of use.
    pub(crate) fn clear(&mut self) {
        self.bounds.clear();
        self.made.clear();
    }

    /// How many are kept.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.made.len()
    }

    /// The box of a volume.
    pub(crate) fn bounds(&mut self, key: Key, outline: &Outline) -> Option<[World; 2]> {
        *self.bounds.entry(key).or_insert_with(|| bounds(outline))
    }

    /// Its figure, and whether it is that of this scale: once `left` is used up it is that of another one, or none.
    pub(crate) fn get(
        &mut self,
        key: Key,
        outline: &Outline,
        lens: &Lens,
        left: &mut usize,
    ) -> Option<(&Figure, bool)> {
        let level = level(lens.zoom());
        if self.made.get(&key).is_none_or(|(known, _)| *known != level) && *left > 0 {
            *left -= 1;
            if self.made.len() >= MOST_KEPT && !self.made.contains_key(&key) {
                self.made.clear();
            }
            self.made.insert(key, (level, make(outline, level)));
        }
        self.made.get(&key).map(|(known, figure)| (figure, *known == level))
    }
}

/// Zooms of one level share figures.
pub(crate) fn level(zoom: f64) -> i32 {
    // 0 to 26.
    #[expect(clippy::cast_possible_truncation, reason = "0 to 26")]
    let level = zoom.floor() as i32;
    level
}

/// Points across the world at the finest zoom of a level.
fn finest(level: i32) -> f64 {
    256.0 * f64::from(level + 1).exp2()
}

fn make(outline: &Outline, level: i32) -> Figure {
    let radius = match outline {
        Outline::Circle { centre, radius_m } => {
            radius_m / 40_075_016.686 / centre.lat_deg.to_radians().cos().max(0.05) * finest(level)
        }
        Outline::Polygon(_) | Outline::Corridor { .. } | Outline::Everywhere => 0.0,
    };
    let corner = (1.0 - FINE / radius.max(1.0)).acos().max(1e-3);
    // 12 to 1,440.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let around = (std::f64::consts::PI / corner).clamp(12.0, f64::from(MOST_AROUND)) as u16;
    let ring = |ring: outline::Ring| {
        let points: Vec<_> = ring.corners.iter().map(|place| world(*place)).collect();
        Ring { points: simpler(&points, finest(level)), drawn: None, hole: ring.hole }
    };
    Figure::of(outline::rings(outline, around).into_iter().map(ring).collect())
}

/// Without the corners that are nearer to the one kept before than a part of a point; at least three stay.
pub(crate) fn simpler(points: &[World], scale: f64) -> Vec<World> {
    if points.len() <= 4 {
        return points.to_vec();
    }
    let mut kept: Vec<World> = Vec::with_capacity(points.len());
    for at in points {
        let far = kept.last().is_none_or(|last| (at[0] - last[0]).hypot(at[1] - last[1]) * scale > FINE * 4.0);
        if far {
            kept.push(*at);
        }
    }
    if kept.len() < 3 { points.iter().step_by((points.len() / 4).max(1)).copied().collect() } else { kept }
}

/// Places as a line of the projected world, painted.
pub(crate) fn line(lens: &Lens, places: &[Position]) -> Vec<egui::Pos2> {
    places.iter().map(|place| lens.at(*place)).collect()
}

/// A part of a line that is seen, and how far along the line it begins, points.
pub(crate) struct Run {
    pub(crate) points: Vec<egui::Pos2>,
    pub(crate) begins: f32,
}

/// The parts of a line that may be seen in `rect`, so that dashes and teeth are made of nothing else.
pub(crate) fn seen(points: &[egui::Pos2], drawn: Option<&[bool]>, rect: egui::Rect) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut along = 0.0_f64;
    let mut open = false;
    for (i, pair) in points.windows(2).enumerate() {
        let [a, b] = [pair[0], pair[1]];
        let length = f64::from((b - a).length());
        let wanted = drawn.is_none_or(|drawn| drawn.get(i).copied().unwrap_or(true));
        match clipped(a, b, rect).filter(|_| wanted) {
            Some([from, to]) => {
                let begins = along + length * f64::from(from);
                match runs.last_mut().filter(|_| open && from <= 0.0) {
                    Some(run) => run.points.push(a + (b - a) * to),
                    None => runs
                        .push(Run { points: vec![a + (b - a) * from, a + (b - a) * to], begins: narrow(begins % 1e6) }),
                }
                open = to >= 1.0;
            }
            None => open = false,
        }
        along += length;
    }
    runs
}

/// Which part of a straight line lies in a rectangle (Liang and Barsky).
fn clipped(a: egui::Pos2, b: egui::Pos2, rect: egui::Rect) -> Option<[f32; 2]> {
    let (mut from, mut to) = (0.0_f32, 1.0_f32);
    let d = b - a;
    for (step, low, high) in
        [(d.x, rect.left() - a.x, rect.right() - a.x), (d.y, rect.top() - a.y, rect.bottom() - a.y)]
    {
        if step.abs() < f32::EPSILON {
            if low > 0.0 || high < 0.0 {
                return None;
            }
            continue;
        }
        let (enters, leaves) = if step > 0.0 { (low / step, high / step) } else { (high / step, low / step) };
        from = from.max(enters);
        to = to.min(leaves);
    }
    (from <= to).then_some([from, to])
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Rect, pos2};

    fn area(mesh: &Mesh) -> f32 {
        let corner = |i: u32| mesh.vertices[usize::try_from(i).unwrap()].pos;
        let of = |t: &[u32]| {
            let (a, b, c) = (corner(t[0]), corner(t[1]), corner(t[2]));
            ((b.x - a.x) * (c.y - a.y) - (c.x - a.x) * (b.y - a.y)).abs() / 2.0
        };
        mesh.indices.chunks(3).map(of).sum()
    }

    #[test]
    fn an_outline_is_filled_and_its_hole_is_not() {
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(800.0, 800.0));
        let middle = Position { lat_deg: 52.9, lon_deg: -1.6 };
        let lens = Lens::new(rect, middle, 14.2);
        let square = |half: f64| [[-half, -half], [half, -half], [half, half], [-half, half]];
        let ring = |half: f64, hole| {
            let [x, y] = world(middle);
            Ring { points: square(half).map(|at| [x + at[0], y + at[1]]).to_vec(), drawn: None, hole }
        };
        let mut mesh = Mesh::default();
        Figure::of(vec![ring(1e-5, false), ring(4e-6, true), ring(1e-6, false)]).fill(&lens, Color32::RED, &mut mesh);
        let wanted = (4.0 * (1e-10 - 1.6e-11 + 1e-12)) * lens.scale() * lens.scale();
        assert!((f64::from(area(&mesh)) / wanted - 1.0).abs() < 1e-3, "{} {wanted}", area(&mesh));
    }

    #[test]
    fn figures_are_made_once_a_level_and_no_more_than_a_frame_can_bear() {
        let lens = |zoom| Lens::new(Rect::EVERYTHING, Position { lat_deg: 52.9, lon_deg: -1.6 }, zoom);
        let circle = Outline::Circle { centre: Position { lat_deg: 52.9, lon_deg: -1.6 }, radius_m: 4_000.0 };
        let mut figures = Figures::default();
        let mut left = 2;
        let few = figures.get([0, 0, 0], &circle, &lens(9.1), &mut left).unwrap().0.rings[0].points.len();
        figures.get([0, 0, 0], &circle, &lens(9.9), &mut left).unwrap();
        assert_eq!(left, 1, "the same level is not made again");
        let many = figures.get([0, 0, 0], &circle, &lens(15.0), &mut left).unwrap().0.rings[0].points.len();
        assert!(few < 60 && many > 200, "{few} {many}");
        assert!(figures.get([0, 0, 1], &circle, &lens(15.0), &mut left).is_none());
        let (coarser, exact) = figures.get([0, 0, 0], &circle, &lens(9.1), &mut left).unwrap();
        assert_eq!((coarser.rings[0].points.len(), exact), (many, false), "of another scale rather than none");
    }

    #[test]
    fn only_what_is_seen_is_dashed_and_dashes_do_not_crawl() {
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(100.0, 100.0));
        let runs =
            seen(&[pos2(-1e6, 50.0), pos2(1e6, 50.0), pos2(1e6, 60.0), pos2(50.0, 60.0), pos2(60.0, 70.0)], None, rect);
        assert_eq!(runs.len(), 2);
        assert!(runs[0].points.iter().all(|at| rect.expand(1.0).contains(*at)));
        assert_eq!(runs[1].points.len(), 3);
        assert!(seen(&[pos2(-5.0, -5.0), pos2(200.0, -5.0)], None, rect).is_empty());
    }
}
