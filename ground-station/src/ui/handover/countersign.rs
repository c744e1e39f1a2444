//! Two people, two PINs, the same lines of the ledger.

use egui::{CornerRadius, Rect, Stroke, Ui, pos2, vec2};

use super::{Command, Shown, View};
use crate::state::handover::words::{clock, count, flights, size};
use crate::state::handover::{Action, Second};
use crate::state::signin::Person;
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::shell::pin;
use crate::ui::theme::tokens;
use crate::ui::widget::badge::{self, Tone};
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::{panel, says, table};
use crate::ui::{paint, text};

/// Of a person in the list, points.
const PERSON: f32 = 48.0;

pub(super) fn show(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let (mut inside, head) = panel::headed(ui, rect, Some(icon::SIGNATURE.regular()), "Countersign the movement");
    tag(ui, head, shown);
    let movement = inside.top_part(52.0);
    moved(ui, movement.shrink2(vec2(PAD, 8.0)), shown);
    paint::rule(ui.painter(), movement, tokens(ui).line);
    let mut foot = inside.bottom_part(66.0);
    ui.painter().hline(foot.x_range(), foot.top(), Stroke::new(1.0, tokens(ui).line));
    foot = foot.shrink2(vec2(PAD, 9.0));
    let left = inside.left_part((inside.width() * 0.43).floor());
    ui.painter().rect_filled(inside, CornerRadius::ZERO, tokens(ui).raised);
    ui.painter().vline(inside.left(), inside.y_range(), Stroke::new(1.0, tokens(ui).line));
    let why_not = shown.state.why_not(Action::Countersign, shown.first, shown.now_utc_us);
    let present = shown.state.present(shown.now_utc_us).is_some();
    let entering = !present && view.second.is_some() && why_not.is_none();
    let mut done = false;
    if entering {
        done |= pin::pad(ui, left.shrink2(vec2(PAD, 10.0)), &mut view.secret, why_not.as_deref());
    } else {
        first(ui, left.shrink2(vec2(PAD, 12.0)), shown);
    }
    done |= second(ui, inside.shrink2(vec2(PAD, 12.0)), shown, view, why_not.as_deref());
    done |= footer(ui, foot, shown, view, why_not.as_deref());
    let ready = done && why_not.is_none() && view.secret.signs() > 0;
    let who = view.second.clone().filter(|_| ready)?;
    Some(Command::Countersign(who, view.secret.take()))
}

fn tag(ui: &Ui, head: Rect, shown: Shown<'_>) {
    let (tone, icon, words) = match &shown.state.second {
        _ if shown.state.hands.is_none() => return,
        Second::Checking(_) => (Tone::Accent, icon::ARROWS_CLOCKWISE.bold(), "Checking the PIN"),
        Second::Present { .. } if shown.state.present(shown.now_utc_us).is_none() => {
            (Tone::Caution, icon::HOURGLASS.fill(), "Give the PIN again")
        }
        Second::Present { signed: Some(_), .. } if shown.state.awaiting() == 0 => {
            (Tone::Ok, icon::CHECK_CIRCLE.fill(), "Countersigned")
        }
        Second::Present { .. } => (Tone::Accent, icon::HOURGLASS.fill(), "Signs as flights come in"),
        Second::Absent | Second::Refused(..) => (Tone::Caution, icon::HOURGLASS.fill(), "Waiting for person 2"),
    };
    let wide = badge::tag_width(ui, true, words);
    badge::tag(ui, pos2(head.right() - wide, head.center().y), tone, Some(icon), words);
}

