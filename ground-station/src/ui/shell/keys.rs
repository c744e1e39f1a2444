//! Keys become commands. In a text field only the flight's own work, so that nobody types the aircraft into a turn.

use egui::{Context, Event, Key};

use crate::command::Command;

/// What the keys of this frame ask for; each is taken away from what is drawn after.
pub(crate) fn commands(ctx: &Context, locked: bool, palette_open: bool) -> Vec<Command> {
    // A button that the Tab key has reached takes no letters: they go on to be shortcuts.
    let typing = ctx.text_edit_focused();
    let mut asked = Vec::new();
    let all = Command::ALL.into_iter().chain([Command::Palette, Command::NextTheme, Command::SignIn]);
    for command in all {
        let Some(shortcut) = command.shortcut() else { continue };
        let chord = shortcut.modifiers.command;
        let heard = command.is_for_flight() || (!palette_open && (chord || !typing)) || command == Command::Palette;
        if !heard || (locked && !command.outlives_lock()) {
            continue;
        }
        if ctx.input_mut(|input| consume(input, shortcut)) {
            asked.push(command);
        }
    }
    asked
}

/// Whether the key was pressed now; held keys repeat, and a repeated Return is no second order.
fn consume(input: &mut egui::InputState, shortcut: egui::KeyboardShortcut) -> bool {
    let wanted = shortcut.logical_key;
    let mut pressed = false;
    input.events.retain(|event| {
        let Event::Key { key, pressed: true, repeat, modifiers, .. } = event else { return true };
        let same = *key == wanted || (wanted == Key::Plus && *key == Key::Equals);
        let ours = same && modifiers.command == shortcut.modifiers.command && !modifiers.alt;
        pressed |= ours && !repeat;
        !ours
    });
    pressed
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Modifiers, RawInput, pos2, vec2};

    /// What a key does, held for a frame before or not, with the cursor in a text field or not.
    fn press(key: Key, modifiers: Modifiers, repeat: bool, typing: bool, locked: bool) -> Vec<Command> {
        let ctx = Context::default();
        let mut text = String::new();
        let mut asked = Vec::new();
        for step in 0..3 {
            let mut input = RawInput {
                screen_rect: Some(egui::Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 300.0))),
                ..RawInput::default()
            };
            if step == 2 || (repeat && step == 1) {
                input.events.push(Event::Key { key, physical_key: None, pressed: true, repeat: false, modifiers });
            }
            let mut output = ctx.run_ui(input, |ui| {
                asked = commands(ui.ctx(), locked, false);
                let field = ui.text_edit_singleline(&mut text);
                if typing {
                    field.request_focus();
                }
            });
            output.textures_delta.clear();
        }
        asked
    }

    #[test]
    fn letters_and_digits_do_nothing_while_somebody_types_but_the_flight_keys_do() {
        for (key, command) in [(Key::R, Command::Record), (Key::Num2, Command::Go(crate::command::Workspace::Plan))] {
            assert_eq!(press(key, Modifiers::NONE, false, false, false), [command]);
            assert_eq!(press(key, Modifiers::NONE, false, true, false), []);
        }
        for (key, command) in [(Key::F1, Command::Hold), (Key::F2, Command::Return)] {
            assert_eq!(press(key, Modifiers::NONE, false, true, true), [command]);
            assert_eq!(press(key, Modifiers::NONE, true, false, false), [], "a held key is one order");
        }
        assert_eq!(press(Key::K, Modifiers::COMMAND, false, true, false), [Command::Palette]);
    }

    #[test]
    fn a_lock_leaves_the_flight() {
        assert_eq!(press(Key::R, Modifiers::NONE, false, false, true), [Command::Record]);
        assert_eq!(press(Key::Num5, Modifiers::NONE, false, false, true), []);
        assert_eq!(press(Key::K, Modifiers::COMMAND, false, false, true), []);
    }
}
