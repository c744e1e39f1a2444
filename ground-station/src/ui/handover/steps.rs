//! The six steps along the top.

use egui::{Align2, CornerRadius, Rect, Stroke, Ui, vec2};

use crate::state::handover::{Mark, StepShown};
use crate::ui::cut::Cut as _;
use crate::ui::theme::tokens;
use crate::ui::widget::{panel, says};
use crate::ui::{icon, paint, text};

/// Points.
pub(super) const HEIGHT: f32 = 58.0;

pub(super) fn show(ui: &Ui, rect: Rect, steps: &[StepShown; 6]) {
    let t = tokens(ui);
    let inside = panel::panel(ui, rect);
    let places: [Rect; 6] = inside.columns(0.0);
    for ((number, step), place) in (1..).zip(steps).zip(places) {
        let painter = ui.painter();
        if step.mark == Mark::Now {
            painter.rect_filled(place, CornerRadius::ZERO, t.raised);
            let mut under = place;
            painter.rect_filled(under.bottom_part(3.0), CornerRadius::ZERO, t.accent);
        }
        if number > 1 {
            painter.vline(place.left(), place.y_range(), Stroke::new(1.0, t.line));
        }
        let mut words = place.shrink2(vec2(14.0, 0.0));
        let disc = words.left_part(28.0).center();
        let (edge, ink) = match step.mark {
            Mark::Done => (t.ok, t.ok),
            Mark::Now => (t.accent, t.on_accent),
            Mark::Running => (t.accent, t.accent),
            Mark::Open => (t.edge, t.text2),
        };
        if step.mark == Mark::Now {
            painter.circle_filled(disc, 14.0, t.accent_fill);
        }
        painter.circle_stroke(disc, 13.0, Stroke::new(2.0, edge));
        if step.mark == Mark::Done {
            paint::icon(painter, disc, 16.0, ink, icon::CHECK.bold());
        } else {
            paint::words(painter, disc, Align2::CENTER_CENTER, text::CELL_STRONG, ink, &number.to_string());
        }
        words.left_part(10.0);
        let mut lines = Rect::from_center_size(words.center(), vec2(words.width(), 34.0));
        paint::fit(painter, lines.top_part(18.0), text::STRONG, t.text, step.name);
        paint::fit(painter, lines, text::LABEL, t.text2, &step.detail);
        says(ui, place, &format!("{}: {}", step.name, step.detail));
    }
}
