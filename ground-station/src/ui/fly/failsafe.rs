//! What the vehicle does by itself when something is lost, before take-off: its own settings as sentences, and its return height against
//! fence and ground.

use egui::{CornerRadius, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::why::{FOOT, rule_above, strip};
use crate::state::vehicle::Vehicle;
use crate::state::vehicle::failsafe::{Doubt, Failsafes, FenceLimits, Ground, ReturnHeight, Sentence, doubts};
use crate::ui::cut::{Cut as _, GUTTER, PAD};
use crate::ui::icon::{self, Icon};
use crate::ui::theme::tokens;
use crate::ui::widget::badge::Tone;
use crate::ui::widget::button::Button;
use crate::ui::widget::empty::Empty;
use crate::ui::widget::{fact, panel, says};
use crate::ui::{paint, text};

/// Narrower, everything stands in one column, points.
const TWO_COLUMNS: f32 = 760.0;
/// Of the column at the right, points.
const SIDE: f32 = 360.0;
/// Of the drawing of heights, points.
const SKETCH: f32 = 200.0;
/// Where the words of a row begin, points.
const WORDS: f32 = 46.0;
/// Of the name of what is lost, points.
const WHEN: f32 = 150.0;

/// What the person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// The settings shall be read (again): [`Failsafes::wanted`].
    Read,
    /// The panel shall go.
    Close,
}

/// Draws it here; `ground` is the highest terrain that it may return over, where terrain data is here.
pub(crate) fn show(ui: &mut Ui, rect: Rect, vehicle: Option<&Vehicle>, ground: Option<Ground>) -> Option<Ask> {
    let heading = "What it does when something is lost";
    let (mut inside, mut line) = panel::headed(ui, rect, Some(icon::LIFEBUOY.regular()), heading);
    let close = Button::new("Close").small().quiet();
    let wide = close.width(ui);
    let ask = close.at(ui, line.right_part(wide)).clicked().then_some(Ask::Close);
    let known = vehicle.and_then(|vehicle| Some((vehicle, vehicle.kind()?)));
    let Some((vehicle, kind)) = known else {
        Empty {
            icon: icon::DRONE.regular(),
            what: "No vehicle is heard",
            how: "Switch the vehicle and its radio on. Its settings are read as soon as it is heard.",
            action: None,
        }
        .at(ui, inside);
        return ask;
    };
    let (read, wanted) = (&vehicle.failsafes, Failsafes::wanted(kind).len());
    if wanted == 0 {
        Empty {
            icon: icon::QUESTION.regular(),
            what: "This station does not know the settings of this autopilot",
            how: "Look at its failsafe settings with the tool that comes with it.",
            action: None,
        }
        .at(ui, inside);
        return ask;
    }
    let mut foot = inside.bottom_part(FOOT).shrink2(vec2(PAD, GUTTER));
    let missing = read.missing(kind).count();
    let again = Button::new(if missing == wanted { "Read the settings" } else { "Read again" });
    let again = again.named("Read the settings").icon(icon::ARROWS_CLOCKWISE.regular());
    let wide = again.width(ui);
    let pressed = again.at(ui, foot.left_part(wide)).clicked();
    let state = match missing {
        0 => "All settings read".to_owned(),
        missing => format!("{} of {wanted} settings read", wanted - missing),
    };
    foot.left_part(PAD);
    paint::fit(ui.painter(), foot, text::LABEL, tokens(ui).text2, &state);
    says(ui, foot, &state);
    rule_above(ui, inside);
    let heights = Heights { height: read.return_height(kind), fence: read.fence(kind), ground };
    columns(ui, inside, &read.sentences(kind), &heights);
    if pressed { Some(Ask::Read) } else { ask }
}

/// What is known of the heights of a return.
struct Heights {
    height: Option<ReturnHeight>,
    fence: Option<FenceLimits>,
    ground: Option<Ground>,
}

fn columns(ui: &mut Ui, mut inside: Rect, sentences: &[Sentence], heights: &Heights) {
    if inside.width() < TWO_COLUMNS {
        panel::scrolled(ui, inside, "failsafes", |ui| {
            sentences.iter().for_each(|sentence| row(ui, sentence));
            heights.show(ui);
        });
        return;
    }
    let right = inside.right_part(SIDE);
    ui.painter().vline(right.left(), right.y_range(), Stroke::new(1.0, tokens(ui).line));
    panel::scrolled(ui, inside, "failsafes", |ui| sentences.iter().for_each(|sentence| row(ui, sentence)));
    panel::scrolled(ui, right.with_min_x(right.left() + 1.0), "heights", |ui| heights.show(ui));
}

