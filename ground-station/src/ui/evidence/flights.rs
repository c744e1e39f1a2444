//! The flights of the store, newest first, and the search among them.

use std::path::Path;

use egui::{Rect, Ui, pos2, vec2};

use super::{Ask, bytes, day, stamp};
use crate::state::evidence::{Check, Evidence, Flight};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::Button;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::field::Field;
use crate::ui::widget::{panel, table, verdict};
use crate::ui::{icon, paint, text, widget};

/// Of a row, points.
const ROW: f32 = 72.0;

pub(super) fn show(ui: &mut Ui, rect: Rect, state: &Evidence, search: &mut String, asks: &mut Vec<Ask>) {
    let (mut inside, mut head) = panel::headed(ui, rect, Some(icon::FILM_STRIP.regular()), "Flights");
    let again = Button::icon_only(icon::ARROW_CLOCKWISE.regular(), "Read the store again").small().quiet();
    if state.store.is_some() && again.at(ui, head.right_part(40.0)).clicked() {
        asks.push(Ask::ReadAgain);
    }
    if let Some(store) = &state.store {
        let reading = if state.reading { ", being read" } else { "" };
        let folder = Path::new(store).file_name().map_or(store.as_str().into(), |name| name.to_string_lossy());
        let said = format!("{folder}{reading}");
        paint::fit_right(ui.painter(), head, text::LABEL, tokens(ui).text2, &said);
        widget::says(ui, head, &format!("The store {store}{reading}"));
    }
    if let Some(empty) = empty(state) {
        let pressed = empty.at(ui, inside.shrink(PAD)).is_some_and(|response| response.clicked());
        if pressed {
            asks.push(Ask::ChooseStore);
        }
        return;
    }
    let field = inside.top_part(56.0).shrink2(vec2(8.0, 6.0));
    Field::new("Find a flight")
        .hint("Find: day, pilot, aircraft, purpose, place, verdict")
        .icon(icon::MAGNIFYING_GLASS.regular())
        .at(ui, field, search);
    let day_of = |flight: &Flight| flight.begin_utc_us.map_or_else(String::new, day);
    let found: Vec<&Flight> = state.flights.iter().filter(|flight| flight.matches(search, &day_of(flight))).collect();
    if found.is_empty() {
        let what = format!("None of {} flights has all of these words", state.flights.len());
        let none = Empty {
            icon: icon::MAGNIFYING_GLASS.regular(),
            what: &what,
            how: "Take a word away, or write it in full.",
            action: None,
        };
        none.at(ui, inside.shrink(PAD));
        return;
    }
    panel::scrolled(ui, inside, "flights", |ui| {
        for flight in found {
            let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), egui::Sense::hover());
            if ui.is_rect_visible(rect) && row(ui, rect, state, flight) {
                asks.push(Ask::Choose(flight.id));
            }
        }
    });
}

fn empty(state: &Evidence) -> Option<Empty<'_>> {
    let empty = |what, how, action| Some(Empty { icon: icon::ARCHIVE.regular(), what, how, action });
    match (&state.store, &state.fault) {
        (None, _) => empty(
            "No evidence store is chosen",
            "Choose the folder of the store. A new one is made with skyseal-evidence store init.",
            Some("Choose a store"),
        ),
        (Some(_), Some(why)) => empty("The store cannot be read", why.as_str(), Some("Choose another store")),
        (Some(_), None) if state.flights.is_empty() && state.reading => {
            empty("The store is being read", "Its flights appear here.", None)
        }
        (Some(_), None) if state.flights.is_empty() => empty(
            "The store holds no flight yet",
            "Flights come into it in Handover, when an aircraft or its card is docked.",
            None,
        ),
        (Some(_), None) => None,
    }
}

/// The word, how it looks, and whether it is of now.
pub(super) fn word(state: &Evidence, flight: &Flight) -> (Tone, icon::Icon, String) {
    match state.check(flight.id) {
        Check::Done(verdict) => {
            let (tone, icon) = verdict::looks(verdict.word);
            (tone, icon, verdict.word.to_string())
        }
        Check::NotAsked | Check::Running(_) | Check::Failed(_) => {
            let (tone, icon) = looks(&flight.verdict);
            (tone, icon, flight.verdict.clone())
        }
    }
}

