//! Plates under the words of the display, so that they read over snow.

use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Stroke, Ui, pos2, vec2};

use crate::ui::icon::Icon;
use crate::ui::text::Style;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::tokens::Tokens;
use crate::ui::{paint, widget};

/// From the edge of the picture, points.
pub(super) const MARGIN: f32 = 12.0;

/// Draws over the picture.
pub(super) struct Plates<'a> {
    pub(super) ui: &'a Ui,
    pub(super) rect: Rect,
    pub(super) t: &'static Tokens,
    painter: Painter,
}

impl<'a> Plates<'a> {
    pub(super) fn new(ui: &'a Ui, rect: Rect) -> Self {
        Self { ui, rect, t: tokens(ui), painter: ui.painter().with_clip_rect(rect) }
    }

    pub(super) fn painter(&self) -> &Painter {
        &self.painter
    }

    /// A plate that says this to who cannot see it.
    pub(super) fn plate(&self, rect: Rect, says: &str) -> Rect {
        self.painter.rect_filled(rect, CornerRadius::same(RADIUS), self.t.hud_plate);
        widget::says(self.ui, rect, says);
        rect
    }

    pub(super) fn words(&self, at: Pos2, anchor: Align2, style: Style, words: &str) -> Rect {
        self.ink(at, anchor, style, self.t.hud, words)
    }

    pub(super) fn ink(&self, at: Pos2, anchor: Align2, style: Style, ink: Color32, words: &str) -> Rect {
        paint::words(&self.painter, at, anchor, style, ink, words)
    }

    /// Words that end in … before `right`.
    pub(super) fn fitting(&self, at: Pos2, right: f32, style: Style, words: &str) {
        let galley = paint::line(&self.painter, style, self.t.hud, words, right - at.x);
        let up = galley.size().y / 2.0;
        self.painter.galley(pos2(at.x, at.y - up), galley, self.t.hud);
    }

    pub(super) fn icon(&self, at: Pos2, size: f32, icon: Icon) {
        paint::icon(&self.painter, at, size, self.t.hud, icon);
    }

    /// An arrow that points `deg` clockwise from up.
    pub(super) fn arrow(&self, at: Pos2, deg: f32, length: f32) {
        let (sin, cos) = deg.to_radians().sin_cos();
        let turned = |x: f32, y: f32| at + vec2(x * cos - y * sin, x * sin + y * cos);
        let stroke = Stroke::new(1.6, self.t.hud);
        let (half, head) = (length / 2.0, length * 0.33);
        self.painter.line_segment([turned(0.0, half), turned(0.0, -half)], stroke);
        self.painter.line_segment([turned(0.0, -half), turned(-head, head - half)], stroke);
        self.painter.line_segment([turned(0.0, -half), turned(head, head - half)], stroke);
    }

    /// A dart that points `deg` clockwise from up.
    pub(super) fn dart(&self, at: Pos2, deg: f32) {
        let (sin, cos) = deg.to_radians().sin_cos();
        let turned = |x: f32, y: f32| at + vec2(x * cos - y * sin, x * sin + y * cos);
        let (tip, tail) = (turned(0.0, -12.0), turned(0.0, 5.0));
        for side in [-7.0, 7.0] {
            let wing = vec![tip, turned(side, 9.0), tail];
            self.painter.add(egui::Shape::convex_polygon(wing, self.t.hud, Stroke::NONE));
        }
    }

    pub(super) fn rule(&self, x: std::ops::RangeInclusive<f32>, y: f32) {
        self.painter.hline(x, y, Stroke::new(1.0, self.t.hud.gamma_multiply(0.3)));
    }
}
