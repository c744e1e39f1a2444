//! The verdict on one flight, to be read.

use egui::{Rect, Ui, vec2};
use flight_record::FlightId;

use crate::state::handover::words::size;
use crate::state::handover::{Flight, Handover};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::{fact, panel};

/// Where values begin, points.
const KEY: f32 = 96.0;

pub(super) fn show(ui: &mut Ui, rect: Rect, state: &Handover, flight: FlightId, selected: &mut Option<FlightId>) {
    let Some(at) = state.flights().iter().position(|it| it.plan.flight == flight) else { return };
    let heading = format!("Flight {} and its verdict", at + 1);
    let (inside, mut head) = panel::headed(ui, rect, Some(icon::SEAL_CHECK.regular()), &heading);
    let close = Button::icon_only(icon::X.bold(), "Close the verdict").small().quiet();
    if close.at(ui, head.right_part(button::SMALL)).clicked() {
        *selected = None;
    }
    let rows = rows(&state.flights()[at]);
    panel::scrolled(ui, inside, "verdict", |ui| {
        ui.add_space(6.0);
        for (name, value, mono) in rows {
            let wide = ui.available_width() - 2.0 * PAD;
            let place = Rect::from_min_size(ui.cursor().min + vec2(PAD, 0.0), vec2(wide, fact::HEIGHT));
            let height = if mono { fact::mono } else { fact::fact }(ui, place, KEY, name, &value);
            ui.allocate_exact_size(vec2(wide, height), egui::Sense::hover());
        }
    });
}

/// Names and values; whether a value is a digest.
fn rows(flight: &Flight) -> Vec<(&'static str, String, bool)> {
    let mut rows = vec![("Flight", flight.plan.flight.to_string(), true)];
    if let Some(verdict) = &flight.verdict {
        rows.push(("Verdict", verdict.word.to_string(), false));
        rows.push(("Means", verdict.meaning.clone(), false));
        rows.push(("Next", verdict.next.clone(), false));
        rows.extend(verdict.doubts.iter().map(|doubt| ("In doubt", doubt.clone(), false)));
    }
    let stations: Vec<&str> = flight.plan.witnessed_by.iter().map(flight_record::Label::as_str).collect();
    let by = if stations.is_empty() { "nobody whose file is here".to_owned() } else { stations.join(", ") };
    rows.push(("Witnessed by", by, false));
    if let Some(why) = &flight.plan.no_challenge {
        rows.push(("Erase", why.clone(), false));
    }
    if let Some(taken) = &flight.taken {
        rows.push(("Held", format!("{} files, {}", taken.files, size(taken.bytes)), false));
        rows.push(("Manifest", taken.manifest.to_string(), true));
        rows.extend(taken.notices.iter().map(|notice| ("Note", notice.clone(), false)));
    }
    rows
}
