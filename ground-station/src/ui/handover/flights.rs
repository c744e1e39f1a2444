//! The three columns: each flight in one row across all of them.

use egui::{Align2, CornerRadius, Rect, Role, Shape, Stroke, StrokeKind, Ui, pos2, vec2};
use evidence_store::intake::Step;

use super::{Shown, View};
use crate::state::handover::words::{count, from_to, per_cent, size};
use crate::state::handover::{Aboard, Docked, Flight, Progress, Room, SegmentState, Span, Stage};
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::icon::{self, Icon};
use crate::ui::theme::tokens;
use crate::ui::widget::progress::bar;
use crate::ui::widget::verdict::{self, Axis};
use crate::ui::widget::{chosen_target, focus_ring, panel, says};
use crate::ui::{paint, text};

/// Of a column's head, points.
const HEAD: f32 = 64.0;
/// Of a flight, points.
const ROW: f32 = 72.0;
/// What the scroll bar takes, points.
const BAR: f32 = 12.0;

pub(super) fn show(ui: &mut Ui, columns: [Rect; 3], shown: Shown<'_>, view: &mut View) {
    let Some(docked) = shown.state.docked() else { return };
    let mut rests = columns;
    for (rest, nth) in rests.iter_mut().zip(0..) {
        panel::panel(ui, *rest);
        let place = rest.top_part(HEAD);
        head(ui, place, nth, docked);
        paint::rule(ui.painter(), place.shrink2(vec2(1.0, 0.0)), tokens(ui).line);
    }
    let [left, middle, right] = rests.map(|rest| rest.shrink(1.0));
    let all = left.union(right);
    if shown.state.flights().is_empty() {
        paint::words(
            ui.painter(),
            left.center(),
            Align2::CENTER_CENTER,
            text::BODY,
            tokens(ui).text2,
            "No flights aboard",
        );
        return;
    }
    panel::scrolled(ui, all, "flights", |ui| {
        for (number, flight) in (1..).zip(shown.state.flights()) {
            let (row, _) = ui.allocate_exact_size(vec2(all.width(), ROW), egui::Sense::hover());
            let cut = |column: Rect| Rect::from_x_y_ranges(column.x_range(), row.y_range());
            let mut third = cut(right);
            third.right_part(BAR);
            let id = flight.plan.flight;
            if matches!(flight.stage, Stage::At(_)) && view.followed != Some(id) {
                view.followed = Some(id);
                ui.scroll_to_rect(row, Some(egui::Align::Center));
            }
            let at = matches!(flight.stage, Stage::At(_) | Stage::Stopped(_));
            if at || view.selected == Some(id) {
                for column in [left, middle, right] {
                    ui.painter().rect_filled(cut(column), CornerRadius::ZERO, tokens(ui).raised);
                }
            }
            aboard(ui, cut(left), number, flight);
            if station(ui, cut(middle), number, flight, view.selected == Some(id)) {
                view.selected = (view.selected != Some(id)).then_some(id);
            }
            stores(ui, third, flight, &docked.rooms);
            for column in [left, middle, right] {
                paint::rule(ui.painter(), cut(column), tokens(ui).line);
            }
        }
    });
}

fn head(ui: &Ui, rect: Rect, nth: usize, docked: &Docked) {
    let t = tokens(ui);
    let bytes: u64 = docked.flights.iter().map(|flight| flight.bytes).sum();
    let [first, second] = &docked.rooms;
    let device = docked.device.as_ref().map(|(name, id)| {
        name.as_ref().map_or_else(|| format!("device {}", short(&id.to_string())), ToString::to_string)
    });
    let device = device.unwrap_or_else(|| "device unknown".to_owned());
    let (icon, name, detail, figure) = match nth {
        0 if docked.aircraft => (icon::DRONE, "Aircraft", device, size(bytes)),
        0 => (icon::SIM_CARD, "Card", format!("{device} · {}", docked.from.trim_start_matches("card ")), size(bytes)),
        1 => (icon::LAPTOP, "This station", "Read once, hashed, read back".to_owned(), free(first)),
        _ => (
            icon::HARD_DRIVES,
            "Evidence stores",
            if docked.one_disk {
                "Both on one disk: give the second its own".to_owned()
            } else {
                "Two places, by digest".to_owned()
            },
            free(second),
        ),
    };
    let mut words = rect.shrink2(vec2(PAD, 0.0));
    paint::icon(ui.painter(), words.left_part(28.0).center(), 28.0, t.text2, icon.regular());
    words.left_part(12.0);
    let wide = paint::width(ui.painter(), text::LABEL, &figure) + 1.0;
    let figures = words.right_part(wide);
    paint::fit_right(ui.painter(), figures, text::LABEL, t.text2, &figure);
    words.right_part(8.0);
    let mut lines = Rect::from_center_size(words.center(), vec2(words.width(), 40.0));
    paint::fit(ui.painter(), lines.top_part(22.0), text::VALUE, t.text, name);
    let ink = if nth == 2 && docked.one_disk { t.caution } else { t.text2 };
    paint::fit(ui.painter(), lines, text::CELL, ink, &detail);
    says(ui, rect, &format!("{name}: {detail}, {figure}"));
}

