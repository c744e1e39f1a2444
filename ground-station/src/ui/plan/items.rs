//! The items of a plan from elsewhere: a list, and the chosen one's height, speed and neighbours.

use egui::{CornerRadius, Role, Ui, vec2};

use super::PlanView;
use crate::state::plan::Planner;
use crate::state::plan::document::{Edit, Point};
use crate::state::plan::items::{ItemEdit, Row, rows};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::{self, button::Button, choice, table};
use crate::ui::{paint, text};

/// A row, points.
const ROW: f32 = 40.0;
/// A press of a stepper: metres, and metres a second.
const HEIGHT_STEP_M: f64 = 5.0;
const SPEED_STEP_MS: f64 = 1.0;

/// The list; the chosen item opens below its row.
pub(super) fn items(ui: &mut Ui, width: f32, planner: &mut Planner, view: &mut PlanView) {
    let Some(imported) = planner.document().imported.clone() else { return };
    let chosen = match view.selected {
        Some(Point::Item(at)) => Some(at),
        _ => None,
    };
    for (at, row) in rows(&imported.plan).iter().enumerate() {
        let (place, _) = ui.allocate_exact_size(vec2(width, ROW), egui::Sense::hover());
        if ui.is_rect_visible(place) && line(ui, place, at, row, chosen == Some(at)) {
            let open = chosen != Some(at);
            view.selected = open.then_some(Point::Item(at));
            row.place.filter(|_| open).into_iter().for_each(|place| view.map.show_place(place));
        }
        if chosen == Some(at) {
            open(ui, width, planner, view, (at, row));
        }
    }
}

/// A row; whether it was pressed.
fn line(ui: &Ui, place: egui::Rect, at: usize, row: &Row, chosen: bool) -> bool {
    let t = tokens(ui);
    let figures = row.figures();
    let said = if figures.is_empty() { row.name.clone() } else { format!("{}, {figures}", row.name) };
    let name = format!("Item {}: {said}", at + 1);
    let response = widget::chosen_target(ui, place, &name, (true, chosen), Role::ListItem);
    if chosen {
        ui.painter().rect_filled(place, CornerRadius::ZERO, t.accent_dim);
        table::mark(ui, place);
    } else if response.hovered() {
        ui.painter().rect_filled(place, CornerRadius::ZERO, t.raised);
    }
    widget::focus_ring(ui, place.shrink(3.0), RADIUS, &response);
    let mut inside = place.shrink2(vec2(PAD, 0.0));
    paint::fit(ui.painter(), inside.left_part(30.0), text::CELL_STRONG, t.text2, &(at + 1).to_string());
    let style = if chosen { text::CELL_STRONG } else { text::CELL };
    let wide = paint::fit(ui.painter(), inside, style, t.text, &row.name);
    inside.left_part(wide + 8.0);
    paint::fit_right(ui.painter(), inside, text::CELL, t.text2, &figures);
    response.clicked()
}

/// What can be done with the chosen one.
fn open(ui: &mut Ui, width: f32, planner: &mut Planner, view: &mut PlanView, (at, row): (usize, &Row)) {
    let mut edit = None;
    if let Some((height_m, datum)) = row.height {
        let words = format!("{height_m:.0} m {}", if datum == "above take-off" { "" } else { datum });
        edit = stepper(ui, width, "Height", words.trim()).map(|up| ItemEdit::Height(at, height_m + up * HEIGHT_STEP_M));
    }
    if row.place.is_some() || row.speed_ms.is_some() {
        let now_ms = row.speed_ms.unwrap_or(planner.document().speed_ms);
        let words = row.speed_ms.map_or_else(|| "as before".into(), |speed_ms| format!("{speed_ms:.0} m/s"));
        let step = stepper(ui, width, "Speed on", &words).map(|up| ItemEdit::Speed(at, now_ms + up * SPEED_STEP_MS));
        edit = edit.or(step);
    }
    let (place, _) = ui.allocate_exact_size(vec2(width, 52.0), egui::Sense::hover());
    let [left, right]: [egui::Rect; 2] = place.shrink2(vec2(PAD, 5.0)).columns(8.0);
    let (add, gone) = (format!("Waypoint after item {}", at + 1), format!("Delete item {}", at + 1));
    if Button::new("Add after").named(&add).icon(icon::PLUS.bold()).small().at(ui, left).clicked() {
        edit = Some(ItemEdit::Insert(at));
        view.selected = Some(Point::Item(at + 1));
    }
    if Button::new("Delete").named(&gone).icon(icon::X.bold()).small().at(ui, right).clicked() {
        edit = Some(ItemEdit::Delete(at));
        view.selected = None;
    }
    if let Some(edit) = edit {
        planner.edit(&Edit::Item(edit), false);
    }
}

/// −1 or 1 when it was pressed.
fn stepper(ui: &mut Ui, width: f32, name: &str, value: &str) -> Option<f64> {
    let (row, _) = ui.allocate_exact_size(vec2(width, 52.0), egui::Sense::hover());
    let mut line = row.shrink2(vec2(PAD, 2.0));
    let control = line.right_part(170.0);
    line.right_part(4.0);
    paint::fit(ui.painter(), line, text::CELL, tokens(ui).text2, name);
    choice::stepper(ui, control, name, value, (true, true)).map(|step| match step {
        choice::Step::Less => -1.0,
        choice::Step::More => 1.0,
    })
}
