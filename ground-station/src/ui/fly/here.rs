//! What is ordered at a place of the map: the menu there, the order before it is confirmed, and what it looks like on the map.

use egui::{Align2, CornerRadius, Painter, Pos2, Rect, Sense, Stroke, StrokeKind, Ui, pos2, vec2};
use mission_profiles::place::{Position, inverse, to_grid};

use super::hud::coordinates;
use crate::state::airspace::metres;
use crate::state::steer::{HEIGHTS_M, RADII_M, SPEEDS_MPS, Wish};
use crate::ui::cut::{Cut as _, GUTTER, PAD};
use crate::ui::icon::{self, Glyph};
use crate::ui::map::lens::Lens;
use crate::ui::map::signs;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::button::Button;
use crate::ui::widget::{self, choice, panel};
use crate::ui::{paint, text};

/// The menu's width, its head, and a row of it, points.
const WIDTH: f32 = 264.0;
const HEAD: f32 = 52.0;
const ROW: f32 = 44.0;
/// Beside a map that is narrower the menu covers nothing of it, points.
const SMALL: f32 = 500.0;
/// The card of an order that waits for its slide, points.
pub(crate) const CARD: egui::Vec2 = vec2(320.0, 204.0);
/// Room for what a stepper is of, points.
const LABEL: f32 = 18.0;
/// Steps of the height, the radius and the speed.
const STEP_M: f64 = 5.0;
const STEP_MPS: f64 = 1.0;

/// What can be chosen at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pick {
    GoHere,
    OrbitHere,
    LookHere,
    LookAhead,
    Height,
    Speed,
    Measure,
    Copy,
}

impl Pick {
    /// In the order of the menu.
    pub(crate) const ALL: [Self; 8] = [
        Self::GoHere,
        Self::OrbitHere,
        Self::LookHere,
        Self::LookAhead,
        Self::Height,
        Self::Speed,
        Self::Measure,
        Self::Copy,
    ];

    /// What it is called, and its sign.
    pub(crate) const fn words(self) -> (&'static str, Glyph) {
        match self {
            Self::GoHere => ("Go here…", icon::NAVIGATION_ARROW),
            Self::OrbitHere => ("Orbit here…", icon::ARROWS_CLOCKWISE),
            Self::LookHere => ("Look here", icon::EYE),
            Self::LookAhead => ("Look ahead again", icon::CROSSHAIR_SIMPLE),
            Self::Height => ("Change height…", icon::CARET_UP_DOWN),
            Self::Speed => ("Change speed…", icon::GAUGE),
            Self::Measure => ("Measure from here", icon::RULER),
            Self::Copy => ("Copy coordinates", icon::COPY),
        }
    }
}

/// A row of the menu: what, what it is now, why not.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) pick: Pick,
    pub(crate) now: String,
    pub(crate) why_not: Option<String>,
}

/// Where the menu was opened.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Here {
    /// The place.
    pub(crate) at: Position,
    /// And where that was on the screen.
    pub(crate) anchor: Pos2,
    /// The map, which stays in view where it is small.
    pub(crate) map: Rect,
}

