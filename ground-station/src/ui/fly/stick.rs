//! The gimbal's stick: the picture itself is pulled. The farther, the faster; let go, and it stops.

use egui::{Key, Painter, Pos2, Rect, Response, Stroke, Ui, vec2};

use crate::state::stick::Rates;
use crate::ui::theme::tokens;
use crate::ui::{paint, text, widget};

/// Pulled so far it turns as fast as it does: a part of the picture's height.
const FULL_PART: f32 = 0.4;
/// What an arrow key pulls, and with Shift.
const KEY: f32 = 0.6;
const KEY_FAST: f32 = 1.0;
const ARROWS: [(Key, [f32; 2]); 4] = [
    (Key::ArrowLeft, [-1.0, 0.0]),
    (Key::ArrowRight, [1.0, 0.0]),
    (Key::ArrowUp, [0.0, 1.0]),
    (Key::ArrowDown, [0.0, -1.0]),
];

/// How far the picture is pulled by a pointer: right and up, 1 where it is full.
pub(super) fn pulled(response: &Response, image: Rect) -> Option<([f32; 2], [Pos2; 2])> {
    if !response.dragged_by(egui::PointerButton::Primary) {
        return None;
    }
    let from = response.ctx.input(|input| input.pointer.press_origin())?;
    let to = response.interact_pointer_pos()?;
    let full = (image.height() * FULL_PART).max(1.0);
    let by = (to - from) / full;
    Some(([by.x.clamp(-1.0, 1.0), (-by.y).clamp(-1.0, 1.0)], [from, to]))
}

/// How far the arrow keys pull; they are the picture's while nothing else has the focus.
pub(crate) fn keys(ui: &Ui) -> Option<[f32; 2]> {
    if ui.memory(|memory| memory.focused().is_some()) {
        return None;
    }
    ui.input(|input| {
        if input.modifiers.command || input.modifiers.alt {
            return None;
        }
        let by = if input.modifiers.shift { KEY_FAST } else { KEY };
        let down = ARROWS.iter().filter(|(key, _)| input.key_down(*key));
        let sum = down.fold(None, |sum: Option<[f32; 2]>, (_, [x, y])| {
            let [right, up] = sum.unwrap_or_default();
            Some([right + x * by, up + y * by])
        });
        sum.filter(|[right, up]| *right != 0.0 || *up != 0.0)
    })
}

/// Draws where it was taken, whereto it is pulled, and how fast that turns it.
pub(super) fn show(ui: &Ui, painter: &Painter, [from, to]: [Pos2; 2], rates: Rates) {
    let t = tokens(ui);
    for (width, ink) in [(4.4, t.hud_plate.gamma_multiply(0.7)), (2.0, t.hud)] {
        painter.circle_stroke(from, 12.0, Stroke::new(width, ink));
        painter.line_segment([from, to], Stroke::new(width, ink));
    }
    painter.circle_filled(to, 6.0, t.hud);
    let words = rates.words();
    let at = to + vec2(0.0, -20.0);
    let said = paint::haloed(painter, at, egui::Align2::CENTER_CENTER, text::STRONG, (t.hud, t.hud_plate), &words);
    widget::says(ui, said, &format!("Camera turns: {words}"));
}
