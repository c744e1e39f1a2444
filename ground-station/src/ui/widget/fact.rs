//! What something is, and its value; the rows of a detail.

use egui::{Rect, Ui, pos2, vec2};

use super::badge::Tone;
use crate::ui::cut::Cut as _;
use crate::ui::theme::tokens;
use crate::ui::{paint, text};

/// Its height with one line, points.
pub(crate) const HEIGHT: f32 = 28.0;

/// A name at the left, its value at the right of it, `key` points further; a value that is too long goes on below. How high it is.
pub(crate) fn fact(ui: &Ui, rect: Rect, key: f32, name: &str, value: &str) -> f32 {
    row(ui, rect, key, name, value, text::CELL, None)
}

/// [`fact`] with a digest, a coordinate, a number.
pub(crate) fn mono(ui: &Ui, rect: Rect, key: f32, name: &str, value: &str) -> f32 {
    row(ui, rect, key, name, value, text::MONO, None)
}

/// [`fact`] that asks for a person.
pub(crate) fn toned(ui: &Ui, rect: Rect, key: f32, name: &str, value: &str, tone: Tone) -> f32 {
    row(ui, rect, key, name, value, text::CELL_STRONG, Some(tone))
}

fn row(ui: &Ui, rect: Rect, key: f32, name: &str, value: &str, style: text::Style, tone: Option<Tone>) -> f32 {
    let t = tokens(ui);
    let ink = tone.filter(|tone| *tone != Tone::Neutral).map_or(t.text, |tone| tone.ink(ui));
    let mut rest = rect;
    let left = rest.left_part(key);
    rest.left_part(8.0);
    let galley = paint::lines(ui.painter(), style, ink, value, rest.width(), 8);
    let height = (galley.size().y + 10.0).max(HEIGHT).ceil();
    let first = Rect::from_min_size(rect.min, vec2(left.width(), HEIGHT));
    paint::fit(ui.painter(), first, text::LABEL, t.text2, name);
    let one_line = galley.rows.first().map_or(0.0, |row| row.height());
    let at = pos2(rest.left(), rect.top() + ((HEIGHT - one_line) / 2.0).max(0.0));
    ui.painter().galley(at, galley, ink);
    super::says(ui, Rect::from_min_size(rect.min, vec2(rect.width(), height)), &format!("{name}: {value}"));
    height
}