/// Draws the menu inside of `work`; what was chosen, and whether it goes.
pub(crate) fn menu(ui: &Ui, work: Rect, here: &Here, rows: &[Row]) -> (Option<Pick>, bool) {
    let t = tokens(ui);
    let high = HEAD + ROW * f32::from(u8::try_from(rows.len()).unwrap_or(u8::MAX)) + 6.0;
    let beside = here.map.left() - GUTTER - WIDTH;
    let left = match here.anchor.x + 12.0 {
        _ if here.map.width() < SMALL && beside >= work.left() => beside,
        right if right + WIDTH > work.right() => here.anchor.x - 12.0 - WIDTH,
        right => right,
    };
    let top = (here.anchor.y - 40.0).min(work.bottom() - high).max(work.top());
    let rect = Rect::from_min_size(pos2(left.max(work.left()), top), vec2(WIDTH, high));
    // What lies beneath takes nothing that is meant for it.
    ui.interact(rect, ui.scope_id().with("menu of a place"), Sense::click_and_drag());
    ui.painter().rect(rect, CornerRadius::same(RADIUS), t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
    let mut rest = rect.shrink(1.0);
    let head = rest.top_part(HEAD);
    let (grid, place) = (to_grid(here.at), coordinates(here.at.lat_deg, here.at.lon_deg));
    let (above, below) = head.shrink2(vec2(PAD, 7.0)).split_top_bottom_at_fraction(0.5);
    paint::fit(ui.painter(), above, text::MONO_STRONG, t.text, grid.as_deref().unwrap_or(&place));
    if grid.is_some() {
        paint::fit(ui.painter(), below, text::MONO, t.text2, &place);
    }
    widget::says(ui, head, &format!("At {}, {place}", grid.as_deref().unwrap_or("no OS grid")));
    paint::rule(ui.painter(), head, t.line);
    let mut picked = None;
    for row in rows {
        if self::row(ui, rest.top_part(ROW), row) {
            picked = Some(row.pick);
        }
    }
    let (outside, escape) = ui.input(|input| {
        let pressed = input.pointer.any_pressed() && input.pointer.interact_pos().is_some_and(|at| !rect.contains(at));
        (pressed, input.key_pressed(egui::Key::Escape))
    });
    (picked, picked.is_some() || outside || escape)
}

fn row(ui: &Ui, rect: Rect, row: &Row) -> bool {
    let t = tokens(ui);
    let (words, glyph) = row.pick.words();
    let response = widget::target(ui, rect, words, row.why_not.is_none());
    let pressed = response.is_pointer_button_down_on();
    if row.why_not.is_none() && (response.hovered() || pressed) {
        let fill = if pressed { t.sunken } else { t.raised };
        ui.painter().rect_filled(rect.shrink2(vec2(2.0, 0.0)), 0.0, fill);
    }
    let ink = if row.why_not.is_some() { t.text3 } else { t.text };
    paint::icon(ui.painter(), rect.left_center() + vec2(24.0, 0.0), 20.0, ink, glyph.regular());
    let mut line = rect.shrink2(vec2(PAD, 0.0));
    line.left_part(32.0);
    match &row.why_not {
        Some(why) => {
            let (above, below) = line.shrink2(vec2(0.0, 3.0)).split_top_bottom_at_fraction(0.5);
            paint::fit(ui.painter(), above, text::BODY, ink, words);
            paint::fit(ui.painter(), below, text::LABEL, t.text2, why);
            widget::says(ui, below, &format!("{words}: {why}"));
        }
        None => {
            let wide = paint::fit_right(ui.painter(), line, text::CELL, t.text2, &row.now);
            line.right_part(wide + 8.0);
            paint::fit(ui.painter(), line, text::BODY, ink, words);
        }
    }
    widget::focus_ring(ui, rect.shrink(4.0), RADIUS, &response);
    response.clicked()
}

/// What was done with the card of an order that waits for its slide.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ask {
    /// It is not wanted after all.
    Cancel,
    /// It is wanted so.
    Change(Wish),
}

/// Draws an order that waits for its slide: what it would do, or why it may not.
pub(crate) fn card(ui: &Ui, rect: Rect, wish: &Wish, words: &[String], why_not: Option<&str>) -> Option<Ask> {
    let t = tokens(ui);
    let mut ask = None;
    ui.interact(rect, ui.scope_id().with("card of an order"), Sense::click_and_drag());
    let (inside, mut head) = panel::headed(ui, rect, None, wish.name());
    ui.painter().rect_stroke(rect, CornerRadius::same(RADIUS), Stroke::new(1.5, t.accent), StrokeKind::Inside);
    let cancel = Button::new("Cancel").small().quiet();
    let wide = cancel.width(ui);
    if cancel.at(ui, head.right_part(wide)).clicked() {
        ask = Some(Ask::Cancel);
    }
    let mut rest = inside.shrink2(vec2(PAD, GUTTER));
    let steppers = rest.bottom_part(48.0 + LABEL);
    let changed = self::steppers(ui, steppers, wish);
    rest.bottom_part(4.0);
    if let Some(why) = why_not {
        let sign = rest.left_part(28.0);
        paint::icon(ui.painter(), sign.left_top() + vec2(10.0, 11.0), 20.0, t.warn, icon::PROHIBIT.fill());
        let lines = paint::lines(ui.painter(), text::CELL, t.text, why, rest.width(), 4);
        ui.painter().galley(rest.min, lines, t.text);
        widget::says(ui, rest, why);
    } else {
        for line in words.iter().map(String::as_str).chain(["Slide it across, below"]) {
            let place = rest.top_part(19.0);
            paint::fit(ui.painter(), place, text::CELL, t.text, line);
            widget::says(ui, place, line);
        }
    }
    ask.or(changed.map(Ask::Change))
}