fn sign(when: &str) -> Icon {
    match when {
        "Radio lost" => icon::JOYSTICK.regular(),
        "Data link lost" => icon::LINK_BREAK.regular(),
        "Battery low" => icon::BATTERY_VERTICAL_LOW.regular(),
        "Battery critical" => icon::BATTERY_VERTICAL_EMPTY.regular(),
        "Position lost" => icon::GPS_FIX.regular(),
        _ => icon::POLYGON.regular(),
    }
}

/// What is lost, what it does then, and whether that is to be looked at twice.
fn row(ui: &mut Ui, sentence: &Sentence) {
    let t = tokens(ui);
    let width = (ui.available_width() - WORDS - WHEN - PAD).max(120.0);
    let not_read = format!("not read yet ({})", sentence.parameter);
    let does = sentence.does.as_deref().unwrap_or(&not_read);
    let ink = if sentence.does.is_some() { t.text } else { t.text3 };
    let style = if sentence.doubtful { text::STRONG } else { text::BODY };
    let galley = paint::lines(ui.painter(), style, ink, does, width, 4);
    let doubt = if sentence.doubtful { 18.0 } else { 0.0 };
    let height = galley.size().y + doubt;
    let place = strip(ui, (height + 2.0 * PAD).max(52.0).ceil());
    if sentence.doubtful {
        ui.painter().rect_filled(place, CornerRadius::ZERO, t.caution_dim);
    }
    paint::rule(ui.painter(), place, t.line);
    let top = place.center().y - height / 2.0;
    let (icon, tone) = match (sentence.does.is_some(), sentence.doubtful) {
        (true, true) => (icon::WARNING.fill(), Tone::Caution),
        (true, false) => (sign(sentence.when), Tone::Neutral),
        (false, _) => (icon::QUESTION.regular(), Tone::Neutral),
    };
    paint::icon(ui.painter(), pos2(place.left() + 23.0, top + 9.0), 20.0, tone.ink(ui), icon);
    let when = Rect::from_min_size(pos2(place.left() + WORDS, top), vec2(WHEN - 8.0, 18.0));
    paint::fit(ui.painter(), when, text::STRONG, t.text, sentence.when);
    let words = Rect::from_min_size(pos2(place.left() + WORDS + WHEN, top), galley.size());
    ui.painter().galley(words.min, galley, ink);
    says(ui, place, &format!("{}: {does}", sentence.when));
    if sentence.doubtful {
        let line = Rect::from_min_size(words.left_bottom(), vec2(width, 18.0));
        let look = format!("Look twice: is this what you want today? ({})", sentence.parameter);
        paint::fit(ui.painter(), line, text::LABEL, t.text2, &look);
        says(ui, line, &look);
    }
}

impl Heights {
    fn show(&self, ui: &mut Ui) {
        let metres = |m: Option<f64>, none: &str| m.map_or_else(|| none.to_owned(), |m| format!("{m:.0} m above home"));
        let height = self.height.map_or_else(|| "not read yet".to_owned(), ReturnHeight::words);
        let fence = self.fence.map_or_else(|| "not read yet".to_owned(), |fence| metres(fence.ceiling_m, "none set"));
        let highest_m = self.ground.map(|ground| ground.highest_above_home_m);
        let rows = [
            ("It returns", height),
            ("Fence ceiling", fence),
            ("Highest ground", metres(highest_m, "not known: no terrain data here")),
        ];
        strip(ui, 6.0);
        for (name, value) in rows {
            let place = Rect::from_min_size(ui.cursor().min, vec2(ui.available_width(), fact::HEIGHT));
            let high = fact::fact(ui, place.shrink2(vec2(PAD, 0.0)), 110.0, name, &value);
            strip(ui, high);
        }
        let found = self.height.map_or_else(Vec::new, |height| doubts(height, self.fence, self.ground));
        for found in &found {
            doubt(ui, found);
        }
        if found.is_empty() && self.height.is_some() && self.ground.is_some() && self.fence.is_some() {
            let place = strip(ui, 40.0).shrink2(vec2(PAD, 0.0));
            let words = "The return is clear of ground and fence";
            let t = tokens(ui);
            paint::icon(ui.painter(), place.left_center() + vec2(10.0, 0.0), 18.0, t.text2, icon::CHECK_CIRCLE.fill());
            paint::fit(ui.painter(), place.with_min_x(place.left() + 28.0), text::CELL, t.text, words);
            says(ui, place, words);
        }
        self.sketch(ui);
    }

