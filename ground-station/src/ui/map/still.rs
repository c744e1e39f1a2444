//! Land and zones as they were painted last: triangles that are painted again, or moved, until something of them is different.

use std::sync::Arc;

use egui::epaint::Tessellator;
use egui::{Mesh, Painter, Rect, Shape, Ui, Vec2, vec2};

use super::figure::Figures;
use super::land::Land;
use super::lens::Lens;
use super::scene::Scene;
use super::zones::{self, Drawn, Pill};
use crate::ui::theme::theme;
use crate::ui::tokens::{Theme, Tokens};

/// So far beyond the map's edges it is drawn, points: so far it can be moved.
const BEYOND: f32 = 240.0;
/// What names keep off is taken in steps of this, points, so that they do not follow every step of an aircraft.
const STEP: f32 = 96.0;

/// What it is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Of {
    editions: [u64; 2],
    stands: usize,
    theme: Theme,
    points: f32,
    clear: Option<Rect>,
}

/// What was painted.
struct Painted {
    of: Of,
    /// How it was looked at when it was drawn,
    lens: Lens,
    /// and in the frame before.
    before: Lens,
    /// How far it was moved since.
    moved: Vec2,
    land: Arc<Mesh>,
    zones: Arc<Mesh>,
    drawn: Drawn,
    pills: Option<(Vec2, Vec<Pill>)>,
}

/// Land and zones of one map.
#[derive(Default)]
pub(crate) struct Still {
    land: Land,
    pub(super) figures: Figures,
    edition: Option<u64>,
    painted: Option<Painted>,
}

impl Still {
    /// Makes ready what is to be painted; whether some zones are still to be made. Names keep off `clear`, where they can.
    pub(crate) fn refresh(&mut self, ui: &Ui, lens: &Lens, t: &Tokens, scene: &Scene<'_>, clear: Option<Rect>) -> bool {
        if self.edition != Some(scene.edition) {
            self.figures.clear();
            (self.edition, self.painted) = (Some(scene.edition), None);
        }
        let of = Of {
            editions: [scene.edition, scene.stands_edition],
            stands: scene.stands.len(),
            theme: theme(ui.ctx()),
            points: ui.ctx().pixels_per_point(),
            clear: clear.map(|clear| stepped(clear, lens.rect())),
        };
        if !self.painted.as_mut().is_some_and(|painted| painted.follow(&of, lens)) {
            self.painted = Some(self.draw(ui, lens, t, scene, of));
        }
        self.painted.as_ref().is_some_and(|painted| painted.drawn.unfinished > 0)
    }

    fn draw(&mut self, ui: &Ui, lens: &Lens, t: &Tokens, scene: &Scene<'_>, of: Of) -> Painted {
        let rect = lens.rect().expand(BEYOND);
        let (mut land, mut zones) = (Vec::new(), Vec::new());
        self.land.draw(lens, rect, t, &mut land);
        let sky = (scene.datasets, scene.stands);
        let drawn = zones::draw(lens, rect, t, sky, of.clear, &mut self.figures, &mut zones);
        let [land, zones] = [land, zones].map(|shapes| Arc::new(triangles(ui, shapes)));
        Painted { of, lens: *lens, before: *lens, moved: Vec2::ZERO, land, zones, drawn, pills: None }
    }

    /// Paints the land.
    pub(crate) fn paint_land(&self, painter: &Painter) {
        self.painted.iter().for_each(|painted| paint(painter, &painted.land));
    }

    /// Paints the zones.
    pub(crate) fn paint_zones(&self, painter: &Painter) {
        self.painted.iter().for_each(|painted| paint(painter, &painted.zones));
    }

    /// Names zones, over all else.
    pub(crate) fn name(&mut self, ui: &Ui, painter: &Painter, lens: &Lens, t: &Tokens, scene: &Scene<'_>) {
        let Some(painted) = &mut self.painted else { return };
        let sky = (scene.datasets, scene.stands);
        let (moved, labels) = (painted.moved, &painted.drawn.labels);
        if painted.pills.as_ref().is_none_or(|(at, _)| *at != moved) {
            painted.pills = Some((moved, zones::names(painter, lens, sky, labels, moved)));
        }
        let pills = painted.pills.as_ref().map_or(&[][..], |(_, pills)| pills);
        zones::name(ui, painter, t, sky, pills);
    }

    /// What of the zones is not drawn as it is.
    pub(crate) fn simplified(&self) -> Option<String> {
        zones::simplified(&self.painted.as_ref()?.drawn)
    }
}

impl Painted {
    /// Whether it still is what is to be painted, moved where it must be. While it is dragged it is moved as it is; once it rests it is drawn
    /// anew, with what came into view.
    fn follow(&mut self, of: &Of, lens: &Lens) -> bool {
        let rests = self.before == *lens;
        self.before = *lens;
        if self.of != *of || self.drawn.unfinished > 0 || (rests && self.moved != Vec2::ZERO) {
            return false;
        }
        let Some(moved) = lens.moved_from(&self.lens).filter(|moved| moved.abs().max_elem() < BEYOND) else {
            return false;
        };
        let by = moved - self.moved;
        if by != Vec2::ZERO {
            for mesh in [&mut self.land, &mut self.zones] {
                Arc::make_mut(mesh).translate(by);
            }
            self.moved = moved;
        }
        true
    }
}

fn paint(painter: &Painter, mesh: &Arc<Mesh>) {
    if !mesh.is_empty() {
        painter.add(Shape::Mesh(Arc::clone(mesh)));
    }
}

