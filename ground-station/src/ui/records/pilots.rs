//! Who flew how much, who is in practice, and on which day it runs out.

use egui::{Rect, Ui};
use mission_profiles::flight_log::{CURRENCY_H, local};

use super::sheet::{self, Sheet};
use super::{View, head, rows};
use crate::state::records::{Pilot, Records, Standing};
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::panel;
use crate::ui::widget::table::{self, Cell, Column, Table};

const COLUMNS: [Column<'static>; 6] = [
    Column::share("Pilot", 1.0),
    Column::figures("Flights", 52.0),
    Column::figures("Hours", 60.0),
    Column::figures("By night", 60.0),
    Column::figures("Three months", 84.0),
    Column::fixed("In practice", 146.0),
];
/// Flights named in a detail.
pub(super) const LATEST: usize = 12;

/// Draws table and detail.
pub(super) fn show(ui: &mut Ui, (left, right): (Rect, Rect), records: &Records, view: &mut View) {
    let mut inside = panel::panel(ui, left);
    let table = Table { columns: &COLUMNS, sorted: None };
    head(ui, &mut inside, &table, (records.pilots.len(), table::ROW));
    let read = records.pilots.iter().find(|pilot| Some(&pilot.name) == view.pilot.as_ref()).or(records.pilots.first());
    let Some(read) = read else {
        let how = "Pilots appear with the first flight of theirs that is entered into the register; hours and practice are counted from it.";
        Empty { icon: icon::USERS.regular(), what: "Nobody flew yet", how, action: None }
            .at(ui, inside.top_part(140.0));
        panel::panel(ui, right);
        return;
    };
    rows(ui, inside, "pilots", (records.pilots.len(), table::ROW), |ui, place, nth| {
        let pilot = &records.pilots[nth];
        let hours = pilot.hours;
        let figures = [hours.all_h, hours.night_h, pilot.practice.recent_h].map(|hours_h| format!("{hours_h:.1} h"));
        let flights = hours.flights.to_string();
        let (tone, sign) = looks(pilot.standing);
        let said = pilot.standing.said();
        let cells = [
            Cell::Strong(&pilot.name),
            Cell::Text(&flights),
            Cell::Text(&figures[0]),
            Cell::Text(&figures[1]),
            Cell::Text(&figures[2]),
            Cell::Sign(tone, sign, &said),
        ];
        if table.row(ui, place, &pilot.name, pilot.name == read.name, &cells).clicked() {
            view.pilot = Some(pilot.name.clone());
        }
    });
    detail(ui, right, records, read);
}

fn looks(standing: Standing) -> (Tone, Icon) {
    match standing {
        Standing::Until(_) => (Tone::Ok, icon::CHECK_CIRCLE.fill()),
        Standing::Soon(_) => (Tone::Caution, icon::HOURGLASS.fill()),
        Standing::Out(_) => (Tone::Warn, icon::PROHIBIT.fill()),
    }
}

fn detail(ui: &mut Ui, rect: Rect, records: &Records, pilot: &Pilot) {
    let flights = format!("{} flights in the register", pilot.hours.flights);
    let inside = sheet::headed(ui, rect, icon::IDENTIFICATION_CARD.regular(), (&pilot.name, &flights));
    panel::scrolled(ui, inside, &format!("pilot {}", pilot.name), |ui| {
        let mut sheet = Sheet { ui };
        sheet.take(10.0);
        let (tone, sign) = looks(pilot.standing);
        let said = match pilot.standing {
            Standing::Until(day) => {
                format!("In practice until the end of {}, if nothing more is flown.", day.strftime("%a %-d %b %Y"))
            }
            Standing::Soon(day) => format!("Practice runs out on {}: fly before then.", day.strftime("%a %-d %b %Y")),
            Standing::Out(short_h) => {
                format!("Not in practice: {short_h:.2} h short of {CURRENCY_H} h in three months.")
            }
        };
        sheet.notice(tone, sign, &said);
        sheet.fact("Three months", &format!("{:.2} h of {CURRENCY_H} h", pilot.practice.recent_h));
        totals(&mut sheet, pilot.hours);
        sheet.heading("Latest flights");
        let t = tokens(sheet.ui);
        for flight in records.of(|header| &header.pilot, &pilot.name).take(LATEST) {
            let entry = &flight.entry;
            let words = format!(
                "{}, {}, {:.1} min",
                local(entry.take_off.at),
                entry.header.serial,
                f64::from(entry.duration_s()) / 60.0
            );
            sheet.item(icon::AIRPLANE_TILT.regular(), t.text2, &words);
        }
        sheet.take(12.0);
    });
}

/// Hours by day and night.
pub(super) fn totals(sheet: &mut Sheet<'_>, hours: mission_profiles::flight_log::Hours) {
    sheet.fact("In the air", &format!("{:.2} h", hours.all_h));
    sheet.fact("By night", &format!("{:.2} h", hours.night_h));
    if hours.unlit_h > 0.0 {
        sheet.fact("Not known", &format!("{:.2} h by day or by night: no place was heard", hours.unlit_h));
    }
}
