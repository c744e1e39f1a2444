//! The checklist, and sending the plan.

use egui::{Rect, Ui, vec2};

use super::{Ground, PlanCommand, PlanView, crew};
use crate::state::plan::Planner;
use crate::state::plan::papers::{Aboard, Say};
use crate::state::signin::Person;
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::{
    self,
    button::Button,
    check::{By, check, height},
    panel,
    progress::{Progress, State},
};
use crate::ui::{paint, text};

/// An item's row, points.
const HEIGHT: f32 = 54.0;

/// What is looked at before.
pub(super) fn checklist(ui: &mut Ui, rect: Rect, planner: &mut Planner, people: &[Person]) {
    let t = tokens(ui);
    let (inside, head) = panel::headed(ui, rect, None, "Checklist");
    let items = planner.profile().content.checklist.clone();
    let count = format!("{} of {}", planner.looked_at(), items.len());
    paint::fit_right(ui.painter(), head, text::CELL, t.text2, &count);
    widget::says(ui, head, &count);
    let mut pressed = None;
    panel::scrolled(ui, inside, "checklist", |ui| {
        crew::crew(ui, inside.width() - 10.0, planner, people);
        for (nth, item) in items.iter().enumerate() {
            let ticked = planner.ticks().get(nth).copied().unwrap_or(false);
            let by = match planner.machine(nth) {
                Some((is_so, words)) => By::Machine(*is_so, words),
                None if ticked => By::Seen("Seen"),
                None => By::Eyes,
            };
            let wide = inside.width() - 10.0;
            let high = height(ui, wide, HEIGHT, &item.ask, by);
            let (row, _) = ui.allocate_exact_size(vec2(wide, high), egui::Sense::hover());
            if check(ui, row, &item.ask, by).clicked() {
                pressed = Some((nth, !ticked));
            }
        }
    });
    if let Some((nth, looked)) = pressed {
        planner.tick(nth, looked);
    }
}

/// Sends the plan, or says what holds it.
pub(super) fn upload(
    ui: &Ui,
    rect: Rect,
    planner: &Planner,
    ground: Ground<'_>,
    view: &mut PlanView,
) -> Option<PlanCommand> {
    let t = tokens(ui);
    let whole = panel::panel(ui, rect);
    let mut inside = whole.shrink2(vec2(PAD, 10.0));
    papers(ui, inside.bottom_part(24.0), planner, ground.no_papers);
    if let Some(work) = ground.sending.or(ground.reading) {
        let cancels = ground.sending.is_some() && work.can_stop();
        let cancel: &[_] = if cancels { &[(icon::X.bold(), "Cancel")] } else { &[] };
        let (figures, share) = (work.figures(), work.share());
        let row = Progress { what: work.what(), figures: &figures, share, state: State::Running, buttons: cancel };
        let mut place = whole;
        return row.at(ui, place.top_part(72.0)).map(|_| PlanCommand::CancelUpload);
    }
    let lock = planner.lock();
    let (head, rest) = lock.words();
    let why = format!("{head}{rest}");
    let words = match &planner.means().vehicle {
        Some(vehicle) => format!("Upload to {vehicle}"),
        None => "Upload".into(),
    };
    let button = inside.top_part(50.0);
    let icon = if lock.is_open() { icon::UPLOAD_SIMPLE.regular() } else { icon::LOCK_SIMPLE.fill() };
    let held = (!lock.is_open()).then_some(why.as_str());
    let clicked = Button::new(&words).icon(icon).primary().unless(held).at(ui, button).clicked();
    inside.top_part(4.0);
    let mut line = inside;
    let (sign, ink) = match () {
        () if lock.is_open() => (icon::CHECK_CIRCLE.fill(), t.ok),
        () if lock.blocking > 0 => (icon::PROHIBIT.fill(), t.warn),
        () if lock.pending => (icon::HOURGLASS.regular(), t.text2),
        () => (icon::INFO.fill(), t.text2),
    };
    paint::icon(ui.painter(), line.left_part(20.0).center(), 20.0, ink, sign);
    line.left_part(8.0);
    widget::says(ui, line, &why);
    let first = planner.worked().and_then(|worked| worked.found.first()).filter(|_| lock.blocking > 0);
    if let Some(found) = first {
        let show = Button::new("Show").named("Show what blocks").quiet().small();
        let wide = show.width(ui);
        if show.at(ui, line.right_part(wide)).clicked() {
            view.chosen = Some(found.number);
            if let Some(place) = found.finding.place {
                view.map.show_place(place);
            }
        }
        line.right_part(4.0);
    }
    let wide = paint::fit(ui.painter(), line, text::CELL_STRONG, t.text, &head);
    line.left_part(wide);
    paint::fit(ui.painter(), line, text::CELL, t.text2, &rest);
    clicked.then(|| planner.upload().cloned()).flatten().map(|plan| PlanCommand::Upload(Box::new(plan)))
}

/// Whether the papers are signed, and where they are.
fn papers(ui: &Ui, mut line: Rect, planner: &Planner, no_papers: Option<&str>) {
    let t = tokens(ui);
    let say = planner.say_papers();
    let words = match (&say, no_papers) {
        (Say::Unsigned, Some(why)) => why.to_owned(),
        _ => say.words(),
    };
    let (sign, ink) = match &say {
        Say::Signed(_, _, Aboard::InRecord(_)) => (icon::SEAL_CHECK.fill(), t.ok),
        Say::Signed(_, _, Aboard::Failed(_)) | Say::Void => (icon::WARNING.fill(), t.caution),
        Say::Signed(_, _, Aboard::Sending | Aboard::Held(_)) => (icon::HOURGLASS.regular(), t.text2),
        Say::Unsigned | Say::Signed(_, _, Aboard::Not) => (icon::SIGNATURE.regular(), t.text2),
    };
    paint::icon(ui.painter(), line.left_part(20.0).center(), 18.0, ink, sign);
    line.left_part(8.0);
    paint::fit(ui.painter(), line, text::CELL, t.text2, &words);
    widget::says(ui, line, &words).on_hover_text(&words);
}
