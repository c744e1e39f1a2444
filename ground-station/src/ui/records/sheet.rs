//! What stands at the right: a heading, and below it facts, words and lists that scroll.

use egui::{Color32, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS_SMALL, tokens};
use crate::ui::widget::badge::Tone;
use crate::ui::widget::{fact, panel, says};
use crate::ui::{paint, text};

/// Height of the head, points.
const HEAD: f32 = 64.0;
/// Width of the names of facts, points.
const NAMES: f32 = 108.0;

/// The panel with its head, two lines; what is left of it.
pub(super) fn headed(ui: &Ui, rect: Rect, icon: Icon, (title, below): (&str, &str)) -> Rect {
    let t = tokens(ui);
    let mut inside = panel::panel(ui, rect);
    let head = inside.top_part(HEAD);
    paint::rule(ui.painter(), head, t.line);
    let mut line = head.shrink2(vec2(PAD, 0.0));
    paint::icon(ui.painter(), line.left_part(24.0).center(), 24.0, t.text2, icon);
    line.left_part(12.0);
    let upper = Rect::from_min_size(pos2(line.left(), line.center().y - 22.0), vec2(line.width(), 24.0));
    paint::fit(ui.painter(), upper, text::CONTROL, t.text, title);
    says(ui, upper, title);
    let lower = Rect::from_min_size(pos2(line.left(), line.center().y + 3.0), vec2(line.width(), 18.0));
    paint::fit(ui.painter(), lower, text::CELL, t.text2, below);
    says(ui, lower, below);
    inside
}

/// Things below each other in what scrolls.
pub(super) struct Sheet<'a> {
    pub(super) ui: &'a mut Ui,
}

impl Sheet<'_> {
    /// The next so many points, all of the width but its margins.
    pub(super) fn take(&mut self, height: f32) -> Rect {
        let size = vec2(self.ui.available_width(), height);
        let (rect, _) = self.ui.allocate_exact_size(size, egui::Sense::hover());
        rect.shrink2(vec2(PAD, 0.0))
    }

    /// Where the next thing would stand, as high as it likes.
    fn next(&self) -> Rect {
        let at = self.ui.cursor().min + vec2(PAD, 0.0);
        Rect::from_min_size(at, vec2(self.ui.available_width() - 2.0 * PAD, 400.0))
    }

    /// A fact, unless it says nothing.
    pub(super) fn fact(&mut self, name: &str, value: &str) {
        if !value.trim().is_empty() {
            let height = fact::fact(self.ui, self.next(), NAMES, name, value);
            self.take(height);
        }
    }

    /// A fact that asks for a person.
    pub(super) fn toned(&mut self, name: &str, value: &str, tone: Tone) {
        let height = fact::toned(self.ui, self.next(), NAMES, name, value, tone);
        self.take(height);
    }

    /// What follows is about this.
    pub(super) fn heading(&mut self, words: &str) {
        let rect = self.take(36.0);
        let t = tokens(self.ui);
        let line = Rect::from_min_max(pos2(rect.left(), rect.bottom() - 26.0), rect.max);
        paint::fit(self.ui.painter(), line, text::LABEL_STRONG, t.text2, words);
        says(self.ui, line, words);
    }

    /// Words of several lines.
    pub(super) fn words(&mut self, style: text::Style, color: Color32, words: &str) {
        let place = self.next();
        let galley = paint::lines(self.ui.painter(), style, color, words, place.width(), 12);
        let height = galley.size().y;
        self.ui.painter().galley(place.min, galley, color);
        let rect = self.take(height + 4.0);
        says(self.ui, rect, words);
    }

    /// Words in a frame that ask for a person.
    pub(super) fn notice(&mut self, tone: Tone, icon: Icon, words: &str) {
        let place = self.next();
        let t = tokens(self.ui);
        let galley = paint::lines(self.ui.painter(), text::CELL, t.text, words, place.width() - 54.0, 12);
        let height = galley.size().y + 20.0;
        let rect = self.take(height + 8.0);
        let frame = Rect::from_min_size(rect.min, vec2(rect.width(), height));
        let ink = tone.ink(self.ui);
        let painter = self.ui.painter();
        painter.rect(
            frame,
            CornerRadius::same(RADIUS_SMALL),
            tone.ground(self.ui),
            Stroke::new(1.0, ink),
            StrokeKind::Inside,
        );
        paint::icon(painter, frame.min + vec2(24.0, 20.0), 20.0, ink, icon);
        painter.galley(frame.min + vec2(44.0, 10.0), galley, t.text);
        says(self.ui, frame, words);
    }

    /// A line with a sign before it.
    pub(super) fn item(&mut self, icon: Icon, ink: Color32, words: &str) {
        let mut place = self.next();
        let at = place.min + vec2(8.0, 10.0);
        place.left_part(24.0);
        let t = tokens(self.ui);
        let galley = paint::lines(self.ui.painter(), text::CELL, t.text, words, place.width(), 6);
        let height = galley.size().y.max(20.0) + 6.0;
        paint::icon(self.ui.painter(), at, 16.0, ink, icon);
        self.ui.painter().galley(place.min + vec2(0.0, 2.0), galley, t.text);
        let rect = self.take(height);
        says(self.ui, rect, words);
    }

    /// Defects, each with its sign.
    pub(super) fn defect(&mut self, words: &str) {
        let ink = Tone::Caution.ink(self.ui);
        self.item(icon::WRENCH.fill(), ink, words);
    }
}
