//! A recorded flight in Fly's screen: the banner that says so, its time line with the seal of each segment, and what it is.

use egui::{Align2, CornerRadius, Mesh, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::command::Command;
use crate::state::replay::sealed::{Part, Standing, part_at};
use crate::state::seal::Mark;
use crate::ui::cut::{Cut as _, PAD};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::tokens::Tokens;
use crate::ui::widget::badge::{self, Tone};
use crate::ui::widget::button::Button;
use crate::ui::widget::seal::{Cell, HEIGHT, PITCH, WIDTH, legend_in, selected};
use crate::ui::widget::{self, fact, panel};
use crate::ui::{icon, paint, text};
use crate::video::ReelState;
use crate::window::words::utc;

/// Of the banner, points.
pub(crate) const BANNER: f32 = 48.0;
/// Of the time line, points.
pub(crate) const TIMELINE: f32 = 96.0;
/// Narrower cells are merged, points.
const LEAST_CELL: f32 = 4.0;
/// Room for the names of facts, points.
const KEY: f32 = 76.0;

/// What the banner says.
pub(crate) struct Banner<'a> {
    /// Of when, and of which aircraft.
    pub(crate) of: &'a str,
    /// The live aircraft flies.
    pub(crate) in_air: bool,
}

/// Draws it; whether to go back to what is live.
pub(crate) fn banner(ui: &Ui, rect: Rect, banner: &Banner<'_>) -> bool {
    let t = tokens(ui);
    let (fill, edge, glyph, warns) = if banner.in_air {
        (t.caution_dim, t.caution, icon::WARNING.fill(), "Your aircraft is in the air")
    } else {
        (t.accent_dim, t.accent, icon::FILM_STRIP.fill(), "")
    };
    ui.painter().rect(rect, CornerRadius::same(RADIUS), fill, Stroke::new(1.5, edge), StrokeKind::Inside);
    let mut inside = rect;
    let side = inside.left_part(6.0);
    ui.painter().rect_filled(side, CornerRadius { nw: RADIUS, sw: RADIUS, ne: 0, se: 0 }, edge);
    inside.left_part(PAD);
    let key = Command::LeaveReplay.key_words();
    let mut back = Button::new(Command::LeaveReplay.text()).icon(icon::BROADCAST.regular()).small().primary();
    if let Some(key) = &key {
        back = back.key(key);
    }
    inside.right_part(4.0);
    let wide = back.width(ui);
    let pressed = back.at(ui, inside.right_part(wide).shrink2(vec2(0.0, 4.0))).clicked();
    inside.right_part(PAD);
    paint::icon(ui.painter(), inside.left_part(34.0).left_center() + vec2(11.0, 0.0), 22.0, edge, glyph);
    let tone = if banner.in_air { Tone::Caution } else { Tone::Accent };
    let tag = badge::tag(ui, inside.left_center(), tone, None, "REPLAY");
    inside.left_part(tag.width() + PAD);
    let what = format!("Replay of {}", banner.of);
    let how = if banner.in_air { warns } else { "Recorded: nothing in this picture is live" };
    widget::says(ui, inside, &format!("{what}. {how}"));
    let wide = paint::fit(ui.painter(), inside, text::VALUE, t.text, &what);
    inside.left_part(wide + PAD);
    paint::fit(ui.painter(), inside, if banner.in_air { text::STRONG } else { text::BODY }, t.text2, how);
    pressed
}

/// A frame that no live picture has.
pub(crate) fn frame(ui: &Ui, rect: Rect) {
    let stroke = Stroke::new(3.0, tokens(ui).accent);
    ui.painter().rect_stroke(rect, CornerRadius::same(RADIUS), stroke, StrokeKind::Inside);
}

/// What is only of this screen.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// Number of the segment that was pressed.
    chosen: Option<usize>,
}

/// What the time line shows.
pub(crate) struct Timeline<'a> {
    /// How the recording stands.
    pub(crate) state: &'a ReelState,
    /// Its segments.
    pub(crate) parts: &'a [Part],
    /// Markers and notices with their times, POSIX µs.
    pub(crate) marks: &'a [(i64, Mark)],
    /// What to know of the seals: why they are not checked, how far they are.
    pub(crate) note: &'a str,
}

