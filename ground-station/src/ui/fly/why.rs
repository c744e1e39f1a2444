//! Why the vehicle does not arm: each reason with its cure, the sensors that fail, and what the vehicle says.

use egui::{CornerRadius, Rect, Ui, pos2, vec2};

use crate::state::vehicle::Vehicle;
use crate::state::vehicle::messages::Message;
use crate::state::vehicle::prearm::Failure;
use crate::ui::cut::{Cut as _, GUTTER, PAD};
use crate::ui::icon::{self, Icon};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::empty::Empty;
use crate::ui::widget::{panel, says, table};
use crate::ui::{paint, text};

/// Narrower, everything stands in one column, points.
const TWO_COLUMNS: f32 = 760.0;
/// Of the column at the right, points.
const SIDE: f32 = 360.0;
/// Messages shown: the newest.
const MESSAGES: usize = 40;
/// Of the strip with the action, points.
pub(super) const FOOT: f32 = button::HEIGHT + 2.0 * GUTTER;
/// Where the words of a row begin, points.
const WORDS: f32 = 46.0;

/// What the person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The vehicle shall check again and say what it finds (MAV_CMD_RUN_PREARM_CHECKS).
    CheckAgain,
    /// The panel shall go.
    Close,
}

/// Draws it here.
pub(crate) fn show(ui: &mut Ui, rect: Rect, vehicle: Option<&Vehicle>, now_ns: u64) -> Option<Ask> {
    let (mut inside, mut line) = panel::headed(ui, rect, Some(icon::QUESTION.regular()), "Why can't I arm");
    let close = Button::new("Close").small().quiet();
    let wide = close.width(ui);
    let mut ask = close.at(ui, line.right_part(wide)).clicked().then_some(Ask::Close);
    let Some(vehicle) = vehicle else {
        Empty {
            icon: icon::DRONE.regular(),
            what: "No vehicle is heard",
            how: "Switch the vehicle and its radio on, and check the links that the settings name. Its reasons appear here by themselves.",
            action: None,
        }
        .at(ui, inside);
        return ask;
    };
    let mut foot = inside.bottom_part(FOOT).shrink2(vec2(PAD, GUTTER));
    let armed = vehicle.is_armed(now_ns) == Some(true);
    let why_not = if armed { Some("The vehicle is armed") } else { None };
    let again = Button::new("Check again").icon(icon::ARROWS_CLOCKWISE.regular()).unless(why_not);
    let wide = again.width(ui);
    if again.at(ui, foot.left_part(wide)).clicked() {
        ask = Some(Ask::CheckAgain);
    }
    foot.left_part(PAD);
    let words = why_not.unwrap_or("The vehicle looks at itself once more and says what it finds");
    paint::fit(ui.painter(), foot, text::LABEL, tokens(ui).text2, words);
    rule_above(ui, inside);
    columns(ui, inside, vehicle, now_ns);
    ask
}

fn columns(ui: &mut Ui, mut inside: Rect, vehicle: &Vehicle, now_ns: u64) {
    if inside.width() < TWO_COLUMNS {
        panel::scrolled(ui, inside, "why", |ui| {
            reasons(ui, vehicle, now_ns);
            side(ui, vehicle, now_ns);
        });
        return;
    }
    let right = inside.right_part(SIDE);
    ui.painter().vline(right.left(), right.y_range(), egui::Stroke::new(1.0, tokens(ui).line));
    panel::scrolled(ui, inside, "reasons", |ui| reasons(ui, vehicle, now_ns));
    panel::scrolled(ui, right.with_min_x(right.left() + 1.0), "messages", |ui| side(ui, vehicle, now_ns));
}

/// A hairline between what scrolls and the strip below it.
pub(super) fn rule_above(ui: &Ui, scrolls: Rect) {
    paint::rule(ui.painter(), scrolls, tokens(ui).line);
}

/// A strip as wide as what scrolls.
pub(super) fn strip(ui: &mut Ui, height: f32) -> Rect {
    ui.allocate_space(vec2(ui.available_width(), height)).1
}

fn reasons(ui: &mut Ui, vehicle: &Vehicle, now_ns: u64) {
    let standing: Vec<_> = vehicle.prearm.standing(now_ns).collect();
    if standing.is_empty() {
        let place = strip(ui, 132.0);
        nothing(vehicle, now_ns).at(ui, place);
    }
    for failure in standing {
        reason(ui, failure, now_ns);
    }
}

fn nothing(vehicle: &Vehicle, now_ns: u64) -> Empty<'static> {
    let (icon, what, how) = match (vehicle.is_armed(now_ns), vehicle.health.may_arm(now_ns)) {
        (None, _) => (
            icon::LINK_BREAK.regular(),
            "The vehicle is silent",
            "Nothing is known of its checks. Check its power and the link.",
        ),
        (Some(true), _) => (icon::CHECK_CIRCLE.regular(), "The vehicle is armed", "Nothing keeps it from flying."),
        (_, Some(true)) => (
            icon::CHECK_CIRCLE.regular(),
            "The vehicle's checks pass",
            "Nothing keeps it from arming. If it refuses all the same, the reason appears here.",
        ),
        (_, Some(false)) => (
            icon::QUESTION.regular(),
            "The vehicle's checks fail, and it has not said why",
            "Press Check again. Some autopilots say it only when they are to be armed: try it, and the reason appears here.",
        ),
        (_, None) => (
            icon::QUESTION.regular(),
            "The vehicle says nothing of its checks",
            "Press Check again, or try to arm: the reason appears here.",
        ),
    };
    Empty { icon, what, how, action: None }
}

