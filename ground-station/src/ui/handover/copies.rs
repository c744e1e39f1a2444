//! What is copied, how fast, how long still; and whether what is docked may be unplugged.

use egui::{Rect, Ui, vec2};

use super::flights::ratio;
use super::{Command, Shown, View};
use crate::state::handover::words::{count, per_cent, size, span};
use crate::state::handover::{Action, End, Job, Running};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon;
use crate::ui::theme::tokens;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::field::{self, Field};
use crate::ui::widget::progress::bar;
use crate::ui::widget::{fact, panel, says};
use crate::ui::{paint, text};

pub(super) fn show(ui: &mut Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let begun = shown.state.hands.is_some();
    let (mut inside, head) = panel::headed(ui, rect, None, if begun { "Copies" } else { "To copy" });
    let (held, all) = shown.state.bytes();
    let said = format!("{} of {} in two stores", size(held), size(all));
    paint::fit_right(ui.painter(), head, text::LABEL, tokens(ui).text2, &said);
    if !begun {
        before(ui, inside.shrink2(vec2(PAD, 8.0)), shown, view);
        return None;
    }
    let [first, second] = shown.state.copies();
    let place = inside.top_part(97.0);
    running(ui, place.shrink2(vec2(14.0, 12.0)), &first);
    paint::rule(ui.painter(), place, tokens(ui).line);
    running(ui, inside.top_part(97.0).shrink2(vec2(14.0, 12.0)), &second);
    None
}

/// Before it begins: what is to be copied, whether there is room, and why it is done.
fn before(ui: &mut Ui, mut rest: Rect, shown: Shown<'_>, view: &mut View) {
    let Some(docked) = shown.state.docked() else { return };
    let room = rest.bottom_part(field::LABELLED + field::WRONG);
    let here: u64 = docked.flights.iter().map(|flight| flight.here_bytes).sum();
    if here > 0 {
        fact::fact(
            ui,
            rest.top_part(fact::HEIGHT),
            92.0,
            "Here already",
            &format!("{}; it goes on from there", size(here)),
        );
    }
    for room in &docked.rooms {
        let enough = room.needed_bytes <= room.free_bytes;
        let words = if enough {
            format!("{}, room for {}", size(room.needed_bytes), size(room.free_bytes))
        } else {
            format!("NOT ENOUGH ROOM: {}, only {} free", size(room.needed_bytes), size(room.free_bytes))
        };
        let high = fact::fact(ui, rest, 92.0, room.store.as_str(), &words);
        rest.top_part(high);
    }
    let wrong = view.reason().err();
    let field = Field::labelled("Reason").limit(200).wrong(wrong.as_deref());
    let mut place = room;
    if wrong.is_none() {
        place.bottom_part(field::WRONG);
    }
    field.at(ui, place, &mut view.reason);
}

fn running(ui: &Ui, rect: Rect, copy: &Running) {
    let t = tokens(ui);
    let mut lines = rect;
    let done = copy.bytes_done == copy.bytes_total;
    let mut title = lines.top_part(26.0);
    let share = format!("{} %", per_cent(copy.bytes_done, copy.bytes_total));
    let wide = paint::width(ui.painter(), text::TITLE, &share) + 1.0;
    paint::fit_right(ui.painter(), title.right_part(wide), text::TITLE, t.text, &share);
    title.right_part(8.0);
    paint::fit(ui.painter(), title, text::STRONG, t.text, copy.name);
    lines.top_part(6.0);
    let color = if done {
        t.ok
    } else if copy.stopped {
        t.text2
    } else {
        t.accent
    };
    bar(ui, lines.top_part(10.0), ratio(copy.bytes_done, copy.bytes_total), color);
    lines.top_part(6.0);
    let line = lines.top_part(20.0);
    let moving = copy.rate.filter(|progress| progress.bytes_per_s > 0 && !copy.stopped);
    let rate = match (moving, copy.stopped, done) {
        (Some(progress), ..) => format!("{}/s", size(progress.bytes_per_s)),
        (None, true, _) => "Stopped".to_owned(),
        (None, false, true) => "Done".to_owned(),
        (None, false, false) => "Waits".to_owned(),
    };
    let of = format!("{} of {}", size(copy.bytes_done), size(copy.bytes_total));
    // The rate is of one flight's step, the time left of all that is still to come at that rate.
    let left = moving.map(|progress| (copy.bytes_total.saturating_sub(copy.bytes_done)) / progress.bytes_per_s.max(1));
    let left = left.map_or_else(String::new, |left_s| format!("{} left", span(left_s)));
    paint::fit(ui.painter(), line, text::CELL, t.text, &rate);
    paint::words(ui.painter(), line.center(), egui::Align2::CENTER_CENTER, text::CELL, t.text2, &of);
    paint::fit_right(ui.painter(), line, text::CELL_STRONG, t.text, &left);
    says(ui, rect, &format!("{}: {share}, {of}, {rate} {left}", copy.name));
}

