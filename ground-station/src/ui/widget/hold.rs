//! What must never happen by mistake: held for two seconds, then confirmed by a second control.

use egui::{Color32, CornerRadius, Event, Key, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::button::Button;
use crate::ui::cut::Cut as _;
use crate::ui::theme::{RADIUS_FLIGHT, tokens};
use crate::ui::{icon, paint, text};

/// How long it has to be held, seconds.
const HELD_S: f64 = 2.0;
/// How long the second control stands, seconds.
const OPEN_S: f64 = 8.0;

/// Motor stop and its like, at least 226 × 72 points. Its verb is its name; there may be one of a name in a place.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hold<'a> {
    /// What it does.
    pub(crate) verb: &'a str,
    /// What the second control says; its name too.
    pub(crate) confirm: &'a str,
    /// Cannot be held, and why.
    pub(crate) why_not: Option<&'a str>,
}

/// What egui remembers of it.
#[derive(Debug, Clone, Copy, Default)]
struct Held {
    since_s: Option<f64>,
    open_until_s: Option<f64>,
}

impl Hold<'_> {
    /// Draws it here; true once, when it was held and confirmed.
    #[must_use]
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> bool {
        let id = ui.scope_id().with(("hold", self.verb));
        let mut held: Held = ui.data(|data| data.get_temp(id)).unwrap_or_default();
        let now_s = ui.input(|input| input.time);
        if self.why_not.is_some() || held.open_until_s.is_some_and(|until_s| now_s >= until_s) {
            held = Held::default();
        }
        let confirmed = if let Some(until_s) = held.open_until_s {
            ui.ctx().request_repaint_after_secs(seconds(until_s - now_s));
            self.second(ui, rect, &mut held)
        } else {
            let response = ui.interact(rect, id, if self.why_not.is_none() { Sense::drag() } else { Sense::hover() });
            response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, self.why_not.is_none(), self.verb));
            let share = held.first(ui, &response, now_s);
            self.paint(ui, rect, &response, share);
            false
        };
        ui.data_mut(|data| data.insert_temp(id, held));
        confirmed
    }

    fn second(&self, ui: &Ui, rect: Rect, held: &mut Held) -> bool {
        let t = tokens(ui);
        ui.painter().rect(
            rect,
            CornerRadius::same(RADIUS_FLIGHT),
            t.warn_dim,
            Stroke::new(2.0, t.warn),
            StrokeKind::Inside,
        );
        let mut inside = rect.shrink(8.0);
        let cancel = Button::new("Cancel").small();
        let back = cancel.at(ui, inside.right_part(84.0));
        inside.right_part(16.0);
        let response = super::target(ui, inside, self.confirm, true);
        ui.painter().rect_filled(inside, CornerRadius::same(RADIUS_FLIGHT - 4), t.warn_fill);
        super::focus_ring(ui, inside, RADIUS_FLIGHT - 4, &response);
        let mut line = inside.shrink2(vec2(8.0, 0.0));
        let at = line.left_part(26.0).center();
        paint::icon(ui.painter(), at, 22.0, t.on_warn, icon::WARNING_OCTAGON.fill());
        line.left_part(6.0);
        paint::fit(ui.painter(), line, text::STRONG, t.on_warn, self.confirm);
        if response.clicked() || back.clicked() {
            *held = Held::default();
        }
        response.clicked()
    }

    fn paint(&self, ui: &Ui, rect: Rect, response: &Response, share: f32) {
        let t = tokens(ui);
        let painter = ui.painter();
        let off = self.why_not.is_some();
        if off {
            super::dashed_frame(ui, rect, RADIUS_FLIGHT, Stroke::new(1.0, t.edge));
        } else {
            painter.rect(
                rect,
                CornerRadius::same(RADIUS_FLIGHT),
                t.raised,
                Stroke::new(2.0, t.warn),
                StrokeKind::Inside,
            );
        }
        let middle = pos2(rect.left() + 38.0, rect.center().y);
        painter.circle_stroke(middle, 16.0, Stroke::new(5.0, t.line));
        if share > 0.0 {
            painter.add(ring(middle, share, t.warn));
        }
        super::focus_ring(ui, rect, RADIUS_FLIGHT, response);
        let (title, detail) = (if off { t.text3 } else { t.text }, self.why_not.unwrap_or("Hold 2 s, then confirm"));
        let line = |top: f32| {
            Rect::from_min_max(
                pos2(rect.left() + 66.0, rect.center().y + top),
                pos2(rect.right() - 8.0, rect.center().y + top + 18.0),
            )
        };
        paint::fit(painter, line(-19.0), text::VALUE, title, self.verb);
        paint::fit(painter, line(1.0), text::LABEL, t.text2, detail);
        super::says(ui, line(1.0), detail);
    }
}

