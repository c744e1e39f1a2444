//! Values that are chosen rather than written: a stepper, a segmented control, a switch.

use egui::{Align2, CornerRadius, Rect, Response, Role, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::ui::cut::Cut as _;
use crate::ui::icon::{self, Icon};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, text};

/// Which way a stepper was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// −
    Less,
    /// +
    More,
}

/// − value +, 48 high. `less` and `more`: whether there is any.
pub(crate) fn stepper(ui: &Ui, rect: Rect, name: &str, value: &str, (less, more): (bool, bool)) -> Option<Step> {
    let t = tokens(ui);
    frame(ui, rect);
    let mut middle = rect;
    let sides = [
        (middle.left_part(48.0), less, icon::MINUS, "less", Step::Less),
        (middle.right_part(48.0), more, icon::PLUS, "more", Step::More),
    ];
    let mut stepped = None;
    for (place, any, glyph, word, step) in sides {
        let response = super::target(ui, place, &format!("{name}: {word}"), any);
        if any && (response.hovered() || response.is_pointer_button_down_on()) {
            ui.painter().rect_filled(
                place.shrink(1.0),
                CornerRadius::same(RADIUS - 1),
                if response.hovered() { t.panel } else { t.sunken },
            );
        }
        paint::icon(ui.painter(), place.center(), 20.0, if any { t.text } else { t.text3 }, glyph.bold());
        super::focus_ring(ui, place.shrink(4.0), RADIUS, &response);
        if response.clicked() {
            stepped = Some(step);
        }
    }
    for x in [middle.left(), middle.right()] {
        ui.painter().vline(x, rect.shrink(1.0).y_range(), Stroke::new(1.0, t.edge));
    }
    paint::words(ui.painter(), middle.center(), Align2::CENTER_CENTER, text::STRONG, t.text, value);
    super::says(ui, middle, &format!("{name}: {value}"));
    stepped
}

/// One of a few, side by side, all as wide; the number of the one that was pressed.
pub(crate) fn segments(
    ui: &Ui,
    rect: Rect,
    name: &str,
    options: &[(Option<Icon>, &str)],
    chosen: usize,
) -> Option<usize> {
    let t = tokens(ui);
    frame(ui, rect);
    let wide = rect.width() / f32::from(u8::try_from(options.len().max(1)).unwrap_or(u8::MAX));
    let (mut rest, mut pressed) = (rect, None);
    for (nth, (icon, words)) in options.iter().enumerate() {
        let place = rest.left_part(wide);
        let response =
            super::chosen_target(ui, place, &format!("{name}: {words}"), (true, nth == chosen), Role::RadioButton);
        if nth == chosen {
            ui.painter().rect(
                place,
                CornerRadius::same(RADIUS),
                t.accent_dim,
                Stroke::new(1.5, t.accent),
                StrokeKind::Inside,
            );
        } else if response.hovered() {
            ui.painter().rect_filled(place.shrink(1.0), CornerRadius::same(RADIUS), t.panel);
        }
        let (style, ink) = if nth == chosen { (text::STRONG, t.text) } else { (text::BODY, t.text2) };
        let sign = icon.map_or(0.0, |_| 26.0);
        let galley = paint::line(ui.painter(), style, ink, words, wide - 12.0 - sign);
        let mut x = place.center().x - (galley.size().x + sign) / 2.0;
        if let Some(icon) = icon {
            paint::icon(ui.painter(), pos2(x + 10.0, place.center().y), 20.0, ink, *icon);
            x += sign;
        }
        ui.painter().galley(pos2(x, place.center().y - galley.size().y / 2.0), galley, ink);
        super::focus_ring(ui, place.shrink(4.0), RADIUS, &response);
        if response.clicked() && nth != chosen {
            pressed = Some(nth);
        }
    }
    pressed
}

/// On or off; a row that is pressed anywhere, its words at the left.
pub(crate) fn switch(ui: &Ui, rect: Rect, name: &str, on: bool) -> Response {
    let t = tokens(ui);
    let response = super::chosen_target(ui, rect, name, (true, on), Role::Switch);
    let mut inside = rect;
    let place = inside.right_part(76.0);
    let track = Rect::from_min_size(pos2(place.right() - 44.0, place.center().y - 12.0), vec2(44.0, 24.0));
    let (fill, edge, knob) = if on { (t.accent_dim, t.accent, t.accent) } else { (t.sunken, t.edge, t.text2) };
    ui.painter().rect(track, CornerRadius::same(12), fill, Stroke::new(1.5, edge), StrokeKind::Inside);
    let x = if on { track.right() - 12.0 } else { track.left() + 12.0 };
    ui.painter().circle_filled(pos2(x, track.center().y), 7.0, knob);
    let word = if on { "On" } else { "Off" };
    paint::words(
        ui.painter(),
        track.left_center() - vec2(8.0, 0.0),
        Align2::RIGHT_CENTER,
        text::LABEL_STRONG,
        t.text2,
        word,
    );
    inside.right_part(8.0);
    paint::fit(ui.painter(), inside, text::BODY, t.text, name);
    super::focus_ring(ui, rect, RADIUS, &response);
    response
}

fn frame(ui: &Ui, rect: Rect) {
    let t = tokens(ui);
    ui.painter().rect(rect, CornerRadius::same(RADIUS), t.raised, Stroke::new(1.0, t.edge), StrokeKind::Inside);
}
