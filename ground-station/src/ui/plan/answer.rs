//! Somebody answers for a finding that blocks: who, with their PIN, and why.

use egui::{Rect, Ui, vec2};

use super::PlanView;
use crate::state::plan::Planner;
use crate::state::plan::papers::Answering;
use crate::state::plan::work::Found;
use crate::ui::cut::{Cut as _, GUTTER, PAD};
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::field::{self, Field};
use crate::ui::{paint, text, widget};

/// Its height, points.
pub(super) const HEIGHT: f32 = 24.0 + 40.0 + 2.0 * (field::HEIGHT + GUTTER) + 40.0 + button::HEIGHT + 20.0;

/// What is being filled in.
#[derive(Default)]
pub(super) struct Form {
    pub(super) answer: Answering,
    wrong: Option<String>,
    /// It is being signed.
    busy: bool,
}

impl Form {
    /// For this finding.
    pub(super) fn of(number: usize) -> Self {
        Self { answer: Answering { number, ..Answering::default() }, ..Self::default() }
    }

    /// It was not signed, and why.
    pub(super) fn refuse(&mut self, why: String) {
        (self.wrong, self.busy) = (Some(why), false);
        // A PIN does not wait for the next who passes by.
        self.answer.pin = zeroize::Zeroizing::default();
    }
}

/// The form; what is to be signed.
pub(super) fn form(
    ui: &mut Ui,
    rect: Rect,
    planner: &Planner,
    found: &Found,
    view: &mut PlanView,
) -> Option<Answering> {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0.0, t.raised);
    paint::rule(ui.painter(), rect, t.edge);
    let form = view.answering.as_mut()?;
    let mut inside = rect.shrink2(vec2(PAD, 8.0));
    let title = format!("Override finding {}", found.number);
    paint::fit(ui.painter(), inside.top_part(24.0), text::STRONG, t.text, &title);
    let who = "Not the pilot, and not whoever signed the papers. It holds for this plan exactly as it stands here.";
    let galley = paint::lines(ui.painter(), text::CELL, t.text2, who, inside.width(), 2);
    ui.painter().galley(inside.top_part(40.0).min, galley, t.text2);
    let [name, pin] = inside.top_part(field::HEIGHT).columns::<2>(GUTTER);
    let mut changed =
        Field::new("Officer’s account").hint("Account").limit(64).at(ui, name, &mut form.answer.who).changed();
    changed |=
        Field::new("Officer’s PIN").hint("PIN").password().limit(256).at(ui, pin, &mut form.answer.pin).changed();
    inside.top_part(GUTTER);
    let reason = Field::new("Reason of the override").hint("Reason, for the record").limit(200);
    changed |= reason.at(ui, inside.top_part(field::HEIGHT), &mut form.answer.reason).changed();
    inside.top_part(GUTTER);
    if changed {
        form.wrong = None;
    }
    let open = form.answer.open().or(form.busy.then_some("It is being signed"));
    let barred = planner.may_answer(found).err().or(open);
    let line = inside.top_part(40.0);
    let (ink, words) = match (&form.wrong, barred) {
        (Some(wrong), _) => (t.warn, wrong.as_str()),
        (None, Some(why)) => (t.text2, why),
        (None, None) => (t.text2, "Signed with the officer’s key; it stands in the flight’s record."),
    };
    let galley = paint::lines(ui.painter(), text::LABEL, ink, words, line.width(), 2);
    ui.painter().galley(line.min + vec2(0.0, 2.0), galley, ink);
    widget::says(ui, line, words);
    let mut buttons = inside.top_part(button::HEIGHT);
    let close = Button::new("Not now").quiet();
    let wide = close.width(ui);
    let closed = close.at(ui, buttons.left_part(wide)).clicked();
    buttons.left_part(GUTTER);
    let sign =
        Button::new("Override").named("Sign the override").icon(icon::SIGNATURE.regular()).primary().unless(barred);
    let pressed = sign.at(ui, buttons).clicked();
    let answer = pressed.then(|| form.answer.clone());
    form.busy |= pressed;
    if closed {
        view.answering = None;
    }
    answer
}