impl Held {
    /// How far the first control is, and whether the second one opens.
    fn first(&mut self, ui: &Ui, response: &Response, now_s: f64) -> f32 {
        let keys = [Key::Enter, Key::Space];
        let (begun, down) = ui.input(|input| {
            let begun = |event: &Event| matches!(event, Event::Key { key, pressed: true, repeat: false, .. } if keys.contains(key));
            (input.events.iter().any(begun), keys.iter().any(|key| input.key_down(*key)))
        });
        let by_key = response.has_focus() && down && (begun || self.since_s.is_some());
        if !response.enabled() || !(by_key || response.is_pointer_button_down_on()) {
            self.since_s = None;
            return 0.0;
        }
        let since_s = *self.since_s.get_or_insert(now_s);
        ui.ctx().request_repaint();
        if now_s - since_s >= HELD_S {
            *self = Self { since_s: None, open_until_s: Some(now_s + OPEN_S) };
        }
        seconds((now_s - since_s) / HELD_S).min(1.0)
    }
}

/// A part of a ring, from the top.
fn ring(middle: egui::Pos2, share: f32, color: Color32) -> egui::Shape {
    let points = (0..=48u8)
        .map(|step| {
            let angle = std::f32::consts::TAU * share * f32::from(step) / 48.0;
            middle + 16.0 * vec2(angle.sin(), -angle.cos())
        })
        .collect();
    egui::Shape::line(points, Stroke::new(5.0, color))
}

#[expect(clippy::cast_possible_truncation, reason = "a few seconds")]
fn seconds(value: f64) -> f32 {
    value.max(0.0) as f32
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, PointerButton};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::ui::theme;
    use crate::ui::tokens::Theme;

    const RECT: Rect = Rect { min: pos2(10.0, 10.0), max: pos2(310.0, 90.0) };

    fn harness() -> Harness<'static, usize> {
        let mut harness = Harness::builder()
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .with_size(vec2(320.0, 100.0))
            .build_ui_state(
                |ui, times: &mut usize| {
                    let hold = Hold { verb: "Stop motors", confirm: "Stop motors now", why_not: None };
                    *times += usize::from(hold.at(ui, RECT));
                },
                0,
            );
        harness.run();
        harness
    }

    fn press_for(harness: &mut Harness<'_, usize>, seconds: f64) {
        let at = pos2(40.0, 40.0);
        let button = |pressed| Event::PointerButton {
            pos: at,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        harness.event(Event::PointerMoved(at));
        harness.event(button(true));
        harness.step();
        let start_s = harness.ctx.input(|input| input.time);
        while harness.ctx.input(|input| input.time) - start_s < seconds {
            harness.step();
        }
        harness.event(button(false));
        harness.step();
    }

    #[test]
    fn only_two_seconds_open_the_second_control_and_only_that_does_it() {
        let mut harness = harness();
        press_for(&mut harness, 1.0);
        assert!(harness.query_by_label("Stop motors now").is_none());
        press_for(&mut harness, 2.5);
        assert_eq!(*harness.state(), 0);
        harness.get_by_label("Cancel").click();
        harness.step();
        harness.step();
        assert!(harness.query_by_label("Stop motors now").is_none());
        press_for(&mut harness, 2.5);
        harness.get_by_label("Stop motors now").click();
        harness.step();
        harness.step();
        assert_eq!(*harness.state(), 1);
        assert!(harness.query_by_label("Stop motors now").is_none());
    }

    #[test]
    fn the_second_control_goes_away_by_itself() {
        let mut harness = harness();
        press_for(&mut harness, 2.5);
        let start_s = harness.ctx.input(|input| input.time);
        while harness.ctx.input(|input| input.time) - start_s < OPEN_S + 1.0 {
            harness.step();
        }
        assert!(harness.query_by_label("Stop motors now").is_none());
        assert_eq!(*harness.state(), 0);
    }
}