/// As the widget has it, for a word that stands in the store as text.
fn looks(word: &str) -> (Tone, icon::Icon) {
    match word {
        "VERIFIED" | "VERIFIED-SEALED-ONLY" | "EXTRACT" => (Tone::Ok, icon::SEAL_CHECK.fill()),
        "VERIFIED-UNWITNESSED" | "EXTRACT-UNWITNESSED" => (Tone::Caution, icon::SEAL_QUESTION.fill()),
        "CLOCK-SUSPECT" => (Tone::Caution, icon::CLOCK_COUNTDOWN.fill()),
        "UNATTESTED-TAIL" | "INCOMPLETE" => (Tone::Caution, icon::SEAL_WARNING.fill()),
        "GAP" | "MISSING" | "TRUNCATED" | "OUT-OF-ORDER" => (Tone::Warn, icon::SEAL_WARNING.fill()),
        _ => (Tone::Warn, icon::X_CIRCLE.fill()),
    }
}

fn row(ui: &Ui, rect: Rect, state: &Evidence, flight: &Flight) -> bool {
    let t = tokens(ui);
    let when = flight.begin_utc_us.map_or_else(|| "Time not known".to_owned(), |at| stamp(at, "%-d %b %Y · %H:%M UTC"));
    let (tone, glyph, word) = word(state, flight);
    let purpose = flight.purpose.as_deref().unwrap_or("Not in the flight log");
    let in_full =
        flight.begin_utc_us.map_or_else(|| when.clone(), |at| format!("{} · {} UTC", day(at), stamp(at, "%H:%M")));
    let name = format!("{in_full}, {}, {purpose}, {word}", flight.aircraft);
    let pressed = table::row(ui, rect, &name, state.chosen == Some(flight.id)).clicked();
    let mut inside = rect.shrink2(vec2(PAD, 0.0));
    let wide = verdict::stamp_width(ui, &word);
    let badge = inside.right_part(wide + 8.0);
    verdict::stamp(ui, pos2(badge.right() - wide, rect.center().y - 11.0), tone, glyph, &word);
    let lasts = flight.duration_s.map_or_else(|| "—".to_owned(), |s| format!("{} min", s.div_ceil(60)));
    let facts = format!("{lasts} · {}", bytes(flight.bytes));
    let left = badge.right() - paint::width(ui.painter(), text::LABEL, &facts) - 2.0;
    let place = Rect::from_min_max(pos2(left, rect.center().y + 10.0), pos2(badge.right(), rect.center().y + 26.0));
    paint::fit_right(ui.painter(), place, text::LABEL, t.text2, &facts);
    let line = |top: f32| Rect::from_min_size(pos2(inside.left(), rect.top() + top), vec2(inside.width(), 18.0));
    paint::fit(ui.painter(), line(16.0), text::CELL_STRONG, t.text, &when);
    let who = flight.pilot.as_deref().map_or_else(String::new, |pilot| format!(" · {pilot}"));
    let mut below = line(40.0);
    below.max.x = (left - 12.0).max(below.left());
    paint::fit(ui.painter(), below, text::LABEL, t.text2, &format!("{purpose}{who} · {}", flight.aircraft));
    pressed
}

#[cfg(test)]
mod tests {
    use super::*;
    use flight_record::verify::{Content, Integrity, Time, Witness, Word};

    #[test]
    fn a_word_from_the_store_looks_as_the_verifiers_own() {
        let integrities = [
            Integrity::Intact,
            Integrity::UnattestedTail,
            Integrity::Incomplete,
            Integrity::Gap,
            Integrity::Missing,
            Integrity::Truncated,
            Integrity::OutOfOrder,
            Integrity::WrongFlight,
            Integrity::Equivocation,
            Integrity::Altered,
            Integrity::KeyUntrusted,
            Integrity::Malformed,
        ];
        for integrity in integrities {
            for witness in [Witness::Full, Witness::None] {
                for (content, time) in
                    [(Content::Opened, Time::Ok), (Content::Sealed, Time::Ok), (Content::Sealed, Time::Suspect)]
                {
                    for word in
                        [Word::of(integrity, witness, content, time), Word::of_extract(integrity, witness, time)]
                    {
                        assert_eq!(looks(&word.to_string()), verdict::looks(word), "{word}");
                    }
                }
            }
        }
    }
}
