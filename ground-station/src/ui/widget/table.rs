//! Tables: a head with hairline, rows of 40 or 50 points, figures at the right, never a zebra.

use egui::{Align2, CornerRadius, Rect, Response, Role, Ui, pos2, vec2};

use super::badge::{self, Tone};
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, text};

/// Height of the head, points.
pub(crate) const HEAD: f32 = 32.0;
/// Of a row with one line, points.
pub(crate) const ROW: f32 = 40.0;
/// Of a row with two lines, points.
pub(crate) const ROW_TWO: f32 = 50.0;
/// At the left and right of a row, points.
const PAD: f32 = 12.0;
/// Between columns, points.
const GAP: f32 = 16.0;

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Width {
    /// Points.
    Fixed(f32),
    /// A share of what the fixed ones leave.
    Share(f32),
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'a> {
    /// What stands in its head.
    pub(crate) title: &'a str,
    /// How wide it is.
    pub(crate) width: Width,
    /// Figures stand at its right.
    pub(crate) right: bool,
}

impl<'a> Column<'a> {
    /// Words, a share of the width.
    pub(crate) const fn share(title: &'a str, share: f32) -> Self {
        Self { title, width: Width::Share(share), right: false }
    }

    /// Words, so many points wide.
    pub(crate) const fn fixed(title: &'a str, width: f32) -> Self {
        Self { title, width: Width::Fixed(width), right: false }
    }

    /// Figures, so many points wide.
    pub(crate) const fn figures(title: &'a str, width: f32) -> Self {
        Self { title, width: Width::Fixed(width), right: true }
    }
}

/// What stands in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    /// Words or figures.
    Text(&'a str),
    /// The same, in the middle of attention.
    Strong(&'a str),
    /// Two lines, the upper of more weight.
    Two(&'a str, &'a str),
    /// A word in a frame.
    Tag(Tone, Option<Icon>, &'a str),
    /// A sign and a word without a frame.
    Sign(Tone, Icon, &'a str),
}

/// A table's columns and the one it is sorted by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table<'a> {
    /// From the left.
    pub(crate) columns: &'a [Column<'a>],
    /// By which column, and whether the largest stands first.
    pub(crate) sorted: Option<(usize, bool)>,
}

impl Table<'_> {
    /// Draws the head here; the number of the column that was pressed. Where nothing is sorted, nothing can be pressed.
    pub(crate) fn head(&self, ui: &Ui, rect: Rect) -> Option<usize> {
        let t = tokens(ui);
        paint::rule(ui.painter(), rect, t.line);
        let mut pressed = None;
        for (nth, (column, place)) in self.columns.iter().zip(self.places(rect)).enumerate() {
            let sorted = self.sorted.filter(|(by, _)| *by == nth);
            let (style, ink) = if sorted.is_some() { (text::LABEL_STRONG, t.text) } else { (text::LABEL, t.text2) };
            let mut words = place;
            if let Some((_, falling)) = sorted {
                let wide = paint::width(ui.painter(), style, column.title).min((place.width() - 16.0).max(0.0));
                let x = if column.right { place.right() - 6.0 } else { place.left() + wide + 9.0 };
                let glyph = if falling { icon::CARET_DOWN } else { icon::CARET_UP };
                paint::icon(ui.painter(), pos2(x, place.center().y), 12.0, t.text, glyph.bold());
                words.right_part(if column.right { 15.0 } else { 0.0 });
            }
            let fit = if column.right { paint::fit_right } else { paint::fit };
            fit(ui.painter(), words, style, ink, column.title);
            if self.sorted.is_some() && !column.title.is_empty() {
                let name = format!("Sort by {}", column.title);
                let response = super::target(ui, place.expand2(vec2(GAP / 2.0, 0.0)), &name, true);
                super::focus_ring(ui, place, RADIUS, &response);
                pressed = response.clicked().then_some(nth).or(pressed);
            }
        }
        pressed
    }

    /// Draws a row here. Its name is what a screen reader says and tests look for.
    pub(crate) fn row(&self, ui: &Ui, rect: Rect, name: &str, selected: bool, cells: &[Cell<'_>]) -> Response {
        let response = row(ui, rect, name, selected);
        for ((column, place), cell) in self.columns.iter().zip(self.places(rect)).zip(cells) {
            cell.at(ui, place, column.right);
        }
        response
    }

    /// Where the cells of a row are.
    pub(crate) fn places(&self, rect: Rect) -> Vec<Rect> {
        let fixed = |column: &Column<'_>| if let Width::Fixed(width) = column.width { width } else { 0.0 };
        let share = |column: &Column<'_>| if let Width::Share(share) = column.width { share } else { 0.0 };
        let shares = self.columns.iter().map(share).sum::<f32>().max(f32::EPSILON);
        let gaps = self.columns.iter().skip(1).map(|_| GAP).sum::<f32>();
        let left = rect.width() - 2.0 * PAD - gaps - self.columns.iter().map(fixed).sum::<f32>();
        let mut rest = rect.shrink2(vec2(PAD, 0.0));
        let place = |column: &Column<'_>| {
            let place = rest.left_part(fixed(column) + left.max(0.0) * share(column) / shares);
            rest.left_part(GAP);
            place
        };
        self.columns.iter().map(place).collect()
    }
}

