//! Small frames around a word: key caps, tags, counts.

use egui::{Align2, Color32, CornerRadius, Pos2, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::ui::icon::Icon;
use crate::ui::theme::{RADIUS_SMALL, tokens};
use crate::ui::{paint, text};

/// How much something asks for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Tone {
    /// Nothing.
    Neutral,
    /// It is the person's own.
    Accent,
    /// In order.
    Ok,
    /// Look at it.
    Caution,
    /// Act.
    Warn,
}

impl Tone {
    /// As text, icon and line.
    pub(crate) fn ink(self, ui: &Ui) -> Color32 {
        let t = tokens(ui);
        match self {
            Self::Neutral => t.text2,
            Self::Accent => t.accent,
            Self::Ok => t.ok,
            Self::Caution => t.caution,
            Self::Warn => t.warn,
        }
    }

    /// As a background.
    pub(crate) fn ground(self, ui: &Ui) -> Color32 {
        let t = tokens(ui);
        match self {
            Self::Neutral => Color32::TRANSPARENT,
            Self::Accent => t.accent_dim,
            Self::Ok => t.ok_dim,
            Self::Caution => t.caution_dim,
            Self::Warn => t.warn_dim,
        }
    }
}

/// How wide a key cap is.
pub(crate) fn key_width(ui: &Ui, key: &str) -> f32 {
    (paint::width(ui.painter(), text::LABEL_STRONG, key) + 10.0).max(20.0)
}

/// A key cap, its left middle at `at`; in `ink` on a filled ground.
pub(crate) fn key_cap(ui: &Ui, at: Pos2, key: &str, ink: Option<Color32>) -> Rect {
    let t = tokens(ui);
    let rect = Rect::from_min_size(pos2(at.x, at.y - 9.0), vec2(key_width(ui, key), 18.0));
    let (fill, edge, color) = ink.map_or((t.panel, t.edge, t.text2), |ink| (Color32::TRANSPARENT, ink, ink));
    ui.painter().rect(rect, CornerRadius::same(RADIUS_SMALL), fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    paint::words(ui.painter(), rect.center(), Align2::CENTER_CENTER, text::LABEL_STRONG, color, key);
    rect
}

/// A tag, its left middle at `at`.
pub(crate) fn tag(ui: &Ui, at: Pos2, tone: Tone, icon: Option<Icon>, words: &str) -> Rect {
    let t = tokens(ui);
    let ink = if tone == Tone::Neutral { t.text } else { tone.ink(ui) };
    let edge = if tone == Tone::Neutral { t.edge } else { ink };
    let wide = paint::width(ui.painter(), text::LABEL_STRONG, words) + if icon.is_some() { 19.0 } else { 0.0 };
    let rect = Rect::from_min_size(pos2(at.x, at.y - 11.0), vec2(wide + 18.0, 22.0));
    ui.painter().rect_stroke(rect, CornerRadius::same(11), Stroke::new(1.0, edge), StrokeKind::Inside);
    let mut x = rect.left() + 9.0;
    if let Some(icon) = icon {
        paint::icon(ui.painter(), pos2(x + 7.0, rect.center().y), 14.0, ink, icon);
        x += 19.0;
    }
    paint::words(ui.painter(), pos2(x, rect.center().y), Align2::LEFT_CENTER, text::LABEL_STRONG, ink, words);
    super::says(ui, rect, words);
    rect
}

/// The width [`tag`] takes.
pub(crate) fn tag_width(ui: &Ui, icon: bool, words: &str) -> f32 {
    paint::width(ui.painter(), text::LABEL_STRONG, words) + if icon { 37.0 } else { 18.0 }
}

/// A number on an amber disc.
pub(crate) fn count(ui: &Ui, at: Pos2, number: usize) {
    let t = tokens(ui);
    let words = if number > 99 { "99+".to_owned() } else { number.to_string() };
    let wide = (paint::width(ui.painter(), text::LABEL_STRONG, &words) + 8.0).max(18.0);
    let rect = Rect::from_center_size(at, vec2(wide, 18.0));
    ui.painter().rect_filled(rect, CornerRadius::same(9), t.caution_fill);
    paint::words(ui.painter(), rect.center(), Align2::CENTER_CENTER, text::LABEL_STRONG, t.on_caution, &words);
}
