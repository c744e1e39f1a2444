//! The telemetry of the recording over its time, with the moment that is shown. A press goes there.

use egui::{Align2, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{Ask, clock};
use crate::state::evidence::Seal;
use crate::state::replay::{self, Quantity};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::theme::tokens;
use crate::ui::widget::panel;
use crate::ui::widget::seal::Cell;
use crate::ui::{icon, paint, text, widget};
use crate::video::{ReelOrder, ReelState};

/// Room for names and for values, points.
const NAMES: f32 = 96.0;
const VALUES: f32 = 100.0;
/// A silence longer than this is a gap in the line, µs.
const GAP_US: i64 = 3_000_000;
/// Room for the seals, points.
const RIBBON: f32 = 30.0;
/// Narrower cells merge; the worst state of a merged cell is drawn, points.
const LEAST_CELL: f32 = 4.0;
/// Where the axis has its figures, of the whole.
const TICKS: [f32; 5] = [0.0, 0.25, 0.5, 0.75, 1.0];

pub(super) fn show(ui: &Ui, rect: Rect, state: Option<&ReelState>, seals: Option<&[Seal]>, asks: &mut Vec<Ask>) {
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
    let each = if seals.is_some() { (rest.height() - RIBBON) / 3.0 } else { rest.height() / 3.0 };
    for (quantity, top) in Quantity::ALL.into_iter().zip([0.0, each, 2.0 * each]) {
        let line = Rect::from_min_size(pos2(along.left(), along.top() + top), vec2(along.width(), each));
        let points = points(state, |sample| quantity.of(sample, home));
        let value = now.and_then(|sample| quantity.of(sample, home));
        series(ui, line, quantity, &points, value);
    }
    for part in TICKS {
        let (x, us) = (along.left() + along.width() * part, state.moment(part) - state.begin_utc_us);
        let anchor = match part {
            0.0 => Align2::LEFT_CENTER,
            1.0 => Align2::RIGHT_CENTER,
            _ => Align2::CENTER_CENTER,
        };
        paint::words(ui.painter(), pos2(x, axis.center().y + 2.0), anchor, text::LABEL, t.text2, &clock(us));
    }
    if let Some(seals) = seals {
        ribbon(ui, Rect::from_min_max(pos2(along.left(), along.bottom() - RIBBON + 4.0), along.max), seals);
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
            run.push((state.part(sample.utc_us), value));
        }
    }
    runs
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

/// One cell a segment, or several.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "some hundred cells"
)]
fn ribbon(ui: &Ui, rect: Rect, seals: &[Seal]) {
    let t = tokens(ui);
    let most = (rect.width() / LEAST_CELL).max(1.0) as usize;
    let merged = seals.chunks(seals.len().div_ceil(most).max(1));
    let pitch = rect.width() / merged.len().max(1) as f32;
    let mut mesh = egui::Mesh::default();
    for (place, cells) in merged.enumerate() {
        let worst = cells.iter().map(|seal| cell(*seal)).max().unwrap_or(Cell::Witnessed);
        let at = pos2(rect.left() + pitch * place as f32, rect.top());
        worst.put(&mut mesh, t, Rect::from_min_size(at, vec2((pitch - 1.0).max(1.0), rect.height() - 4.0)));
    }
    ui.painter().add(Shape::mesh(mesh));
    let middle = rect.center().y - 2.0;
    paint::words(
        ui.painter(),
        pos2(rect.left() - NAMES + PAD, middle),
        Align2::LEFT_CENTER,
        text::CELL,
        t.text2,
        "Seal",
    );
    let witnessed = seals.iter().filter(|seal| **seal == Seal::Witnessed).count();
    let place = pos2(rect.right() + 12.0, middle);
    let figure = paint::words(ui.painter(), place, Align2::LEFT_CENTER, text::VALUE, t.text, &witnessed.to_string());
    let of = format!("of {}", seals.len());
    paint::words(
        ui.painter(),
        pos2(figure.right() + 4.0, middle + 1.0),
        Align2::LEFT_CENTER,
        text::LABEL,
        t.text2,
        &of,
    );
    widget::says(ui, figure, &format!("Seal {witnessed} {of} witnessed in time"));
}

const fn cell(seal: Seal) -> Cell {
    match seal {
        Seal::Witnessed => Cell::Witnessed,
        Seal::Late => Cell::Late,
        Seal::Unwitnessed => Cell::Unwitnessed,
        Seal::Doubtful => Cell::Gap,
    }
}

fn cursor(ui: &Ui, along: Rect, state: &ReelState) {
    let (t, painter) = (tokens(ui), ui.painter());
    let x = along.left() + along.width() * state.part(state.at_utc_us);
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
    let utc_us = state.moment((at.x - along.left()) / along.width());
    asks.push(Ask::Reel(ReelOrder::To { utc_us }));
}
