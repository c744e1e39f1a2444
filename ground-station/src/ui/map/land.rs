//! Sea, land and graticule: what lies under everything, always.

use egui::{Align2, Mesh, Painter, Rect, Shape, Stroke, pos2};
use mission_profiles::place::Position;

use super::figure::{Figure, Ring, level, seen};
use super::lens::{Lens, World, world};
use crate::basemap::land::{self, CELL_DEG, Cell};
use crate::ui::tokens::Tokens;
use crate::ui::{paint, text};

/// Steps of the graticule, degrees.
const STEPS_DEG: [f64; 14] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];
/// Between its lines, points at least.
const APART: f64 = 170.0;

/// The land, and its figures at the scale that was last looked at.
#[derive(Default)]
pub(crate) struct Land {
    cells: Vec<(Cell, Option<(i32, Figure)>)>,
}

impl Land {
    /// The shapes of what is seen in `rect`.
    pub(crate) fn draw(&mut self, lens: &Lens, rect: Rect, t: &Tokens, shapes: &mut Vec<Shape>) {
        if self.cells.is_empty() {
            self.cells = land::cells().into_iter().map(|cell| (cell, None)).collect();
        }
        let [north_west, south_east] = lens.seen_in(rect);
        let level = level(lens.zoom());
        let mut mesh = Mesh::default();
        let mut coast = Vec::new();
        let rect = rect.expand(8.0);
        for (cell, made) in &mut self.cells {
            let [west, south] = cell.corner_deg;
            let low = world(Position { lat_deg: south + CELL_DEG, lon_deg: west });
            let high = world(Position { lat_deg: south, lon_deg: west + CELL_DEG });
            if high[0] < north_west[0] || low[0] > south_east[0] || high[1] < north_west[1] || low[1] > south_east[1] {
                continue;
            }
            if made.as_ref().is_none_or(|(known, _)| *known != level) {
                *made = Some((level, figure(cell, level)));
            }
            let Some((_, figure)) = made else { continue };
            figure.fill(lens, t.map_land, &mut mesh);
            for ring in &figure.rings {
                let closed: Vec<_> = ring.points.iter().chain(ring.points.first()).map(|at| lens.point(*at)).collect();
                coast.extend(seen(&closed, ring.drawn.as_deref(), rect));
            }
        }
        shapes.push(Shape::mesh(mesh));
        shapes.extend(coast.into_iter().map(|run| Shape::line(run.points, Stroke::new(1.0, t.map_case))));
    }
}

/// A cell at a level, which edges are coast kept.
fn figure(cell: &Cell, level: i32) -> Figure {
    let scale = 256.0 * f64::from(level + 1).exp2();
    let ring = |ring: &land::Ring| {
        let points =
            ring.corners.iter().map(|[lon_deg, lat_deg]| world(Position { lat_deg: *lat_deg, lon_deg: *lon_deg }));
        let (mut kept, mut drawn): (Vec<World>, Vec<bool>) = (Vec::new(), Vec::new());
        let mut before = false;
        for (at, coast) in points.zip(&ring.coast) {
            let near = kept.last().is_some_and(|last| (at[0] - last[0]).hypot(at[1] - last[1]) * scale < 1.0);
            // Corners on a cell's edge stay, else cells would gape.
            if !(near && before && *coast) {
                kept.push(at);
                drawn.push(*coast);
            }
            before = *coast;
        }
        Ring { points: kept, drawn: Some(drawn), hole: ring.hole }
    };
    let rings = cell.rings.iter().map(ring).filter(|ring| ring.points.len() >= 3 || ring.hole);
    Figure::of(rings.filter(|ring| ring.points.len() >= 3).collect())
}

/// Lines of latitude and longitude: where nothing else is drawn, they say how large things are.
pub(crate) fn graticule(painter: &Painter, lens: &Lens, t: &Tokens) {
    let degree = lens.scale() / 360.0;
    let Some(step) = STEPS_DEG.into_iter().find(|step| step * degree >= APART) else { return };
    let (low, high) = (lens.place(lens.rect().left_bottom()), lens.place(lens.rect().right_top()));
    let stroke = Stroke::new(1.0, t.map_hedge);
    let digits = if step < 0.01 {
        3
    } else if step < 0.1 {
        2
    } else {
        usize::from(step < 1.0)
    };
    let colors = (t.text3, t.map_halo);
    for line in lines(low.lon_deg, high.lon_deg, step) {
        let x = lens.at(Position { lat_deg: low.lat_deg, lon_deg: line }).x;
        painter.vline(x, lens.rect().y_range(), stroke);
        // The scale stands in the lower left corner.
        if x < lens.rect().left() + 210.0 {
            continue;
        }
        let words = format!("{:.digits$}° {}", line.abs(), if line < 0.0 { 'W' } else { 'E' });
        paint::haloed(
            painter,
            pos2(x + 4.0, lens.rect().bottom() - 3.0),
            Align2::LEFT_BOTTOM,
            text::LABEL,
            colors,
            &words,
        );
    }
    for line in lines(low.lat_deg, high.lat_deg, step) {
        let y = lens.at(Position { lat_deg: line, lon_deg: low.lon_deg }).y;
        painter.hline(lens.rect().x_range(), y, stroke);
    }
}

/// Multiples of a step between two.
fn lines(low: f64, high: f64, step: f64) -> impl Iterator<Item = f64> {
    let first = (low / step).ceil();
    (0..64_u32).map(move |i| (first + f64::from(i)) * step).take_while(move |line| *line <= high)
}
