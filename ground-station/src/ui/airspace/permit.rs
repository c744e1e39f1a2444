//! A permission being written.

use egui::{Rect, Ui, vec2};
use mission_profiles::authorisation::Kind;

use super::AirspaceCommand;
use super::side::{self, PAD, room, section};
use super::view::{Shown, Side, View};
use crate::state::board::{Doing, Field, Keep, Permit, StepForm, Work, kind_words, reason};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::theme::tokens;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::choice::{self, Step};
use crate::ui::widget::field::{self, Field as Input};
use crate::ui::widget::panel;
use crate::ui::{icon, paint, text};

const KINDS: [Kind; 7] = [
    Kind::FlightRestrictionZone,
    Kind::NonStandardFlight,
    Kind::TemporaryRestriction,
    Kind::ProtectedSite,
    Kind::Landowner,
    Kind::Operational,
    Kind::Covert,
];
/// Fields that stand beside each other.
const PAIRS: [(Field, Field); 6] = [
    (Field::Person, Field::Phone),
    (Field::Email, Field::Reference),
    (Field::Centre, Field::Radius),
    (Field::Lower, Field::Upper),
    (Field::From, Field::To),
    (Field::Height, Field::Range),
];
const FOOT: f32 = 10.0 + field::HEIGHT + GUTTER + 24.0 + button::HEIGHT + PAD;

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) -> Option<AirspaceCommand> {
    let t = tokens(ui);
    let (above, title) = match &view.permit.of {
        Some((before, _)) => ("Another version of the draft".to_owned(), format!("Change {}", before.id)),
        None => ("A draft; nothing is sent by this".to_owned(), "New authorisation".to_owned()),
    };
    let mut rest = side::head(ui, rect, (icon::PENCIL_SIMPLE_LINE.regular(), t.text2), &above, &title, view);
    let foot = rest.bottom_part(FOOT + side::sign_height(shown.signed_in.is_some()));
    let read = view.permit.read(shown.moment);
    let wrong = read.as_ref().err().cloned();
    fields(ui, rest, &mut view.permit, wrong.as_ref());
    let read = read.map_err(|(field, why)| format!("{}: {why}", field.label()));
    ui.painter().rect_filled(foot, egui::CornerRadius { sw: 6, se: 6, ..egui::CornerRadius::ZERO }, t.raised);
    ui.painter().hline(foot.x_range(), foot.top(), egui::Stroke::new(1.0, t.line));
    let mut inside = foot.shrink2(vec2(PAD, 0.0));
    inside.top_part(10.0);
    let why = Input::new("Why").hint("Why, for the ledger: search at Findern").limit(180);
    why.at(ui, inside.top_part(field::HEIGHT), &mut view.sign.said);
    inside.top_part(GUTTER);
    side::signs(ui, inside.top_part(side::sign_height(shown.signed_in.is_some())), shown.signed_in, &mut view.sign);
    let busy = matches!(shown.workspace.doing, Doing::Busy(_));
    let keep = read.and_then(|authorisation| {
        let keep = keep(authorisation, &view.permit, &view.sign, shown.signed_in)?;
        if busy { Err("Wait until the last is done".into()) } else { Ok(keep) }
    });
    let missing = keep.as_ref().err().map(String::as_str);
    let line = inside.top_part(24.0);
    paint::fit(ui.painter(), line, text::LABEL, t.text2, missing.unwrap_or("Entered in the register as a draft."));
    let mut row = inside.top_part(button::HEIGHT);
    let cancel = Button::new("Cancel");
    let place = row.left_part(cancel.width(ui));
    if cancel.at(ui, place).clicked() {
        view.side = view.permit.of.as_ref().map_or(Side::Nothing, |(before, _)| Side::Permission(before.id.clone()));
        return None;
    }
    row.left_part(GUTTER);
    let button = Button::new("Sign and save draft").icon(icon::CHECK.bold()).primary().unless(missing);
    let pressed = button.at(ui, row).clicked();
    let keep = keep.ok().filter(|_| pressed)?;
    view.sign.pin = zeroize::Zeroizing::default();
    Some(AirspaceCommand::Work(Work::Keep(Box::new(keep))))
}

