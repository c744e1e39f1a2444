//! The rail of workspaces at the left, and what is always within reach below it.

use egui::{Align2, Color32, Rect, Stroke, Ui, pos2, vec2};

use crate::command::{Command, Workspace};
use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{theme, tokens};
use crate::ui::tokens::Theme;
use crate::ui::widget::{self, badge};
use crate::ui::{paint, text};

/// Its width, points.
pub(crate) const WIDTH: f32 = 72.0;
const ITEM: f32 = 80.0;
const FOOT: f32 = 64.0;

/// Draws it; what was pressed. `counts` says of a workspace how many things wait there.
pub(crate) fn rail(
    ui: &Ui,
    mut rect: Rect,
    on: Workspace,
    counts: &[(Workspace, usize)],
    locked: bool,
) -> Vec<Command> {
    let t = tokens(ui);
    ui.painter().rect_filled(rect, 0.0, t.panel);
    ui.painter().vline(rect.right() - 0.5, rect.y_range(), Stroke::new(1.0, t.line));
    let mut asked = Vec::new();
    let foot = [
        (lock_item(locked), if locked { Command::SignIn } else { Command::Lock }),
        ((theme_glyph(theme(ui.ctx())), theme_name(theme(ui.ctx()))), Command::NextTheme),
        ((icon::GEAR.regular(), "Settings"), Command::Settings),
        ((icon::COMMAND.regular(), "Ctrl K"), Command::Palette),
    ];
    for ((glyph, name), command) in foot {
        let part = rect.bottom_part(FOOT);
        if foot_item(ui, part, glyph, name, command) {
            asked.push(command);
        }
    }
    let high = ITEM.min(rect.height() / 6.0);
    for workspace in Workspace::ALL {
        let part = rect.top_part(high);
        let count = counts.iter().find(|(of, _)| *of == workspace).map_or(0, |(_, count)| *count);
        if item(ui, part, workspace, on == workspace, count) {
            asked.push(Command::Go(workspace));
        }
    }
    asked
}

fn item(ui: &Ui, rect: Rect, workspace: Workspace, on: bool, count: usize) -> bool {
    let t = tokens(ui);
    let response = widget::target(ui, rect, workspace.name(), true);
    let ink = if on { t.text } else { t.text2 };
    if on || response.hovered() {
        ui.painter().rect_filled(rect.with_max_x(rect.right() - 1.0), 0.0, t.raised);
    }
    if on {
        ui.painter().rect_filled(rect.with_max_x(rect.left() + 4.0), 0.0, t.accent);
    }
    focus(ui, rect, response.has_focus());
    let key = Command::Go(workspace).key_words().unwrap_or_default();
    paint::words(ui.painter(), rect.min + vec2(8.0, 8.0), Align2::LEFT_TOP, text::LABEL_STRONG, t.text2, &key);
    let glyph = if on { workspace.glyph().fill() } else { workspace.glyph().regular() };
    paint::icon(ui.painter(), rect.center() - vec2(0.0, 9.0), 26.0, ink, glyph);
    let style = if on { text::LABEL_STRONG } else { text::LABEL };
    paint::words(ui.painter(), rect.center() + vec2(0.0, 17.0), Align2::CENTER_CENTER, style, ink, workspace.name());
    if count > 0 {
        badge::count(ui, pos2(rect.right() - 18.0, rect.top() + 20.0), count);
    }
    response.on_hover_text(Command::Go(workspace).tip()).clicked()
}

fn foot_item(ui: &Ui, rect: Rect, glyph: Icon, name: &str, command: Command) -> bool {
    let t = tokens(ui);
    let response = widget::target(ui, rect, command.text(), true);
    if response.hovered() {
        ui.painter().rect_filled(rect.with_max_x(rect.right() - 1.0), 0.0, t.raised);
    }
    focus(ui, rect, response.has_focus());
    paint::icon(ui.painter(), rect.center() - vec2(0.0, 9.0), 22.0, t.text2, glyph);
    paint::words(ui.painter(), rect.center() + vec2(0.0, 14.0), Align2::CENTER_CENTER, text::LABEL, t.text2, name);
    let key = command.key_words().map_or_else(String::new, |key| format!(" ({key})"));
    response.on_hover_text(format!("{}{key}", command.tip())).clicked()
}

fn focus(ui: &Ui, rect: Rect, focused: bool) {
    let color = if focused { tokens(ui).accent } else { Color32::TRANSPARENT };
    ui.painter().rect_stroke(rect.shrink(2.0), 4.0, Stroke::new(2.0, color), egui::StrokeKind::Inside);
}

fn lock_item(locked: bool) -> (Icon, &'static str) {
    if locked { (icon::LOCK_SIMPLE.fill(), "Locked") } else { (icon::LOCK_SIMPLE_OPEN.regular(), "Lock") }
}

fn theme_glyph(theme: Theme) -> Icon {
    match theme {
        Theme::Day => icon::SUN.regular(),
        Theme::Night => icon::MOON.regular(),
        Theme::Red => icon::MOON_STARS.regular(),
    }
}

fn theme_name(theme: Theme) -> &'static str {
    match theme {
        Theme::Day => "Day",
        Theme::Night => "Night",
        Theme::Red => "Red",
    }
}