fn drawn(standing: Standing) -> Cell {
    match standing {
        Standing::Witnessed => Cell::Witnessed,
        Standing::Late => Cell::Late,
        Standing::Unwitnessed => Cell::Unwitnessed,
        Standing::Unchecked => Cell::Unchecked,
        Standing::Foreign | Standing::Doubtful => Cell::Gap,
    }
}

/// Draws it; where to go, POSIX µs.
pub(crate) fn timeline(ui: &Ui, rect: Rect, now: &Timeline<'_>, view: &mut View) -> Option<i64> {
    let t = tokens(ui);
    let mut inside = panel::panel(ui, rect);
    let mut head = inside.top_part(30.0).shrink2(vec2(PAD, 0.0));
    head.min.y += 2.0;
    let name = paint::fit(ui.painter(), head, text::STRONG, t.text, "Seal");
    head.left_part(name + 18.0);
    if now.parts.is_empty() {
        let words = now.state.fault.as_deref().unwrap_or("The recording is being opened.");
        paint::fit(ui.painter(), inside.shrink2(vec2(PAD, 0.0)), text::CELL, t.text2, words);
        widget::says(ui, inside, words);
        return None;
    }
    view.chosen = view.chosen.filter(|chosen| *chosen < now.parts.len());
    match view.chosen.and_then(|chosen| now.parts.get(chosen)) {
        Some(part) => {
            let words = format!("{} {}: {}", part.name, part.standing.name(), part.standing.meaning());
            said(ui, head.right_part(head.width() * 0.6), &words);
        }
        None => said(ui, head.right_part(head.width() * 0.6), now.note),
    }
    legend_in(ui, head, &counted(now.parts));
    let mut strip = inside.shrink2(vec2(PAD, 0.0));
    let below = strip.bottom_part(16.0);
    let strip = strip.with_min_y(strip.bottom() - HEIGHT - 2.0).with_max_y(strip.bottom() - 2.0);
    cells(ui, strip, now, view.chosen);
    flags(ui, strip, now);
    times(ui, below, now.state);
    cursor(ui, strip, now.state);
    seek(ui, strip, now, view)
}

fn said(ui: &Ui, rect: Rect, words: &str) {
    paint::fit_right(ui.painter(), rect, text::LABEL, tokens(ui).text2, words);
    widget::says(ui, rect, words);
}

