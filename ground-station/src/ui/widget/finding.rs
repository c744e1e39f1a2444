//! What a check found: what it is, why, and what cures it.

use egui::{Align2, CornerRadius, Rect, Ui, vec2};

use super::button::{self, Button};
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, text};

/// What it does to the flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It may not be flown.
    Blocks,
    /// Look at it.
    Warns,
    /// To be known.
    Note,
    /// It blocked or warned; a person took it upon themselves.
    Overridden,
    /// It is no longer so.
    Cleared,
}

/// What was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pressed {
    /// The row: show where it is.
    Row,
    /// The cure with this number.
    Cure(usize),
}

/// A row of the list of findings.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Finding<'a> {
    /// The same as on its pin.
    pub(crate) number: usize,
    /// What it does.
    pub(crate) kind: Kind,
    /// What is so.
    pub(crate) fact: &'a str,
    /// Why, or who overrode it; empty if nothing is to be said.
    pub(crate) why: &'a str,
    /// What cures it, the best first.
    pub(crate) cures: &'a [&'a str],
    /// It is shown on the map.
    pub(crate) selected: bool,
}

impl Finding<'_> {
    /// How high its row is.
    pub(crate) const fn height(&self) -> f32 {
        if self.why.is_empty() && self.cures.is_empty() { 44.0 } else { 52.0 }
    }

    /// Draws it here, with a hairline below.
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> Option<Pressed> {
        let t = tokens(ui);
        let (icon, said, ink) = self.looks(ui);
        let name = format!("{} {said}: {}", self.number, self.fact);
        let response = super::chosen_target(ui, rect, &name, (true, self.selected), egui::Role::ListItem);
        if self.kind == Kind::Blocks {
            ui.painter().rect_filled(rect, CornerRadius::ZERO, t.warn_dim);
        } else if self.selected || response.hovered() {
            ui.painter().rect_filled(rect, CornerRadius::ZERO, t.raised);
        }
        if self.selected {
            super::table::mark(ui, rect);
        }
        paint::rule(ui.painter(), rect, t.line);
        super::focus_ring(ui, rect.shrink(4.0), RADIUS, &response);
        let mut inside = rect.shrink2(vec2(10.0, 0.0));
        paint::icon(ui.painter(), inside.left_part(24.0).center(), 22.0, ink, icon);
        inside.left_part(6.0);
        let number = inside.left_part(20.0);
        paint::words(
            ui.painter(),
            number.center(),
            Align2::CENTER_CENTER,
            text::CELL_STRONG,
            t.text,
            &self.number.to_string(),
        );
        inside.left_part(8.0);
        let cure = self.cures(ui, &mut inside);
        self.words(ui, inside, said, ink);
        cure.map(Pressed::Cure).or_else(|| response.clicked().then_some(Pressed::Row))
    }

    /// From the right, as many as leave room for the words.
    fn cures(&self, ui: &Ui, inside: &mut Rect) -> Option<usize> {
        let mut pressed = None;
        for (nth, cure) in self.cures.iter().enumerate() {
            let name = format!("{cure}: {} {}", self.number, self.fact);
            let mut button = Button::new(cure).named(&name).small();
            if self.kind == Kind::Cleared {
                button = button.quiet();
            }
            let wide = button.width(ui);
            if nth > 0 && inside.width() - wide < 200.0 {
                break;
            }
            let mut place = inside.right_part(wide);
            let spare = (place.height() - button::SMALL) / 2.0;
            place = place.shrink2(vec2(0.0, spare.max(0.0)));
            if button.at(ui, place).clicked() {
                pressed = Some(nth);
            }
            inside.right_part(8.0);
        }
        pressed
    }

    fn words(&self, ui: &Ui, inside: Rect, said: &str, ink: egui::Color32) {
        let t = tokens(ui);
        let mut line = inside;
        if !self.why.is_empty() {
            line = Rect::from_min_size(inside.left_center() - vec2(0.0, 18.0), vec2(inside.width(), 18.0));
            let below = line.translate(vec2(0.0, 18.0));
            let wide = paint::fit(ui.painter(), below, text::LABEL, t.text2, self.why);
            let said = super::says(ui, below, self.why);
            if wide >= below.width() - 1.0 {
                said.on_hover_text_at_pointer(self.why);
            }
        }
        let head = paint::fit(ui.painter(), line, text::CELL_STRONG, ink, &format!("{said}:"));
        line.left_part(head + 4.0);
        paint::fit(ui.painter(), line, text::CELL_STRONG, t.text, self.fact);
    }

    fn looks(&self, ui: &Ui) -> (Icon, &'static str, egui::Color32) {
        let t = tokens(ui);
        match self.kind {
            Kind::Blocks => (icon::PROHIBIT.fill(), "Blocks", t.warn),
            Kind::Warns => (icon::WARNING.fill(), "Warns", t.caution),
            Kind::Note => (icon::INFO.fill(), "Note", t.text2),
            Kind::Overridden => (icon::SHIELD_WARNING.fill(), "Overridden", t.caution),
            Kind::Cleared => (icon::CHECK_CIRCLE.fill(), "Cleared", t.ok),
        }
    }
}
