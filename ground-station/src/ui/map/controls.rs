//! Buttons that lie over a map: columns of squares with an icon each.

use egui::{CornerRadius, Pos2, Rect, Response, Stroke, StrokeKind, Ui, vec2};

use crate::ui::icon::Icon;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, widget};

/// A square's side, points.
pub(crate) const SIDE: f32 = 48.0;

/// What the buttons of a map take of it at most, with a little room: three in its corner, and one below them.
pub(super) fn over(map: Rect) -> Rect {
    let corner = map.right_top();
    Rect::from_min_max(corner - vec2(SIDE + 16.0, 0.0), corner + vec2(0.0, 26.0 + 4.0 * SIDE))
}

/// A square of a column.
pub(crate) struct Square<'a> {
    pub(crate) icon: Icon,
    pub(crate) name: &'a str,
    pub(crate) chosen: bool,
    pub(crate) enabled: bool,
}

impl<'a> Square<'a> {
    /// One that can be pressed.
    pub(crate) fn new(icon: Icon, name: &'a str) -> Self {
        Self { icon, name, chosen: false, enabled: true }
    }
}

/// A column with its upper left corner there; what became of each, in order.
pub(crate) fn column(ui: &Ui, at: Pos2, squares: &[Square<'_>]) -> Vec<Response> {
    let t = tokens(ui);
    let mut rect = Rect::from_min_size(at, vec2(SIDE, SIDE));
    let mut responses = Vec::new();
    for (i, square) in squares.iter().enumerate() {
        let response = widget::target(ui, rect, square.name, square.enabled).on_hover_text(square.name);
        let edge = |is: bool| if is { RADIUS } else { 0 };
        let (upper, lower) = (edge(i == 0), edge(i + 1 == squares.len()));
        let radius = CornerRadius { nw: upper, ne: upper, sw: lower, se: lower };
        let (fill, ink, line) = match () {
            () if square.chosen => (t.accent_fill, t.on_accent, t.accent),
            () if !square.enabled => (t.panel, t.text3, t.edge),
            () if response.is_pointer_button_down_on() => (t.sunken, t.text, t.text),
            () if response.hovered() => (t.raised, t.text, t.text2),
            () => (t.panel, t.text, t.edge),
        };
        ui.painter().rect(rect, radius, fill, Stroke::new(1.0, line), StrokeKind::Inside);
        if response.has_focus() {
            ui.painter().rect_stroke(
                rect.shrink(3.0),
                radius,
                Stroke::new(2.0, if square.chosen { t.on_accent } else { t.accent }),
                StrokeKind::Inside,
            );
        }
        paint::icon(ui.painter(), rect.center(), 22.0, ink, square.icon);
        responses.push(response);
        rect = rect.translate(vec2(0.0, SIDE - 1.0));
    }
    responses
}