/// Draws what the vehicle refused, and why; whether it was read.
pub(crate) fn refused(ui: &Ui, rect: Rect, wish: &Wish, why: &str) -> bool {
    let t = tokens(ui);
    ui.interact(rect, ui.scope_id().with("refused order"), Sense::click_and_drag());
    let (inside, mut head) = panel::headed(ui, rect, Some(icon::WARNING_OCTAGON.fill()), wish.name());
    ui.painter().rect_stroke(rect, CornerRadius::same(RADIUS), Stroke::new(1.5, t.warn), StrokeKind::Inside);
    let close = Button::new("Close").small().quiet();
    let wide = close.width(ui);
    let read = close.at(ui, head.right_part(wide)).clicked();
    let rest = inside.shrink2(vec2(PAD, GUTTER));
    let words = format!("Not done: {why}");
    let lines = paint::lines(ui.painter(), text::BODY, t.text, &words, rest.width(), 7);
    ui.painter().galley(rest.min, lines, t.text);
    widget::says(ui, rest, &words);
    read
}

/// What of an order can be changed before it is confirmed.
fn steppers(ui: &Ui, rect: Rect, wish: &Wish) -> Option<Wish> {
    let [left, right] = rect.columns(GUTTER);
    let height = |height_m, place| stepped(ui, place, "Height", (height_m, "m"), STEP_M, HEIGHTS_M);
    match *wish {
        Wish::GoTo { at, height_m } => height(height_m, rect).map(|height_m| Wish::GoTo { at, height_m }),
        Wish::Height { height_m } => height(height_m, rect).map(|height_m| Wish::Height { height_m }),
        Wish::Orbit { at, radius_m, height_m } => {
            let higher = height(height_m, left).map(|height_m| Wish::Orbit { at, radius_m, height_m });
            let wider = stepped(ui, right, "Radius", (radius_m, "m"), STEP_M, RADII_M);
            higher.or(wider.map(|radius_m| Wish::Orbit { at, radius_m, height_m }))
        }
        Wish::Speed { speed_mps } => stepped(ui, rect, "Speed", (speed_mps, "m/s"), STEP_MPS, SPEEDS_MPS)
            .map(|speed_mps| Wish::Speed { speed_mps }),
    }
}

/// To the next whole step, up or down.
fn stepped(ui: &Ui, rect: Rect, name: &str, (value, unit): (f64, &str), step: f64, ends: (f64, f64)) -> Option<f64> {
    let mut rect = rect;
    paint::fit(ui.painter(), rect.top_part(LABEL), text::LABEL, tokens(ui).text2, name);
    let words = format!("{value:.0} {unit}");
    let next = match choice::stepper(ui, rect, name, &words, (value > ends.0, value < ends.1))? {
        choice::Step::Less => ((value / step).ceil() - 1.0) * step,
        choice::Step::More => ((value / step).floor() + 1.0) * step,
    };
    Some(next.clamp(ends.0, ends.1))
}

/// How far an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It waits for its slide.
    Pending,
    /// It was sent, and is not answered.
    Sent,
    /// The vehicle flies it.
    Flown,
}

