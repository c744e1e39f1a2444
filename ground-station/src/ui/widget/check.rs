//! A line of a checklist: checked by the machine, by eyes, or skipped.

use egui::{CornerRadius, Rect, Response, Role, Stroke, StrokeKind, Ui, vec2};

use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::{RADIUS, RADIUS_SMALL, tokens};
use crate::ui::{paint, text};

/// Height of a row that is pressed, points.
pub(crate) const HEIGHT: f32 = 48.0;

/// Who checks it, and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By<'a> {
    /// The machine; whether it is so, and what it says.
    Machine(bool, &'a str),
    /// Eyes; nobody looked yet.
    Eyes,
    /// Eyes; who looked, and when.
    Seen(&'a str),
    /// Skipped: it is in the log.
    Skipped(&'a str),
}

/// One check; pressing it ticks or unticks it, if it is for eyes.
pub(crate) fn check(ui: &Ui, rect: Rect, what: &str, by: By<'_>) -> Response {
    let t = tokens(ui);
    let (for_eyes, on) = (!matches!(by, By::Machine(..)), matches!(by, By::Machine(true, _) | By::Seen(_)));
    let response = super::chosen_target(ui, rect, what, (for_eyes, on), Role::CheckBox);
    if response.hovered() && for_eyes {
        ui.painter().rect_filled(rect, CornerRadius::ZERO, t.raised);
    }
    paint::rule(ui.painter(), rect, t.line);
    super::focus_ring(ui, rect.shrink(4.0), RADIUS, &response);
    let mut inside = rect.shrink2(vec2(PAD, 0.0));
    let square = Rect::from_center_size(inside.left_part(24.0).center(), vec2(24.0, 24.0));
    let (edge, fill, glyph) = match by {
        By::Machine(true, _) | By::Seen(_) => (t.ok, t.ok_dim, Some(icon::CHECK)),
        By::Machine(false, _) => (t.warn, t.warn_dim, Some(icon::X)),
        By::Eyes => (t.edge, t.panel, None),
        By::Skipped(_) => (t.caution, t.panel, Some(icon::MINUS)),
    };
    ui.painter().rect(square, CornerRadius::same(RADIUS_SMALL), fill, Stroke::new(2.0, edge), StrokeKind::Inside);
    if let Some(glyph) = glyph {
        paint::icon(ui.painter(), square.center(), 16.0, edge, glyph.bold());
    }
    inside.left_part(12.0);
    let (sign, words, ink) = match by {
        By::Machine(true, words) => (icon::CPU.regular(), words, t.text2),
        By::Machine(false, words) => (icon::CPU.regular(), words, t.warn),
        By::Eyes => (icon::EYE.regular(), "Your eyes", t.text2),
        By::Seen(who) => (icon::EYE.regular(), who, t.text2),
        By::Skipped(words) => (icon::WARNING.fill(), words, t.caution),
    };
    let style = if matches!(by, By::Skipped(_) | By::Machine(false, _)) { text::LABEL_STRONG } else { text::LABEL };
    let wide = paint::width(ui.painter(), style, words).min(inside.width() * 0.5);
    let said = inside.right_part(wide + 1.0);
    paint::fit(ui.painter(), said, style, ink, words);
    super::says(ui, said, words);
    inside.right_part(5.0);
    paint::icon(ui.painter(), inside.right_part(16.0).center(), 16.0, ink, sign);
    inside.right_part(8.0);
    paint::fit(ui.painter(), inside, text::BODY, t.text, what);
    response
}
