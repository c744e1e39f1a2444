//! The modes that the vehicle can be told to fly in; each goes by a slide of its own.

use egui::{Rect, Ui, vec2};

use crate::state::vehicle::mode::{Choice, Hand};
use crate::ui::cut::Cut as _;
use crate::ui::icon;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::button::Button;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::{self, panel};
use crate::ui::{paint, text};

const ROW: f32 = 48.0;
/// Room for the heading and the note below it, points.
const AROUND: f32 = 40.0 + 44.0;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// This mode, once its slide is pushed across.
    Choose(Choice),
    /// None.
    Close,
}

/// How high the panel is with so many modes, points.
pub(crate) fn height(choices: &[Choice]) -> f32 {
    AROUND + ROW * f32::from(u8::try_from(choices.len().max(2)).unwrap_or(u8::MAX))
}

/// Draws them; `now` is the mode it flies in, `sticks` whether the radio of the sticks is received.
pub(crate) fn show(ui: &Ui, rect: Rect, choices: &[Choice], now: Option<&str>, sticks: Option<bool>) -> Option<Ask> {
    let t = tokens(ui);
    ui.interact(rect, ui.scope_id().with("modes"), egui::Sense::click_and_drag());
    let (mut inside, mut head) = panel::headed(ui, rect, Some(icon::STEERING_WHEEL.regular()), "Mode");
    let close = Button::new("Close").small().quiet();
    let wide = close.width(ui);
    let mut ask = close.at(ui, head.right_part(wide)).clicked().then_some(Ask::Close);
    let note = inside.bottom_part(44.0);
    if choices.is_empty() {
        let how = "They are known of ArduPilot Copter and PX4. Change the mode at the radio.";
        let what = "The modes of this vehicle are not known";
        Empty { icon: icon::STEERING_WHEEL.regular(), what, how, action: None }.at(ui, inside);
        return ask;
    }
    for choice in choices {
        let row = inside.top_part(ROW);
        let is = now == Some(choice.name);
        let response = widget::chosen_target(ui, row, choice.name, (!is, is), egui::Role::RadioButton);
        if is || response.hovered() {
            ui.painter().rect_filled(row.shrink2(vec2(2.0, 1.0)), 0.0, t.raised);
        }
        if is {
            let mark = Rect::from_min_size(row.min, vec2(4.0, row.height()));
            ui.painter().rect_filled(mark, 0.0, t.accent);
        }
        paint::rule(ui.painter(), row, t.line);
        let mut line = row.shrink2(vec2(16.0, 0.0));
        let hand = if is { "flies so now" } else { hand_words(choice.hand) };
        let wide = paint::fit_right(ui.painter(), line, text::CELL, t.text2, hand);
        line.right_part(wide + 12.0);
        paint::fit(ui.painter(), line, text::STRONG, t.text, choice.name);
        widget::focus_ring(ui, row.shrink(4.0), RADIUS, &response);
        if response.clicked() {
            ask = Some(Ask::Choose(*choice));
        }
    }
    let words = match sticks {
        Some(false) => "No radio is received: in a mode of the sticks nobody would fly it.",
        _ => "Choose one, then slide it across at the foot of Fly.",
    };
    let ink = if sticks == Some(false) { t.caution } else { t.text2 };
    let lines = paint::lines(ui.painter(), text::CELL, ink, words, note.width() - 24.0, 2);
    ui.painter().galley(note.left_center() + vec2(12.0, -lines.size().y / 2.0), lines, ink);
    widget::says(ui, note, words);
    ask
}

fn hand_words(hand: Hand) -> &'static str {
    match hand {
        Hand::Sticks => "by the sticks",
        Hand::Itself => "by itself",
        Hand::Guided => "by this station",
        Hand::Unknown => "not known",
    }
}

#[cfg(test)]
mod tests {
    use egui::{Pos2, Rect, vec2};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::state::vehicle::mode::{Kind, choices};
    use crate::ui::theme;
    use crate::ui::tokens::Theme;

    #[test]
    fn a_mode_is_chosen_by_its_name_and_the_one_that_is_flown_is_not() {
        let choices = choices(Kind::ArduCopter);
        let mut harness = Harness::builder()
            .with_size(vec2(360.0, 640.0))
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .build_ui_state(
                move |ui, asked: &mut Vec<Ask>| {
                    let rect = Rect::from_min_size(Pos2::ZERO, vec2(360.0, height(&choices)));
                    asked.extend(show(ui, rect, &choices, Some("Loiter"), Some(false)));
                },
                Vec::new(),
            );
        harness.run_steps(2);
        harness.get_by_label("No radio is received: in a mode of the sticks nobody would fly it.");
        harness.get_by_label("Loiter").click();
        harness.run_steps(2);
        assert_eq!(harness.state().as_slice(), []);
        harness.get_by_label("Brake").click();
        harness.run_steps(2);
        assert!(matches!(harness.state()[..], [Ask::Choose(Choice { custom_mode: 17, name: "Brake", .. })]));
        harness.get_by_label("Close").click();
        harness.run_steps(2);
        assert_eq!(harness.state().last(), Some(&Ask::Close));
    }

    #[test]
    fn a_vehicle_whose_modes_are_not_known_says_so() {
        let mut harness = Harness::builder()
            .with_size(vec2(360.0, 300.0))
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .build_ui(|ui| {
                let rect = Rect::from_min_size(Pos2::ZERO, vec2(360.0, height(&[])));
                assert_eq!(show(ui, rect, &[], None, None), None);
            });
        harness.run_steps(2);
        harness.get_by_label("The modes of this vehicle are not known");
    }
}
