//! Rectangles cut into parts. Screens are laid out on a grid of 4 points, from the outside in.

use egui::{Rect, vec2};

/// Between panels, points.
pub(crate) const GUTTER: f32 = 8.0;
/// Inside a panel, points.
pub(crate) const PAD: f32 = 12.0;

/// Cuts a strip off a rectangle; what is left stays. No part is ever negative.
pub(crate) trait Cut {
    /// Off the left, `width` wide.
    fn left_part(&mut self, width: f32) -> Rect;
    /// Off the right, `width` wide.
    fn right_part(&mut self, width: f32) -> Rect;
    /// Off the top, `height` high.
    fn top_part(&mut self, height: f32) -> Rect;
    /// Off the bottom, `height` high.
    fn bottom_part(&mut self, height: f32) -> Rect;
    /// Side by side, all as wide, `gap` between them.
    fn columns<const N: usize>(&self, gap: f32) -> [Rect; N];
}

impl Cut for Rect {
    fn left_part(&mut self, width: f32) -> Rect {
        let x = (self.left() + width).clamp(self.left(), self.right().max(self.left()));
        let part = Rect::from_min_max(self.min, egui::pos2(x, self.bottom()));
        self.min.x = x;
        part
    }

    fn right_part(&mut self, width: f32) -> Rect {
        let x = (self.right() - width).clamp(self.left(), self.right().max(self.left()));
        let part = Rect::from_min_max(egui::pos2(x, self.top()), self.max);
        self.max.x = x;
        part
    }

    fn top_part(&mut self, height: f32) -> Rect {
        let y = (self.top() + height).clamp(self.top(), self.bottom().max(self.top()));
        let part = Rect::from_min_max(self.min, egui::pos2(self.right(), y));
        self.min.y = y;
        part
    }

    fn bottom_part(&mut self, height: f32) -> Rect {
        let y = (self.bottom() - height).clamp(self.top(), self.bottom().max(self.top()));
        let part = Rect::from_min_max(egui::pos2(self.left(), y), self.max);
        self.max.y = y;
        part
    }

    #[expect(clippy::cast_precision_loss, reason = "a handful of columns")]
    fn columns<const N: usize>(&self, gap: f32) -> [Rect; N] {
        let width = ((self.width() - gap * (N as f32 - 1.0)) / N as f32).max(0.0);
        std::array::from_fn(|i| {
            Rect::from_min_size(self.min + vec2((width + gap) * i as f32, 0.0), vec2(width, self.height()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::pos2;

    #[test]
    fn parts_and_what_is_left_are_the_whole_and_none_is_negative() {
        let whole = Rect::from_min_max(pos2(10.0, 20.0), pos2(110.0, 80.0));
        let mut rest = whole;
        assert_eq!(rest.left_part(30.0), Rect::from_min_max(pos2(10.0, 20.0), pos2(40.0, 80.0)));
        assert_eq!(rest.bottom_part(10.0), Rect::from_min_max(pos2(40.0, 70.0), pos2(110.0, 80.0)));
        assert_eq!(rest, Rect::from_min_max(pos2(40.0, 20.0), pos2(110.0, 70.0)));
        assert_eq!(rest.top_part(500.0).height(), 50.0);
        assert_eq!((rest.height(), rest.right_part(9.0).height()), (0.0, 0.0));
        let [a, b, c] = whole.columns(5.0);
        assert_eq!((a.width(), b.left(), c.right()), (30.0, 45.0, 110.0));
    }
}
