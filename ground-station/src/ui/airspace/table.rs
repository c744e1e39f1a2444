//! The zones near take-off, near a place, or of a name.

use egui::{Rect, Ui, vec2};

use super::AirspaceCommand;
use super::view::{Shown, Side, View};
use crate::state::airspace::Asks;
use crate::state::board::ZoneRow;
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::panel;
use crate::ui::widget::table::{Cell, Column, HEAD, ROW, Table};
use crate::ui::{paint, text};

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) -> Option<AirspaceCommand> {
    let mut inside = panel::panel(ui, rect);
    let title = view.title(shown.home);
    let columns = columns(&title);
    let table = Table { columns: &columns, sorted: None };
    let rows = view.rows();
    let head = inside.top_part(HEAD);
    paint::rule(ui.painter(), head, tokens(ui).line);
    // Below it stands the scroll bar, where there is more than fits.
    let fit = (1_u8..100).take_while(|rows| f32::from(*rows) * ROW <= inside.height()).count();
    let bar = if rows.len() > fit { ui.spacing().scroll.allocated_width() } else { 0.0 };
    table.head(ui, head.with_max_x(head.right() - bar));
    if rows.is_empty() {
        empty(ui, inside, shown, view);
        return None;
    }
    let selected = view.zone();
    let pressed = panel::inside(ui, inside, "zones", |ui| {
        ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
        let area = egui::ScrollArea::vertical().id_salt("zones").auto_shrink([false, false]);
        area.show_rows(ui, ROW, rows.len(), |ui, range| {
            let mut pressed = None;
            for row in rows.get(range).unwrap_or_default() {
                let (place, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), egui::Sense::hover());
                if one(ui, &table, place, row, selected == Some(row.key)) {
                    pressed = Some((row.key, row.centre));
                }
            }
            pressed
        })
        .inner
    });
    let (key, centre) = pressed?;
    view.side = Side::Zone(key);
    Some(AirspaceCommand::Centre(centre))
}

fn columns(title: &str) -> [Column<'_>; 5] {
    [
        Column::fixed("Asks", 84.0),
        Column::share(title, 1.05),
        Column::fixed("From–to", 138.0),
        Column::figures("Away", 50.0),
        Column::share("Answered by", 1.0),
    ]
}

fn one(ui: &Ui, table: &Table<'_>, place: Rect, row: &ZoneRow, selected: bool) -> bool {
    let (tone, sign) = sign(row.asks);
    let away = row.away();
    let name = format!("{}: {}, {away}", row.name, row.asks.words());
    let cells = [
        Cell::Sign(tone, sign, row.asks.words()),
        Cell::Strong(&row.name),
        Cell::Text(&row.limits),
        Cell::Text(&away),
        Cell::Text(&row.answer),
    ];
    table.row(ui, place, &name, selected, &cells).clicked()
}

/// The sign of what a zone asks, and how much.
pub(super) fn sign(asks: Asks) -> (Tone, Icon) {
    match asks {
        Asks::Blocks => (Tone::Warn, icon::PROHIBIT.fill()),
        Asks::Uncertain => (Tone::Neutral, icon::QUESTION.fill()),
        Asks::CallFirst => (Tone::Caution, icon::PHONE.fill()),
        Asks::Held => (Tone::Ok, icon::CHECK_CIRCLE.fill()),
        Asks::Note => (Tone::Neutral, icon::INFO.fill()),
    }
}

fn empty(ui: &Ui, inside: Rect, shown: &Shown<'_>, view: &mut View) {
    let Some(airspace) = shown.airspace() else {
        paint::fit(ui.painter(), inside.shrink(14.0), text::BODY, tokens(ui).text2, "Reading the zones …");
        return;
    };
    if airspace.datasets().is_empty() {
        let how = "Import the current national dataset. Until then every flight is blocked.";
        let empty = Empty { icon: icon::POLYGON.regular(), what: "No zones yet", how, action: Some("Import …") };
        if empty.at(ui, inside).is_some_and(|response| response.clicked()) {
            view.side = Side::Import;
        }
        return;
    }
    let (what, how) = match (view.search.trim(), view.kind) {
        ("", None) => {
            ("No zone within 10 km", "Those that were imported say nothing of this place. Look at the NOTAMs too.")
        }
        ("", Some(_)) => ("No zone of this kind within 10 km", "Choose all kinds to see the others."),
        (_, _) => (
            "Nothing found",
            "Search for a part of a name, for 52.858, -1.569, or for SK 290 290. Choose all kinds to see more.",
        ),
    };
    Empty { icon: icon::MAGNIFYING_GLASS.regular(), what, how, action: None }.at(ui, inside);
}