fn moved(ui: &Ui, rect: Rect, shown: Shown<'_>) {
    let t = tokens(ui);
    let taken: Vec<(usize, u64)> = (1..)
        .zip(shown.state.flights())
        .filter(|(_, flight)| flight.taken.is_some())
        .map(|(number, flight)| (number, flight.plan.bytes))
        .collect();
    let numbers: Vec<usize> = taken.iter().map(|(number, _)| *number).collect();
    let from = shown.state.docked().map_or_else(String::new, |docked| docked.from.clone());
    let words = if numbers.is_empty() {
        format!("From {from} to two evidence stores")
    } else {
        let mut which = flights(&numbers);
        which.replace_range(..1, "F");
        format!("{which}, {}, from {from}", size(taken.iter().map(|(_, bytes)| bytes).sum()))
    };
    let awaiting = shown.state.awaiting();
    let lines = match awaiting {
        0 if numbers.is_empty() => "Nothing is moved yet".to_owned(),
        0 => "No line of the ledger waits for a signature".to_owned(),
        waiting => format!("{} of the ledger to be countersigned within 72 h", count(waiting, "line")),
    };
    let mut rest = rect;
    paint::fit(ui.painter(), rest.top_part(20.0), text::BODY, t.text, &words);
    paint::fit(ui.painter(), rest, text::LABEL, t.text2, &lines);
    says(ui, rect, &format!("{words}: {lines}"));
}

/// Who hands over.
fn first(ui: &Ui, rect: Rect, shown: Shown<'_>) {
    let t = tokens(ui);
    let mut rest = rect;
    paint::fit(ui.painter(), rest.top_part(16.0), text::LABEL, t.text2, "Person 1, hands over");
    rest.top_part(10.0);
    let hands = shown.state.hands.as_ref();
    let Some(actor) = hands.map(|hands| &hands.actor).or(shown.first) else {
        let words = "Nobody is signed in. Sign in to hand over.";
        let galley = paint::lines(ui.painter(), text::CELL, t.text2, words, rest.width(), 3);
        ui.painter().galley(rest.left_top(), galley, t.text2);
        says(ui, rect, words);
        return;
    };
    person(ui, rest.top_part(40.0), actor, t.text2);
    rest.top_part(16.0);
    if let Some(hands) = hands {
        let mut line = rest.top_part(22.0);
        let words = format!("Began {}", clock(hands.at_utc_us));
        paint::icon(ui.painter(), line.left_part(22.0).center(), 22.0, t.ok, icon::CHECK_CIRCLE.fill());
        line.left_part(8.0);
        paint::fit(ui.painter(), line, text::STRONG, t.ok, &words);
        rest.top_part(6.0);
        let reason = paint::lines(ui.painter(), text::LABEL, t.text2, &hands.reason, rest.width(), 3);
        ui.painter().galley(rest.left_top(), reason, t.text2);
        says(ui, rect, &format!("{} hands over, {words}, {}", actor.label, hands.reason));
    }
}

fn person(ui: &Ui, rect: Rect, person: &Person, ink: egui::Color32) {
    let t = tokens(ui);
    let mut words = rect;
    paint::icon(ui.painter(), words.left_part(36.0).center(), 36.0, ink, icon::USER_CIRCLE.fill());
    words.left_part(10.0);
    paint::fit(ui.painter(), words.top_part(21.0), text::VALUE, t.text, person.label.as_str());
    paint::fit(ui.painter(), words, text::CELL, t.text2, &person.duties_in_words());
}

/// Who takes possession: chosen from a list, then their own PIN. Whether Enter was pressed.
fn second(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View, why_not: Option<&str>) -> bool {
    let t = tokens(ui);
    let mut rest = rect;
    paint::fit(ui.painter(), rest.top_part(16.0), text::LABEL, t.text2, "Person 2, takes possession");
    rest.top_part(6.0);
    if let Some(present) = shown.state.present(shown.now_utc_us) {
        standing(ui, rest, shown, present);
        return false;
    }
    let chosen = view.second.as_ref();
    let all = shown.state.countersigners(shown.first);
    let Some(chosen) = all.iter().find(|person| Some(&person.label) == chosen) else {
        view.second = None;
        list(ui, rest, &all, view);
        return false;
    };
    let mut line = rest.top_part(48.0);
    let other = line.right_part(button::HEIGHT);
    line.right_part(8.0);
    person(ui, line.shrink2(vec2(0.0, 4.0)), chosen, t.accent);
    says(ui, line, &format!("{} takes possession", chosen.label));
    rest.top_part(10.0);
    paint::fit(ui.painter(), rest.top_part(18.0), text::LABEL, t.text2, "Own PIN or passphrase");
    rest.top_part(4.0);
    let place = rest.top_part(pin::BOXES);
    let done = pin::boxes(ui, place, &format!("Own PIN of {}", chosen.label), &mut view.secret, why_not);
    rest.top_part(8.0);
    let said = match &shown.state.second {
        Second::Refused(who, why) if *who == chosen.label => Some((why.words(shown.now_utc_us), t.warn)),
        _ => why_not.map(|why| (why.to_owned(), t.text2)),
    };
    if let Some((words, ink)) = said {
        let galley = paint::lines(ui.painter(), text::CELL, ink, &words, rest.width(), 4);
        ui.painter().galley(rest.left_top(), galley, ink);
        says(ui, rest, &words);
    }
    let switch = Button::icon_only(icon::USER_SWITCH.regular(), "Choose another person").at(ui, other).clicked();
    if switch {
        (view.second, view.secret) = (None, crate::state::signin::Secret::default());
    }
    done
}

