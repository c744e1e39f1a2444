//! The components of the window, each with its states.
//!
//! A component takes values and is put `at` a rectangle. It keeps nothing of its own but what egui must remember for it: how far a slide was
//! pushed, since when a key is held.

pub(crate) mod alarm;
pub(crate) mod badge;
pub(crate) mod button;
pub(crate) mod check;
pub(crate) mod chip;
pub(crate) mod choice;
pub(crate) mod control;
pub(crate) mod empty;
pub(crate) mod fact;
pub(crate) mod field;
pub(crate) mod flight;
pub(crate) mod hold;
pub(crate) mod panel;
pub(crate) mod progress;
pub(crate) mod rec;
pub(crate) mod seal;
pub(crate) mod slide;
pub(crate) mod table;
pub(crate) mod toast;
pub(crate) mod verdict;

use egui::epaint::RoundedRect;
use egui::epaint::tessellator::path;
use egui::{CornerRadius, Id, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo};

use super::theme::tokens;

/// Where a person can press, with the name that a screen reader says and tests look for.
pub(crate) fn target(ui: &Ui, rect: Rect, name: &str, enabled: bool) -> Response {
    named_target(ui, rect, name, enabled, Role::Button)
}

/// [`target`] whose name and place may change while it is pressed, as figures do: told apart by `key`, so that a press and the focus
/// outlive the change.
pub(crate) fn steady_target(ui: &Ui, rect: Rect, key: &str, name: &str, enabled: bool) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let top = (rect.top() - ui.max_rect().top()).round();
    let response = ui.interact(rect, ui.scope_id().with(("steady", key, top.to_bits())), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    response
}

/// [`target`] in another role.
pub(crate) fn named_target(ui: &Ui, rect: Rect, name: &str, enabled: bool, role: Role) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id(ui, name, rect), sense);
    response.widget_info(|| WidgetInfo::labeled(role, enabled, name));
    response
}

/// [`target`] of what is either chosen or not.
pub(crate) fn chosen_target(ui: &Ui, rect: Rect, name: &str, (enabled, chosen): (bool, bool), role: Role) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id(ui, name, rect), sense);
    response.widget_info(|| WidgetInfo::selected(role, enabled, chosen, name));
    response
}

/// Words that were painted, for screen readers and tests. They stay what they are for these while their figures change.
pub(crate) fn says(ui: &Ui, rect: Rect, words: &str) -> Response {
    let lead = words.split(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
    let response = ui.interact(rect, id(ui, lead, rect), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response
}

/// The frame around what the keyboard would press.
pub(crate) fn focus_ring(ui: &Ui, rect: Rect, radius: u8, response: &Response) {
    if response.has_focus() {
        let stroke = Stroke::new(2.0, tokens(ui).accent);
        ui.painter().rect_stroke(rect.expand(3.0), CornerRadius::same(radius + 3), stroke, StrokeKind::Middle);
    }
}

/// A dashed frame with round corners, inside of `rect`.
pub(crate) fn dashed_frame(ui: &Ui, rect: Rect, radius: u8, stroke: Stroke) {
    let mut points = Vec::new();
    path::rounded_rectangle(&mut points, RoundedRect::new(rect.shrink(stroke.width / 2.0), CornerRadius::same(radius)));
    points.extend(points.first().copied());
    ui.painter().extend(Shape::dashed_line(&points, stroke, 5.0, 3.5));
}

/// Steady while the name is, and its place in what scrolls or moves.
fn id(ui: &Ui, name: &str, rect: Rect) -> Id {
    let place = (rect.min - ui.max_rect().min).round();
    ui.scope_id().with((name, place.x.to_bits(), place.y.to_bits()))
}
