//! A permission whole: where, how high, when, its papers, its history, and what can become of it.

use egui::{Rect, Stroke, Ui, vec2};
use mission_profiles::authorisation::{Authorisation, Change, State};

use super::side::{self, PAD, fact, mono, room, section};
use super::view::{Shown, View};
use super::{AirspaceCommand, act, board, sketch};
use crate::state::board::{Airspace, Entered, Moment, Permission, kind_words, limits, state_words, step_words, title};
use crate::ui::cut::Cut as _;
use crate::ui::theme::tokens;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::{self, panel};
use crate::ui::{icon, paint, text};

/// The sketch of its area, points.
const SKETCH: f32 = 128.0;
/// The same where the window is low, points.
const SKETCH_LOW: f32 = 96.0;

/// Draws it.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    shown: &Shown<'_>,
    view: &mut View,
    airspace: &Airspace,
    known: &Permission,
) -> Option<AirspaceCommand> {
    let it = &known.authorisation;
    let above = format!("{}  {}", it.id, kind_words(it.kind));
    let sign = (board::kind_glyph(it.kind).regular(), tokens(ui).text2);
    let mut rest = side::head(ui, rect, sign, &above, &title(airspace, it), view);
    let step = act::step(known, view);
    let form = step.map(|to| rest.bottom_part(act::height(to, shown.signed_in.is_some())));
    panel::scrolled(ui, rest, "permission", |ui| {
        let high = if rect.height() < 700.0 { SKETCH_LOW } else { SKETCH };
        let place = room(ui, high + 8.0);
        sketch::show(ui, place.with_max_y(place.top() + high), airspace, it, view.rows());
        facts(ui, shown.moment, it);
        section(ui, "History");
        if it.history.is_empty() {
            side::words(ui, text::CELL, tokens(ui).text2, "Not sent yet.");
        }
        for (nth, change) in it.history.iter().enumerate() {
            history(ui, shown.moment, change, nth + 1 < it.history.len() || step.is_some());
        }
        if let Some(to) = step.filter(|to| *to == State::Activated) {
            waits(ui, to);
        }
        section(ui, "Who");
        people(ui, it);
        section(ui, "Signed versions");
        for entered in &known.versions {
            version(ui, shown.moment, entered);
        }
        others(ui, shown.moment, view, known, step);
    });
    act::show(ui, form?, shown, view, known, step?)
}

fn facts(ui: &mut Ui, moment: &Moment, it: &Authorisation) {
    let (height, limit) = limits(it);
    fact(ui, "Height", &height);
    fact(ui, "Window", &moment.windows(&it.windows));
    fact(ui, "Limits", &limit);
    for condition in &it.conditions {
        fact(ui, "Condition", condition);
    }
    let zones = if it.zones.is_empty() { "its own area".to_owned() } else { it.zones.join(", ") };
    fact(ui, "Satisfies", &zones);
    for paper in &it.documents {
        document(ui, &paper.file, &paper.sha256.to_string());
    }
}

fn people(ui: &mut Ui, it: &Authorisation) {
    let issuer = &it.issuer;
    let (pilots, aircraft) = (it.pilots.join(", "), it.aircraft.join(", "));
    let rows = [
        ("Authority", &issuer.name),
        ("Service", &issuer.service),
        ("Ask for", &issuer.contact),
        ("Telephone", &issuer.phone),
        ("E-mail", &issuer.email),
        ("Site", &issuer.site),
        ("Notice", &issuer.notice),
        ("Reference", &it.reference),
        ("Operator", &it.operator),
        ("Pilots", &pilots),
        ("Aircraft", &aircraft),
    ];
    for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        fact(ui, name, value);
    }
}

fn document(ui: &mut Ui, file: &str, sha256: &str) {
    let t = tokens(ui);
    let mut row = room(ui, 28.0);
    let whole = row;
    let glyph = if file.to_lowercase().ends_with(".pdf") { icon::FILE_PDF } else { icon::FILE_TEXT };
    let digest = short(sha256);
    let wide = paint::width(ui.painter(), text::MONO, &digest) + 1.0;
    paint::fit(ui.painter(), row.right_part(wide), text::MONO, t.text2, &digest);
    row.right_part(8.0);
    super::signed(ui, row, glyph.regular(), t.text, text::CELL, file);
    widget::says(ui, whole, &format!("{file}, SHA-256 {sha256}")).on_hover_text(sha256);
}

