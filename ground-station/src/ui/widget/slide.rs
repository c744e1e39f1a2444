//! The guarded slide: what must not happen by a touch in passing.
//!
//! The thumb is taken at its knob and pushed across; let go behind nine tenths of the way it is done, before that it goes back. On the
//! keyboard Enter or Space, held for a second, does the same.

use egui::{
    Align2, Color32, CornerRadius, Event, Id, Key, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
};

use crate::ui::theme::{RADIUS, RADIUS_FLIGHT, tokens};
use crate::ui::{icon, paint, text};

/// Behind this share of the way it is done when it is let go.
const DONE: f32 = 0.9;
/// How long a key has to be held, seconds.
const HELD_S: f64 = 1.0;

/// A slide, at least 190 × 72 points. Its verb is its name; there may be one of a name in a place.
#[must_use = "it stands nowhere until it is put `at` a place"]
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slide<'a> {
    verb: &'a str,
    how: How<'a>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How<'a> {
    Ready,
    Done(&'a str),
    Locked(&'a str),
}

/// What egui remembers of it.
#[derive(Debug, Clone, Copy, Default)]
struct Thumb {
    /// Of the way.
    share: f32,
    /// Where the pointer took it.
    taken_x: Option<f32>,
    /// Since when a key is held, egui's seconds.
    held_since_s: Option<f64>,
}

impl<'a> Slide<'a> {
    /// What it does.
    pub(crate) const fn new(verb: &'a str) -> Self {
        Self { verb, how: How::Ready }
    }

    /// Cannot be pushed, and why.
    pub(crate) const fn unless(mut self, why_not: Option<&'a str>) -> Self {
        if let Some(why_not) = why_not {
            self.how = How::Locked(why_not);
        }
        self
    }

    /// It is done; in words.
    pub(crate) const fn done(mut self, done: Option<&'a str>) -> Self {
        if let Some(done) = done {
            self.how = How::Done(done);
        }
        self
    }

    /// Draws it here; true once, when it was pushed across.
    #[must_use]
    pub(crate) fn at(self, ui: &Ui, rect: Rect) -> bool {
        let id = ui.scope_id().with(("slide", self.verb));
        let ready = self.how == How::Ready;
        let response = ui.interact(rect, id, if ready { Sense::drag() } else { Sense::hover() });
        let mut thumb = if ready { remembered(ui, id) } else { Thumb::default() };
        let knob = knob_width(rect);
        let done = ready && (thumb.pushed(ui, &response, rect, knob) | thumb.held(ui, &response));
        ui.data_mut(|data| data.insert_temp(id, thumb));
        response.widget_info(|| WidgetInfo::slider(ready, f64::from(thumb.share), self.verb));
        self.paint(ui, rect, &response, thumb);
        done
    }

    fn paint(&self, ui: &Ui, rect: Rect, response: &Response, thumb: Thumb) {
        let t = tokens(ui);
        let painter = ui.painter();
        let radius = CornerRadius::same(RADIUS_FLIGHT);
        let wide = knob_width(rect);
        let left = rect.left() + 4.0 + thumb.share * travel(rect, wide);
        let knob = Rect::from_min_max(pos2(left, rect.top() + 4.0), pos2(left + wide, rect.bottom() - 4.0));
        if let How::Locked(why) = self.how {
            super::dashed_frame(ui, rect, RADIUS_FLIGHT, Stroke::new(1.0, t.edge));
            super::dashed_frame(ui, knob, RADIUS, Stroke::new(1.0, t.edge));
            paint::icon(painter, knob.center(), 26.0, t.text3, icon::LOCK_SIMPLE.fill());
            self.words(ui, rect, knob, [t.text, t.text2], why);
            return;
        }
        painter.rect(rect, radius, t.sunken, Stroke::new(2.0, t.edge), StrokeKind::Inside);
        if thumb.share > 0.0 {
            let behind = Rect::from_min_max(rect.min, pos2(knob.center().x, rect.bottom())).shrink(2.0);
            painter.rect_filled(behind, CornerRadius::same(RADIUS_FLIGHT - 2), t.accent_dim);
        }
        let done = matches!(self.how, How::Done(_));
        let (edge, ink) = if done { (t.ok, t.ok) } else { (t.text, t.text) };
        painter.rect(knob, CornerRadius::same(RADIUS), t.raised, Stroke::new(2.0, edge), StrokeKind::Inside);
        let glyph = if done { icon::CHECK.bold() } else { icon::CARET_DOUBLE_RIGHT.bold() };
        paint::icon(painter, knob.center(), 26.0, ink, glyph);
        super::focus_ring(ui, rect, RADIUS_FLIGHT, response);
        let detail = match self.how {
            How::Done(words) => words,
            _ if thumb.held_since_s.is_some() => "Keep holding",
            _ if thumb.share >= DONE => "Let go: done",
            _ if thumb.share > 0.0 => "Let go: cancels",
            _ if response.has_focus() => "Hold Enter 1 s",
            How::Ready | How::Locked(_) => "Slide across",
        };
        self.words(ui, rect, knob, [t.text, t.text2], detail);
    }

    /// On the side where the knob is not.
    fn words(&self, ui: &Ui, rect: Rect, knob: Rect, [title, detail]: [Color32; 2], words: &str) {
        let painter = ui.painter();
        let (left, right) = if knob.center().x > rect.center().x {
            (rect.left() + 12.0, knob.left() - 6.0)
        } else {
            (knob.right() + 10.0, rect.right() - 8.0)
        };
        let style = if rect.height() >= 80.0 { text::CONTROL } else { text::STRONG };
        let below = paint::lines(painter, text::LABEL, detail, words, right - left, 2);
        let top = rect.center().y - (20.0 + below.size().y) / 2.0;
        let line = Rect::from_min_max(pos2(left, top), pos2(right, top + 20.0));
        paint::fit(painter, line, style, title, self.verb);
        let at = Align2::LEFT_TOP.anchor_size(pos2(left, top + 20.0), below.size());
        painter.galley(at.min, below, detail);
        super::says(ui, at, words);
    }
}

fn remembered(ui: &Ui, id: Id) -> Thumb {
    ui.data(|data| data.get_temp(id)).unwrap_or_default()
}

fn knob_width(rect: Rect) -> f32 {
    if rect.height() >= 80.0 { 76.0 } else { 64.0 }
}

fn travel(rect: Rect, knob: f32) -> f32 {
    (rect.width() - knob - 8.0).max(1.0)
}

impl Thumb {
    /// By a pointer or a finger.
    fn pushed(&mut self, ui: &Ui, response: &Response, rect: Rect, knob: f32) -> bool {
        if response.drag_started() {
            let origin = ui.input(|input| input.pointer.press_origin());
            let taken = Rect::from_min_max(rect.min, pos2(rect.left() + knob + 12.0, rect.bottom()));
            self.taken_x = origin.filter(|at| taken.contains(*at)).map(|at| at.x);
        }
        let Some(taken_x) = self.taken_x else { return false };
        if let Some(at) = response.interact_pointer_pos() {
            self.share = ((at.x - taken_x) / travel(rect, knob)).clamp(0.0, 1.0);
        }
        if response.dragged() {
            return false;
        }
        let done = response.drag_stopped() && self.share >= DONE;
        *self = Self::default();
        done
    }

    /// By a key. Only a press that began here counts, not the rest of one that brought the focus.
    fn held(&mut self, ui: &Ui, response: &Response) -> bool {
        if self.taken_x.is_some() {
            return false;
        }
        let keys = [Key::Enter, Key::Space];
        let (begun, down, now_s) = ui.input(|input| {
            let begun = |event: &Event| matches!(event, Event::Key { key, pressed: true, repeat: false, .. } if keys.contains(key));
            (input.events.iter().any(begun), keys.iter().any(|key| input.key_down(*key)), input.time)
        });
        if !response.has_focus() || !down {
            *self = Self::default();
            return false;
        }
        if begun {
            self.held_since_s = Some(now_s);
        }
        let Some(since_s) = self.held_since_s else { return false };
        self.share = share(now_s - since_s);
        ui.ctx().request_repaint();
        if self.share >= 1.0 {
            *self = Self::default();
            return true;
        }
        false
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a share of the way")]
fn share(held_s: f64) -> f32 {
    (held_s / HELD_S).clamp(0.0, 1.0) as f32
}

#[cfg(test)]
mod tests {
    use egui::{Modifiers, PointerButton, vec2};
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable as _;

    use super::*;
    use crate::ui::theme;
    use crate::ui::tokens::Theme;

    /// How often it was done; whether it is locked.
    #[derive(Default)]
    struct Fired {
        times: usize,
        locked: bool,
    }

    const RECT: Rect = Rect { min: pos2(20.0, 20.0), max: pos2(220.0, 92.0) };

    fn harness() -> Harness<'static, Fired> {
        let mut harness = Harness::builder()
            .with_context_setup(|ctx| theme::install(ctx, Theme::Night))
            .with_size(vec2(260.0, 120.0))
            .build_ui_state(
                |ui, fired: &mut Fired| {
                    let slide = Slide::new("Arm").unless(fired.locked.then_some("2 checks are open"));
                    fired.times += usize::from(slide.at(ui, RECT));
                },
                Fired::default(),
            );
        harness.run();
        harness
    }

    fn drag(harness: &mut Harness<'_, Fired>, from: f32, to: f32) {
        let button = |pos, pressed| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        let (from, to) = (pos2(from, 50.0), pos2(to, 50.0));
        harness.event(Event::PointerMoved(from));
        harness.event(button(from, true));
        harness.step();
        harness.event(Event::PointerMoved(to));
        harness.step();
        harness.event(button(to, false));
        harness.step();
        harness.step();
    }

    #[test]
    fn it_is_done_once_behind_nine_tenths_and_not_before() {
        let mut harness = harness();
        drag(&mut harness, 40.0, 40.0 + 0.85 * travel(RECT, 64.0));
        assert_eq!(harness.state().times, 0);
        drag(&mut harness, 40.0, 40.0 + 0.95 * travel(RECT, 64.0));
        assert_eq!(harness.state().times, 1);
        harness.run();
        assert_eq!(harness.state().times, 1);
        drag(&mut harness, 150.0, 400.0);
        assert_eq!(harness.state().times, 1, "it was not taken at its knob");
        harness.state_mut().locked = true;
        harness.step();
        drag(&mut harness, 40.0, 400.0);
        assert_eq!(harness.state().times, 1);
        assert!(harness.query_by_label("2 checks are open").is_some());
    }

    #[test]
    fn a_key_held_for_a_second_does_the_same() {
        let mut harness = harness();
        harness.get_by_label("Arm").focus();
        harness.step();
        let passes_a_second = 1.0 / f64::from(harness.input().predicted_dt);
        assert!((3.0..100.0).contains(&passes_a_second), "{passes_a_second}");
        for (share, expected) in [(0.6, 0), (1.3, 1)] {
            harness.key_down(Key::Enter);
            let mut passed = 0.0;
            while passed < share * passes_a_second {
                harness.step();
                passed += 1.0;
            }
            harness.key_up(Key::Enter);
            harness.step();
            assert_eq!(harness.state().times, expected, "held for {share} s");
        }
    }
}
