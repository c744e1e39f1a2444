//! Nothing docked: how to dock, and what nobody has handed over yet.

use egui::{Align2, Rect, Stroke, Ui, vec2};

use super::{Command, Shown, View};
use crate::dock::From;
use crate::state::handover::words::date;
use crate::state::handover::{Action, Dock, Place, Undocked};
use crate::ui::cut::{Cut as _, GUTTER, PAD};
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::badge::{self, Tone};
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::empty::Empty;
use crate::ui::widget::field::{self, Field};
use crate::ui::widget::{panel, says, table};
use crate::ui::{paint, text};

pub(super) fn show(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let mut rest = rect;
    let left = rest.left_part(((rest.width() - GUTTER) * 0.5).floor());
    rest.left_part(GUTTER);
    let docks = dock(ui, left, shown, view);
    docks.or_else(|| waiting(ui, rest, shown, view))
}

fn dock(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let (inside, _) = panel::headed(ui, rect, Some(icon::TRAY_ARROW_DOWN.regular()), "Dock");
    let mut rest = inside.shrink2(vec2(PAD, 8.0));
    what(ui, rest.top_part(132.0), shown);
    rest.top_part(8.0);
    let from = view.from.trim().parse::<From>();
    let wrong = from.as_ref().err().filter(|_| !view.from.trim().is_empty()).cloned();
    let field = Field::labelled("Card's folder, or aircraft's address")
        .hint("/media/card or tls://192.0.2.7:7443")
        .icon(icon::SIM_CARD.regular())
        .wrong(wrong.as_deref());
    let high = field::LABELLED + if wrong.is_some() { field::WRONG } else { 0.0 };
    let entered = field.at(ui, rest.top_part(high), &mut view.from);
    let enter = entered.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    rest.top_part(12.0);
    let network = matches!(from, Ok(From::Aircraft(_)));
    let chosen = rest.top_part(if network { rest.height() - button::HEIGHT - 12.0 } else { 44.0 });
    rest.top_part(12.0);
    let mut foot = rest.top_part(button::HEIGHT);
    if network {
        aircraft(ui, chosen, shown, view);
    } else {
        how(ui, chosen);
    }
    let why_not = shown.state.why_not(Action::Look, shown.first, shown.now_utc_us);
    let why_not = why_not.or_else(|| view.from.trim().is_empty().then(|| "Name the card's folder first.".to_owned()));
    let why_not = why_not.or(wrong);
    let why_not = why_not.or_else(|| (network && view.aircraft.is_none()).then(|| "Choose the aircraft.".to_owned()));
    let look = Button::new("Look at it").icon(icon::MAGNIFYING_GLASS.regular()).unless(why_not.as_deref());
    let look = if why_not.is_none() { look.primary() } else { look };
    let wide = look.width(ui);
    let pressed = look.at(ui, foot.left_part(wide)).clicked() || (enter && why_not.is_none());
    foot.left_part(12.0);
    if let Some(why) = why_not {
        paint::fit(ui.painter(), foot, text::CELL, tokens(ui).text2, &why);
        says(ui, foot, &why);
    }
    let device = view.aircraft.filter(|_| network);
    if pressed { from.ok().map(|from| Command::Look(from, device)) } else { None }
}

/// What is missing, or what went wrong.
fn what(ui: &Ui, rect: Rect, shown: Shown<'_>) {
    match &shown.state.dock {
        Dock::Looking(from) => {
            let how = format!("Reading what lies on {from}. Nothing is changed.");
            Empty { icon: icon::ARROWS_CLOCKWISE.bold(), what: "Looking", how: &how, action: None }.at(ui, rect);
        }
        Dock::Refused(fault) => {
            let how = format!("{}. {} {}", fault.what, fault.safe, fault.cure);
            Empty { icon: icon::WARNING.fill(), what: "Nothing can be taken from there", how: &how, action: None }
                .at(ui, rect);
        }
        Dock::Nothing | Dock::Docked(..) => {
            let how = "Put the aircraft's card into this machine, or bring the aircraft into the station's network, \
                       landed and disarmed. Then its flights are copied into two stores, verified, countersigned, and \
                       only then erased aboard.";
            Empty { icon: icon::TRAY_ARROW_DOWN.regular(), what: "Nothing docked", how, action: None }.at(ui, rect);
        }
    }
}

fn how(ui: &Ui, rect: Rect) {
    let t = tokens(ui);
    let words = "A card's folder is the one with `flights` in it; one flight's own folder does too. An aircraft's address is in its \
                 configuration: tls://HOST:PORT.";
    let galley = paint::lines(ui.painter(), text::CELL, t.text2, words, rect.width(), 4);
    ui.painter().galley(rect.left_top(), galley, t.text2);
    says(ui, rect, words);
}

