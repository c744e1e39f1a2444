//! Everything of the map by keyboard.

use egui::{Event, Key, Modifiers, Ui};
use mission_profiles::place::direct;

use super::{PlanView, Tool, remove};
use crate::state::plan::Planner;

/// An arrow key moves a corner by so much, and with Shift by ten times as much, metres.
const STEP_M: f64 = 1.0;

/// Undo, redo, move, delete, finish, leave; each key is taken away from what is drawn after.
pub(super) fn keys(ui: &Ui, planner: &mut Planner, view: &mut PlanView) {
    if ui.ctx().text_edit_focused() {
        return;
    }
    let take = |modifiers: Modifiers, key: Key| ui.input_mut(|input| consume(&mut input.events, modifiers, key));
    let command = Modifiers::COMMAND;
    if take(command | Modifiers::SHIFT, Key::Z) || take(command, Key::Y) {
        planner.redo();
    }
    if take(command, Key::Z) {
        planner.undo();
        view.selected = view.selected.filter(|point| planner.document().place(*point).is_some());
    }
    if planner.is_drawing() && take(Modifiers::NONE, Key::Enter) {
        view.take(Tool::Select, planner);
    }
    if (view.tool != Tool::Select || view.selected.is_some()) && take(Modifiers::NONE, Key::Escape) {
        view.selected = None;
        view.take(Tool::Select, planner);
    }
    let Some(point) = view.selected else { return };
    if take(Modifiers::NONE, Key::Delete) || take(Modifiers::NONE, Key::Backspace) {
        remove(planner, view);
        return;
    }
    let arrows = [(Key::ArrowUp, 0.0), (Key::ArrowRight, 90.0), (Key::ArrowDown, 180.0), (Key::ArrowLeft, 270.0)];
    for (key, azimuth_deg) in arrows {
        for (modifiers, step_m) in [(Modifiers::NONE, STEP_M), (Modifiers::SHIFT, 10.0 * STEP_M)] {
            if take(modifiers, key)
                && let Some(place) = planner.document().place(point)
            {
                planner.shift(point, direct(place, azimuth_deg, step_m), false);
            }
        }
    }
}

/// Whether the key was pressed with these; held keys repeat.
fn consume(events: &mut Vec<Event>, wanted: Modifiers, key: Key) -> bool {
    let before = events.len();
    events.retain(|event| {
        !matches!(event, Event::Key { key: pressed, pressed: true, modifiers, .. }
            if *pressed == key && modifiers.matches_exact(wanted))
    });
    events.len() < before
}