    /// The heights drawn to scale, home at the bottom.
    fn sketch(&self, ui: &mut Ui) {
        let t = tokens(ui);
        let place = strip(ui, SKETCH).shrink2(vec2(PAD, PAD));
        let return_m = self.height.filter(|height| !height.above_terrain).and_then(|height| height.height_m);
        let ceiling_m = self.fence.and_then(|fence| fence.ceiling_m);
        let highest_m = self.ground.map(|ground| ground.highest_above_home_m);
        let known = [return_m, ceiling_m, highest_m].into_iter().flatten();
        let Some(top_m) = known.max_by(f64::total_cmp).map(|top_m| top_m.max(20.0) * 1.15) else { return };
        let inside = place.shrink2(vec2(0.0, 8.0));
        let y = |height_m: f64| inside.bottom() - part((height_m / top_m).clamp(0.0, 1.0)) * inside.height();
        ui.painter().rect_filled(place, CornerRadius::same(4), t.sunken);
        if let Some(highest_m) = highest_m.filter(|m| *m > 0.0) {
            // A hill on the way home.
            let (left, right, foot) = (inside.left() + 0.25 * inside.width(), inside.right() - 24.0, inside.bottom());
            let top = pos2((left + right) / 2.0, y(highest_m));
            let hill = vec![pos2(left, foot), top, pos2(right, foot)];
            ui.painter().add(Shape::convex_polygon(hill, t.map_hedge, Stroke::new(1.0, t.text2)));
        }
        ui.painter().hline(place.x_range(), inside.bottom(), Stroke::new(2.0, t.text2));
        let label = |at: f32, words: &str, ink| {
            let at = pos2(place.left() + 8.0, at - 3.0);
            paint::words(ui.painter(), at, egui::Align2::LEFT_BOTTOM, text::LABEL, ink, words);
        };
        label(inside.bottom(), "home", t.text2);
        if let Some(ceiling_m) = ceiling_m {
            let ends = [pos2(place.left(), y(ceiling_m)), pos2(place.right(), y(ceiling_m))];
            ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(2.0, t.caution), 10.0, 5.0));
            let at = pos2(place.right() - 8.0, y(ceiling_m) - 3.0);
            let words = format!("fence {ceiling_m:.0} m");
            paint::words(ui.painter(), at, egui::Align2::RIGHT_BOTTOM, text::LABEL, t.text, &words);
        }
        if let Some(return_m) = return_m {
            ui.painter().hline(place.x_range(), y(return_m), Stroke::new(2.0, t.route));
            label(y(return_m), &format!("return {return_m:.0} m"), t.text);
        }
        says(ui, place, "Heights of return, fence and ground, drawn to scale");
    }
}

/// Points are 32 bits.
#[expect(clippy::cast_possible_truncation, reason = "a part between 0 and 1")]
fn part(of: f64) -> f32 {
    of as f32
}

fn doubt(ui: &mut Ui, doubt: &Doubt) {
    let t = tokens(ui);
    let width = ui.available_width() - WORDS - PAD;
    let what = paint::lines(ui.painter(), text::CELL_STRONG, t.text, &doubt.words, width, 3);
    let cure = paint::lines(ui.painter(), text::CELL, t.text, &doubt.cure, width, 3);
    let place = strip(ui, (what.size().y + cure.size().y + 4.0 + 2.0 * PAD).ceil());
    ui.painter().rect_filled(place, CornerRadius::ZERO, t.caution_dim);
    paint::icon(
        ui.painter(),
        pos2(place.left() + 23.0, place.top() + PAD + 9.0),
        20.0,
        t.caution,
        icon::WARNING.fill(),
    );
    let at = pos2(place.left() + WORDS, place.top() + PAD);
    let first = Rect::from_min_size(at, what.size());
    let second = Rect::from_min_size(first.left_bottom() + vec2(0.0, 4.0), cure.size());
    ui.painter().galley(first.min, what, t.text);
    ui.painter().galley(second.min, cure, t.text);
    says(ui, first, &doubt.words);
    says(ui, second, &doubt.cure);
}

#[cfg(test)]
mod tests;
