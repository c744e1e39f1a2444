//! A zone whole: what it asks, from where to where, and whom to call.

use egui::{Rect, Ui, vec2};
use mission_profiles::zones::{Authority, Certainty, Dataset, Zone};

use super::side::{self, PAD, fact, room, section};
use super::view::View;
use super::{AirspaceCommand, table};
use crate::state::airspace::Asks;
use crate::state::board::{Airspace, ZoneKey, state_words, title, zone_facts};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::panel;
use crate::ui::widget::table as rows;
use crate::ui::{icon, paint, text};

/// Draws it.
pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    view: &mut View,
    airspace: &Airspace,
    (key, dataset, zone): (ZoneKey, &Dataset, &Zone),
) -> Option<AirspaceCommand> {
    let row = view.rows().iter().find(|row| row.key == key).cloned();
    let asks = row.as_ref().map_or(Asks::Note, |row| row.asks);
    let (tone, sign) = table::sign(asks);
    let ink = if tone == Tone::Neutral { tokens(ui).text2 } else { tone.ink(ui) };
    let above = row
        .as_ref()
        .map_or_else(|| "Not in the list below".to_owned(), |row| format!("{} · {}", row.asks.words(), row.answer));
    let mut rest = side::head(ui, rect, (sign, ink), &above, &zone.name, view);
    let foot = rest.bottom_part(button::HEIGHT + 2.0 * PAD).shrink(PAD);
    let mut opened = None;
    panel::scrolled(ui, rest, "zone", |ui| {
        for (name, value) in zone_facts(dataset, zone) {
            fact(ui, name, &value);
        }
        if let Some(row) = &row {
            fact(ui, "Away", &row.away());
        }
        uncertain(ui, zone);
        for condition in &zone.conditions {
            side::words(ui, text::CELL, tokens(ui).text, condition);
        }
        section(ui, "Whom to ask");
        if zone.authorities.is_empty() {
            side::words(
                ui,
                text::CELL,
                tokens(ui).text2,
                "The dataset names nobody: look the authority up in the AIP.",
            );
        }
        for authority in &zone.authorities {
            ask(ui, authority);
        }
        opened = permissions(ui, airspace, zone);
    });
    if let Some(id) = opened {
        view.open(&id);
        return None;
    }
    let mut foot = foot;
    let centre = Button::icon_only(icon::CROSSHAIR.regular(), "Show on the map");
    let place = foot.right_part(button::HEIGHT);
    let shown = centre.at(ui, place).clicked();
    foot.right_part(GUTTER);
    if Button::new("Ask for permission").icon(icon::PLUS.bold()).at(ui, foot).clicked() {
        view.begin(airspace, Some(key));
    }
    row.filter(|_| shown).map(|row| AirspaceCommand::Centre(row.centre))
}

fn uncertain(ui: &mut Ui, zone: &Zone) {
    let Certainty::Uncertain(parts) = &zone.certainty else { return };
    section(ui, "Kept larger than it may be");
    for part in parts {
        side::words(ui, text::CELL, tokens(ui).text, part);
    }
}

fn ask(ui: &mut Ui, authority: &Authority) {
    let rows = [
        ("Authority", &authority.name),
        ("Service", &authority.service),
        ("Ask for", &authority.contact),
        ("E-mail", &authority.email),
        ("Site", &authority.site),
        ("Notice", &authority.notice),
    ];
    for (name, value) in rows.into_iter().filter(|(_, value)| !value.is_empty()) {
        fact(ui, name, value);
    }
    if !authority.phone.is_empty() {
        let place = room(ui, 30.0);
        paint::fit(ui.painter(), place, text::LABEL, tokens(ui).text2, "Telephone");
        side::phone(ui, place.shrink2(vec2(0.0, 4.0)), &authority.phone);
    }
}

/// The permissions that name it; which was pressed.
fn permissions(ui: &mut Ui, airspace: &Airspace, zone: &Zone) -> Option<String> {
    let naming: Vec<_> =
        airspace.permissions().iter().filter(|known| known.authorisation.zones.contains(&zone.identifier)).collect();
    if naming.is_empty() {
        return None;
    }
    section(ui, "Authorisations");
    let mut pressed = None;
    for known in naming {
        let it = &known.authorisation;
        let place = room(ui, rows::ROW_TWO);
        let name = format!("Open {}", it.id);
        if rows::row(ui, place, &name, false).clicked() {
            pressed = Some(it.id.clone());
        }
        let mut inside = place.shrink2(vec2(8.0, 7.0));
        paint::fit(ui.painter(), inside.top_part(18.0), text::CELL_STRONG, tokens(ui).text, &title(airspace, it));
        let words = format!("{}, {}", it.id, state_words(it.state()));
        paint::fit(ui.painter(), inside, text::LABEL, tokens(ui).text2, &words);
    }
    pressed
}
