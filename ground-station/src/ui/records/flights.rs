//! The flight log: drafts to be entered first, then the register's entries; at the right the one that is read.

use std::cmp::Ordering;

use egui::{Rect, Ui};
use mission_profiles::flight_log::{Entry, local};

use super::sheet::{self, Sheet};
use super::{Command, SEARCH, Shown, View, draft, head, rows, search};
use crate::log;
use crate::state::records::{Draft, Flight, Records};
use crate::ui::cut::Cut as _;
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::panel;
use crate::ui::widget::table::{self, Cell, Column, Table};
use crate::ui::{paint, text};

const COLUMNS: [Column<'static>; 5] = [
    Column::fixed("Take-off", 96.0),
    Column::share("Pilot and purpose", 1.25),
    Column::share("Aircraft, battery", 1.0),
    Column::figures("In the air", 74.0),
    Column::fixed("Record", 112.0),
];

/// A row of the table.
#[derive(Clone, Copy)]
enum Row<'a> {
    Draft(&'a Draft),
    Flight(&'a Flight),
}

impl<'a> Row<'a> {
    fn entry(self) -> &'a Entry {
        match self {
            Self::Draft(draft) => &draft.entry,
            Self::Flight(flight) => &flight.entry,
        }
    }
}

/// Draws table and detail.
pub(super) fn show(
    ui: &mut Ui,
    (left, right): (Rect, Rect),
    (shown, records): (&Shown<'_>, &Records),
    view: &mut View,
    asked: &mut Vec<Command>,
) {
    let listed = listed(records, view);
    let known = |id: &Option<String>| listed.iter().copied().find(|row| Some(&row.entry().id) == id.as_ref());
    let read = known(&view.flight).or(listed.first().copied());
    list(ui, left, records, &listed, read.map(|row| row.entry().id.as_str()), view);
    match read {
        Some(Row::Flight(flight)) => detail(ui, right, records, flight),
        Some(Row::Draft(one)) => draft::show(ui, right, one, shown, &mut view.form, asked),
        None => {
            let mut inside = panel::panel(ui, right);
            let how =
                "Press a row: what was flown, by whom, what was found, and each version with who entered it and why.";
            Empty { icon: icon::NOTEBOOK.regular(), what: "No flight is chosen", how, action: None }
                .at(ui, inside.top_part(140.0));
        }
    }
}

/// Drafts, then entries as they are sorted; those that are looked for.
fn listed<'a>(records: &'a Records, view: &View) -> Vec<Row<'a>> {
    let wanted: Vec<String> = view.find.split_whitespace().map(str::to_lowercase).collect();
    let found = |entry: &Entry| {
        let header = &entry.header;
        let all = [&entry.id, &header.pilot, &header.serial, &header.battery, &header.activity, &header.place]
            .map(|part| part.to_lowercase());
        wanted.iter().all(|word| all.iter().any(|part| part.contains(word)) || local(entry.take_off.at).contains(word))
    };
    let (column, falling) = view.sorted;
    let order = |one: &&Flight, other: &&Flight| -> Ordering {
        let (one, other) = (&one.entry, &other.entry);
        let order = match column {
            1 => one.header.pilot.cmp(&other.header.pilot),
            2 => one.header.serial.cmp(&other.header.serial),
            3 => one.aloft_s.cmp(&other.aloft_s),
            4 => record(one).2.cmp(record(other).2),
            _ => one.take_off.at.cmp(&other.take_off.at),
        };
        if falling { order.reverse() } else { order }
    };
    let mut entries: Vec<&Flight> = records.flights.iter().filter(|flight| found(&flight.entry)).collect();
    entries.sort_by(order);
    let drafts = records.drafts.iter().filter(|draft| found(&draft.entry)).map(Row::Draft);
    drafts.chain(entries.into_iter().map(Row::Flight)).collect()
}

