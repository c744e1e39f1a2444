//! A line of a checklist: checked by the machine or by eyes.

use egui::{CornerRadius, Rect, Response, Role, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::{RADIUS, RADIUS_SMALL, tokens};
use crate::ui::{paint, text};

/// Square, sign and gaps beside what is asked, points.
const SIDES: f32 = 24.0 + 10.0 + 4.0 + 16.0 + 8.0;

/// Who checks it, and how it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By<'a> {
    /// The machine; whether it is so, and what it says.
    Machine(bool, &'a str),
    /// Eyes; nobody looked yet.
    Eyes,
    /// Eyes; who looked, and when.
    Seen(&'a str),
}

/// How high one is in a column so wide, points: at least `least`.
pub(crate) fn height(ui: &Ui, width: f32, least: f32, ask: &str, by: By<'_>) -> f32 {
    let (_, words, _) = said(ui, by);
    let room = width - 2.0 * PAD - SIDES;
    let wide = paint::width(ui.painter(), text::LABEL, words).min(room * 0.4);
    let galley = paint::lines(ui.painter(), text::CELL, tokens(ui).text, ask, room - wide - 1.0, 3);
    (galley.size().y + 16.0).max(least).ceil()
}

/// Who checks it: sign, words, ink.
fn said<'a>(ui: &Ui, by: By<'a>) -> (icon::Glyph, &'a str, egui::Color32) {
    let t = tokens(ui);
    match by {
        By::Machine(true, words) => (icon::CPU, words, t.text2),
        By::Machine(false, words) => (icon::CPU, words, t.warn),
        By::Eyes => (icon::EYE, "Your eyes", t.text2),
        By::Seen(who) => (icon::EYE, who, t.text2),
    }
}

/// One check, in up to three lines: profiles ask in whole questions. Pressing it ticks or unticks it, if it is for eyes.
pub(crate) fn check(ui: &Ui, row: Rect, ask: &str, by: By<'_>) -> Response {
    let t = tokens(ui);
    let (for_eyes, on) = (!matches!(by, By::Machine(..)), matches!(by, By::Machine(true, _) | By::Seen(_)));
    let response = super::chosen_target(ui, row, ask, (for_eyes, on), Role::CheckBox);
    if response.hovered() && for_eyes {
        ui.painter().rect_filled(row, CornerRadius::ZERO, t.raised);
    }
    paint::rule(ui.painter(), row, t.line);
    super::focus_ring(ui, row.shrink(3.0), RADIUS, &response);
    let mut inside = row.shrink2(vec2(PAD, 0.0));
    let square = Rect::from_center_size(inside.left_part(24.0).center(), vec2(24.0, 24.0));
    let (edge, fill, glyph) = match by {
        By::Machine(true, _) | By::Seen(_) => (t.ok, t.ok_dim, Some(icon::CHECK)),
        By::Machine(false, _) => (t.warn, t.warn_dim, Some(icon::X)),
        By::Eyes => (t.edge, t.panel, None),
    };
    ui.painter().rect(square, CornerRadius::same(RADIUS_SMALL), fill, Stroke::new(2.0, edge), StrokeKind::Inside);
    if let Some(glyph) = glyph {
        paint::icon(ui.painter(), square.center(), 16.0, edge, glyph.bold());
    }
    inside.left_part(10.0);
    let (sign, words, ink) = said(ui, by);
    let wide = paint::width(ui.painter(), text::LABEL, words).min(inside.width() * 0.4);
    let said = inside.right_part(wide + 1.0);
    paint::fit(ui.painter(), said, text::LABEL, ink, words);
    super::says(ui, said, words);
    inside.right_part(4.0);
    paint::icon(ui.painter(), inside.right_part(16.0).center(), 16.0, ink, sign.regular());
    inside.right_part(8.0);
    let galley = paint::lines(ui.painter(), text::CELL, t.text, ask, inside.width(), 3);
    ui.painter().galley(pos2(inside.left(), inside.center().y - galley.size().y / 2.0), galley, t.text);
    response
}
