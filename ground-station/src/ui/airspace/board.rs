//! The permissions, in five columns by state.

use egui::{CornerRadius, Rect, Response, Role, Stroke, StrokeKind, Ui, vec2};
use mission_profiles::authorisation::{Kind, State};

use super::view::{Shown, Side, View};
use crate::state::board::{Card, Next, Stage};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::icon::{self, Glyph, Icon};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::{self, Button};
use crate::ui::widget::empty::Empty;
use crate::ui::widget::{self, panel};
use crate::ui::{paint, text};

const HEAD: f32 = 56.0;
const GAP: f32 = 6.0;
/// A card with a title of one line, points.
const CARD: f32 = 128.0;
/// What asks for the rest of the closed ones, points.
const MORE: f32 = 44.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, rect: Rect, shown: &Shown<'_>, view: &mut View) {
    let unread = shown.airspace().and_then(|airspace| airspace.permissions.as_ref().err().cloned());
    if let Some(why) = unread {
        let inside = panel::panel(ui, rect);
        let (icon, what) = (icon::DATABASE.regular(), "No permission counts: the unit’s register is not read");
        Empty { icon, what, how: &why, action: None }.at(ui, inside.shrink2(vec2(24.0, 0.0)));
        return;
    }
    if view.cards().is_empty() && shown.airspace().is_some() {
        let inside = panel::panel(ui, rect);
        let how = "Ask the authority of a zone for permission, write it down here, and follow it to the call on the day. A zone in the list below says whom to ask.";
        let empty = Empty {
            icon: icon::IDENTIFICATION_CARD.regular(),
            what: "No authorisations yet",
            how,
            action: Some("Write one"),
        };
        let pressed = empty.at(ui, inside.shrink2(vec2(24.0, 0.0))).is_some_and(|response| response.clicked());
        if let Some(airspace) = shown.airspace().filter(|_| pressed) {
            view.begin(airspace, None);
        }
        return;
    }
    let mut opened = None;
    for (stage, column) in Stage::ALL.into_iter().zip(rect.columns::<5>(GUTTER)) {
        opened = one(ui, column, stage, view).or(opened);
    }
    if let Some(id) = opened {
        view.open(&id);
    }
}

fn one(ui: &mut Ui, rect: Rect, stage: Stage, view: &mut View) -> Option<String> {
    let t = tokens(ui);
    let in_force = stage == Stage::Activated;
    ui.painter().rect_filled(rect, CornerRadius::same(RADIUS), if in_force { t.ok_dim } else { t.sunken });
    let mut inside = rect;
    let count = view.cards().iter().filter(|card| card.stage == stage).count();
    heading(ui, inside.top_part(HEAD), stage, count);
    let fit = (1_u8..20).take_while(|cards| f32::from(*cards) * CARD + MORE <= inside.height()).count();
    let closed = stage == Stage::Closed && !view.all_closed && count > fit;
    let hidden = if closed { count.saturating_sub(fit.max(1)) } else { 0 };
    let shown = view.cards().iter().filter(|card| card.stage == stage).take(count - hidden);
    let selected = if let Side::Permission(id) = &view.side { Some(id.clone()) } else { None };
    let (opened, more) = panel::scrolled(ui, inside, stage.heading(), |ui| {
        let mut opened = None;
        for card in shown {
            let is_selected = selected.as_ref() == Some(&card.id);
            if place(ui, card, is_selected).clicked() {
                opened = Some(card.id.clone());
            }
        }
        let more = hidden > 0 && {
            let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), MORE), egui::Sense::hover());
            let words = format!("{hidden} more");
            Button::new(&words).named("More closed authorisations").small().quiet().at(ui, row.shrink(2.0)).clicked()
        };
        (opened, more)
    });
    view.all_closed |= more;
    opened
}

fn heading(ui: &Ui, rect: Rect, stage: Stage, count: usize) {
    let t = tokens(ui);
    let in_force = stage == Stage::Activated;
    let sign = match stage {
        Stage::Draft => icon::PENCIL_SIMPLE_LINE.regular(),
        Stage::Applied => icon::PAPER_PLANE_TILT.regular(),
        Stage::InPrinciple => icon::HANDSHAKE.regular(),
        Stage::Activated => icon::CHECK_CIRCLE.fill(),
        Stage::Closed => icon::ARCHIVE.regular(),
    };
    let mut inside = rect.shrink2(vec2(12.0, 8.0));
    let mut line = inside.top_part(22.0);
    let ink = if in_force { t.ok } else { t.text2 };
    paint::icon(ui.painter(), line.left_part(20.0).center(), 20.0, ink, sign);
    line.left_part(7.0);
    let figure = count.to_string();
    paint::fit_right(ui.painter(), line.right_part(28.0), text::CELL, t.text2, &figure);
    paint::fit(ui.painter(), line, text::VALUE, t.text, stage.heading());
    inside.left_part(27.0);
    let style = if in_force { text::LABEL_STRONG } else { text::LABEL };
    paint::fit(ui.painter(), inside.top_part(17.0), style, ink, stage.meaning());
    widget::says(ui, rect, &format!("{}: {count}", stage.heading()));
}