fn free(room: &Room) -> String {
    format!("{} free", size(room.free_bytes))
}

fn short(digest: &str) -> &str {
    digest.get(..8).unwrap_or(digest)
}

/// As it lies aboard.
fn aboard(ui: &Ui, rect: Rect, number: usize, flight: &Flight) {
    let t = tokens(ui);
    let plan = &flight.plan;
    let mut inside = rect.shrink2(vec2(PAD, 0.0));
    let mut name = inside.left_part(126.0);
    name = Rect::from_center_size(name.center(), vec2(name.width(), 38.0));
    let (title, when) = (format!("Flight {number}"), from_to(plan.opened_utc_us, plan.last_utc_us));
    paint::fit(ui.painter(), name.top_part(20.0), text::STRONG, t.text, &title);
    paint::fit(ui.painter(), name, text::LABEL, t.text2, &when);
    let state = inside.right_part(26.0).center();
    let (sign, ink, word) = match flight.aboard() {
        Aboard::Erased => (icon::ERASER.regular(), t.ok, "erased"),
        Aboard::Ordered => (icon::ERASER.regular(), t.accent, "erased at its next start"),
        Aboard::Stays if !plan.closed => (icon::WARNING.fill(), t.caution, "not closed"),
        Aboard::Stays => (icon::LOCK_SIMPLE.fill(), t.text2, "sealed"),
    };
    paint::icon(ui.painter(), state, 18.0, ink, sign);
    inside.right_part(8.0);
    let mut lines = Rect::from_center_size(inside.center(), vec2(inside.width(), 38.0));
    ribbon(ui, lines.top_part(14.0), flight);
    lines.top_part(6.0);
    let segments = usize::try_from(plan.segments).unwrap_or(usize::MAX);
    let mut figures = format!("{} · {}", count(segments, "segment"), size(plan.bytes));
    if plan.missing > 0 {
        figures = format!("{figures} · {} missing", plan.missing);
    }
    let ink = if plan.missing > 0 { t.caution } else { t.text2 };
    paint::fit(ui.painter(), lines, text::LABEL, ink, &figures);
    says(ui, rect, &format!("{title}, {when}: {figures}, {word}"));
}

