//! How much each aircraft and each battery flew, and what was found on it.

use egui::{Rect, Ui};
use mission_profiles::flight_log::{Header, local};

use super::pilots::{LATEST, totals};
use super::sheet::{self, Sheet};
use super::{View, head, rows};
use crate::state::records::{Kit, Records, What};
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::panel;
use crate::ui::widget::table::{self, Cell, Column, Table};

const COLUMNS: [Column<'static>; 6] = [
    Column::share("Serial number", 1.0),
    Column::fixed("What", 84.0),
    Column::figures("Flights", 52.0),
    Column::figures("Hours", 60.0),
    Column::figures("Charges", 62.0),
    Column::fixed("Found", 104.0),
];

impl What {
    const fn words(self) -> (Icon, &'static str) {
        match self {
            Self::Aircraft => (icon::DRONE.regular(), "Aircraft"),
            Self::Battery => (icon::BATTERY_VERTICAL_FULL.regular(), "Battery"),
        }
    }

    /// What of a header names it.
    fn of(self, header: &Header) -> &str {
        match self {
            Self::Aircraft => &header.serial,
            Self::Battery => &header.battery,
        }
    }
}

/// An aircraft and a battery may have the same number.
fn name(kit: &Kit) -> String {
    format!("{} {}", kit.what.words().1, kit.serial)
}

/// Draws table and detail.
pub(super) fn show(ui: &mut Ui, (left, right): (Rect, Rect), records: &Records, view: &mut View) {
    let mut inside = panel::panel(ui, left);
    let table = Table { columns: &COLUMNS, sorted: None };
    head(ui, &mut inside, &table, (records.kit.len(), table::ROW_TWO));
    let read = records.kit.iter().find(|kit| Some(name(kit)) == view.kit).or(records.kit.first());
    let Some(read) = read else {
        let how = "Aircraft and batteries appear with the first flight of theirs that is entered; the draft names them by their serial numbers.";
        Empty { icon: icon::DRONE.regular(), what: "Nothing flew yet", how, action: None }
            .at(ui, inside.top_part(140.0));
        panel::panel(ui, right);
        return;
    };
    rows(ui, inside, "kit", (records.kit.len(), table::ROW_TWO), |ui, place, nth| {
        let kit = &records.kit[nth];
        let [flights, hours] = [kit.hours.flights.to_string(), format!("{:.1} h", kit.hours.all_h)];
        let charges = if kit.hours.cycles > 0.0 { format!("{:.1}", kit.hours.cycles) } else { String::new() };
        let defects = match kit.defects.len() {
            1 => "1 defect".to_owned(),
            many => format!("{many} defects"),
        };
        let found = if kit.defects.is_empty() {
            Cell::Text("")
        } else {
            Cell::Sign(Tone::Caution, icon::WRENCH.fill(), &defects)
        };
        let (sign, what) = kit.what.words();
        let serial = if kit.model.is_empty() { Cell::Strong(&kit.serial) } else { Cell::Two(&kit.serial, &kit.model) };
        let cells = [
            serial,
            Cell::Sign(Tone::Neutral, sign, what),
            Cell::Text(&flights),
            Cell::Text(&hours),
            Cell::Text(&charges),
            found,
        ];
        if table.row(ui, place, &name(kit), name(kit) == name(read), &cells).clicked() {
            view.kit = Some(name(kit));
        }
    });
    detail(ui, right, records, read);
}

fn detail(ui: &mut Ui, rect: Rect, records: &Records, kit: &Kit) {
    let (sign, what) = kit.what.words();
    let below = if kit.model.is_empty() { what } else { &kit.model };
    let inside = sheet::headed(ui, rect, sign, (&kit.serial, below));
    panel::scrolled(ui, inside, &name(kit), |ui| {
        let mut sheet = Sheet { ui };
        sheet.take(10.0);
        sheet.fact("Flights", &kit.hours.flights.to_string());
        totals(&mut sheet, kit.hours);
        if kit.hours.cycles > 0.0 {
            sheet.fact("Drawn", &format!("{:.1} full charges", kit.hours.cycles));
        }
        sheet.fact("Last landing", &local(kit.last_flown));
        if !kit.defects.is_empty() {
            sheet.heading("Defects found");
        }
        for (flight, defect) in &kit.defects {
            sheet.defect(&format!("{defect} ({flight})"));
        }
        sheet.heading("Latest flights");
        let t = tokens(sheet.ui);
        for flight in records.of(|header| kit.what.of(header), &kit.serial).take(LATEST) {
            let entry = &flight.entry;
            let words = format!(
                "{}, {}, {:.1} min",
                local(entry.take_off.at),
                entry.header.pilot,
                f64::from(entry.duration_s()) / 60.0
            );
            sheet.item(icon::AIRPLANE_TILT.regular(), t.text2, &words);
        }
        sheet.take(12.0);
    });
}