/// Whether it may be unplugged, and the buttons of the copy.
pub(super) fn unplug(ui: &Ui, rect: Rect, shown: Shown<'_>, view: &mut View) -> Option<Command> {
    let mut inside = panel::panel(ui, rect).shrink2(vec2(PAD, 12.0));
    let mut buttons = inside.bottom_part(button::HEIGHT);
    inside.bottom_part(8.0);
    let t = tokens(ui);
    let paused = shown.state.resumes();
    let fault = match &shown.state.stopped {
        Some((_, End::Failed(fault))) => Some(fault),
        _ => None,
    };
    let (safe, why) = shown.state.unplug();
    let why_not = shown.state.why_not(Action::TakeOver, shown.first, shown.now_utc_us);
    let why_not = why_not.or_else(|| view.reason().err());
    let (sign, ink, heading, words) = match (fault, &paused) {
        _ if shown.state.hands.is_none() && why_not.is_some() => {
            (icon::WARNING.fill(), t.caution, "It cannot begin yet", why_not.clone().unwrap_or_default())
        }
        (Some(fault), _) => {
            let words = format!("{} {} {}", sentence(&fault.what), fault.safe, fault.cure);
            (icon::WARNING_OCTAGON.fill(), t.warn, "It stopped", words)
        }
        (None, Some(resumes)) => {
            (icon::PAUSE.fill(), t.text2, "Stopped", format!("{resumes}. Safe to unplug: nothing aboard was erased."))
        }
        (None, None) if safe => (icon::CHECK_CIRCLE.fill(), t.ok, "Safe to unplug?", why),
        (None, None) => (icon::INFO.fill(), t.text2, "Safe to unplug?", why),
    };
    paint::icon(ui.painter(), inside.left_part(20.0).left_top() + vec2(10.0, 10.0), 20.0, ink, sign);
    inside.left_part(10.0);
    let place = inside;
    paint::fit(ui.painter(), inside.top_part(20.0), text::STRONG, t.text, heading);
    let galley = paint::lines(ui.painter(), text::CELL, t.text2, &words, inside.width(), 3);
    ui.painter().galley(inside.left_top(), galley, t.text2);
    says(ui, place, &format!("{heading} {words}")).on_hover_text(&words);
    if shown.state.job == Some(Job::TakeOver) {
        let [left, right]: [Rect; 2] = buttons.columns(8.0);
        let pause = Button::new("Pause").icon(icon::PAUSE.fill()).at(ui, left).clicked();
        let cancel = Button::new("Cancel copy").icon(icon::X.bold()).at(ui, right).clicked();
        return pause.then_some(Command::Pause).or_else(|| cancel.then_some(Command::Cancel));
    }
    let leave = Button::new("Undock").icon(icon::EXPORT.regular());
    let why_no_leaving = shown.state.why_not(Action::Leave, shown.first, shown.now_utc_us);
    let wide = leave.width(ui);
    let left = leave.unless(why_no_leaving.as_deref()).at(ui, buttons.right_part(wide)).clicked();
    buttons.right_part(8.0);
    let flights = shown.state.flights().iter().filter(|flight| flight.taken.is_none()).count();
    let words = if paused.is_some() { "Resume".to_owned() } else { format!("Take over {}", count(flights, "flight")) };
    let done = flights == 0;
    let name = if done { "All taken over" } else { &words };
    let start = Button::new(name).icon(icon::TRAY_ARROW_DOWN.regular()).unless(why_not.as_deref());
    let start = if why_not.is_none() { start.primary() } else { start };
    if start.at(ui, buttons).clicked() {
        return view.reason().ok().map(Command::TakeOver);
    }
    left.then_some(Command::Leave)
}

/// With a full stop.
fn sentence(words: &str) -> String {
    if words.ends_with('.') { words.to_owned() } else { format!("{words}.") }
}
