//! The seal ribbon: one cell a head that was heard, the newest at the right; a cell that is pressed says what it means.

use egui::{Align2, Mesh, Rect, Sense, Shape, Ui, pos2, vec2};

use crate::state::seal::cells::{self, Counts, merge};
use crate::state::seal::words::{self, describe};
use crate::state::seal::{Flight, Mark, State};
use crate::ui::cut::Cut as _;
use crate::ui::theme::tokens;
use crate::ui::widget::seal::{Cell, HEIGHT, PITCH, WIDTH, legend, selected};
use crate::ui::widget::{self, panel};
use crate::ui::{paint, text};

/// What is only of this screen.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// Number of the last record of the cell that was pressed.
    pub(crate) chosen: Option<u64>,
}

fn drawn(state: State) -> Cell {
    match state {
        State::Witnessed => Cell::Witnessed,
        State::Shot => Cell::Shot,
        State::Hashed => Cell::Hashed,
        State::Late => Cell::Late,
        State::Unwitnessed => Cell::Unwitnessed,
        State::Gap | State::Equivocation => Cell::Gap,
    }
}

fn counted(counts: &Counts) -> Vec<(Cell, usize)> {
    let all = [
        (Cell::Witnessed, counts.witnessed),
        (Cell::Late, counts.late),
        (Cell::Unwitnessed, counts.unwitnessed),
        (Cell::Gap, counts.gaps + counts.equivocations),
        (Cell::Hashed, counts.hashed),
        (Cell::Shot, counts.shot),
    ];
    all.into_iter()
        .filter(|(cell, count)| *count > 0 || *cell == Cell::Witnessed)
        .map(|(cell, count)| (cell, usize::try_from(count).unwrap_or(usize::MAX)))
        .collect()
}

/// What the flight's seal says now.
pub(crate) struct Now<'a> {
    /// The flight, where one is known.
    pub(crate) flight: Option<&'a Flight>,
    /// The camera records.
    pub(crate) recording: bool,
    /// POSIX µs.
    pub(crate) utc_us: i64,
    /// In place of cells while there are none.
    pub(crate) nothing: &'a str,
}

/// Draws it.
pub(crate) fn ribbon(ui: &mut Ui, rect: Rect, now: &Now<'_>, view: &mut View) {
    let mut inside = panel::panel(ui, rect);
    let mut head = inside.top_part(30.0).shrink2(vec2(12.0, 0.0));
    head.min.y += 2.0;
    let t = tokens(ui);
    let name = paint::fit(ui.painter(), head, text::STRONG, t.text, "Seal");
    head.left_part(name + 18.0);
    let Some(flight) = now.flight else {
        paint::fit(ui.painter(), inside.shrink2(vec2(12.0, 0.0)), text::CELL, t.text2, now.nothing);
        widget::says(ui, inside, now.nothing);
        return;
    };
    let cells = flight.cells(now.recording, now.utc_us);
    let mut strip = inside.shrink2(vec2(12.0, 0.0));
    strip.bottom_part(16.0);
    let shown = fitted(&cells, strip.width());
    let chosen = shown.iter().find(|cell| view.chosen.is_some_and(|chosen| (cell.first..=cell.last).contains(&chosen)));
    let said = chosen.map(|cell| describe(cell, flight));
    let said_wide = said.as_ref().map_or(0.0, |_| head.width() * 0.55);
    if let Some(words) = &said {
        sentence(ui, head.right_part(said_wide), words);
    }
    legend(ui, head, &counted(&Counts::of(&cells)));
    draw(ui, strip, &shown, view);
    flags(ui, strip, &shown, flight);
    times(ui, inside.bottom_part(16.0).shrink2(vec2(12.0, 0.0)), &shown);
}

/// As many as fit; they are merged before they get narrower than the pitch.
fn fitted(cells: &[cells::Cell], width: f32) -> Vec<cells::Cell> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a window's width")]
    let most = (width / PITCH).floor().clamp(1.0, 4_096.0) as usize;
    merge(cells, most)
}

#[expect(clippy::cast_precision_loss, reason = "at most some thousand cells")]
fn place(strip: Rect, at: usize) -> Rect {
    Rect::from_min_size(pos2(strip.left() + PITCH * at as f32, strip.bottom() - HEIGHT), vec2(WIDTH, HEIGHT))
}