/// They gave their PIN.
fn standing(ui: &Ui, mut rest: Rect, shown: Shown<'_>, present: &Person) {
    let t = tokens(ui);
    person(ui, rest.top_part(40.0), present, t.accent);
    rest.top_part(16.0);
    let words = match &shown.state.second {
        Second::Present { signed: Some((at_utc_us, lines)), .. } => {
            format!("Signed {} {}", count(*lines, "line"), clock(*at_utc_us))
        }
        _ => "Own PIN given".to_owned(),
    };
    let mut line = rest.top_part(22.0);
    paint::icon(ui.painter(), line.left_part(22.0).center(), 22.0, t.ok, icon::CHECK_CIRCLE.fill());
    line.left_part(8.0);
    paint::fit(ui.painter(), line, text::STRONG, t.ok, &words);
    rest.top_part(6.0);
    let stays = "Counts as present for 15 min; after that the PIN is asked again.";
    let galley = paint::lines(ui.painter(), text::LABEL, t.text2, stays, rest.width(), 3);
    ui.painter().galley(rest.left_top(), galley, t.text2);
    says(ui, rest, &format!("{}: {words}", present.label));
}

fn list(ui: &mut Ui, rect: Rect, all: &[&Person], view: &mut View) {
    if all.is_empty() {
        let t = tokens(ui);
        let words = "Nobody else of the unit may countersign. An administrator makes accounts with `skyseal-evidence accounts add`.";
        let galley = paint::lines(ui.painter(), text::CELL, t.text2, words, rect.width(), 5);
        ui.painter().galley(rect.left_top(), galley, t.text2);
        says(ui, rect, words);
        return;
    }
    panel::scrolled(ui, rect, "countersigners", |ui| {
        for one in all {
            let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), PERSON), egui::Sense::hover());
            let name = format!("Countersigner {}", one.label);
            if table::row(ui, row, &name, false).clicked() {
                view.second = Some(one.label.clone());
                view.secret.clear();
            }
            person(ui, row.shrink2(vec2(4.0, 4.0)), one, tokens(ui).text2);
        }
    });
}

/// What two people are for; whether Countersign was pressed.
fn footer(ui: &Ui, rect: Rect, shown: Shown<'_>, view: &View, why_not: Option<&str>) -> bool {
    let t = tokens(ui);
    let mut words = rect;
    let present = shown.state.present(shown.now_utc_us).is_some();
    let why_not = match (why_not, &view.second) {
        (Some(why), _) => Some(why),
        (None, None) if present => Some("The second person has given their PIN."),
        (None, None) => Some("Choose who takes possession."),
        (None, Some(_)) if present => Some("The second person has given their PIN."),
        (None, Some(_)) if view.secret.signs() < 6 => Some("A PIN has at least 6 digits."),
        (None, Some(_)) => None,
    };
    let button = Button::new("Countersign").icon(icon::SIGNATURE.regular()).unless(why_not);
    let place = words.right_part(button.width(ui));
    words.right_part(12.0);
    let two = "Two people, two PINs, the same lines.\nAlone? Sign later within 72 h; erase waits.";
    let galley = paint::lines(ui.painter(), text::LABEL, t.text2, two, words.width(), 3);
    let top = words.center().y - galley.size().y / 2.0;
    ui.painter().galley(pos2(words.left(), top), galley, t.text2);
    says(ui, words, two).on_hover_text("Later, and on another machine: `skyseal-evidence ledger countersign`.");
    button.at(ui, place).clicked()
}
