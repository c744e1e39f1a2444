//! The bar of the viewing session: who looks, why, since when; or how to begin.

use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use zeroize::Zeroizing;

use super::{Ask, Pin, clock};
use crate::state::evidence::{Evidence, Session};
use crate::ui::cut::Cut as _;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::button::Button;
use crate::ui::widget::field::Field;
use crate::ui::{icon, paint, text, widget};

/// Its height, points.
pub(super) const HEIGHT: f32 = 56.0;

/// What somebody who wants to look has typed.
#[derive(Default)]
pub(crate) struct Entrance {
    who: String,
    pin: Zeroizing<String>,
    reason: String,
}

impl Entrance {
    fn take_pin(&mut self) -> Pin {
        Pin(std::mem::take(&mut self.pin))
    }
}

pub(super) fn show(
    ui: &mut Ui,
    rect: Rect,
    state: &Evidence,
    now_utc_us: i64,
    entrance: &mut Entrance,
    asks: &mut Vec<Ask>,
) {
    match &state.session {
        Some(session) => running(ui, rect, state, session, now_utc_us, entrance, asks),
        None => begin(ui, rect, state, entrance, asks),
    }
}

fn ground(ui: &Ui, rect: Rect, running: bool) -> Rect {
    let t = tokens(ui);
    let (fill, edge) = if running { (t.accent_dim, t.accent) } else { (t.panel, t.line) };
    ui.painter().rect(rect, CornerRadius::same(RADIUS), fill, Stroke::new(1.0, edge), StrokeKind::Inside);
    let mut inside = rect;
    let bar = inside.left_part(6.0);
    ui.painter().rect_filled(
        bar,
        CornerRadius { nw: RADIUS, sw: RADIUS, ne: 0, se: 0 },
        if running { t.accent } else { t.edge },
    );
    inside
}

fn running(
    ui: &mut Ui,
    rect: Rect,
    state: &Evidence,
    session: &Session,
    now_utc_us: i64,
    entrance: &mut Entrance,
    asks: &mut Vec<Ask>,
) {
    let t = tokens(ui);
    let mut rest = ground(ui, rect, true);
    paint::icon(ui.painter(), rest.left_part(44.0).center(), 24.0, t.accent, icon::EYE.fill());
    let lasted = clock(now_utc_us.saturating_sub(session.since_utc_us));
    two(
        ui,
        rest.left_part(196.0),
        &format!("Viewing session {lasted}"),
        &format!("On the ledger, line {}", session.line),
        true,
    );
    let end = Button::new("End")
        .icon(icon::STOP.fill())
        .unless(entrance.pin.is_empty().then_some("Give your PIN to end the session"));
    let button = rest.right_part(end.width(ui) + 8.0).shrink2(vec2(4.0, 6.0));
    if end.at(ui, button).clicked() {
        asks.push(Ask::End { pin: entrance.take_pin() });
    }
    let pin = rest.right_part(132.0).shrink2(vec2(6.0, 6.0));
    Field::new("PIN to end the session").hint("PIN to end").password().at(ui, pin, &mut entrance.pin);
    labelled(ui, rest.left_part(200.0), "Who", &session.who);
    let (label, words) = match &state.session_fault {
        Some(why) => ("The session is not ended", why.as_str()),
        None => ("Reason", session.reason.as_str()),
    };
    labelled(ui, rest, label, words);
}

fn begin(ui: &mut Ui, rect: Rect, state: &Evidence, entrance: &mut Entrance, asks: &mut Vec<Ask>) {
    let t = tokens(ui);
    let mut rest = ground(ui, rect, false);
    paint::icon(ui.painter(), rest.left_part(44.0).center(), 24.0, t.text2, icon::EYE_SLASH.regular());
    let below = match &state.session_fault {
        Some(why) => why.as_str(),
        None => "Who looks and why is signed on the ledger first",
    };
    let wide = (rest.width() * 0.26).max(220.0);
    two(ui, rest.left_part(wide), "No viewing session", below, false);
    let missing = if state.flight().is_none() {
        Some("Choose a flight first")
    } else if entrance.who.trim().is_empty() || entrance.pin.is_empty() {
        Some("Give the name of your account and your PIN")
    } else if entrance.reason.trim().len() < 4 {
        Some("Say why in a few words")
    } else {
        None
    };
    let button = Button::new("Begin viewing").icon(icon::EYE.regular()).primary().unless(missing);
    let place = rest.right_part(button.width(ui) + 8.0).shrink2(vec2(4.0, 6.0));
    if button.at(ui, place).clicked() {
        asks.push(Ask::Begin {
            who: entrance.who.trim().to_owned(),
            reason: entrance.reason.trim().to_owned(),
            pin: entrance.take_pin(),
        });
    }
    let who = rest.left_part(150.0).shrink2(vec2(4.0, 6.0));
    Field::new("Account").hint("Account").at(ui, who, &mut entrance.who);
    let pin = rest.left_part(116.0).shrink2(vec2(4.0, 6.0));
    Field::new("PIN").hint("PIN").password().at(ui, pin, &mut entrance.pin);
    Field::new("Reason for viewing").hint("Reason for viewing").at(
        ui,
        rest.shrink2(vec2(4.0, 6.0)),
        &mut entrance.reason,
    );
}

fn two(ui: &Ui, rect: Rect, above: &str, below: &str, strong: bool) {
    let t = tokens(ui);
    let half = |top: f32| Rect::from_min_size(pos2(rect.left(), rect.top() + top), vec2(rect.width() - 8.0, 18.0));
    paint::fit(ui.painter(), half(11.0), text::STRONG, if strong { t.text } else { t.text2 }, above);
    paint::fit(ui.painter(), half(29.0), text::LABEL, t.text2, below);
    widget::says(ui, rect, &format!("{above}. {below}"));
}

fn labelled(ui: &Ui, rect: Rect, label: &str, words: &str) {
    let t = tokens(ui);
    ui.painter().vline(rect.left(), rect.top() + 12.0..=rect.bottom() - 12.0, Stroke::new(1.0, t.edge));
    paint::words(
        ui.painter(),
        pos2(rect.left() + 12.0, rect.top() + 19.0),
        Align2::LEFT_CENTER,
        text::LABEL,
        t.text2,
        label,
    );
    let line = Rect::from_min_size(pos2(rect.left() + 12.0, rect.top() + 28.0), vec2(rect.width() - 20.0, 18.0));
    paint::fit(ui.painter(), line, text::CELL_STRONG, t.text, words);
    widget::says(ui, line, &format!("{label}: {words}"));
}
