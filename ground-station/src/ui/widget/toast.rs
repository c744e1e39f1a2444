//! What was done, with undo; or what went wrong, with what is safe and what to do. Never for alarms.

use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::button::{self, Button};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{icon, paint, text};

/// Its height, points.
pub(crate) const HEIGHT: f32 = 52.0;

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pressed {
    /// Its button: Undo, Try again.
    Action,
    /// It was read.
    Dismiss,
}

/// A toast, best 440 × [`HEIGHT`].
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Toast<'a> {
    /// Something went wrong: it stays until it is read.
    pub(crate) fault: bool,
    /// What happened.
    pub(crate) what: &'a str,
    /// What is safe, or where it is now.
    pub(crate) detail: &'a str,
    /// What to do.
    pub(crate) action: Option<&'a str>,
}

impl Toast<'_> {
    /// Draws it here.
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> Option<Pressed> {
        let t = tokens(ui);
        ui.painter().rect(rect, CornerRadius::same(RADIUS), t.raised, Stroke::new(1.0, t.edge), StrokeKind::Inside);
        let mut inside = rect.shrink2(vec2(PAD, 0.0));
        let (glyph, ink) =
            if self.fault { (icon::WARNING.fill(), t.caution) } else { (icon::CHECK_CIRCLE.fill(), t.ok) };
        paint::icon(ui.painter(), inside.left_part(22.0).center(), 22.0, ink, glyph);
        inside.left_part(10.0);
        let mut pressed = None;
        let name = format!("Close: {}", self.what);
        let side = |place: Rect, wide: f32| Rect::from_center_size(place.center(), vec2(wide, button::SMALL));
        let close = inside.right_part(button::SMALL);
        if Button::icon_only(icon::X.bold(), &name).small().quiet().at(ui, side(close, button::SMALL)).clicked() {
            pressed = Some(Pressed::Dismiss);
        }
        inside.right_part(4.0);
        if let Some(words) = self.action {
            let button = Button::new(words).small();
            let button = if self.fault { button } else { button.quiet() };
            let wide = button.width(ui);
            if button.at(ui, side(inside.right_part(wide), wide)).clicked() {
                pressed = Some(Pressed::Action);
            }
            inside.right_part(8.0);
        }
        let line = Rect::from_min_size(pos2(inside.left(), inside.center().y - 17.0), vec2(inside.width(), 17.0));
        paint::fit(ui.painter(), line, text::CELL_STRONG, t.text, self.what);
        paint::fit(ui.painter(), line.translate(vec2(0.0, 17.0)), text::LABEL, t.text2, self.detail);
        super::says(ui, inside, &format!("{}. {}", self.what, self.detail));
        pressed
    }
}
