//! The command palette: type, see, press Enter.

use egui::{Event, Key, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::command::Command;
use crate::ui::cut::Cut as _;
use crate::ui::theme::tokens;
use crate::ui::widget::{self, badge};
use crate::ui::{paint, text};

const WIDTH: f32 = 560.0;
const ROW: f32 = 48.0;
const ROWS: usize = 9;
/// More is no command's name.
const MAX_TYPED: usize = 64;

/// The palette while it is open.
#[derive(Debug, Default)]
pub(crate) struct Palette {
    typed: String,
    chosen: usize,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It stays open.
    Open,
    /// It is closed.
    Closed,
    /// This was chosen.
    Chosen(Command),
}

impl Palette {
    /// What fits, best first.
    fn found(&self) -> Vec<Command> {
        let mut found: Vec<_> = Command::ALL.into_iter().filter_map(|c| Some((c.found_by(&self.typed)?, c))).collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, command)| command).collect()
    }

    /// Draws it over the window.
    pub(crate) fn show(&mut self, ui: &mut Ui, window: Rect) -> Outcome {
        let keys = ui.input_mut(|input| {
            let mut pressed = |key| input.consume_key(egui::Modifiers::NONE, key);
            [Key::Escape, Key::ArrowDown, Key::ArrowUp, Key::Enter].map(&mut pressed)
        });
        let [escape, down, up, enter] = keys;
        let found = self.found();
        let last = found.len().saturating_sub(1);
        self.chosen = self.chosen.min(last);
        if down {
            self.chosen = (self.chosen + 1).min(last);
        }
        if up {
            self.chosen = self.chosen.saturating_sub(1);
        }
        if enter && let Some(command) = found.get(self.chosen) {
            return Outcome::Chosen(*command);
        }
        if escape {
            return Outcome::Closed;
        }
        self.draw(ui, window, &found)
    }

    fn draw(&mut self, ui: &mut Ui, window: Rect, found: &[Command]) -> Outcome {
        let t = tokens(ui);
        ui.painter().rect_filled(window, 0.0, t.bg.gamma_multiply(0.72));
        let shown = found.len().clamp(1, ROWS);
        #[expect(clippy::cast_precision_loss, reason = "at most nine")]
        let high = 64.0 + ROW * shown as f32 + 8.0;
        let mut rect =
            Rect::from_min_size(pos2(window.center().x - WIDTH / 2.0, window.top() + 96.0), vec2(WIDTH, high));
        let outside = ui.interact(window, ui.scope_id().with("around the palette"), egui::Sense::click());
        ui.painter().rect(rect, 6.0, t.panel, Stroke::new(1.0, t.edge), StrokeKind::Inside);
        let over = ui.interact(rect, ui.scope_id().with("the palette"), egui::Sense::click());
        self.field(ui, rect.top_part(64.0).shrink(10.0));
        let mut outcome = Outcome::Open;
        if found.is_empty() {
            paint::fit(
                ui.painter(),
                rect.top_part(ROW).shrink2(vec2(20.0, 0.0)),
                text::BODY,
                t.text2,
                "No command of that name",
            );
        }
        let first = (self.chosen + 1).saturating_sub(ROWS);
        for (at, command) in found.iter().enumerate().skip(first).take(ROWS) {
            if row(ui, rect.top_part(ROW), *command, at == self.chosen) {
                outcome = Outcome::Chosen(*command);
            }
        }
        if outside.clicked() && !over.contains_pointer() && outcome == Outcome::Open {
            outcome = Outcome::Closed;
        }
        outcome
    }

    fn field(&mut self, ui: &mut Ui, rect: Rect) {
        let t = tokens(ui);
        let before = self.typed.clone();
        let edit = egui::TextEdit::singleline(&mut self.typed)
            .font(text::BODY.font())
            .char_limit(MAX_TYPED)
            .hint_text("Type a command")
            .margin(egui::Margin::symmetric(12, 12))
            .background_color(t.sunken)
            .desired_width(rect.width());
        let response = ui.place(rect, edit);
        response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, "Type a command"));
        response.request_focus();
        if before != self.typed {
            self.chosen = 0;
        }
        // A digit that opened nothing must not go on to the rail.
        ui.input_mut(|input| input.events.retain(|event| !matches!(event, Event::Text(_))));
    }
}

fn row(ui: &Ui, rect: Rect, command: Command, chosen: bool) -> bool {
    let t = tokens(ui);
    let response = widget::target(ui, rect, command.text(), true);
    if chosen || response.hovered() {
        ui.painter().rect_filled(rect.shrink2(vec2(2.0, 0.0)), 0.0, t.raised);
    }
    if chosen {
        ui.painter().rect_filled(Rect::from_min_max(rect.min, pos2(rect.left() + 4.0, rect.bottom())), 0.0, t.accent);
    }
    paint::icon(ui.painter(), pos2(rect.left() + 28.0, rect.center().y), 20.0, t.text2, command.glyph().regular());
    let mut line = rect.shrink2(vec2(12.0, 0.0));
    line.left_part(40.0);
    if let Some(key) = command.key_words() {
        let wide = badge::key_width(ui, &key);
        badge::key_cap(ui, pos2(line.right() - wide, rect.center().y), &key, None);
        line.right_part(wide + 12.0);
    }
    let wide = paint::fit(ui.painter(), line, text::STRONG, t.text, command.text());
    line.left_part(wide + 12.0);
    paint::fit(ui.painter(), line, text::CELL, t.text2, command.tip());
    response.clicked()
}
