//! Who fills the roles beside the pilot's: of the unit's people, at the head of the checklist.

use egui::{CornerRadius, Ui, vec2};
use flight_record::trust::Duty;

use crate::state::plan::Planner;
use crate::state::signin::Person;
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, text, widget};

/// A role's row, points.
const ROW: f32 = 44.0;

/// A row for each role; a press takes the next person who may fill it, and after the last nobody.
pub(super) fn crew(ui: &mut Ui, width: f32, planner: &mut Planner, people: &[Person]) {
    let roles: Vec<String> =
        planner.profile().content.crew.roles.iter().filter(|role| *role != "pilot").cloned().collect();
    let pilot = planner.means().crew.pilot.clone();
    let able: Vec<&Person> = people
        .iter()
        .filter(|person| person.has(&[Duty::Observer, Duty::Pilot]) && person.label.as_str() != pilot)
        .collect();
    for role in roles {
        let now = planner.fills(&role).cloned();
        let words = match &now {
            Some(person) => person.to_string(),
            None if planner.means().crew.roles.contains(&role) => "By the settings".into(),
            None if able.is_empty() => "Nobody of the unit is enrolled".into(),
            None => "Nobody: press to choose".into(),
        };
        if row(ui, width, &role, &words, !able.is_empty()) {
            let at = now.as_ref().and_then(|now| able.iter().position(|person| person.label == *now));
            let next = at.map_or(0, |at| at + 1);
            planner.fill(&role, able.get(next).map(|person| person.label.clone()));
        }
    }
}

fn row(ui: &mut Ui, width: f32, role: &str, words: &str, can: bool) -> bool {
    let t = tokens(ui);
    let (place, _) = ui.allocate_exact_size(vec2(width, ROW), egui::Sense::hover());
    let name: String = role.chars().take(1).flat_map(char::to_uppercase).chain(role.chars().skip(1)).collect();
    let response = widget::target(ui, place, &format!("{name}: {words}"), can);
    if can && response.hovered() {
        ui.painter().rect_filled(place, CornerRadius::ZERO, t.raised);
    }
    paint::rule(ui.painter(), place, t.line);
    widget::focus_ring(ui, place.shrink(3.0), RADIUS, &response);
    let mut line = place.shrink2(vec2(PAD, 0.0));
    paint::icon(ui.painter(), line.left_part(24.0).center(), 20.0, t.text2, icon::USERS.regular());
    line.left_part(10.0);
    if can {
        paint::icon(ui.painter(), line.right_part(14.0).center(), 14.0, t.text2, icon::CARET_UP_DOWN.bold());
        line.right_part(6.0);
    }
    let wide = paint::fit(ui.painter(), line, text::CELL, t.text2, &name);
    line.left_part(wide + 10.0);
    paint::fit_right(ui.painter(), line, text::CELL_STRONG, t.text, words);
    response.clicked()
}