fn draw(ui: &Ui, strip: Rect, shown: &[cells::Cell], view: &mut View) {
    let t = tokens(ui);
    let mut mesh = Mesh::default();
    for (at, cell) in shown.iter().enumerate() {
        drawn(cell.state).put(&mut mesh, t, place(strip, at));
        if view.chosen.is_some_and(|chosen| (cell.first..=cell.last).contains(&chosen)) {
            selected(ui, place(strip, at));
        }
    }
    ui.painter().add(Shape::mesh(mesh));
    let response = ui.interact(strip, ui.scope_id().with("ribbon"), Sense::click());
    let newest = shown.last().map_or_else(String::new, |cell| format!(", newest {}", drawn(cell.state).name()));
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Seal ribbon, {} cells{newest}", shown.len()))
    });
    let pointed = response.hover_pos().and_then(|at| {
        shown
            .iter()
            .enumerate()
            .find(|(i, _)| place(strip, *i).expand(1.0).x_range().contains(at.x))
            .map(|(_, cell)| cell)
    });
    let by_pointer = response.hover_pos().is_some();
    if response.clicked() && by_pointer {
        view.chosen = pointed.filter(|cell| cell.last > 0).map(|cell| cell.last);
    }
    widget::focus_ring(ui, strip, 2, &response);
    if response.has_focus() {
        by_keys(ui, &response, shown, view, response.clicked() && !by_pointer);
    }
}

/// Enter chooses the newest cell; the arrow keys go along from there.
fn by_keys(ui: &Ui, response: &egui::Response, shown: &[cells::Cell], view: &mut View, entered: bool) {
    let arrows = egui::EventFilter { horizontal_arrows: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    let [left, right] =
        [egui::Key::ArrowLeft, egui::Key::ArrowRight].map(|key| ui.input(|input| input.key_pressed(key)));
    let known: Vec<u64> = shown.iter().map(|cell| cell.last).filter(|last| *last > 0).collect();
    let newest = known.len().saturating_sub(1);
    let at = view.chosen.and_then(|chosen| known.iter().position(|last| *last >= chosen));
    let to = match at {
        Some(at) if left => at.saturating_sub(1),
        Some(at) if right => (at + 1).min(newest),
        Some(_) if !entered => return,
        None if !(left || right || entered) => return,
        Some(_) | None => newest,
    };
    view.chosen = known.get(to).copied();
}

fn sentence(ui: &Ui, mut rect: Rect, said: &words::Words) {
    let t = tokens(ui);
    widget::says(ui, rect, &said.sentence());
    let number = paint::fit(ui.painter(), rect, text::MONO_STRONG, t.text, &said.number);
    rect.left_part(number + 6.0);
    let state = paint::fit(ui.painter(), rect, text::LABEL_STRONG, t.text, &said.state);
    rect.left_part(state + 6.0);
    paint::fit(ui.painter(), rect, text::LABEL, t.text2, &said.why);
}

fn flags(ui: &Ui, strip: Rect, shown: &[cells::Cell], flight: &Flight) {
    let t = tokens(ui);
    let mut markers = 0;
    for (at_us, mark) in flight.marks() {
        let (words, said) = match mark {
            Mark::Marker(note) => {
                markers += 1;
                (format!("M{markers}"), format!("Marker {markers}: {}", if note.is_empty() { "no note" } else { note }))
            }
            Mark::Notice => ("N".to_owned(), "Notice given".to_owned()),
        };
        let Some(cell) = shown.iter().rposition(|cell| cell.at_us <= *at_us) else { continue };
        let at = place(strip, cell).center_top() - vec2(0.0, 8.0);
        let wide = paint::width(ui.painter(), text::LABEL_STRONG, &words) + 6.0;
        let plate = Rect::from_center_size(at, vec2(wide, 13.0));
        ui.painter().rect_filled(plate, 2.0, t.edge);
        paint::words(ui.painter(), at, Align2::CENTER_CENTER, text::LABEL_STRONG, t.panel, &words);
        widget::says(ui, plate, &said).on_hover_text(&said);
    }
}

/// The time below about every tenth cell.
fn times(ui: &Ui, rect: Rect, shown: &[cells::Cell]) {
    let t = tokens(ui);
    let mut free_x = rect.left();
    for (at, cell) in shown.iter().enumerate() {
        let x = place(rect, at).left();
        let words = crate::window::words::utc(cell.at_us);
        if x >= free_x && x + 60.0 < rect.right() {
            paint::words(ui.painter(), pos2(x, rect.center().y), Align2::LEFT_CENTER, text::LABEL, t.text2, &words);
            free_x = x + 360.0;
        }
    }
}
