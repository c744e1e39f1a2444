//! Giving a PIN: boxes that show how many signs there are and never which, and a pad with big keys. The keyboard works too,
//! for passphrases as well.

use egui::{Align2, CornerRadius, Event, Key, Rect, Role, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use crate::state::signin::Secret;
use crate::ui::cut::Cut as _;
use crate::ui::icon;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::button::Button;
use crate::ui::{paint, text};

/// Height of the boxes, points.
pub(crate) const BOXES: f32 = 54.0;
/// A PIN has at least so many digits.
const FEWEST: usize = 6;
/// More boxes than these are not drawn; the number of signs is said instead.
const MOST: usize = 10;
/// Between two keys, points.
const GAP: f32 = 6.0;

/// The boxes, which take what is typed while they have the focus; whether Enter was pressed.
pub(crate) fn boxes(ui: &Ui, rect: Rect, name: &str, secret: &mut Secret, why_not: Option<&str>) -> bool {
    let id = ui.scope_id().with((name, "boxes"));
    let sense = if why_not.is_none() { egui::Sense::click() } else { egui::Sense::hover() };
    let response = ui.interact(rect, id, sense);
    response.widget_info(|| WidgetInfo::labeled(Role::PasswordInput, why_not.is_none(), name));
    if response.clicked() {
        response.request_focus();
    }
    let done = why_not.is_none() && response.has_focus() && typed(ui, secret);
    draw(ui, rect, secret.signs(), response.has_focus());
    done
}

/// Takes what was typed; whether Enter was.
fn typed(ui: &Ui, secret: &mut Secret) -> bool {
    ui.input(|input| {
        let mut done = false;
        for event in &input.events {
            match event {
                Event::Text(text) | Event::Paste(text) => text.chars().for_each(|sign| secret.push(sign)),
                Event::Key { key: Key::Backspace, pressed: true, .. } => secret.backspace(),
                Event::Key { key: Key::Enter, pressed: true, .. } => done = true,
                _ => {}
            }
        }
        done
    })
}

fn draw(ui: &Ui, rect: Rect, signs: usize, focused: bool) {
    let t = tokens(ui);
    let painter = ui.painter();
    let shown = u8::try_from(signs.clamp(FEWEST, MOST)).unwrap_or(u8::MAX);
    let wide = ((rect.width() + GAP) / f32::from(shown) - GAP).clamp(12.0, 44.0);
    let mut rest = rect;
    for nth in 0..usize::from(shown) {
        let place = rest.left_part(wide);
        rest.left_part(GAP);
        let next = focused && (nth == signs || (nth + 1 == usize::from(shown) && signs >= usize::from(shown)));
        let edge = if next { Stroke::new(2.0, t.accent) } else { Stroke::new(1.0, t.edge) };
        painter.rect(place, CornerRadius::same(RADIUS), t.sunken, edge, StrokeKind::Inside);
        if nth + 1 == MOST && signs > MOST {
            let more = format!("+{}", signs - MOST + 1);
            paint::words(painter, place.center(), Align2::CENTER_CENTER, text::LABEL_STRONG, t.text, &more);
        } else if nth < signs {
            painter.circle_filled(place.center(), 4.0, t.text);
        }
    }
}

/// The pad; whether OK was pressed. OK waits for `why_not` to be none.
pub(crate) fn pad(ui: &Ui, rect: Rect, secret: &mut Secret, why_not: Option<&str>) -> bool {
    let high = (rect.height() - 3.0 * GAP) / 4.0;
    let wide = (rect.width() - 2.0 * GAP) / 3.0;
    let place = |column: f32, row: f32| {
        Rect::from_min_size(rect.min + vec2(column * (wide + GAP), row * (high + GAP)), vec2(wide, high))
    };
    let keys = [["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"]];
    for (row, keys) in [0.0, 1.0, 2.0].into_iter().zip(keys) {
        for (column, key) in [0.0, 1.0, 2.0].into_iter().zip(keys) {
            digit(ui, place(column, row), key, secret);
        }
    }
    if Button::icon_only(icon::BACKSPACE.regular(), "Backspace").at(ui, place(0.0, 3.0)).clicked() {
        secret.backspace();
    }
    digit(ui, place(1.0, 3.0), "0", secret);
    let short = (secret.signs() < FEWEST).then_some("A PIN has at least 6 digits.");
    Button::new("OK").primary().unless(why_not.or(short)).at(ui, place(2.0, 3.0)).clicked()
}

fn digit(ui: &Ui, rect: Rect, key: &'static str, secret: &mut Secret) {
    if Button::new("").named(key).at(ui, rect).clicked() {
        key.chars().for_each(|sign| secret.push(sign));
    }
    paint::words(
        ui.painter(),
        pos2(rect.center().x, rect.center().y),
        Align2::CENTER_CENTER,
        text::FLIGHT,
        tokens(ui).text,
        key,
    );
}