fn counted(parts: &[Part]) -> Vec<(Cell, usize, &'static str, &'static str)> {
    use Standing::{Doubtful, Foreign, Late, Unchecked, Unwitnessed, Witnessed};
    [Witnessed, Late, Unwitnessed, Unchecked, Foreign, Doubtful]
        .into_iter()
        .map(|standing| (standing, parts.iter().filter(|part| part.standing == standing).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(standing, count)| (drawn(standing), count, standing.name(), standing.meaning()))
        .collect()
}

fn place(strip: Rect, state: &ReelState, from_utc_us: i64, to_utc_us: i64) -> Rect {
    let at = |utc_us| strip.left() + strip.width() * state.part(utc_us);
    let (left, right) = (at(from_utc_us), at(to_utc_us));
    Rect::from_min_max(pos2(left, strip.top()), pos2((right - 2.0).max(left + 1.0), strip.bottom()))
}

fn cells(ui: &Ui, strip: Rect, now: &Timeline<'_>, chosen: Option<usize>) {
    let t = tokens(ui);
    let mut mesh = Mesh::default();
    let mut run: Option<(i64, i64, Standing)> = None;
    // Neighbours too narrow to be told apart become one, which shows the worst of them.
    for part in now.parts {
        let (from_us, _, worst) = run.unwrap_or((part.from_utc_us, 0, part.standing));
        let merged = (from_us, part.to_utc_us, worst.max(part.standing));
        let rect = place(strip, now.state, merged.0, merged.1);
        run = Some(merged).filter(|_| rect.width() < LEAST_CELL);
        if run.is_none() {
            put(&mut mesh, t, drawn(merged.2), rect);
        }
    }
    if let Some((from_us, to_us, worst)) = run {
        put(&mut mesh, t, drawn(worst), place(strip, now.state, from_us, to_us));
    }
    ui.painter().add(Shape::mesh(mesh));
    if let Some(part) = chosen.and_then(|chosen| now.parts.get(chosen)) {
        selected(ui, place(strip, now.state, part.from_utc_us, part.to_utc_us));
    }
}

/// A sign that would be drawn out of shape in a wide cell stands in it again and again.
fn put(mesh: &mut Mesh, t: &Tokens, cell: Cell, mut rect: Rect) {
    if matches!(cell, Cell::Gap | Cell::Unwitnessed) {
        while rect.width() > 2.0 * PITCH {
            let mut one = rect.left_part(PITCH);
            cell.put(mesh, t, one.left_part(WIDTH));
        }
    }
    cell.put(mesh, t, rect);
}

fn flags(ui: &Ui, strip: Rect, now: &Timeline<'_>) {
    let t = tokens(ui);
    let mut markers = 0;
    for (at_us, mark) in now.marks {
        let (words, what) = match mark {
            Mark::Marker(note) => {
                markers += 1;
                (format!("M{markers}"), if note.is_empty() { "Marker".to_owned() } else { format!("Marker: {note}") })
            }
            Mark::Notice => ("N".to_owned(), "Notice given".to_owned()),
        };
        if !(now.state.begin_utc_us..=now.state.end_utc_us).contains(at_us) {
            continue;
        }
        let at = pos2(strip.left() + strip.width() * now.state.part(*at_us), strip.top() - 9.0);
        let wide = paint::width(ui.painter(), text::LABEL_STRONG, &words) + 6.0;
        let plate = Rect::from_center_size(at, vec2(wide, 13.0));
        ui.painter().rect_filled(plate, 2.0, t.edge);
        paint::words(ui.painter(), at, Align2::CENTER_CENTER, text::LABEL_STRONG, t.panel, &words);
        widget::says(ui, plate, &format!("{words}, {what}, {} UTC", utc(*at_us)));
    }
}

fn times(ui: &Ui, rect: Rect, state: &ReelState) {
    let ink = tokens(ui).text2;
    for (part, anchor) in [
        (0.0, Align2::LEFT_CENTER),
        (0.25, Align2::CENTER_CENTER),
        (0.5, Align2::CENTER_CENTER),
        (0.75, Align2::CENTER_CENTER),
        (1.0, Align2::RIGHT_CENTER),
    ] {
        let at = pos2(rect.left() + rect.width() * part, rect.center().y);
        paint::words(ui.painter(), at, anchor, text::LABEL, ink, &utc(state.moment(part)));
    }
}

fn cursor(ui: &Ui, strip: Rect, state: &ReelState) {
    let t = tokens(ui);
    let x = strip.left() + strip.width() * state.part(state.at_utc_us);
    ui.painter().vline(x, strip.top() - 4.0..=strip.bottom() + 2.0, Stroke::new(2.0, t.text));
    let top = strip.top() - 8.0;
    let tip = vec![pos2(x - 6.0, top), pos2(x + 6.0, top), pos2(x, top + 8.0)];
    ui.painter().add(Shape::convex_polygon(tip, t.text, Stroke::NONE));
}

/// A press goes there, and says what its segment is.
fn seek(ui: &Ui, strip: Rect, now: &Timeline<'_>, view: &mut View) -> Option<i64> {
    let name = format!("Time line of the replay, {} segments", now.parts.len());
    let response = widget::named_target(ui, strip.expand2(vec2(0.0, 6.0)), &name, true, Role::Slider);
    let response = response.interact(Sense::click_and_drag());
    let at = response.interact_pointer_pos().filter(|_| response.clicked() || response.dragged())?;
    let utc_us = now.state.moment((at.x - strip.left()) / strip.width());
    view.chosen = part_at(now.parts, utc_us);
    Some(utc_us)
}

/// What is replayed, by whose leave, and what is known of it.
pub(crate) fn about(ui: &Ui, rect: Rect, facts: &[(&str, String)]) {
    let (inside, _) = panel::headed(ui, rect, Some(icon::FILM_STRIP.regular()), "This recording");
    let mut rest = inside.shrink2(vec2(PAD, 2.0));
    for (name, value) in facts {
        if rest.height() < fact::HEIGHT - 4.0 {
            return;
        }
        let high = fact::fact(ui, rest, KEY, name, value);
        rest.top_part(high - 6.0);
    }
}