impl Cell<'_> {
    fn at(&self, ui: &Ui, place: Rect, right: bool) {
        let t = tokens(ui);
        let fit = if right { paint::fit_right } else { paint::fit };
        let line = |style, ink, words| {
            fit(ui.painter(), place, style, ink, words);
        };
        match *self {
            Self::Text(words) => line(text::CELL, t.text, words),
            Self::Strong(words) => line(text::CELL_STRONG, t.text, words),
            Self::Two(above, below) => {
                let half = Rect::from_min_size(pos2(place.left(), place.center().y - 18.0), vec2(place.width(), 18.0));
                fit(ui.painter(), half, text::CELL_STRONG, t.text, above);
                fit(ui.painter(), half.translate(vec2(0.0, 18.0)), text::LABEL, t.text2, below);
            }
            Self::Tag(tone, icon, words) => {
                let wide = badge::tag_width(ui, icon.is_some(), words);
                let x = if right { place.right() - wide } else { place.left() };
                badge::tag(ui, pos2(x, place.center().y), tone, icon, words);
            }
            Self::Sign(tone, icon, words) => {
                paint::icon(ui.painter(), place.left_center() + vec2(8.0, 0.0), 16.0, tone.ink(ui), icon);
                let ink = if tone == Tone::Caution || tone == Tone::Warn { tone.ink(ui) } else { t.text };
                let mut words_place = place;
                words_place.left_part(21.0);
                paint::fit(ui.painter(), words_place, text::CELL, ink, words);
            }
        }
    }
}

/// The ground of a row of a table or a list, with a hairline below.
pub(crate) fn row(ui: &Ui, rect: Rect, name: &str, selected: bool) -> Response {
    let t = tokens(ui);
    let response = super::chosen_target(ui, rect, name, (true, selected), Role::ListItem);
    if selected || response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::ZERO, t.raised);
    }
    paint::rule(ui.painter(), rect, t.line);
    if selected {
        mark(ui, rect);
    }
    super::focus_ring(ui, rect.shrink(4.0), RADIUS, &response);
    response
}

/// The active mark at the left of a row.
pub(crate) fn mark(ui: &Ui, mut rect: Rect) {
    let t = tokens(ui);
    ui.painter().rect_filled(rect.left_part(4.0), CornerRadius::ZERO, t.accent);
}

/// A section's name above rows of a list, 12/600.
pub(crate) fn caption(ui: &Ui, rect: Rect, words: &str) {
    let t = tokens(ui);
    let at = rect.left_center() + vec2(PAD, 0.0);
    let place = paint::words(ui.painter(), at, Align2::LEFT_CENTER, text::LABEL_STRONG, t.text2, words);
    super::says(ui, place, words);
}