fn list(ui: &mut Ui, rect: Rect, records: &Records, listed: &[Row<'_>], read: Option<&str>, view: &mut View) {
    let mut inside = panel::panel(ui, rect);
    search(ui, inside.top_part(SEARCH), "Pilot, aircraft, battery, purpose, place or day", &mut view.find);
    for line in records.unreadable.iter().chain(&records.unfinished) {
        let unreadable = records.unreadable.contains(line);
        aside(ui, inside.top_part(28.0), unreadable, line);
    }
    let table = Table { columns: &COLUMNS, sorted: Some(view.sorted) };
    if let Some(column) = head(ui, &mut inside, &table, (listed.len(), table::ROW_TWO)) {
        let falling = view.sorted.0 != column || !view.sorted.1;
        view.sorted = (column, falling);
    }
    if listed.is_empty() {
        nothing(ui, inside.top_part(160.0), records, !view.find.trim().is_empty());
        return;
    }
    rows(ui, inside, "flights", (listed.len(), table::ROW_TWO), |ui, place, nth| {
        let entry = listed[nth].entry();
        let at = local(entry.take_off.at);
        let (day, time) = at.split_once(' ').unwrap_or((&at, ""));
        let header = &entry.header;
        let pilot = if header.pilot.trim().is_empty() { "Pilot not named" } else { &header.pilot };
        let serial = if header.serial.trim().is_empty() { "Not named" } else { &header.serial };
        let aloft = format!("{:.1} min", f64::from(entry.duration_s()) / 60.0);
        let (tone, sign, words) = record(entry);
        let last = match listed[nth] {
            Row::Draft(_) => Cell::Tag(Tone::Caution, Some(icon::PENCIL_SIMPLE.regular()), "Draft"),
            Row::Flight(_) => Cell::Sign(tone, sign, words),
        };
        let cells = [
            Cell::Two(day, time),
            Cell::Two(pilot, &header.activity),
            Cell::Two(serial, &header.battery),
            Cell::Text(&aloft),
            last,
        ];
        if table.row(ui, place, &format!("Flight {}", entry.id), read == Some(entry.id.as_str()), &cells).clicked() {
            view.flight = Some(entry.id.clone());
        }
    });
}

/// What lies in the folder of drafts and is none.
fn aside(ui: &Ui, rect: Rect, unreadable: bool, words: &str) {
    let t = tokens(ui);
    let mut line = rect.shrink2(egui::vec2(12.0, 0.0));
    let (sign, ink) =
        if unreadable { (icon::WARNING.fill(), t.caution) } else { (icon::AIRPLANE_TAKEOFF.regular(), t.text2) };
    paint::icon(ui.painter(), line.left_part(16.0).center(), 16.0, ink, sign);
    line.left_part(8.0);
    let said = if unreadable { format!("Not a draft: {words}") } else { words.to_owned() };
    paint::fit(ui.painter(), line, text::LABEL, t.text2, &said);
    crate::ui::widget::says(ui, line, &said).on_hover_text(said);
}

fn nothing(ui: &Ui, rect: Rect, records: &Records, looked_for: bool) {
    let empty = if looked_for {
        let how = "Look for a pilot, a serial number, a purpose or a day, such as 2026-05-10. Fewer words find more.";
        Empty { icon: icon::MAGNIFYING_GLASS.regular(), what: "No such flight", how, action: None }
    } else if records.no_register {
        let how = "The settings name no store, and the unit’s register is there. Name it in the settings of this station; drafts of flights appear here without it.";
        Empty { icon: icon::DATABASE.regular(), what: "No register is named", how, action: None }
    } else {
        let how = "A draft appears here at each landing that this station sees. Its pilot enters it, with remarks, defects and incidents; then it is a document of the unit’s register, of which no version is ever lost.";
        Empty { icon: icon::NOTEBOOK.regular(), what: "No flight yet", how, action: None }
    };
    empty.at(ui, rect);
}

/// What the flight's own record says of the entry.
fn record(entry: &Entry) -> (Tone, icon::Icon, &'static str) {
    match &entry.records[..] {
        [] => (Tone::Neutral, icon::CIRCLE_DASHED.regular(), "Not docked"),
        records if records.iter().all(|record| record.differences.is_empty()) => {
            (Tone::Ok, icon::SEAL_CHECK.fill(), "Agrees")
        }
        _ => (Tone::Caution, icon::WARNING.fill(), "Differs"),
    }
}

fn detail(ui: &mut Ui, rect: Rect, records: &Records, flight: &Flight) {
    let entry = &flight.entry;
    let sign = icon::AIRPLANE_TILT.regular();
    let inside = sheet::headed(ui, rect, sign, (&local(entry.take_off.at), &entry.id));
    panel::scrolled(ui, inside, &format!("flight {}", entry.id), |ui| {
        let mut sheet = Sheet { ui };
        sheet.take(8.0);
        whom_to_tell(&mut sheet, records, flight);
        facts(&mut sheet, entry);
        found(&mut sheet, entry);
        versions(&mut sheet, flight);
        sheet.take(12.0);
    });
}

fn whom_to_tell(sheet: &mut Sheet<'_>, records: &Records, flight: &Flight) {
    for happened in records.happened.iter().filter(|happened| happened.flight == flight.entry.id) {
        for tell in &happened.tell {
            sheet.notice(Tone::Warn, icon::PHONE_CALL.fill(), tell);
        }
    }
}

/// What is so of a flight, as `log show` says it, without what has a place of its own.
pub(super) fn facts(sheet: &mut Sheet<'_>, entry: &Entry) {
    const ELSEWHERE: [&str; 4] = ["remarks", "defects", "incidents", "not said"];
    for (name, value) in log::facts(entry) {
        if ELSEWHERE.contains(&name) {
            continue;
        }
        let mut name = name.to_owned();
        if let Some(first) = name.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        sheet.fact(&name, &value);
    }
    let lacks = entry.lacks();
    if !lacks.is_empty() {
        sheet.toned("Not said", &lacks.join(", ").replace('_', " "), Tone::Caution);
    }
}

fn found(sheet: &mut Sheet<'_>, entry: &Entry) {
    let t = tokens(sheet.ui);
    if !entry.remarks.is_empty() {
        sheet.heading("Remarks");
        sheet.words(text::CELL, t.text, &entry.remarks);
    }
    if !entry.defects.is_empty() {
        sheet.heading("Defects");
        entry.defects.iter().for_each(|defect| sheet.defect(defect));
    }
    if !entry.incidents.is_empty() {
        sheet.heading("Incidents");
    }
    for incident in &entry.incidents {
        let reported = if incident.reported.is_empty() { "not reported" } else { &incident.reported };
        let ink = if incident.reported.is_empty() { t.caution } else { t.text2 };
        sheet.item(icon::SHIELD_WARNING.fill(), ink, &format!("{}: {} ({reported})", incident.grade, incident.what));
    }
}

fn versions(sheet: &mut Sheet<'_>, flight: &Flight) {
    let t = tokens(sheet.ui);
    sheet.heading(if flight.steps.len() == 1 { "One version" } else { "Versions, the oldest first" });
    for step in &flight.steps {
        let words = format!("{}, {}: {}. Line {} of the ledger.", step.at, step.who, step.reason, step.line);
        sheet.item(icon::SIGNATURE.regular(), t.text2, &words);
        for change in &step.changes {
            sheet.item(icon::ARROW_RIGHT.regular(), t.text3, change);
        }
    }
}