fn place(ui: &mut Ui, card: &Card, selected: bool) -> Response {
    let wide = ui.available_width() - 2.0 * GAP;
    let title = paint::lines(ui.painter(), text::STRONG, tokens(ui).text, &card.title, wide - 22.0, 2);
    let lines = [&card.authority, &card.window]
        .map(|words| paint::lines(ui.painter(), text::LABEL, tokens(ui).text2, words, wide - 22.0, 2));
    let small: f32 = lines.iter().map(|line| line.size().y + 1.0).sum();
    let (tone, sign) = next_sign(&card.next);
    let ink = if tone == Tone::Neutral { tokens(ui).text } else { tone.ink(ui) };
    let next = paint::lines(ui.painter(), text::LABEL_STRONG, ink, &card.next.words(), wide - 22.0 - 23.0, 2);
    let high = 10.0 + 16.0 + 4.0 + title.size().y + small + 8.0 + 1.0 + 7.0 + next.size().y + 10.0;
    let (row, _) = ui.allocate_exact_size(vec2(ui.available_width(), high + GAP), egui::Sense::hover());
    let rect = Rect::from_min_size(row.min + vec2(GAP, 0.0), vec2(wide, high));
    let name = format!("{} {}: {}", card.id, card.title, card.next.words());
    let response = widget::chosen_target(ui, rect, &name, (true, selected), Role::ListItem);
    let t = tokens(ui);
    let edge = match (selected, response.hovered()) {
        (true, _) => Stroke::new(2.0, t.accent),
        (false, true) => Stroke::new(1.0, t.text2),
        (false, false) => Stroke::new(1.0, t.edge),
    };
    ui.painter().rect(rect, CornerRadius::same(RADIUS), t.panel, edge, StrokeKind::Inside);
    widget::focus_ring(ui, rect, RADIUS, &response);
    let mut inside = rect.shrink2(vec2(11.0, 10.0));
    let mut line = inside.top_part(16.0);
    paint::icon(ui.painter(), line.left_part(16.0).center(), 16.0, t.text2, kind_glyph(card.kind).regular());
    line.left_part(6.0);
    paint::fit(ui.painter(), line, text::MONO, t.text2, &card.id);
    inside.top_part(4.0);
    let at = inside.top_part(title.size().y).min;
    ui.painter().galley(at, title, t.text);
    for line in lines {
        let at = inside.top_part(line.size().y + 1.0).min;
        ui.painter().galley(at, line, t.text2);
    }
    inside.top_part(8.0);
    ui.painter().hline(inside.x_range(), inside.top(), Stroke::new(1.0, t.line));
    inside.top_part(8.0);
    let mark = inside.left_part(23.0);
    paint::icon(ui.painter(), mark.left_top() + vec2(8.0, next.size().y / 2.0), 16.0, ink, sign);
    ui.painter().galley(inside.min, next, ink);
    response
}

/// The sign of what is to be done next, and how much it asks for a person.
pub(super) fn next_sign(next: &Next) -> (Tone, Icon) {
    match next {
        Next::Finish => (Tone::Neutral, icon::PENCIL_SIMPLE.fill()),
        Next::AddConsent => (Tone::Neutral, icon::FILE_TEXT.fill()),
        Next::Asked(_) => (Tone::Neutral, icon::HOURGLASS.fill()),
        Next::CallNow => (Tone::Caution, icon::PHONE.fill()),
        Next::CallOnTheDay => (Tone::Neutral, icon::PHONE.fill()),
        Next::InForce => (Tone::Ok, icon::CHECK_CIRCLE.fill()),
        Next::Left(_) => (Tone::Ok, icon::TIMER.fill()),
        Next::Later(_) => (Tone::Neutral, icon::CLOCK.fill()),
        Next::Over => (Tone::Caution, icon::CLOCK_COUNTDOWN.fill()),
        Next::Suspended => (Tone::Caution, icon::PAUSE.fill()),
        Next::Ended(State::Refused) => (Tone::Warn, icon::X_CIRCLE.fill()),
        Next::Ended(_) => (Tone::Neutral, icon::CHECK.bold()),
    }
}

/// The sign of a kind of permission.
pub(super) fn kind_glyph(kind: Kind) -> Glyph {
    match kind {
        Kind::Operational => icon::IDENTIFICATION_CARD,
        Kind::FlightRestrictionZone => icon::AIRPLANE_TILT,
        Kind::NonStandardFlight => icon::CELL_TOWER,
        Kind::TemporaryRestriction => icon::PROHIBIT,
        Kind::ProtectedSite => icon::LOCK_KEY,
        Kind::Landowner => icon::TREE,
        Kind::Covert => icon::EYE_SLASH,
    }
}

/// A row of two buttons, the second where there is one.
pub(super) fn pair(rect: Rect) -> [Rect; 2] {
    rect.with_max_y(rect.top() + button::SMALL).columns::<2>(GUTTER)
}