fn keep(
    authorisation: mission_profiles::authorisation::Authorisation,
    permit: &Permit,
    sign: &StepForm,
    signed_in: Option<&str>,
) -> Result<Keep, String> {
    let reason = reason(&sign.said).map_err(|_| "Say why, in a few words".to_owned())?;
    let pen = side::pen(sign, signed_in)?;
    let document = Some(permit.text(Field::Document)).filter(|path| !path.is_empty()).map(Into::into);
    let before = permit.of.as_ref().map(|(_, digest)| *digest);
    Ok(Keep { authorisation, before, document, reason, pen })
}

fn fields(ui: &mut Ui, rect: Rect, permit: &mut Permit, wrong: Option<&(Field, String)>) {
    panel::scrolled(ui, rect, "permit", |ui| {
        kind(ui, permit);
        for field in Field::ALL {
            if PAIRS.iter().any(|(_, second)| *second == field) {
                continue;
            }
            let second = PAIRS.iter().find(|(first, _)| *first == field).map(|(_, second)| *second);
            let both = [Some(field), second];
            // What is empty is not wrong yet: the line above the button says what is missing.
            let is_wrong = |field: Field| wrong.filter(|(at, _)| *at == field && !permit.text(field).is_empty());
            let any = both.into_iter().flatten().any(|field| is_wrong(field).is_some());
            let high = field::LABELLED + if any { field::WRONG } else { 0.0 };
            let mut row = room(ui, high + 8.0);
            row.max.y -= 8.0;
            let places = match second {
                Some(_) => row.columns::<2>(GUTTER).to_vec(),
                None => vec![row],
            };
            let signs: Vec<Option<String>> =
                both.iter().map(|field| field.and_then(is_wrong).map(|(_, why)| why.clone())).collect();
            for ((field, place), why) in both.into_iter().flatten().zip(places).zip(signs) {
                let place = if why.is_none() { place.with_max_y(place.top() + field::LABELLED) } else { place };
                one(ui, place, field, permit, why.as_deref());
            }
            // A field leaves off where its frame ends: the room below it is the row's.
            ui.advance_cursor_after_rect(row.with_max_y(row.max.y + 8.0));
        }
        section(ui, "Limits");
        let row = room(ui, button::HEIGHT);
        if choice::switch(ui, row, "Within sight only (VLOS)", permit.vlos).clicked() {
            permit.vlos = !permit.vlos;
        }
        let row = room(ui, button::HEIGHT);
        if choice::switch(ui, row, "By daylight only", permit.daylight).clicked() {
            permit.daylight = !permit.daylight;
        }
    });
}

fn kind(ui: &mut Ui, permit: &mut Permit) {
    let mut row = room(ui, button::HEIGHT + 12.0);
    row.max.y -= 12.0;
    let at = KINDS.iter().position(|kind| *kind == permit.kind).unwrap_or(0);
    let next = match choice::stepper(ui, row, "Kind", kind_words(permit.kind), (at > 0, at + 1 < KINDS.len())) {
        Some(Step::Less) => at.saturating_sub(1),
        Some(Step::More) => at + 1,
        None => at,
    };
    permit.kind = KINDS.get(next).copied().unwrap_or(permit.kind);
}

fn one(ui: &mut Ui, place: Rect, field: Field, permit: &mut Permit, why: Option<&str>) {
    let is_fixed = field == Field::Id && permit.of.is_some();
    let Some(text) = permit.text_mut(field) else { return };
    if is_fixed {
        let t = tokens(ui);
        let mut place = place;
        paint::fit(ui.painter(), place.top_part(20.0), text::LABEL, t.text2, field.label());
        paint::fit(ui.painter(), place, text::MONO, t.text, text);
        return;
    }
    let input = Input::labelled(field.label()).hint(field.example()).limit(2_000).wrong(why);
    input.at(ui, place, text);
}
