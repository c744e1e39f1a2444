//! Panels: the ground on which everything stands.

use egui::{CornerRadius, Rect, Stroke, StrokeKind, Ui, UiBuilder, vec2};

use crate::ui::cut::{Cut as _, PAD};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{icon::Icon, paint, text};

/// Height of a panel's head, points.
pub(crate) const HEAD: f32 = 40.0;

/// A panel; what is inside its hairline.
pub(crate) fn panel(ui: &Ui, rect: Rect) -> Rect {
    let t = tokens(ui);
    ui.painter().rect(rect, CornerRadius::same(RADIUS), t.panel, Stroke::new(1.0, t.line), StrokeKind::Inside);
    rect.shrink(1.0)
}

/// A panel with a heading and a hairline below it; what is left, and where words may stand at the right of the head.
pub(crate) fn headed(ui: &Ui, rect: Rect, icon: Option<Icon>, heading: &str) -> (Rect, Rect) {
    let mut inside = panel(ui, rect);
    let head = inside.top_part(HEAD);
    let t = tokens(ui);
    paint::rule(ui.painter(), head, t.line);
    let mut line = head.shrink2(vec2(PAD, 0.0));
    if let Some(icon) = icon {
        let at = line.left_part(28.0);
        paint::icon(ui.painter(), at.left_center() + vec2(10.0, 0.0), 20.0, t.text2, icon);
    }
    let width = paint::fit(ui.painter(), line, text::STRONG, t.text, heading);
    super::says(ui, line.left_part(width), heading);
    line.left_part(8.0);
    (inside, line)
}

/// Draws into a rectangle and nowhere else; takes no room of what lays itself out.
pub(crate) fn inside<R>(ui: &mut Ui, rect: Rect, name: &str, draw: impl FnOnce(&mut Ui) -> R) -> R {
    let mut child = ui.new_child(UiBuilder::new().id_salt(name).max_rect(rect));
    child.set_clip_rect(ui.clip_rect().intersect(rect));
    draw(&mut child)
}

/// [`inside`], scrolling up and down.
pub(crate) fn scrolled<R>(ui: &mut Ui, rect: Rect, name: &str, draw: impl FnOnce(&mut Ui) -> R) -> R {
    inside(ui, rect, name, |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        egui::ScrollArea::vertical().id_salt(name).auto_shrink([false, false]).show(ui, draw).inner
    })
}
