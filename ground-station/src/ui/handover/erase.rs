//! What the aircraft is told to erase, on what conditions, and the slide that does it.

use egui::{Rect, Role, Ui, vec2};

use super::{Command, Shown, View};
use crate::state::handover::words::{flights, size};
use crate::state::handover::{Aboard, Action, Condition, Job, Met};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::slide::Slide;
use crate::ui::widget::{chosen_target, focus_ring, panel, says};
use crate::ui::{paint, text};

pub(super) fn show(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let (mut inside, mut head) = panel::headed(ui, rect, Some(icon::ERASER.regular()), "Erase plan");
    let quarantined = shown.state.flights().iter().any(|it| it.is_quarantined() && it.aboard() == Aboard::Stays);
    view.quarantined_too &= quarantined;
    if quarantined {
        let place = head.right_part(head.width().min(196.0));
        if apart(ui, place, view.quarantined_too) {
            view.quarantined_too = !view.quarantined_too;
        }
        head.right_part(8.0);
    }
    let wanted = shown.state.to_erase(view.quarantined_too);
    let numbers: Vec<usize> = wanted.iter().map(|(number, _)| *number).collect();
    let bytes = wanted.iter().map(|(_, flight)| flight.plan.bytes).sum();
    let words =
        if numbers.is_empty() { "nothing".to_owned() } else { format!("{}, {}", flights(&numbers), size(bytes)) };
    paint::fit(ui.painter(), head, text::LABEL, tokens(ui).text2, &words);
    says(ui, head, &format!("To erase: {words}"));
    let slide = inside.bottom_part(84.0).shrink2(vec2(PAD, 0.0));
    let slide = Rect::from_min_size(slide.min, vec2(slide.width(), 72.0));
    let conditions = shown.state.conditions(view.quarantined_too, shown.first, shown.now_utc_us);
    let mut columns: [Rect; 2] = inside.shrink2(vec2(PAD, 8.0)).columns(12.0);
    for (nth, condition) in conditions.iter().enumerate() {
        let column = &mut columns[usize::from(nth >= conditions.len().div_ceil(2))];
        line(ui, column.top_part(30.0), condition);
    }
    let why_not =
        shown.state.why_not(Action::Erase { quarantined_too: view.quarantined_too }, shown.first, shown.now_utc_us);
    let why_not = why_not.or_else(|| view.reason().err());
    let done = done(shown);
    let aircraft = shown.state.docked().is_some_and(|docked| docked.aircraft);
    let verb = if aircraft { "Slide to erase from the aircraft" } else { "Slide to order the erase on the card" };
    let slide = Slide::new(verb).unless(why_not.as_deref()).done(done.as_deref()).at(ui, slide);
    if slide { view.reason().ok().map(|reason| Command::Erase(reason, view.quarantined_too)) } else { None }
}

/// Everything that may be erased is.
fn done(shown: Shown<'_>) -> Option<String> {
    if shown.state.job == Some(Job::Erase) || !shown.state.to_erase(true).is_empty() {
        return None;
    }
    let with = |aboard| shown.state.flights().iter().filter(|flight| flight.aboard() == aboard).count();
    match (with(Aboard::Erased), with(Aboard::Ordered)) {
        (0, 0) => None,
        (_, 0) => Some("Erased; the device log says so".to_owned()),
        (_, _) => Some("Ordered: the aircraft erases at its next start".to_owned()),
    }
}

fn line(ui: &Ui, rect: Rect, condition: &Condition) {
    let t = tokens(ui);
    let (sign, ink, state) = match condition.met {
        Met::Yes => (icon::CHECK_CIRCLE.fill(), t.ok, "holds"),
        Met::Running => (icon::ARROWS_CLOCKWISE.bold(), t.accent, "being done"),
        Met::Open => (icon::HOURGLASS.bold(), t.caution, "open"),
    };
    let mut words = rect;
    paint::icon(ui.painter(), words.left_part(20.0).center(), 20.0, ink, sign);
    words.left_part(10.0);
    paint::fit(ui.painter(), words, text::CELL, t.text, &condition.words);
    says(ui, rect, &format!("{}: {state}", condition.words)).on_hover_text(&condition.words);
}

/// Flights in quarantine too: a decision of its own.
fn apart(ui: &Ui, rect: Rect, on: bool) -> bool {
    let t = tokens(ui);
    let response = chosen_target(ui, rect, "Flights in quarantine too", (true, on), Role::CheckBox);
    let mut words = rect;
    let square = Rect::from_center_size(words.left_part(20.0).center(), vec2(18.0, 18.0));
    let ink = if on { t.caution } else { t.edge };
    ui.painter().rect_stroke(square, 4.0, egui::Stroke::new(1.5, ink), egui::StrokeKind::Inside);
    if on {
        paint::icon(ui.painter(), square.center(), 14.0, t.caution, icon::CHECK.bold());
    }
    words.left_part(8.0);
    paint::fit(ui.painter(), words, text::LABEL, if on { t.caution } else { t.text2 }, "Flights in quarantine too");
    focus_ring(ui, rect.shrink(4.0), 4, &response);
    response.clicked()
}
