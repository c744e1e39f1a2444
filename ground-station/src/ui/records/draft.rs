//! A flight that nobody entered yet: what is known of it, what its pilot adds, and the button that enters it.

use egui::{Rect, Ui, pos2, vec2};
use mission_profiles::flight_log::{Grade, local};

use super::form::Form;
use super::sheet::{self, Sheet};
use super::{Command, Shown, flights};
use crate::state::records::Draft;
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::field::{self, Field};
use crate::ui::widget::{choice, panel, says};
use crate::ui::{paint, text};

/// Height of what stands below what scrolls: the button, and why it cannot be pressed.
const FOOT: f32 = 92.0;

/// Between two fields, points.
const APART: f32 = 8.0;

/// Draws it.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    draft: &Draft,
    shown: &Shown<'_>,
    form: &mut Form,
    asked: &mut Vec<Command>,
) {
    form.turn_to(draft);
    let entry = &draft.entry;
    let title = format!("Draft of {}", local(entry.take_off.at));
    let mut inside = sheet::headed(ui, rect, icon::PENCIL_SIMPLE_LINE.regular(), (&title, &entry.id));
    let foot = inside.bottom_part(FOOT);
    panel::scrolled(ui, inside, &format!("draft {}", entry.id), |ui| {
        let mut sheet = Sheet { ui };
        sheet.take(8.0);
        for note in &entry.notes {
            sheet.notice(Tone::Caution, icon::WARNING.fill(), note);
        }
        sheet.heading("Who and what");
        fields(&mut sheet, form);
        sheet.heading("What happened");
        incident(&mut sheet, form);
        sheet.heading("What the station saw");
        flights::facts(&mut sheet, entry);
        sheet.take(12.0);
    });
    enter(ui, foot, draft, shown, form, asked);
}

fn fields(sheet: &mut Sheet<'_>, form: &mut Form) {
    let pilot = sheet.take(field::LABELLED + APART);
    let [aircraft, battery] = sheet.take(field::LABELLED + APART).columns(8.0);
    let rows = [
        (pilot, "Pilot", "The name the unit knows", &mut form.pilot),
        (aircraft, "Aircraft", "Serial number", &mut form.serial),
        (battery, "Battery", "As on its label", &mut form.battery),
        (sheet.take(field::LABELLED + APART), "Purpose", "What the flight was for", &mut form.activity),
        (sheet.take(field::LABELLED + APART), "Remarks", "What the next crew should know", &mut form.remark),
        (sheet.take(field::LABELLED + APART), "Defect", "Found on the aircraft; empty if none", &mut form.defect),
        (sheet.take(field::LABELLED + APART), "Why it is entered", "End of duty", &mut form.reason),
    ];
    for (rect, label, hint, words) in rows {
        let mut place = rect;
        Field::labelled(label).hint(hint).at(sheet.ui, place.top_part(field::LABELLED), words);
    }
}

fn incident(sheet: &mut Sheet<'_>, form: &mut Form) {
    const NONE: usize = usize::MAX;
    let upper = [None, Some(Grade::Minor), Some(Grade::Occurrence)];
    let lower = [Some(Grade::Serious), Some(Grade::Accident)];
    let words = |grade: Option<Grade>| match grade {
        None => "Nothing",
        Some(Grade::Minor) => "Minor",
        Some(Grade::Occurrence) => "Occurrence",
        Some(Grade::Serious) => "Serious",
        Some(Grade::Accident) => "Accident",
    };
    for grades in [&upper[..], &lower[..]] {
        let options: Vec<_> = grades.iter().map(|grade| (None, words(*grade))).collect();
        let chosen = grades.iter().position(|grade| *grade == form.grade).unwrap_or(NONE);
        let rect = sheet.take(button::SMALL);
        if let Some(nth) = choice::segments(sheet.ui, rect, "Incident", &options, chosen) {
            form.grade = grades[nth];
        }
        sheet.take(4.0);
    }
    let meaning = match form.grade {
        None => "Nothing went wrong that anybody should learn of.",
        Some(Grade::Minor) => "Something went wrong; nobody has to be told.",
        Some(Grade::Occurrence) => "Must be reported to the CAA within 72 hours.",
        Some(Grade::Serious) => "Nearly an accident: the AAIB must be told at once.",
        Some(Grade::Accident) => {
            "Somebody was killed or badly hurt, or the aircraft is lost or badly damaged: tell the AAIB at once."
        }
    };
    let t = tokens(sheet.ui);
    let ink = if form.grade >= Some(Grade::Occurrence) { t.warn } else { t.text2 };
    sheet.words(text::LABEL, ink, meaning);
    if form.grade.is_some() {
        let rect = sheet.take(field::LABELLED);
        Field::labelled("What happened, in a few words").at(sheet.ui, rect, &mut form.incident);
    }
    sheet.take(8.0);
    let rect = sheet.take(button::SMALL);
    if choice::switch(sheet.ui, rect, "The register has another flight then", form.although_flown).clicked() {
        form.although_flown = !form.although_flown;
    }
}

fn enter(ui: &Ui, rect: Rect, draft: &Draft, shown: &Shown<'_>, form: &Form, asked: &mut Vec<Command>) {
    let t = tokens(ui);
    ui.painter().hline(rect.x_range(), rect.top(), egui::Stroke::new(1.0, t.line));
    let why_not = if shown.busy {
        Some("It is being entered")
    } else if shown.signed_in.is_none() {
        Some("Sign in first: the entry is signed")
    } else {
        form.lacks()
    };
    let inside = rect.shrink2(vec2(PAD, 8.0));
    let place = Rect::from_min_size(inside.min, vec2(inside.width(), button::HEIGHT));
    let response =
        Button::new("Enter into the register").icon(icon::SIGNATURE.regular()).primary().unless(why_not).at(ui, place);
    let signed = shown.signed_in.map(|name| format!("Signed as {name}; a draft that is entered goes aside."));
    let said = why_not.map(str::to_owned).or(signed).unwrap_or_default();
    let below = Rect::from_min_max(pos2(inside.left(), place.bottom() + 4.0), inside.max);
    paint::fit(ui.painter(), below, text::LABEL, if why_not.is_some() { t.text2 } else { t.text3 }, &said);
    says(ui, below, &said);
    if response.clicked() {
        asked.extend(form.entering(draft).map(Command::Enter));
    }
}
