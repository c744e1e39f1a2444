//! A step of a permission: who was called, when, what was said, and the signature.

use egui::{CornerRadius, Rect, Stroke, Ui, vec2};
use mission_profiles::authorisation::State;

use super::AirspaceCommand;
use super::side::{self, PAD};
use super::view::{Shown, View};
use crate::state::board::{Doing, Permission, Work, step_words};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::button::Button;
use crate::ui::widget::field::{self, Field};
use crate::ui::{icon, paint, text};

const SAID: f32 = 62.0;
const PRIMARY: f32 = 52.0;
/// What it means that a step cannot be taken back, points.
const LAST: f32 = 38.0;

/// The step that is filled in: the chosen one, else the one that usually comes next.
pub(super) fn step(known: &Permission, view: &View) -> Option<State> {
    let state = known.authorisation.state();
    let usual = match state {
        State::Draft => Some(State::Applied),
        State::InPrinciple | State::Suspended => Some(State::Activated),
        State::Applied | State::Activated | State::Closed | State::Refused | State::Expired => None,
    };
    view.step.filter(|step| state.next().contains(step)).or(usual)
}

/// How high it is.
pub(super) fn height(to: State, signed_in: bool) -> f32 {
    let last = if step_words(to).last.is_some() { LAST } else { 0.0 };
    12.0 + 22.0
        + 9.0
        + field::HEIGHT
        + GUTTER
        + SAID
        + GUTTER
        + side::sign_height(signed_in)
        + last
        + 24.0
        + PRIMARY
        + PAD
}

/// Draws it.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    shown: &Shown<'_>,
    view: &mut View,
    known: &Permission,
    to: State,
) -> Option<AirspaceCommand> {
    let (t, words) = (tokens(ui), step_words(to));
    let radius = CornerRadius { sw: RADIUS, se: RADIUS, ..CornerRadius::ZERO };
    ui.painter().rect_filled(rect, radius, t.raised);
    ui.painter().hline(rect.x_range(), rect.top(), Stroke::new(1.0, t.line));
    let mut inside = rect.shrink2(vec2(PAD, 0.0));
    inside.top_part(12.0);
    heading(ui, inside.top_part(22.0), view, known, words.verb);
    inside.top_part(9.0);
    let mut row = inside.top_part(field::HEIGHT);
    let time = row.right_part(84.0);
    row.right_part(GUTTER);
    let form = &mut view.step_form;
    let who = if to == State::Applied { "tower@example.org" } else { "Derby Tower, R. Shah" };
    Field::new(words.who).hint(&format!("{}: {who}", words.who)).limit(200).at(ui, row, &mut form.who);
    let now = shown.moment.minutes(shown.moment.now);
    Field::new("When").hint(&now).limit(5).at(ui, time, &mut form.time);
    inside.top_part(GUTTER);
    Field::new(words.said).hint(words.said).lines(2).limit(1_800).at(ui, inside.top_part(SAID), &mut form.said);
    inside.top_part(GUTTER);
    side::signs(ui, inside.top_part(side::sign_height(shown.signed_in.is_some())), shown.signed_in, form);
    if let Some(last) = words.last {
        let place = inside.top_part(LAST);
        let galley = paint::lines(ui.painter(), text::LABEL, t.caution, last, place.width(), 2);
        ui.painter().galley(place.min + vec2(0.0, 4.0), galley, t.caution);
    }
    let read = form.read(&known.authorisation, known.digest, to, shown.moment, shown.signed_in.is_some());
    let busy = matches!(shown.workspace.doing, Doing::Busy(_)).then_some("Wait until the last is done");
    let why = busy.or_else(|| read.as_ref().err().map(String::as_str));
    let line = inside.top_part(24.0);
    paint::fit(
        ui.painter(),
        line,
        text::LABEL,
        t.text2,
        why.unwrap_or("Signed with your key, entered in the register for good."),
    );
    let button = Button::new(words.sign).icon(icon::CHECK.bold()).primary().unless(why);
    let pressed = button.at(ui, inside.top_part(PRIMARY)).clicked();
    let step = read.ok().filter(|_| pressed)?;
    // It does not wait in the fields for the next who passes by.
    view.step_form.pin = zeroize::Zeroizing::default();
    Some(AirspaceCommand::Work(Work::Take(Box::new(step))))
}

fn heading(ui: &Ui, mut line: Rect, view: &mut View, known: &Permission, verb: &str) {
    if view.step.is_some() {
        let place = Rect::from_center_size(line.right_part(20.0).center(), vec2(40.0, 40.0));
        if Button::icon_only(icon::X.bold(), "Not now").small().quiet().at(ui, place).clicked() {
            view.step = None;
        }
        line.right_part(GUTTER);
    }
    let wide = paint::fit(ui.painter(), line, text::VALUE, tokens(ui).text, verb);
    line.left_part(wide + GUTTER);
    let number = &known.authorisation.issuer.phone;
    if !number.is_empty() {
        side::phone(ui, line, number);
    }
}