/// The segments in a row, merged to what there is room for; the worst of a merged cell is the one that is drawn, and it
/// never gets narrower than 4.
fn ribbon(ui: &Ui, rect: Rect, flight: &Flight) {
    let spans: &[Span] = flight.verdict.as_ref().map_or(&flight.plan.ribbon, |verdict| &verdict.ribbon);
    let all = spans.last().map_or(0, |span| span.to);
    if all == 0 {
        return;
    }
    let mut spans: Vec<&Span> = spans.iter().collect();
    spans.sort_by_key(|span| span.state as u8);
    for span in spans {
        let part = |at: u32| f64::from(at) / f64::from(all);
        let x = |at: u32| rect.left() + width_of(part(at)) * rect.width();
        let (from, to) = (x(span.from), x(span.to).max(x(span.from) + 4.0).min(rect.right()));
        let place = Rect::from_min_max(pos2(from.min(to - 4.0), rect.top()), pos2(to, rect.bottom()));
        let whole = span.to - span.from == all;
        mark(ui, place, span.state, whole);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share between 0 and 1")]
fn width_of(share: f64) -> f32 {
    share as f32
}

fn mark(ui: &Ui, rect: Rect, state: SegmentState, whole: bool) {
    let t = tokens(ui);
    let painter = ui.painter();
    if !whole {
        painter.rect_filled(rect.expand2(vec2(1.0, 0.0)), CornerRadius::ZERO, t.panel);
    }
    let mut body = rect;
    match state {
        SegmentState::Aboard => {
            body.top_part(4.0);
            painter.rect_filled(body, CornerRadius::ZERO, t.accent_dim);
        }
        SegmentState::Witnessed => {
            painter.rect_filled(body.top_part(3.0), CornerRadius::ZERO, t.ok);
            body.top_part(1.0);
            painter.rect_filled(body, CornerRadius::ZERO, t.ok_body);
        }
        SegmentState::Late => {
            painter.rect_filled(body.top_part(3.0), CornerRadius::ZERO, t.caution);
            body.top_part(5.0);
            painter.rect_filled(body, CornerRadius::ZERO, t.ok_body);
        }
        SegmentState::Unwitnessed => {
            body.top_part(5.0);
            painter.rect_stroke(body, CornerRadius::ZERO, Stroke::new(1.4, t.caution), StrokeKind::Inside);
        }
        SegmentState::Faulty => {
            body.top_part(5.0);
            let stroke = Stroke::new(1.8, t.warn);
            painter.add(Shape::line_segment([body.left_top(), body.right_bottom()], stroke));
            painter.add(Shape::line_segment([body.left_bottom(), body.right_top()], stroke));
        }
    }
}

/// What this station found; whether it was pressed.
fn station(ui: &Ui, rect: Rect, number: usize, flight: &Flight, selected: bool) -> bool {
    let t = tokens(ui);
    let inside = rect.shrink2(vec2(PAD, 0.0));
    if let Some(fault) = &flight.fault {
        signed(ui, inside, (icon::WARNING_OCTAGON.fill(), t.warn), (&fault.what, t.text));
        says(ui, rect, &format!("Flight {number}: {}", fault.what));
        return false;
    }
    match (&flight.verdict, flight.progress()) {
        (_, Some(progress)) if progress.step <= Step::Keep => {
            working(ui, inside, number, flight, progress);
            false
        }
        (Some(found), _) => {
            let name = format!("Verdict of flight {number}");
            let response = chosen_target(ui, rect, &name, (true, selected), Role::Button);
            let mut words = inside;
            paint::icon(ui.painter(), words.right_part(20.0).center(), 20.0, t.text3, icon::CARET_RIGHT.bold());
            let mut lines = Rect::from_center_size(words.center(), vec2(words.width(), 56.0));
            let top = lines.top_part(30.0);
            let badge = verdict::badge(ui, top.left_center(), found.word);
            let beside = Rect::from_min_max(pos2(badge.right() + 10.0, top.top()), top.max);
            let apart = if flight.is_quarantined() { "In quarantine" } else { "" };
            paint::fit(ui.painter(), beside, text::CELL_STRONG, t.warn, apart);
            lines.top_part(2.0);
            let axes = [
                Axis::integrity(found.integrity),
                Axis::witness(found.witness, None),
                Axis::content(found.content),
                Axis::time(found.time),
            ];
            verdict::axes(ui, lines, &axes);
            focus_ring(ui, rect.shrink(4.0), 4, &response);
            response.clicked()
        }
        (None, _) => {
            let held = flight.plan.held.as_ref().map(|word| format!("Held already: {word}"));
            let words = held.unwrap_or_else(|| "Waits for its turn".to_owned());
            signed(ui, inside, (icon::HOURGLASS.regular(), t.text2), (&words, t.text2));
            says(ui, rect, &format!("Flight {number}: {words}"));
            false
        }
    }
}

/// A sign and one line.
fn signed(ui: &Ui, mut rect: Rect, (sign, color): (Icon, egui::Color32), (words, ink): (&str, egui::Color32)) {
    paint::icon(ui.painter(), rect.left_part(20.0).center(), 18.0, color, sign);
    rect.left_part(8.0);
    let galley = paint::lines(ui.painter(), text::BODY, ink, words, rect.width(), 3);
    let at = Align2::LEFT_CENTER.anchor_size(rect.left_center(), galley.size());
    ui.painter().galley(at.min, galley, ink);
}

fn working(ui: &Ui, inside: Rect, number: usize, flight: &Flight, progress: &Progress) {
    let t = tokens(ui);
    let stopped = matches!(flight.stage, Stage::Stopped(_));
    let doing = match (progress.step, stopped) {
        (Step::Copy, false) => "Copying",
        (Step::Copy, true) => "Stopped",
        (Step::Verify, _) => "Verifying against the records and what was witnessed",
        _ => "Keeping it by digest",
    };
    let mut lines = Rect::from_center_size(inside.center(), vec2(inside.width(), 40.0));
    let mut line = lines.top_part(22.0);
    let counted = progress.bytes_total > 0;
    let share = format!("{} %", per_cent(progress.bytes_done, progress.bytes_total));
    if counted {
        let wide = paint::width(ui.painter(), text::STRONG, &share) + 1.0;
        paint::fit_right(ui.painter(), line.right_part(wide), text::STRONG, t.text, &share);
        line.right_part(8.0);
    }
    let wide = paint::fit(ui.painter(), line, text::STRONG, t.text, doing);
    line.left_part(wide + 8.0);
    let segment = progress.segment.map(|at| format!("segment {at:06} of {:06}", flight.plan.segments));
    paint::fit(ui.painter(), line, text::MONO, t.text2, segment.as_deref().unwrap_or_default());
    lines.top_part(8.0);
    if counted {
        bar(
            ui,
            lines.top_part(8.0),
            ratio(progress.bytes_done, progress.bytes_total),
            if stopped { t.text2 } else { t.accent },
        );
    }
    let segment = segment.map_or_else(String::new, |segment| format!(", {segment}"));
    let share = if counted { format!(" {share}") } else { String::new() };
    says(ui, inside, &format!("Flight {number}: {doing}{share}{segment}"));
}

/// A share for a bar.
#[expect(clippy::cast_precision_loss, reason = "a bar is some hundred points long")]
pub(super) fn ratio(done: u64, total: u64) -> f32 {
    done as f32 / (total.max(1)) as f32
}

/// What the stores hold of it.
fn stores(ui: &Ui, rect: Rect, flight: &Flight, rooms: &[Room; 2]) {
    let inside = Rect::from_center_size(rect.center(), vec2(rect.width() - 2.0 * PAD, 48.0));
    let lines: [Rect; 2] = {
        let mut rest = inside;
        [rest.top_part(24.0), rest]
    };
    for ((room, line), nth) in rooms.iter().zip(lines).zip(0..) {
        store(ui, line, flight, room, nth);
    }
}

fn store(ui: &Ui, line: Rect, flight: &Flight, room: &Room, nth: usize) {
    let t = tokens(ui);
    let receipt = flight.taken.as_ref().and_then(|taken| taken.receipts.iter().find(|it| it.store == room.store));
    let second = flight.progress().filter(|progress| nth == 1 && progress.step == Step::SecondCopy);
    let held = nth == 0 && flight.is_past(Step::Keep);
    let (sign, ink, words) = match (receipt, second) {
        (Some(receipt), _) => {
            let at = crate::state::handover::words::clock(receipt.at_utc_us);
            (icon::CHECK_CIRCLE.fill(), t.ok, format!("{}, receipt {at}", room.store))
        }
        (None, Some(_)) => (icon::ARROWS_CLOCKWISE.bold(), t.accent, format!("{}, second copy", room.store)),
        (None, None) if flight.taken.is_some() => {
            (icon::WARNING.fill(), t.caution, format!("{}, no receipt", room.store))
        }
        (None, None) if held => (icon::CHECK_CIRCLE.fill(), t.ok, format!("{}, held", room.store)),
        (None, None) => (icon::CIRCLE_DASHED.bold(), t.text3, room.store.to_string()),
    };
    let mut words_at = line;
    paint::icon(ui.painter(), words_at.left_part(18.0).center(), 18.0, ink, sign);
    words_at.left_part(8.0);
    if let Some(progress) = second {
        let share = format!("{} %", per_cent(progress.bytes_done, progress.bytes_total));
        paint::fit_right(ui.painter(), words_at.right_part(40.0), text::LABEL_STRONG, t.text, &share);
        words_at.right_part(8.0);
        let track = words_at.right_part((words_at.width() * 0.42).min(150.0));
        let track = Rect::from_center_size(track.center(), vec2(track.width(), 8.0));
        bar(ui, track, ratio(progress.bytes_done, progress.bytes_total), t.accent);
        words_at.right_part(8.0);
    }
    let color = if receipt.is_some() || second.is_some() || held { t.text } else { t.text2 };
    paint::fit(ui.painter(), words_at, text::CELL, color, &words);
    says(ui, line, &words);
}