/// `5e07 a9c1`: enough to compare by eye; the whole stands in the hint.
fn short(digest: &str) -> String {
    let part = |from: usize| digest.get(from..from + 4).unwrap_or_default();
    format!("{} {}", part(0), part(4))
}

fn history(ui: &mut Ui, moment: &Moment, change: &Change, goes_on: bool) {
    let how = format!("{}, {}", change.by, change.how);
    let glyph = if change.to == State::Refused { icon::X_CIRCLE } else { icon::CHECK_CIRCLE };
    step(ui, glyph.fill(), state_words(change.to), &moment.day_and_clock(change.at), &how, goes_on);
}

fn waits(ui: &mut Ui, to: State) {
    step(ui, icon::CIRCLE.bold(), state_words(to), "not yet", "The call before take-off", false);
}

fn step(ui: &mut Ui, sign: icon::Icon, state: &str, when: &str, how: &str, goes_on: bool) {
    let t = tokens(ui);
    let wide = ui.available_width() - 2.0 * PAD - 28.0;
    let galley = paint::lines(ui.painter(), text::LABEL, t.text2, how, wide, 6);
    let mut row = room(ui, 18.0 + galley.size().y + 10.0);
    let whole = row;
    let mark = row.left_part(18.0);
    if goes_on {
        let x = mark.center().x;
        ui.painter().vline(x, mark.top() + 19.0..=mark.bottom(), Stroke::new(2.0, t.line));
    }
    paint::icon(ui.painter(), mark.center_top() + vec2(0.0, 9.0), 18.0, t.text2, sign);
    row.left_part(10.0);
    let mut line = row.top_part(18.0);
    let clock = paint::width(ui.painter(), text::LABEL, when) + 1.0;
    paint::fit(ui.painter(), line.right_part(clock), text::LABEL, t.text2, when);
    let mut letters = state.chars();
    let state: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    paint::fit(ui.painter(), line, text::CELL_STRONG, t.text, &state);
    ui.painter().galley(row.min, galley, t.text2);
    widget::says(ui, whole, &format!("{state}, {when}: {how}"));
}

fn version(ui: &mut Ui, moment: &Moment, entered: &Entered) {
    let at =
        jiff::Timestamp::from_microsecond(entered.at_utc_us).map(|at| moment.day_and_clock(at)).unwrap_or_default();
    mono(ui, &format!("Line {}", entered.line), &entered.digest.to_string());
    side::words(ui, text::LABEL, tokens(ui).text2, &format!("{}, {at}: {}", entered.by, entered.reason));
}

/// What else can become of it, each a button that opens its form.
fn others(ui: &mut Ui, moment: &Moment, view: &mut View, known: &Permission, step: Option<State>) {
    let state = known.authorisation.state();
    let rest: Vec<State> = state.next().iter().copied().filter(|to| Some(*to) != step).collect();
    let change = state == State::Draft;
    if rest.is_empty() && !change {
        room(ui, 8.0);
        return;
    }
    section(ui, "What became of it");
    let count = rest.len() + usize::from(change);
    let places: Vec<Rect> = (0..count.div_ceil(2)).flat_map(|_| board::pair(room(ui, button::SMALL + 8.0))).collect();
    let mut places = places.into_iter();
    if change && let Some(place) = places.next() {
        let button = Button::new("Change the draft").icon(icon::PENCIL_SIMPLE.regular()).small();
        if button.at(ui, place).clicked() {
            view.change(known, moment);
        }
    }
    for (to, place) in rest.into_iter().zip(places) {
        let words = format!("{} …", step_words(to).verb);
        if Button::new(&words).named(step_words(to).verb).small().at(ui, place).clicked() {
            view.step = Some(to);
        }
    }
}
