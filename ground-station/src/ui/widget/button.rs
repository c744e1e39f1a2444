//! Buttons, 48 points high, 40 in a row that is itself a target.

use egui::{Align2, CornerRadius, Rect, Response, Stroke, StrokeKind, Ui};

use crate::ui::icon::Icon;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, text};

/// Its height, points.
pub(crate) const HEIGHT: f32 = 48.0;
/// In a row that is itself a target, points.
pub(crate) const SMALL: f32 = 40.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Secondary,
    Primary,
    Quiet,
}

/// A button.
#[must_use = "it stands nowhere until it is put `at` a place"]
pub(crate) struct Button<'a> {
    words: &'a str,
    name: &'a str,
    icon: Option<Icon>,
    key: Option<&'a str>,
    kind: Kind,
    small: bool,
    why_not: Option<&'a str>,
    chosen: bool,
    steady: Option<&'a str>,
}

impl<'a> Button<'a> {
    /// With these words, which are its name too.
    pub(crate) const fn new(words: &'a str) -> Self {
        let kind = Kind::Secondary;
        Self {
            words,
            name: words,
            icon: None,
            key: None,
            kind,
            small: false,
            why_not: None,
            chosen: false,
            steady: None,
        }
    }

    /// An icon alone, with a name for those who cannot see it.
    pub(crate) const fn icon_only(icon: Icon, name: &'a str) -> Self {
        let mut button = Self::new("");
        (button.icon, button.name) = (Some(icon), name);
        button
    }

    /// Another name than its words, where two buttons have the same.
    pub(crate) const fn named(mut self, name: &'a str) -> Self {
        self.name = name;
        self
    }

    /// The same thing while this is the same, whatever becomes of its name.
    pub(crate) const fn steady(mut self, key: &'a str) -> Self {
        self.steady = Some(key);
        self
    }

    /// With an icon before the words.
    pub(crate) const fn icon(mut self, icon: Icon) -> Self {
        self.icon = Some(icon);
        self
    }

    /// With the key that does the same.
    pub(crate) const fn key(mut self, key: &'a str) -> Self {
        self.key = Some(key);
        self
    }

    /// The one primary action of a screen.
    pub(crate) const fn primary(mut self) -> Self {
        self.kind = Kind::Primary;
        self
    }

    /// Without a frame.
    pub(crate) const fn quiet(mut self) -> Self {
        self.kind = Kind::Quiet;
        self
    }

    /// With 13 point words.
    pub(crate) const fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// What it stands for is chosen.
    pub(crate) const fn chosen(mut self, chosen: bool) -> Self {
        self.chosen = chosen;
        self
    }

    /// Cannot be pressed, and why; the reason is shown on hovering, and stands in words beside it where there is room.
    pub(crate) const fn unless(mut self, why_not: Option<&'a str>) -> Self {
        self.why_not = why_not;
        self
    }

    fn style(&self) -> text::Style {
        if self.small { text::CELL_STRONG } else { text::STRONG }
    }

    /// How wide it has to be.
    pub(crate) fn width(&self, ui: &Ui) -> f32 {
        let words = if self.words.is_empty() { 0.0 } else { paint::width(ui.painter(), self.style(), self.words) };
        let icon = if self.icon.is_some() { 20.0 + if self.words.is_empty() { 0.0 } else { 8.0 } } else { 0.0 };
        let key = self.key.map_or(0.0, |key| super::badge::key_width(ui, key) + 8.0);
        let pad = if self.kind == Kind::Quiet { 16.0 } else { 32.0 };
        (words + icon + key + pad).max(if self.small { SMALL } else { HEIGHT }).ceil()
    }

    /// Draws it here.
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> Response {
        let enabled = self.why_not.is_none();
        let response = match self.steady {
            Some(key) => super::steady_target(ui, rect, key, self.name, enabled),
            None => super::target(ui, rect, self.name, enabled),
        };
        let pressed = response.is_pointer_button_down_on();
        self.paint(ui, rect, pressed, response.hovered(), response.has_focus());
        match self.why_not {
            Some(why) => response.on_hover_text(why),
            None => response,
        }
    }

    fn paint(&self, ui: &Ui, rect: Rect, pressed: bool, hovered: bool, focused: bool) {
        let t = tokens(ui);
        let painter = ui.painter();
        let (fill, edge, ink) = match self.kind {
            _ if self.why_not.is_some() => (egui::Color32::TRANSPARENT, t.edge, t.text3),
            Kind::Primary => (t.accent_fill, t.accent, t.on_accent),
            Kind::Quiet => {
                (if hovered { t.raised } else { egui::Color32::TRANSPARENT }, egui::Color32::TRANSPARENT, t.accent)
            }
            Kind::Secondary if self.chosen => (t.accent_dim, t.accent, t.text),
            Kind::Secondary if pressed => (t.sunken, t.text, t.text),
            Kind::Secondary => (t.raised, if hovered { t.text2 } else { t.edge }, t.text),
        };
        let radius = CornerRadius::same(RADIUS);
        if self.why_not.is_some() && self.kind != Kind::Quiet {
            paint::dashed(painter, rect.shrink(0.5), Stroke::new(1.0, edge));
        } else {
            painter.rect(rect, radius, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        }
        if focused {
            painter.rect_stroke(
                rect.expand(3.0),
                CornerRadius::same(RADIUS + 3),
                Stroke::new(2.0, t.accent),
                StrokeKind::Middle,
            );
        }
        self.contents(ui, rect, ink);
    }

    fn contents(&self, ui: &Ui, rect: Rect, ink: egui::Color32) {
        let painter = ui.painter();
        let galley =
            (!self.words.is_empty()).then(|| paint::line(painter, self.style(), ink, self.words, rect.width() - 8.0));
        let words = galley.as_ref().map_or(0.0, |galley| galley.size().x);
        let between = if self.icon.is_some() && galley.is_some() { 8.0 } else { 0.0 };
        let icon = if self.icon.is_some() { 20.0 } else { 0.0 };
        let key = self.key.map_or(0.0, |key| super::badge::key_width(ui, key) + 8.0);
        let mut x = rect.center().x - (words + between + icon + key) / 2.0;
        if let Some(glyph) = self.icon {
            paint::icon(painter, egui::pos2(x + 10.0, rect.center().y), 20.0, ink, glyph);
            x += icon + between;
        }
        if let Some(galley) = galley {
            let at = Align2::LEFT_CENTER.anchor_size(egui::pos2(x, rect.center().y), galley.size());
            painter.galley(at.min, galley, ink);
            x += words;
        }
        if let Some(key) = self.key {
            super::badge::key_cap(ui, egui::pos2(x + 8.0, rect.center().y), key, Some(ink));
        }
    }
}