/// What it means, what to do, and the vehicle's own words.
fn reason(ui: &mut Ui, failure: &Failure, now_ns: u64) {
    let t = tokens(ui);
    let width = ui.available_width() - WORDS - PAD;
    let what = failure.means.unwrap_or(&failure.said);
    let cure = failure.cure.unwrap_or("This station does not know it: look it up in the manual of the autopilot.");
    let said = format!("Vehicle: {} · {}", failure.said, ago(now_ns.saturating_sub(failure.at_ns)));
    let painter = ui.painter();
    let galleys = [
        paint::lines(painter, text::STRONG, t.text, what, width, 3),
        paint::lines(painter, text::BODY, t.text, cure, width, 4),
        paint::lines(painter, text::LABEL, t.text2, &said, width, 2),
    ];
    let height = galleys.iter().map(|galley| galley.size().y).sum::<f32>() + 2.0 * PAD + 8.0;
    let place = strip(ui, height.ceil());
    ui.painter().rect_filled(place, CornerRadius::ZERO, t.warn_dim);
    paint::rule(ui.painter(), place, t.line);
    let sign = pos2(place.left() + 23.0, place.top() + PAD + 10.0);
    paint::icon(ui.painter(), sign, 22.0, t.warn, icon::PROHIBIT.fill());
    let mut at = pos2(place.left() + WORDS, place.top() + PAD);
    for (galley, words) in galleys.into_iter().zip([what, cure, &said]) {
        let rect = Rect::from_min_size(at, galley.size());
        ui.painter().galley(at, galley, t.text);
        says(ui, rect, words);
        at.y += rect.height() + 4.0;
    }
}

fn side(ui: &mut Ui, vehicle: &Vehicle, now_ns: u64) {
    caption(ui, "Sensors");
    match vehicle.health.failing(now_ns) {
        None => row(ui, icon::QUESTION.regular(), Tone::Neutral, "Not known: the vehicle says nothing of them", ""),
        Some(failing) if failing.is_empty() => {
            row(ui, icon::CHECK_CIRCLE.fill(), Tone::Neutral, "All in order, as the vehicle sees it", "");
        }
        Some(failing) => {
            for words in failing {
                let words = format!("Fails: {words}");
                row(ui, icon::WARNING.fill(), Tone::Caution, &words, "");
            }
        }
    }
    caption(ui, "What the vehicle says");
    let mut any = false;
    for message in vehicle.messages.all().rev().take(MESSAGES) {
        any = true;
        let (sign, tone) = looks(message);
        let times = if message.times > 1 { format!("{} times, last ", message.times) } else { String::new() };
        let below = format!("{} · {times}{}", message.severity_name(), ago(now_ns.saturating_sub(message.at_ns)));
        row(ui, sign, tone, &message.words, &below);
    }
    if !any {
        row(ui, icon::CHAT_TEXT.regular(), Tone::Neutral, "Nothing yet", "");
    }
}

fn looks(message: &Message) -> (Icon, Tone) {
    match message.severity {
        0..=2 => (icon::WARNING_OCTAGON.fill(), Tone::Warn),
        3 | 4 => (icon::WARNING.fill(), Tone::Caution),
        _ => (icon::CHAT_TEXT.regular(), Tone::Neutral),
    }
}

fn caption(ui: &mut Ui, words: &str) {
    let place = strip(ui, 32.0);
    table::caption(ui, place, words);
}

/// A sign, words, and a smaller line below.
fn row(ui: &mut Ui, sign: Icon, tone: Tone, words: &str, below: &str) {
    let t = tokens(ui);
    let width = ui.available_width() - WORDS - PAD;
    let galley = paint::lines(ui.painter(), text::CELL, t.text, words, width, 3);
    let height = galley.size().y + if below.is_empty() { 0.0 } else { 18.0 };
    let place = strip(ui, (height + 12.0).max(button::SMALL).ceil());
    paint::rule(ui.painter(), place, t.line);
    paint::icon(ui.painter(), pos2(place.left() + 23.0, place.center().y), 18.0, tone.ink(ui), sign);
    let rect = Rect::from_min_size(pos2(place.left() + WORDS, place.center().y - height / 2.0), galley.size());
    ui.painter().galley(rect.min, galley, t.text);
    says(ui, rect, words);
    if !below.is_empty() {
        let line = Rect::from_min_size(rect.left_bottom(), vec2(width, 18.0));
        paint::fit(ui.painter(), line, text::LABEL, t.text2, below);
        says(ui, line, below);
    }
}

/// "12 s ago", "3 min ago".
fn ago(age_ns: u64) -> String {
    match age_ns / 1_000_000_000 {
        0 => "now".to_owned(),
        s @ 1..100 => format!("{s} s ago"),
        s => format!("{} min ago", s / 60),
    }
}

#[cfg(test)]
mod tests;
