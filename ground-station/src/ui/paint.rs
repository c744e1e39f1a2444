//! Words and icons painted where they belong.

use std::sync::Arc;

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, Color32, Galley, Painter, Pos2, Rect, Stroke, pos2, vec2};

use super::icon::Icon;
use super::text::Style;

/// One line of words; where it stands.
pub(crate) fn words(painter: &Painter, at: Pos2, anchor: Align2, style: Style, color: Color32, words: &str) -> Rect {
    painter.text(at, anchor, words, style.font(), color)
}

/// An icon, its middle at `at`.
pub(crate) fn icon(painter: &Painter, at: Pos2, size: f32, color: Color32, icon: Icon) -> Rect {
    painter.text(at, Align2::CENTER_CENTER, icon.char(), icon.font(size), color)
}

/// One line that ends in … where it does not fit into `width`.
pub(crate) fn line(painter: &Painter, style: Style, color: Color32, words: &str, width: f32) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(words.to_owned(), TextFormat::simple(style.font(), color));
    job.wrap =
        TextWrapping { max_width: width.max(0.0), max_rows: 1, break_anywhere: true, overflow_character: Some('…') };
    painter.layout_job(job)
}

/// Several lines, at most `rows` of `width`.
pub(crate) fn lines(
    painter: &Painter,
    style: Style,
    color: Color32,
    words: &str,
    width: f32,
    rows: usize,
) -> Arc<Galley> {
    let mut job = LayoutJob::single_section(words.to_owned(), TextFormat::simple(style.font(), color));
    job.wrap = TextWrapping {
        max_width: width.max(0.0),
        max_rows: rows,
        break_anywhere: false,
        overflow_character: Some('…'),
    };
    painter.layout_job(job)
}

/// Each line of words ends at `right`, from `top` downwards.
pub(crate) fn lines_to_right(painter: &Painter, right: f32, top: f32, galley: &Galley, style: Style, color: Color32) {
    for row in &galley.rows {
        let words = row.text();
        let at = pos2(right, top + row.pos.y);
        self::words(painter, at, Align2::RIGHT_TOP, style, color, words.trim_end());
    }
}

/// [`line`], in `rect` from its left, in the middle of its height; the width it takes.
pub(crate) fn fit(painter: &Painter, rect: Rect, style: Style, color: Color32, words: &str) -> f32 {
    let galley = line(painter, style, color, words, rect.width());
    let (width, height) = (galley.size().x, galley.size().y);
    painter.galley(pos2(rect.left(), rect.center().y - height / 2.0), galley, color);
    width
}

/// [`fit`], from the right.
pub(crate) fn fit_right(painter: &Painter, rect: Rect, style: Style, color: Color32, words: &str) -> f32 {
    let galley = line(painter, style, color, words, rect.width());
    let (width, height) = (galley.size().x, galley.size().y);
    painter.galley(pos2(rect.right() - width, rect.center().y - height / 2.0), galley, color);
    width
}

/// How wide one line is.
pub(crate) fn width(painter: &Painter, style: Style, words: &str) -> f32 {
    painter.layout_no_wrap(words.to_owned(), style.font(), Color32::PLACEHOLDER).size().x
}

/// Words with a halo around them, over a map or a picture.
pub(crate) fn haloed(
    painter: &Painter,
    at: Pos2,
    anchor: Align2,
    style: Style,
    colors: (Color32, Color32),
    words: &str,
) -> Rect {
    let (color, halo) = colors;
    let galley = painter.layout_no_wrap(words.to_owned(), style.font(), color);
    let rect = anchor.anchor_size(at, galley.size());
    for (x, y) in [(-1.0, -1.0), (0.0, -1.4), (1.0, -1.0), (1.4, 0.0), (1.0, 1.0), (0.0, 1.4), (-1.0, 1.0), (-1.4, 0.0)]
    {
        painter.galley_with_override_text_color(rect.min + vec2(x, y) * 1.1, Arc::clone(&galley), halo);
    }
    painter.galley(rect.min, galley, color);
    rect
}

/// A dashed frame.
pub(crate) fn dashed(painter: &Painter, rect: Rect, stroke: Stroke) {
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    painter.extend(egui::Shape::dashed_line(&corners, stroke, 4.0, 3.0));
}

/// A hairline along the bottom of a rectangle.
pub(crate) fn rule(painter: &Painter, rect: Rect, color: Color32) {
    painter.hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, color));
}