/// The part of it that is on the map, its edges outward in steps.
fn stepped(rect: Rect, map: Rect) -> Rect {
    let rect = rect.intersect(map);
    let step = |at: f32, round: fn(f32) -> f32| round(at / STEP) * STEP;
    let low = vec2(step(rect.min.x, f32::floor), step(rect.min.y, f32::floor));
    let high = vec2(step(rect.max.x, f32::ceil), step(rect.max.y, f32::ceil));
    Rect::from_min_max(low.to_pos2(), high.to_pos2())
}

/// As egui would make them of these shapes in each frame; words are not among them.
fn triangles(ui: &Ui, shapes: Vec<Shape>) -> Mesh {
    let options = ui.ctx().tessellation_options(|options| *options);
    let mut tessellator = Tessellator::new(ui.ctx().pixels_per_point(), options, [1, 1], Vec::new());
    let mut mesh = Mesh::default();
    shapes.into_iter().for_each(|shape| tessellator.tessellate_shape(shape, &mut mesh));
    mesh
}

#[cfg(test)]
mod tests {
    use egui::{Context, RawInput, pos2};

    use super::super::tests::{HOME, datasets, stands};
    use super::*;
    use crate::ui::theme::{install, tokens};

    /// Does something in a frame of a window.
    fn framed(mut with: impl FnMut(&Ui)) {
        let ctx = Context::default();
        install(&ctx, Theme::Night);
        for _ in 0..2 {
            let mut output = ctx.run_ui(RawInput::default(), |ui| with(ui));
            output.textures_delta.clear();
        }
    }

    fn lens(by: Vec2, zoom: f64) -> Lens {
        let rect = Rect::from_min_max(pos2(0.0, 0.0), pos2(700.0, 476.0));
        let there = Lens::new(rect, HOME, zoom);
        Lens::new(rect, there.place(rect.center() - by), zoom)
    }

    #[test]
    fn what_is_dragged_is_where_it_would_be_drawn_and_at_rest_it_is_drawn_anew() {
        let (datasets, stands) = (datasets(), stands());
        let scene = Scene { datasets: &datasets, edition: 1, stands: &stands, ..Scene::default() };
        framed(|ui| {
            let refreshed = |still: &mut Still, lens: Lens| still.refresh(ui, &lens, tokens(ui), &scene, None);
            let mesh = |still: &Still| Arc::clone(&still.painted.as_ref().unwrap().zones);
            let (mut dragged, mut fresh) = (Still::default(), Still::default());
            refreshed(&mut dragged, lens(Vec2::ZERO, 12.5));
            let before = mesh(&dragged);
            refreshed(&mut dragged, lens(Vec2::ZERO, 12.5));
            assert!(Arc::ptr_eq(&before, &mesh(&dragged)), "nothing is made again");
            for step in [vec2(11.0, -7.0), vec2(60.0, 20.0)] {
                refreshed(&mut dragged, lens(step, 12.5));
                assert_eq!(dragged.painted.as_ref().map(|painted| painted.moved.round()), Some(step.round()));
            }
            refreshed(&mut fresh, lens(vec2(60.0, 20.0), 12.5));
            let (dragged_mesh, fresh_mesh) = (mesh(&dragged), mesh(&fresh));
            assert_eq!(dragged_mesh.vertices.len(), fresh_mesh.vertices.len());
            let apart = dragged_mesh.vertices.iter().zip(&fresh_mesh.vertices).map(|(a, b)| a.pos.distance(b.pos));
            // Egui puts level and upright lines onto whole points.
            let most = apart.fold(0.0, f32::max);
            assert!(most < 1.01, "{most}");
            refreshed(&mut dragged, lens(vec2(60.0, 20.0), 12.5));
            assert_eq!(dragged.painted.as_ref().map(|painted| painted.moved), Some(Vec2::ZERO), "at rest");
            refreshed(&mut dragged, lens(vec2(60.0 + BEYOND, 20.0), 12.5));
            assert_eq!(dragged.painted.as_ref().map(|painted| painted.moved), Some(Vec2::ZERO), "too far");
        });
    }

    #[test]
    fn what_makes_it_different_is_drawn_at_once() {
        let (datasets, mut stands) = (datasets(), stands());
        framed(|ui| {
            let mut still = Still::default();
            let mut drawn = |stands: &[crate::state::airspace::Stand], stands_edition: u64, zoom: f64| {
                let scene = Scene { datasets: &datasets, edition: 1, stands, stands_edition, ..Scene::default() };
                still.refresh(ui, &lens(Vec2::ZERO, zoom), tokens(ui), &scene, None);
                Arc::clone(&still.painted.as_ref().unwrap().zones)
            };
            let first = drawn(&stands, 1, 13.5);
            assert!(Arc::ptr_eq(&first, &drawn(&stands, 1, 13.5)));
            stands[0].asks = crate::state::airspace::Asks::Held;
            let held = drawn(&stands, 2, 13.5);
            assert_ne!(first.vertices, held.vertices, "another colour");
            assert_ne!(held.vertices, drawn(&stands, 2, 13.6).vertices, "nearer");
            stands[0].asks = crate::state::airspace::Asks::Blocks;
        });
    }

    #[test]
    fn small_zones_are_dots_and_that_is_said() {
        let (datasets, stands) = (datasets(), stands());
        let scene = Scene { datasets: &datasets, edition: 1, stands: &stands, ..Scene::default() };
        framed(|ui| {
            let mut still = Still::default();
            assert!(!still.refresh(ui, &lens(Vec2::ZERO, 13.5), tokens(ui), &scene, None));
            assert_eq!(still.simplified(), None);
            still.refresh(ui, &lens(Vec2::ZERO, 6.0), tokens(ui), &scene, None);
            assert_eq!(still.simplified().as_deref(), Some("5 zones too small for outlines: dots"));
        });
    }
}