/// Which aircraft it is: its key is checked when it answers.
fn aircraft(ui: &mut Ui, mut rect: Rect, shown: Shown<'_>, view: &mut View) {
    let caption = rect.top_part(24.0);
    paint::fit(
        ui.painter(),
        caption,
        text::LABEL,
        tokens(ui).text2,
        "Which aircraft; its key is checked when it answers",
    );
    if shown.state.fleet.is_empty() {
        let how = "The trust list names no aircraft. Enrol one with `skyseal-ground trust enrol`.";
        Empty { icon: icon::DRONE.regular(), what: "No aircraft enrolled", how, action: None }.at(ui, rect);
        return;
    }
    panel::scrolled(ui, rect, "fleet", |ui| {
        for (name, id) in &shown.state.fleet {
            let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), button::HEIGHT), egui::Sense::hover());
            if table::row(ui, row, &format!("Aircraft {name}"), view.aircraft == Some(*id)).clicked() {
                view.aircraft = Some(*id);
            }
            let t = tokens(ui);
            let mut words = row.shrink2(vec2(PAD, 0.0));
            paint::icon(ui.painter(), words.left_part(20.0).center(), 20.0, t.text2, icon::DRONE.regular());
            words.left_part(10.0);
            paint::fit_right(ui.painter(), words, text::MONO, t.text2, id.to_string().get(..16).unwrap_or_default());
            paint::fit(ui.painter(), words, text::STRONG, t.text, name.as_str());
        }
    });
}

/// The alarm: flights that this station knows of and that no store holds.
fn waiting(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let (inside, mut head) = panel::headed(ui, rect, Some(icon::FILM_STRIP.regular()), "Not handed over");
    let again = Button::new("Look around").icon(icon::ARROW_CLOCKWISE.regular()).small().quiet();
    let wide = again.width(ui);
    let looked = again.at(ui, head.right_part(wide)).clicked();
    head.right_part(8.0);
    let all: Vec<&Undocked> = shown.state.left_behind(shown.now_utc_us).collect();
    let mut rest = inside;
    if all.is_empty() {
        let how = "No card in this machine holds a flight that is not in the store, and every flight that this station witnessed was handed over.";
        Empty { icon: icon::CHECK_CIRCLE.regular(), what: "All flights are handed over", how, action: None }
            .at(ui, rest.top_part(132.0));
        return looked.then_some(Command::LookAround);
    }
    if let Some(alarm) = shown.state.alarm(shown.now_utc_us) {
        let bar = rest.top_part(48.0).shrink(8.0);
        badge::tag(ui, bar.left_center(), Tone::Caution, Some(icon::WARNING.fill()), &alarm);
    }
    let mut docked = None;
    panel::scrolled(ui, rest, "not handed over", |ui| {
        for found in all {
            let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), 64.0), egui::Sense::hover());
            if left_behind(ui, row, found)
                && let Place::Card(path) = &found.place
            {
                docked = Some(path.clone());
            }
        }
    });
    if let Some(path) = docked {
        view.from.clone_from(&path);
        return Some(Command::Look(From::Folder(path.into()), None));
    }
    looked.then_some(Command::LookAround)
}

/// One of them; whether its card is to be docked.
fn left_behind(ui: &Ui, rect: Rect, found: &Undocked) -> bool {
    let t = tokens(ui);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, Stroke::new(1.0, t.line));
    let mut words = rect.shrink2(vec2(PAD, 8.0));
    let (sign, place) = match &found.place {
        Place::Aircraft => (icon::DRONE.regular(), "aboard the aircraft that was witnessed".to_owned()),
        Place::Card(path) => (icon::SIM_CARD.regular(), format!("card {path}")),
    };
    paint::icon(ui.painter(), words.left_part(28.0).center(), 24.0, t.caution, sign);
    words.left_part(10.0);
    let mut pressed = false;
    if let Place::Card(path) = &found.place {
        let name = format!("Dock {path}");
        let button = Button::new("Dock this card").small().named(&name);
        let wide = button.width(ui);
        let at = words.right_part(wide);
        pressed = button.at(ui, Align2::CENTER_CENTER.align_size_within_rect(vec2(wide, button::SMALL), at)).clicked();
        words.right_part(8.0);
    }
    let seen =
        found.seen_utc_us.map_or_else(|| "Not witnessed here".to_owned(), |at| format!("Last heard {}", date(at)));
    let all = words;
    paint::fit(ui.painter(), words.top_part(24.0), text::STRONG, t.text, &seen);
    paint::fit(ui.painter(), words, text::CELL, t.text2, &place);
    says(ui, all, &format!("{seen}, {place}"));
    pressed
}
