//! Beside the picture, below the map: who sees it, and what the flight says of itself.

use egui::{Rect, Ui, vec2};

use crate::ui::cut::Cut as _;
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::{self, panel};
use crate::ui::{paint, text};

/// Who sees the downlink.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Viewers {
    /// How it is protected, in words; `None` when no view is set up.
    pub(crate) protection: Option<&'static str>,
    /// Who, and what is known of it.
    pub(crate) who: Vec<(String, String)>,
    /// What to know of the view.
    pub(crate) note: String,
}

/// Why nobody is listed.
const fn nobody(protection: Option<&str>) -> (&'static str, &'static str) {
    match protection {
        None => ("No live view", "What is recorded aboard is not touched by that."),
        Some(protection) if matches!(protection.as_bytes(), b"Encrypted") => {
            ("Nobody holds the keys", "Stations are listed here as the aircraft agrees keys with them.")
        }
        Some(_) => ("Who watches is not known", "Without keys nobody can be listed."),
    }
}

/// Draws them.
pub(crate) fn viewers(ui: &Ui, rect: Rect, viewers: &Viewers) {
    let t = tokens(ui);
    let (mut inside, mut head) = panel::headed(ui, rect, Some(icon::BROADCAST.regular()), "Downlink viewers");
    if let Some(protection) = viewers.protection {
        let wide = paint::fit_right(ui.painter(), head, text::CELL, t.text2, protection);
        let lock = head.right_part(wide + 18.0);
        let glyph = if protection == "Encrypted" { icon::LOCK_SIMPLE.fill() } else { icon::LOCK_SIMPLE_OPEN.regular() };
        paint::icon(ui.painter(), lock.left_center() + vec2(8.0, 0.0), 16.0, t.text2, glyph);
    }
    let note = inside.bottom_part(46.0);
    ui.painter().hline(note.x_range(), note.top(), egui::Stroke::new(1.0, t.line));
    let words = paint::lines(ui.painter(), text::LABEL, t.text2, &viewers.note, note.width() - 24.0, 2);
    let at = note.left_center() + vec2(12.0, -words.size().y / 2.0);
    ui.painter().galley(at, words, t.text2);
    if viewers.who.is_empty() {
        let (what, how) = nobody(viewers.protection);
        Empty { icon: icon::EYE_SLASH.regular(), what, how, action: None }.at(ui, inside.shrink2(vec2(12.0, 4.0)));
        return;
    }
    let high = if viewers.who.len() > 2 { 39.0 } else { 56.0 };
    for (who, what) in &viewers.who {
        let mut row = inside.top_part(high);
        if row.height() < 38.0 {
            break;
        }
        paint::rule(ui.painter(), row, t.line);
        widget::says(ui, row, &format!("{who}, {what}"));
        let eye = row.left_part(44.0);
        paint::icon(ui.painter(), eye.left_center() + vec2(22.0, 0.0), 20.0, t.text2, icon::EYE.regular());
        let row = row.shrink2(vec2(0.0, if high < 50.0 { 1.0 } else { 8.0 }));
        let [top, bottom] = [row.with_max_y(row.center().y), row.with_min_y(row.center().y)];
        paint::fit(ui.painter(), top, text::STRONG, t.text, who);
        paint::fit(ui.painter(), bottom, text::LABEL, t.text2, what);
    }
}
