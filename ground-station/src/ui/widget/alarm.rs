//! The alarm bar: the highest alarm first, its right end one target.

use egui::{Align2, Color32, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::button::{self, Button};
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, text};

/// How much it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Act now.
    Warning,
    /// Look at it.
    Caution,
    /// Know it.
    Advisory,
    /// Somebody did; it stays while it is true.
    Acknowledged,
}

/// An alarm.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Alarm<'a> {
    /// How much it asks.
    pub(crate) level: Level,
    /// What is so.
    pub(crate) what: &'a str,
    /// What is safe and what to do; or who acknowledged it, and when.
    pub(crate) detail: &'a str,
    /// For how long, in words.
    pub(crate) age: &'a str,
    /// Which of how many.
    pub(crate) nth: (usize, usize),
}

impl Alarm<'_> {
    /// Draws it here; whether it was acknowledged.
    #[must_use]
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> bool {
        let t = tokens(ui);
        let (said, icon) = self.looks();
        let (fill, edge, bar, sign, inks) = match self.level {
            Level::Warning => (t.warn_fill, t.warn_fill, t.on_warn, t.on_warn, [t.on_warn; 2]),
            Level::Caution => (t.caution_dim, t.caution, t.caution_fill, t.caution, [t.text, t.text2]),
            Level::Advisory => (t.panel, t.line, t.accent, t.accent, [t.text, t.text2]),
            Level::Acknowledged => (t.panel, t.line, t.edge, t.text2, [t.text, t.text2]),
        };
        let radius = CornerRadius::same(RADIUS);
        ui.painter().rect(rect, radius, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        let mut rest = rect;
        let strip = rest.left_part(6.0);
        ui.painter().rect_filled(strip, CornerRadius { nw: RADIUS, sw: RADIUS, ne: 0, se: 0 }, bar);
        rest.left_part(12.0);
        paint::icon(ui.painter(), rest.left_part(22.0).center(), 22.0, sign, icon);
        rest.left_part(12.0);
        let acknowledged = self.right_end(ui, &mut rest, inks[1]);
        self.words(ui, rest, said, inks);
        super::says(ui, rest, &format!("{said}: {}. {}", self.what, self.detail));
        acknowledged
    }

    fn looks(&self) -> (&'static str, Icon) {
        match self.level {
            Level::Warning => ("Warning", icon::WARNING_OCTAGON.fill()),
            Level::Caution => ("Caution", icon::WARNING.fill()),
            Level::Advisory => ("Advisory", icon::INFO.fill()),
            Level::Acknowledged => ("Acknowledged", icon::CHECK.bold()),
        }
    }

    /// The target, then which of how many and for how long.
    fn right_end(&self, ui: &Ui, rest: &mut Rect, ink: Color32) -> bool {
        let mut acknowledged = false;
        if self.level == Level::Acknowledged {
            rest.right_part(8.0);
        } else {
            let name = format!("Acknowledge: {}", self.what);
            // Its figures go on while it is pressed; another alarm in its place is another thing.
            let thing: String = name.chars().filter(|letter| !letter.is_ascii_digit()).collect();
            let mut button = Button::new("Acknowledge").named(&name).steady(&thing).small();
            if rest.width() > 600.0 {
                button = button.icon(icon::CHECK.bold()).key("A");
            }
            rest.right_part(4.0);
            let wide = button.width(ui);
            let place = Rect::from_center_size(rest.right_part(wide).center(), vec2(wide, button::SMALL));
            acknowledged = button.at(ui, place).clicked();
            rest.right_part(12.0);
        }
        let (nth, of) = self.nth;
        let count = if of > 1 { format!("{nth} of {of}") } else { String::new() };
        for words in [count.as_str(), self.age] {
            if !words.is_empty() && rest.width() > 360.0 {
                let at = pos2(rest.right(), rest.center().y);
                let place = paint::words(ui.painter(), at, Align2::RIGHT_CENTER, text::LABEL, ink, words);
                super::says(ui, place, words);
                rest.right_part(place.width() + 12.0);
            }
        }
        acknowledged
    }

    /// In one line where there is room, else in two.
    fn words(&self, ui: &Ui, mut rest: Rect, said: &str, [title, detail]: [Color32; 2]) {
        let painter = ui.painter();
        let what = format!("{said}: {}", self.what);
        let one = paint::width(painter, text::VALUE, &what);
        if one + 14.0 + paint::width(painter, text::BODY, self.detail) <= rest.width() {
            paint::fit(painter, rest, text::VALUE, title, &what);
            rest.left_part(one + 14.0);
            paint::fit(painter, rest, text::BODY, title, self.detail);
            return;
        }
        let line = Rect::from_min_size(pos2(rest.left(), rest.center().y - 17.0), vec2(rest.width(), 17.0));
        paint::fit(painter, line, text::CELL_STRONG, title, &what);
        paint::fit(painter, line.translate(vec2(0.0, 17.0)), text::LABEL, detail, self.detail);
    }
}
