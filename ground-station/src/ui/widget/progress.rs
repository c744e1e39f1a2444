//! Work that takes a while: what, how far, how fast, how long still.

use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::button::{self, Button};
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS_SMALL, tokens};
use crate::ui::{paint, text};

/// Its height, points.
pub(crate) const HEIGHT: f32 = 48.0;
/// From this height on there is room for a line below the bar, points.
const TALL: f32 = 68.0;

/// How the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Going on.
    Running,
    /// It stopped by itself.
    Failed,
}

/// A row for a piece of work.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress<'a> {
    /// What is done.
    pub(crate) what: &'a str,
    /// Share, rate, time left; what is safe and what to do.
    pub(crate) figures: &'a str,
    /// Of the whole, 0 to 1.
    pub(crate) share: f32,
    /// How it is.
    pub(crate) state: State,
    /// Cancel, Close: always in reach.
    pub(crate) buttons: &'a [(Icon, &'a str)],
}

impl Progress<'_> {
    /// Draws it here; the number of the button that was pressed.
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> Option<usize> {
        let t = tokens(ui);
        let (icon, color) = match self.state {
            State::Running => (icon::ARROWS_CLOCKWISE.bold(), t.accent),
            State::Failed => (icon::WARNING.bold(), t.warn),
        };
        paint::rule(ui.painter(), rect, t.line);
        let mut inside = rect.shrink2(vec2(10.0, 0.0));
        paint::icon(ui.painter(), inside.left_part(20.0).center(), 20.0, color, icon);
        inside.left_part(10.0);
        let mut pressed = None;
        for (nth, (icon, words)) in self.buttons.iter().enumerate().rev() {
            let name = format!("{words}: {}", self.what);
            let place =
                Rect::from_center_size(inside.right_part(button::SMALL).center(), vec2(button::SMALL, button::SMALL));
            if Button::icon_only(*icon, &name).small().at(ui, place).on_hover_text(*words).clicked() {
                pressed = Some(nth);
            }
            inside.right_part(8.0);
        }
        let mut words = Rect::from_min_size(inside.left_center() - vec2(0.0, 18.0), vec2(inside.width(), 18.0));
        let figures = paint::width(ui.painter(), text::CELL, self.figures);
        if figures > words.width() * 0.65 && rect.height() >= TALL {
            // Too long beside what is done: below the bar, where there is room.
            let below = Rect::from_min_size(inside.left_center() + vec2(0.0, 14.0), vec2(inside.width(), 18.0));
            paint::fit(ui.painter(), below, text::LABEL, t.text2, self.figures);
        } else {
            let figures = figures.min(words.width() * 0.65);
            paint::fit_right(ui.painter(), words.right_part(figures + 1.0), text::CELL, t.text2, self.figures);
            words.right_part(8.0);
        }
        paint::fit(ui.painter(), words, text::CELL_STRONG, t.text, self.what);
        let track = Rect::from_min_size(pos2(inside.left(), inside.center().y + 4.0), vec2(inside.width(), 8.0));
        bar(ui, track, self.share, color);
        super::says(ui, inside, &format!("{}: {}", self.what, self.figures));
        pressed
    }
}

/// A bar in its track, 8 to 10 points high.
pub(crate) fn bar(ui: &Ui, track: Rect, share: f32, color: egui::Color32) {
    let t = tokens(ui);
    let radius = CornerRadius::same(RADIUS_SMALL);
    ui.painter().rect(track, radius, t.sunken, Stroke::new(1.0, t.line), StrokeKind::Inside);
    let share = share.clamp(0.0, 1.0);
    if share > 0.0 {
        let mut full = track;
        ui.painter().rect_filled(full.left_part((track.width() * share).max(4.0)), radius, color);
    }
}