/// Paints the target of an order, with the way there.
pub(crate) fn target(ui: &Ui, painter: &Painter, lens: &Lens, own: Option<Position>, wish: &Wish, stage: Stage) {
    let t = tokens(ui);
    let Some(at) = wish.at() else { return };
    let point = lens.at(at);
    let dashes: &[f32] = if stage == Stage::Flown { &[] } else { &[6.0, 5.0] };
    if let Some(own) = own {
        signs::way(painter, lens, &[own, at], Stroke::new(1.6, t.accent), t.map_halo, dashes);
    }
    if let Some(radius_m) = wish.radius_m() {
        let ring: Vec<Position> =
            (0..=48_u8).map(|nth| mission_profiles::place::direct(at, f64::from(nth) * 7.5, radius_m)).collect();
        signs::way(painter, lens, &ring, Stroke::new(2.0, t.accent), t.map_halo, dashes);
    }
    painter.circle(point, 9.0, t.panel, Stroke::new(2.0, t.accent));
    let glyph = if wish.radius_m().is_some() { icon::ARROWS_CLOCKWISE.bold() } else { icon::NAVIGATION_ARROW.fill() };
    paint::icon(painter, point, 11.0, t.accent, glyph);
    let so = match stage {
        Stage::Pending => "not ordered yet",
        Stage::Sent => "sent, waiting",
        Stage::Flown if wish.radius_m().is_some() => "flown",
        Stage::Flown => "on its way",
    };
    let away = own.map(|own| inverse(own, at)).filter(|leg| {
        // Round its middle it is where it shall be.
        wish.radius_m().is_none_or(|radius_m| leg.distance_m > radius_m + 10.0)
    });
    let far = match (away, wish.radius_m()) {
        (Some(leg), _) => format!("{} · {:03.0}° · ", metres(leg.distance_m), leg.azimuth_deg % 359.5),
        (None, Some(radius_m)) => format!("round it at {radius_m:.0} m · "),
        (None, None) => String::new(),
    };
    let high = wish.height_m().map_or_else(String::new, |height_m| format!("{height_m:.0} m"));
    label(ui, painter, lens, point, [wish.name(), so], &format!("{far}{high}"));
}

/// Paints the place on which the camera is kept.
pub(crate) fn looked_at(ui: &Ui, painter: &Painter, lens: &Lens, at: Position, confirmed: bool) {
    let t = tokens(ui);
    let point = lens.at(at);
    painter.circle(point, 10.0, t.panel, Stroke::new(2.0, if confirmed { t.text } else { t.text2 }));
    paint::icon(painter, point, 14.0, t.text, icon::EYE.fill());
    let so = if confirmed { "camera stays on it" } else { "sent, waiting" };
    label(ui, painter, lens, point, ["Look here", so], "");
}

/// Two lines beside a sign, inside of the map.
fn label(ui: &Ui, painter: &Painter, lens: &Lens, point: Pos2, [what, so]: [&str; 2], figures: &str) {
    let t = tokens(ui);
    if !lens.rect().contains(point) {
        return;
    }
    let first = format!("{what}, {so}");
    let wide = paint::width(painter, text::LABEL_STRONG, &first).max(paint::width(painter, text::LABEL, figures));
    let left = if point.x + 16.0 + wide > lens.rect().right() - 62.0 { point.x - 16.0 - wide } else { point.x + 16.0 };
    let left = left.max(lens.rect().left() + 6.0);
    let at = pos2(left, point.y);
    let up = if figures.is_empty() { 0.0 } else { 8.0 };
    let colors = (t.accent, t.map_halo);
    let said = paint::haloed(painter, at - vec2(0.0, up), Align2::LEFT_CENTER, text::LABEL_STRONG, colors, &first);
    if !figures.is_empty() {
        paint::haloed(painter, at + vec2(0.0, up), Align2::LEFT_CENTER, text::LABEL, (t.text, t.map_halo), figures);
    }
    let words = if figures.is_empty() { first } else { format!("{first}: {figures}") };
    widget::says(ui, said, &words);
}

#[cfg(test)]
mod tests;
