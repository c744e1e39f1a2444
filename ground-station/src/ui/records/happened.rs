//! What went wrong: incidents and defects, those that somebody must still be told of first.

use egui::{Rect, Ui};
use mission_profiles::flight_log::{Grade, local};

use super::sheet::{self, Sheet};
use super::{Section, View, head, rows};
use crate::state::records::{Happened, Records};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon::{self, Icon};
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::empty::Empty;
use crate::ui::widget::panel;
use crate::ui::widget::table::{self, Cell, Column, Table};

const COLUMNS: [Column<'static>; 4] = [
    Column::fixed("Landed", 96.0),
    Column::share("What", 1.0),
    Column::fixed("Grade", 128.0),
    Column::fixed("Told", 118.0),
];

/// Draws table and detail.
pub(super) fn show(ui: &mut Ui, (left, right): (Rect, Rect), records: &Records, view: &mut View) {
    let mut inside = panel::panel(ui, left);
    let table = Table { columns: &COLUMNS, sorted: None };
    head(ui, &mut inside, &table, (records.happened.len(), table::ROW_TWO));
    let read = view.happened.filter(|nth| *nth < records.happened.len()).unwrap_or(0);
    let Some(one) = records.happened.get(read) else {
        let how = "An incident or a defect is said when a flight’s draft is entered. What must be reported then stands here until it is.";
        Empty { icon: icon::SHIELD_CHECK.regular(), what: "Nothing went wrong", how, action: None }
            .at(ui, inside.top_part(140.0));
        panel::panel(ui, right);
        return;
    };
    rows(ui, inside, "happened", (records.happened.len(), table::ROW_TWO), |ui, place, nth| {
        let happened = &records.happened[nth];
        let at = local(happened.landed);
        let (day, time) = at.split_once(' ').unwrap_or((&at, ""));
        let (tone, sign, words) = grade(happened.grade);
        let (told_tone, told_sign, told) = told(happened);
        let cells = [
            Cell::Two(day, time),
            Cell::Two(&happened.what, &happened.flight),
            Cell::Sign(tone, sign, words),
            Cell::Sign(told_tone, told_sign, told),
        ];
        let name = format!("{words}: {}", happened.what);
        if table.row(ui, place, &name, nth == read, &cells).clicked() {
            view.happened = Some(nth);
        }
    });
    detail(ui, right, one, view);
}

fn grade(grade: Option<Grade>) -> (Tone, Icon, &'static str) {
    match grade {
        None => (Tone::Neutral, icon::WRENCH.fill(), "Defect"),
        Some(Grade::Minor) => (Tone::Neutral, icon::INFO.fill(), "Minor incident"),
        Some(Grade::Occurrence) => (Tone::Caution, icon::WARNING.fill(), "Occurrence"),
        Some(Grade::Serious) => (Tone::Warn, icon::WARNING_OCTAGON.fill(), "Serious incident"),
        Some(Grade::Accident) => (Tone::Warn, icon::WARNING_OCTAGON.fill(), "Accident"),
    }
}

fn told(happened: &Happened) -> (Tone, Icon, &'static str) {
    if !happened.tell.is_empty() {
        (Tone::Warn, icon::PHONE_CALL.fill(), "To be reported")
    } else if happened.reported.is_empty() {
        (Tone::Neutral, icon::MINUS.bold(), "Nobody has to")
    } else {
        (Tone::Ok, icon::CHECK_CIRCLE.fill(), "Reported")
    }
}

fn detail(ui: &mut Ui, rect: Rect, happened: &Happened, view: &mut View) {
    let (_, sign, words) = grade(happened.grade);
    let mut inside = sheet::headed(ui, rect, sign, (words, &happened.flight));
    let foot = inside.bottom_part(button::HEIGHT + 16.0).shrink2(egui::vec2(PAD, 8.0));
    panel::scrolled(ui, inside, &format!("happened {}", happened.what), |ui| {
        let mut sheet = Sheet { ui };
        sheet.take(10.0);
        for tell in &happened.tell {
            sheet.notice(Tone::Warn, icon::PHONE_CALL.fill(), tell);
        }
        sheet.fact("What", &happened.what);
        sheet.fact("Landed", &local(happened.landed));
        sheet.fact("Reported", &happened.reported);
        if !happened.tell.is_empty() {
            let how = "When it is reported, `skyseal-ground log change` notes to whom and under which reference, and it stands here no more.";
            sheet.fact("Afterwards", how);
        }
        sheet.take(12.0);
    });
    if Button::new("Show the flight").icon(icon::NOTEBOOK.regular()).at(ui, foot).clicked() {
        view.find.clear();
        view.flight = Some(happened.flight.clone());
        view.section = Section::Flights;
    }
}
