//! The telemetry of the recording over its time, with the moment that is shown. A press goes there.

use egui::{Align2, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{Ask, clock};
use crate::state::replay::{self, Quantity};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::theme::tokens;
use crate::ui::widget::panel;
use crate::ui::{icon, paint, text, widget};
use crate::video::{ReelOrder, ReelState};

/// Room for names and for values, points.
const NAMES: f32 = 96.0;
const VALUES: f32 = 100.0;
/// A silence longer than this is a gap in the line, µs.
const GAP_US: i64 = 3_000_000;
/// Where the axis has its figures, of the whole.
const TICKS: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

pub(super) fn show(ui: &Ui, rect: Rect, state: Option<&ReelState>, asks: &mut Vec<Ask>) {
    let inside = panel::panel(ui, rect);
    let t = tokens(ui);
    let Some(state) = state.filter(|state| state.end_utc_us > state.begin_utc_us) else {
        let at = pos2(inside.left() + 26.0, inside.center().y);
        paint::icon(ui.painter(), at, 24.0, t.text3, icon::GAUGE.regular());
        let words = "Height, speed and distance appear here when footage is open.";
        let line = Rect::from_min_max(pos2(at.x + 24.0, inside.top()), inside.max);
        paint::fit(ui.painter(), line, text::CELL, t.text2, words);
        return;
    };
    let mut rest = inside.shrink2(vec2(PAD, 8.0));
    let axis = rest.bottom_part(18.0);
    let along =
        Rect::from_min_max(pos2(rest.left() + NAMES - PAD, rest.top()), pos2(rest.right() - VALUES, rest.bottom()));
    let home = replay::home(&state.samples);
    let now = replay::at(&state.samples, state.at_utc_us);
    let each = rest.height() / 3.0;
    for (quantity, top) in Quantity::ALL.into_iter().zip([0.0, each, 2.0 * each]) {
        let line = Rect::from_min_size(pos2(along.left(), along.top() + top), vec2(along.width(), each));
        let points = points(state, |sample| quantity.of(sample, home));
        let value = now.and_then(|sample| quantity.of(sample, home));
        series(ui, line, quantity, &points, value);
    }
    for part in TICKS {
        let (x, us) = (along.left() + along.width() * part, moment(state, part) - state.begin_utc_us);
        let anchor = match part {
            0.0 => Align2::LEFT_CENTER,
            1.0 => Align2::RIGHT_CENTER,
            _ => Align2::CENTER_CENTER,
        };
        paint::words(ui.painter(), pos2(x, axis.center().y + 2.0), anchor, text::LABEL, t.text2, &clock(us));
    }
    cursor(ui, along, state);
    seek(ui, along, state, asks);
}

/// Of the whole, and the value; apart where nothing was told for a while.
fn points(state: &ReelState, value: impl Fn(&replay::Sample) -> Option<f64>) -> Vec<Vec<(f32, f64)>> {
    let mut runs: Vec<Vec<(f32, f64)>> = Vec::new();
    let mut last_us = None;
    for sample in state.samples.iter() {
        let Some(value) = value(sample) else {
            last_us = None;
            continue;
        };
        if last_us.is_none_or(|last_us: i64| sample.utc_us - last_us > GAP_US) {
            runs.push(Vec::new());
        }
        last_us = Some(sample.utc_us);
        if let Some(run) = runs.last_mut() {
            run.push((part(state, sample.utc_us), value));
        }
    }
    runs
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a part of a plot's width")]
fn part(state: &ReelState, utc_us: i64) -> f32 {
    let whole = (state.end_utc_us - state.begin_utc_us).max(1) as f64;
    ((utc_us - state.begin_utc_us) as f64 / whole).clamp(0.0, 1.0) as f32
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a moment of a recording, to a picture"
)]
fn moment(state: &ReelState, part: f32) -> i64 {
    let whole = (state.end_utc_us - state.begin_utc_us) as f64;
    state.begin_utc_us.saturating_add((whole * f64::from(part.clamp(0.0, 1.0))) as i64)
}

#[expect(clippy::cast_possible_truncation, reason = "points of a plot")]
fn series(ui: &Ui, rect: Rect, quantity: Quantity, runs: &[Vec<(f32, f64)>], now: Option<f64>) {
    let (t, painter) = (tokens(ui), ui.painter());
    let values = || runs.iter().flatten().map(|(_, value)| *value);
    let (low, high) = values().fold((0.0_f64, 1.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let base = rect.bottom() - 6.0;
    let tall = f64::from(rect.height() - 14.0);
    let y = |value: f64| base - ((value - low) / (high * 1.05 - low).max(1e-9) * tall) as f32;
    painter.hline(rect.x_range(), base, Stroke::new(1.0, t.line));
    let ink = if quantity == Quantity::Height { t.accent } else { t.text2 };
    for run in runs {
        let line: Vec<Pos2> =
            run.iter().map(|(part, value)| pos2(rect.left() + rect.width() * part, y(*value))).collect();
        painter.add(Shape::line(line, Stroke::new(1.8, ink)));
    }
    let middle = rect.center().y;
    paint::words(
        painter,
        pos2(rect.left() - NAMES + PAD, middle),
        Align2::LEFT_CENTER,
        text::CELL,
        t.text2,
        quantity.name(),
    );
    let words =
        now.map_or_else(|| "—".to_owned(), |value| format!("{value:.*}", usize::from(quantity == Quantity::Speed)));
    let figure =
        paint::words(painter, pos2(rect.right() + 12.0, middle), Align2::LEFT_CENTER, text::VALUE, t.text, &words);
    paint::words(
        painter,
        pos2(figure.right() + 4.0, middle + 1.0),
        Align2::LEFT_CENTER,
        text::LABEL,
        t.text2,
        quantity.unit(),
    );
    widget::says(ui, figure, &format!("{} {words} {}", quantity.name(), quantity.unit()));
}

fn cursor(ui: &Ui, along: Rect, state: &ReelState) {
    let (t, painter) = (tokens(ui), ui.painter());
    let x = along.left() + along.width() * part(state, state.at_utc_us);
    painter.vline(x, along.top() - 8.0..=along.bottom(), Stroke::new(2.0, t.text));
    let top = along.top() - 8.0;
    painter.add(Shape::convex_polygon(
        vec![pos2(x - 7.0, top), pos2(x + 7.0, top), pos2(x, top + 9.0)],
        t.text,
        Stroke::NONE,
    ));
}

fn seek(ui: &Ui, along: Rect, state: &ReelState, asks: &mut Vec<Ask>) {
    let response = widget::named_target(ui, along, "Time of the recording", true, egui::Role::Slider);
    let response = response.interact(egui::Sense::click_and_drag());
    let Some(at) = response.interact_pointer_pos().filter(|_| response.clicked() || response.dragged()) else {
        return;
    };
    let utc_us = moment(state, (at.x - along.left()) / along.width());
    asks.push(Ask::Reel(ReelOrder::To { utc_us }));
}
