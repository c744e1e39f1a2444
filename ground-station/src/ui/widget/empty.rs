//! Where nothing is yet: what is missing, and how to get it.

use egui::{Rect, Response, Ui, pos2, vec2};

use super::button::{self, Button};
use crate::ui::icon::Icon;
use crate::ui::theme::tokens;
use crate::ui::{paint, text};

/// What teaches in place of a list.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Empty<'a> {
    /// Of what is missing.
    pub(crate) icon: Icon,
    /// What is missing.
    pub(crate) what: &'a str,
    /// How to get it.
    pub(crate) how: &'a str,
    /// What gets it at once.
    pub(crate) action: Option<&'a str>,
}

impl Empty<'_> {
    /// In a row, from the left, in the middle of its height; the button's response if there is one.
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> Option<Response> {
        let t = tokens(ui);
        let painter = ui.painter();
        let left = rect.left() + 12.0 + 28.0 + 12.0;
        let room = (rect.right() - 12.0 - left).max(0.0);
        let how = paint::lines(painter, text::CELL, t.text2, self.how, room, 6);
        let action = if self.action.is_some() { 12.0 + button::HEIGHT } else { 0.0 };
        let top = rect.center().y - (20.0 + how.size().y + action) / 2.0;
        paint::icon(painter, pos2(rect.left() + 26.0, top + 19.0), 28.0, t.text3, self.icon);
        let what = Rect::from_min_size(pos2(left, top), vec2(room, 20.0));
        paint::fit(painter, what, text::STRONG, t.text, self.what);
        super::says(ui, what, self.what);
        let below = Rect::from_min_size(pos2(left, top + 20.0), how.size());
        painter.galley(below.min, how, t.text2);
        super::says(ui, below, self.how);
        self.action.map(|words| {
            let button = Button::new(words);
            let place = Rect::from_min_size(pos2(left, below.bottom() + 12.0), vec2(button.width(ui), button::HEIGHT));
            button.at(ui, place)
        })
    }
}
