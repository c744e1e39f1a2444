//! Where things stand on Fly.

use egui::Rect;

use crate::ui::cut::{Cut as _, GUTTER};

/// Alarm bar, points.
const BAR: f32 = 48.0;
/// Ribbon, points.
const RIBBON: f32 = 92.0;
/// Flight controls, points: 15 mm on a usual screen.
const CONTROLS: f32 = 88.0;
/// Narrower the column at the right is of no use, points.
const COLUMN: f32 = 320.0;
/// Below this width the map lies in the picture, points.
const NARROW: f32 = 1100.0;
/// What stands below the map in the column, points.
const BELOW_MAP: f32 = 204.0;

/// How a person wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Wish {
    /// The map is large, the picture small.
    pub(crate) swapped: bool,
    /// The large one fills the workspace.
    pub(crate) filled: bool,
}

/// The parts of the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Layout {
    /// The highest alarm, or what is next.
    pub(crate) bar: Rect,
    /// The large view.
    pub(crate) large: Rect,
    /// The small view; none where the large one fills the screen.
    pub(crate) small: Option<Rect>,
    /// What is told of the flight beside them.
    pub(crate) beside: Option<Rect>,
    /// The seal ribbon.
    pub(crate) ribbon: Rect,
    /// The flight controls.
    pub(crate) controls: Rect,
}

impl Layout {
    /// Of this workspace, for a picture of this width by height.
    pub(crate) fn of(mut work: Rect, wish: Wish, aspect: f32) -> Self {
        let bar = work.top_part(BAR);
        work.top_part(GUTTER);
        let controls = work.bottom_part(CONTROLS);
        work.bottom_part(GUTTER);
        let ribbon = work.bottom_part(RIBBON);
        work.bottom_part(GUTTER);
        let (large, small, beside) = if wish.filled {
            (work, None, None)
        } else if work.width() < NARROW {
            let side = egui::vec2(240.0, 180.0);
            let inset = Rect::from_min_size(work.right_top() + egui::vec2(-side.x - 12.0, 12.0), side);
            (work, Some(inset), None)
        } else {
            let wide = (work.height() * aspect.clamp(0.5, 3.0)).min(work.width() - COLUMN - GUTTER);
            let large = work.left_part(wide);
            work.left_part(GUTTER);
            let beside = work.bottom_part(BELOW_MAP);
            work.bottom_part(GUTTER);
            (large, Some(work), Some(beside))
        };
        Self { bar, large, small, beside, ribbon, controls }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{pos2, vec2};

    fn rect(width: f32, height: f32) -> Rect {
        Rect::from_min_size(pos2(80.0, 64.0), vec2(width, height))
    }

    #[test]
    fn at_the_size_of_the_design_it_is_the_design() {
        let layout = Layout::of(rect(1352.0, 828.0), Wish::default(), 16.0 / 9.0);
        assert_eq!((layout.large.width(), layout.large.height()), (1024.0, 576.0));
        assert_eq!(layout.small.map(|map| (map.width(), map.height())), Some((320.0, 364.0)));
        assert_eq!((layout.ribbon.top() - 64.0, layout.controls.top() - 64.0), (640.0, 740.0));
    }

    #[test]
    fn nothing_overlaps_and_everything_is_inside_at_any_size() {
        for (width, height) in [(1192.0, 728.0), (1352.0, 828.0), (1832.0, 1008.0), (900.0, 600.0), (2400.0, 800.0)] {
            for filled in [false, true] {
                let work = rect(width, height);
                let layout = Layout::of(work, Wish { swapped: false, filled }, 16.0 / 9.0);
                let mut parts = vec![layout.bar, layout.large, layout.ribbon, layout.controls];
                if width >= NARROW {
                    parts.extend(layout.small.into_iter().chain(layout.beside));
                }
                for (i, a) in parts.iter().enumerate() {
                    assert!(work.expand(0.1).contains_rect(*a), "{a:?} in {work:?}");
                    for b in &parts[i + 1..] {
                        assert!(!a.shrink(1.0).intersects(*b), "{a:?} {b:?}");
                    }
                }
            }
        }
    }
}
