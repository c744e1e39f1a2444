//! The components of the window, each with its states.

pub(crate) mod badge;
pub(crate) mod button;
pub(crate) mod panel;

use egui::{Id, Rect, Response, Role, Sense, Ui, WidgetInfo};

/// Where a person can press, with the name that a screen reader says and tests look for.
pub(crate) fn target(ui: &Ui, rect: Rect, name: &str, enabled: bool) -> Response {
    named_target(ui, rect, name, enabled, Role::Button)
}

/// [`target`] in another role.
pub(crate) fn named_target(ui: &Ui, rect: Rect, name: &str, enabled: bool, role: Role) -> Response {
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let response = ui.interact(rect, id(ui, name, rect), sense);
    response.widget_info(|| WidgetInfo::labeled(role, enabled, name));
    response
}

/// Words that were painted, for screen readers and tests.
pub(crate) fn says(ui: &Ui, rect: Rect, words: &str) -> Response {
    let response = ui.interact(rect, id(ui, words, rect), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, words));
    response
}

/// Steady while the name and its place are.
fn id(ui: &Ui, name: &str, rect: Rect) -> Id {
    ui.scope_id().with((name, rect.min.x.to_bits(), rect.min.y.to_bits()))
}
