//! What the status strip says about one thing: an icon, its value, and what the value is of.

use egui::{Color32, CornerRadius, Rect, Response, Ui, pos2};

use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS_SMALL, tokens};
use crate::ui::{paint, text};

/// How the thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// In order.
    Normal,
    /// Being recorded.
    Recording,
    /// Sealed and seen from the ground.
    Sealed,
    /// Look at it.
    Caution,
    /// Act.
    Warning,
    /// Nobody knows: the value is a dash.
    Unknown,
}

/// A chip of the status strip; a click opens its page.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chip<'a> {
    /// Of what; what a screen reader says first.
    pub(crate) name: &'a str,
    /// Of what, unless the state has an icon of its own.
    pub(crate) icon: Icon,
    /// In large figures.
    pub(crate) value: &'a str,
    /// Below it; drops out where there is no room.
    pub(crate) label: Option<&'a str>,
    /// How it is.
    pub(crate) state: State,
}

/// Left of the words: the icon and its margins, points.
const WORDS: f32 = 38.0;

impl Chip<'_> {
    /// How wide it has to be.
    pub(crate) fn width(&self, ui: &Ui) -> f32 {
        let value = paint::width(ui.painter(), text::VALUE, self.value);
        let label = self.label.map_or(0.0, |label| paint::width(ui.painter(), text::LABEL, label));
        (WORDS + value.max(label) + 10.0).ceil()
    }

    /// Draws it here.
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> Response {
        let label = self.label.map_or(String::new(), |label| format!(", {label}"));
        let response =
            super::steady_target(ui, rect, self.name, &format!("{}: {}{label}", self.name, self.value), true);
        let t = tokens(ui);
        let painter = ui.painter();
        if self.state == State::Warning {
            painter.rect_filled(rect, CornerRadius::ZERO, t.warn_fill);
        } else if response.hovered() || response.is_pointer_button_down_on() {
            painter.rect_filled(rect, CornerRadius::ZERO, t.raised);
        }
        let (icon, [icon_ink, value_ink, label_ink]) = self.looks(ui);
        paint::icon(painter, pos2(rect.left() + 20.0, rect.center().y), 20.0, icon_ink, icon);
        let words = Rect::from_min_max(pos2(rect.left() + WORDS, rect.top()), pos2(rect.right() - 4.0, rect.bottom()));
        let line = |top: f32, high: f32| {
            Rect::from_min_size(pos2(words.left(), words.center().y + top), egui::vec2(words.width(), high))
        };
        let value = if self.label.is_some() { line(-18.0, 20.0) } else { words };
        paint::fit(painter, value, text::VALUE, value_ink, self.value);
        if let Some(label) = self.label {
            paint::fit(painter, line(2.0, 16.0), text::LABEL, label_ink, label);
        }
        if self.state == State::Caution {
            let mut foot = rect;
            foot.min.y = foot.max.y - 3.0;
            painter.rect_filled(foot, CornerRadius::ZERO, t.caution_fill);
        }
        super::focus_ring(ui, rect.shrink(4.0), RADIUS_SMALL, &response);
        response
    }

    fn looks(&self, ui: &Ui) -> (Icon, [Color32; 3]) {
        let t = tokens(ui);
        match self.state {
            State::Normal => (self.icon, [t.text2, t.text, t.text2]),
            State::Recording => (icon::RECORD.fill(), [t.rec, t.text, t.text2]),
            State::Sealed => (icon::SEAL_CHECK.fill(), [t.ok, t.text, t.text2]),
            State::Caution => (icon::WARNING.fill(), [t.caution, t.caution, t.text2]),
            State::Warning => (icon::WARNING_OCTAGON.fill(), [t.on_warn; 3]),
            State::Unknown => (self.icon, [t.text3, t.text3, t.text2]),
        }
    }
}
