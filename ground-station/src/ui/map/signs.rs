//! Signs on a map: aircraft, home, ways, footprint, fence, traffic, pins, scale.

use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2};
use mission_profiles::place::Position;

use super::figure::{line, seen};
use super::lens::{Lens, narrow};
use super::scene::{Craft, Fence, Pin, Scene, Traffic};
use crate::ui::tokens::Tokens;
use crate::ui::widget::{self, badge::Tone};
use crate::ui::{icon, paint, text};

/// Everything of a scene but land and zones, from below upwards.
pub(crate) fn paint(ui: &Ui, painter: &Painter, lens: &Lens, t: &Tokens, scene: &Scene<'_>) {
    scene.fence.iter().for_each(|fence| self::fence(painter, lens, t, fence));
    footprint(painter, lens, t, scene.footprint);
    way(painter, lens, scene.back, Stroke::new(1.8, t.text2), t.map_halo, &[2.0, 4.0]);
    way(painter, lens, scene.route, Stroke::new(2.0, t.route), t.map_halo, &[7.0, 5.0]);
    way(painter, lens, scene.flown, Stroke::new(2.0, t.text), t.map_halo, &[]);
    if let Some(course) = &scene.course {
        way(painter, lens, course, Stroke::new(1.6, t.text2), t.map_halo, &[2.0, 5.0]);
    }
    for place in scene.rally {
        let at = lens.at(*place);
        painter.circle(at, 9.0, t.panel, Stroke::new(1.5, t.text2));
        paint::icon(painter, at, 13.0, t.text2, icon::LIFEBUOY.regular());
    }
    if let Some(home) = scene.home {
        self::home(ui, painter, lens.at(home), t);
    }
    if let Some(place) = scene.frame_centre {
        cross(painter, lens.at(place), t);
    }
    scene.traffic.iter().for_each(|traffic| self::traffic(ui, painter, lens, t, traffic));
    for (name, craft) in scene.others {
        let at = lens.at(craft.position);
        dart(painter, at, craft.heading_deg, 0.8, t.text2, t.map_halo);
        let colors = (t.text2, t.map_halo);
        paint::haloed(painter, at + vec2(12.0, 0.0), Align2::LEFT_CENTER, text::LABEL_STRONG, colors, name);
    }
    if let Some(Craft { position, heading_deg }) = scene.own {
        let at = lens.at(position);
        dart(painter, at, heading_deg, 1.0, t.accent, t.map_halo);
        if lens.rect().contains(at) {
            widget::says(ui, Rect::from_center_size(at, vec2(30.0, 30.0)), "Own aircraft");
        }
    }
    let mut pins: Vec<&Pin> = scene.pins.iter().collect();
    // What lies farther south stands before what lies north of it; the chosen one before all.
    pins.sort_by(|a, b| a.chosen.cmp(&b.chosen).then(b.position.lat_deg.total_cmp(&a.position.lat_deg)));
    pins.into_iter().for_each(|pin| self::pin(painter, lens.at(pin.position), t, pin));
}

/// A line on a halo, dashed where it is.
pub(crate) fn way(painter: &Painter, lens: &Lens, places: &[Position], stroke: Stroke, halo: Color32, dashes: &[f32]) {
    let rect = lens.rect().expand(20.0);
    for run in seen(&apart(line(lens, places)), None, rect) {
        painter.add(Shape::line(run.points.clone(), Stroke::new(stroke.width + 3.0, halo)));
        match dashes {
            [dash, gap] => {
                let period = dash + gap;
                let offset = (period - run.begins % period) % period;
                painter.extend(Shape::dashed_line_with_offset(&run.points, stroke, &[*dash], &[*gap], offset));
            }
            _ => {
                painter.add(Shape::line(run.points, stroke));
            }
        }
    }
}

/// Without the points that nobody could tell from the one before; the last one stays.
fn apart(points: Vec<Pos2>) -> Vec<Pos2> {
    let last = points.last().copied();
    let mut kept: Vec<Pos2> = Vec::with_capacity(points.len().min(1_024));
    for at in points {
        if kept.last().is_none_or(|before| before.distance_sq(at) >= 1.0) {
            kept.push(at);
        }
    }
    kept.extend(last.filter(|last| kept.last() != Some(last)));
    kept
}

fn turned(at: Pos2, [x, y]: [f32; 2], heading_deg: f64, size: f32) -> Pos2 {
    let (sin, cos) = narrow(heading_deg).to_radians().sin_cos();
    at + vec2(x * cos - y * sin, x * sin + y * cos) * size
}

fn dart(painter: &Painter, at: Pos2, heading_deg: f64, size: f32, color: Color32, halo: Color32) {
    let corner = |corner| turned(at, corner, heading_deg, size);
    // Not convex: two halves, and the halo round both.
    let [tip, right, notch, left] = [[0.0, -15.0], [10.5, 12.0], [0.0, 6.2], [-10.5, 12.0]].map(corner);
    painter.add(Shape::closed_line(vec![tip, right, notch, left], Stroke::new(4.0, halo)));
    painter.add(Shape::convex_polygon(vec![tip, right, notch], color, Stroke::NONE));
    painter.add(Shape::convex_polygon(vec![tip, notch, left], color, Stroke::NONE));
}

/// Where it took off.
pub(crate) fn home(ui: &Ui, painter: &Painter, at: Pos2, t: &Tokens) {
    painter.circle(at, 11.0, t.panel, Stroke::new(2.0, t.text));
    paint::icon(painter, at, 14.0, t.text, icon::HOUSE.bold());
    if painter.clip_rect().contains(at) {
        widget::says(ui, Rect::from_center_size(at, vec2(22.0, 22.0)), "Take-off and home");
    }
}

/// Where the keyboard aims.
pub(crate) fn aim(painter: &Painter, at: Pos2, t: &Tokens) {
    painter.circle_stroke(at, 10.0, Stroke::new(2.0, t.accent));
    painter.circle_filled(at, 2.0, t.accent);
}

fn cross(painter: &Painter, at: Pos2, t: &Tokens) {
    for (color, width) in [(t.map_halo, 4.0), (t.text, 1.8)] {
        for arm in [vec2(7.0, 0.0), vec2(0.0, 7.0)] {
            painter.line_segment([at - arm, at + arm], Stroke::new(width, color));
        }
    }
}

/// Dashed where the camera sees farther than is drawn.
fn footprint(painter: &Painter, lens: &Lens, t: &Tokens, outline: &[(Position, bool)]) {
    let corners: Vec<(Pos2, bool)> = outline.iter().map(|(place, cut)| (lens.at(*place), *cut)).collect();
    let area = corners.iter().map(|(at, _)| *at).collect();
    painter.add(Shape::convex_polygon(area, t.accent.gamma_multiply(0.14), Stroke::NONE));
    for ((from, cut), (to, also)) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        let edge = [*from, *to];
        if *cut && *also {
            for run in seen(&edge, None, lens.rect().expand(20.0)) {
                painter.extend(Shape::dashed_line(&run.points, Stroke::new(1.4, t.accent), 3.0, 4.0));
            }
        } else {
            painter.line_segment(edge, Stroke::new(1.8, t.accent));
        }
    }
}

/// An area of the geofence: a fence has posts; one to stay out of has a cross at each.
fn fence(painter: &Painter, lens: &Lens, t: &Tokens, fence: &Fence) {
    let mut corners = line(lens, &fence.corners);
    corners.extend(corners.first().copied());
    let color = if fence.inside { t.text2 } else { t.caution };
    for run in seen(&corners, None, lens.rect().expand(20.0)) {
        painter.add(Shape::line(run.points, Stroke::new(1.8, color)));
    }
    for corner in corners.iter().skip(1) {
        if fence.inside {
            painter.rect(
                Rect::from_center_size(*corner, vec2(7.0, 7.0)),
                0.0,
                t.panel,
                Stroke::new(1.5, color),
                StrokeKind::Inside,
            );
        } else {
            paint::icon(painter, *corner, 12.0, color, icon::X.bold());
        }
    }
}

fn traffic(ui: &Ui, painter: &Painter, lens: &Lens, t: &Tokens, traffic: &Traffic) {
    let at = lens.at(traffic.position);
    let (fill, ink) = if traffic.near { (t.caution_fill, t.on_caution) } else { (t.panel, t.text2) };
    let corners = [vec2(0.0, -10.0), vec2(10.0, 0.0), vec2(0.0, 10.0), vec2(-10.0, 0.0)].map(|by| at + by);
    painter.add(Shape::convex_polygon(
        corners.to_vec(),
        fill,
        Stroke::new(1.8, if traffic.near { t.caution } else { t.text2 }),
    ));
    paint::icon(painter, at, 11.0, ink, icon::AIRPLANE.fill());
    let height =
        traffic.above_m.map(|above_m| format!("{}{:.0} m", if above_m < 0.0 { '−' } else { '+' }, above_m.abs()));
    let words = [traffic.callsign.clone(), height.unwrap_or_else(|| "height unknown".into())].join(" ");
    let colors = (if traffic.near { t.caution } else { t.text2 }, t.map_halo);
    let said =
        paint::haloed(painter, at + vec2(14.0, 0.0), Align2::LEFT_CENTER, text::LABEL_STRONG, colors, words.trim());
    if lens.rect().intersects(said) {
        widget::says(ui, said, &format!("Traffic {}", words.trim()));
    }
}

/// The colours of a number: its ground and its ink.
pub(crate) fn numbered(tone: Tone, t: &Tokens) -> (Color32, Color32) {
    match tone {
        Tone::Warn => (t.warn_fill, t.on_warn),
        Tone::Caution => (t.caution_fill, t.on_caution),
        Tone::Neutral | Tone::Accent | Tone::Ok => (t.text2, t.panel),
    }
}

/// A numbered pin, its tip there.
pub(crate) fn pin(painter: &Painter, at: Pos2, t: &Tokens, pin: &Pin) {
    let (fill, ink) = numbered(pin.tone, t);
    let head = at - vec2(0.0, 21.0);
    let halo = if pin.chosen { Stroke::new(3.0, t.accent) } else { Stroke::new(2.0, t.map_halo) };
    painter.circle(head, 13.0, fill, halo);
    painter.add(Shape::convex_polygon(vec![at, at + vec2(-7.0, -11.0), at + vec2(7.0, -11.0)], fill, Stroke::NONE));
    painter.circle_filled(head, 12.0, fill);
    paint::words(painter, head, Align2::CENTER_CENTER, text::STRONG, ink, &pin.number.to_string());
}

/// A round number of metres, and how long it is here, points.
pub(super) fn scale(lens: &Lens) -> Option<(f64, f32)> {
    let points_per_m = lens.points_per_m();
    let steps =
        [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];
    let metres = steps.into_iter().find(|metres| metres * points_per_m >= 60.0)?;
    Some((metres, narrow(metres * points_per_m)))
}

/// How long a round number of metres is here.
pub(crate) fn scale_bar(ui: &Ui, painter: &Painter, lens: &Lens, t: &Tokens, at: Pos2) {
    let Some((metres, long)) = scale(lens) else { return };
    let points = vec![at - vec2(0.0, 5.0), at, at + vec2(long, 0.0), at + vec2(long, -5.0)];
    painter.add(Shape::line(points.clone(), Stroke::new(4.0, t.map_halo)));
    painter.add(Shape::line(points, Stroke::new(1.6, t.map_label)));
    let words = if metres < 1_000.0 { format!("{metres:.0} m") } else { format!("{:.0} km", metres / 1_000.0) };
    let colors = (t.map_label, t.map_halo);
    let said = paint::haloed(painter, at + vec2(long + 7.0, -2.0), Align2::LEFT_CENTER, text::LABEL, colors, &words);
    widget::says(ui, said, &format!("Scale: {words}"));
}

/// A small square with a letter: where a route starts and ends.
pub(crate) fn letter(painter: &Painter, at: Pos2, t: &Tokens, letter: &str) {
    painter.rect_filled(Rect::from_center_size(at, Vec2::splat(20.0)), CornerRadius::same(4), t.route);
    paint::words(painter, at, Align2::CENTER_CENTER, text::LABEL_STRONG, t.panel, letter);
}

/// Which way a line is flown.
pub(crate) fn arrow(painter: &Painter, at: Pos2, way: Vec2, t: &Tokens) {
    let (along, beside) = (way.normalized(), way.normalized().rot90());
    let corners = vec![at - along * 5.0 - beside * 5.0, at + along * 6.0, at - along * 5.0 + beside * 5.0];
    painter.add(Shape::convex_polygon(corners, t.route, Stroke::new(1.5, t.map_halo)));
}

/// A line of small words over the scale.
pub(crate) fn note(ui: &Ui, painter: &Painter, at: Pos2, t: &Tokens, words: &str) {
    let said = paint::haloed(painter, at, Align2::LEFT_CENTER, text::LABEL, (t.map_label, t.map_halo), words);
    widget::says(ui, said, words);
}

/// A plate in a corner with one line of words.
pub(crate) fn plate(ui: &Ui, painter: &Painter, right_bottom: Pos2, t: &Tokens, words: &str) {
    let wide = paint::width(painter, text::MONO, words);
    let rect = Rect::from_min_max(pos2(right_bottom.x - wide - 12.0, right_bottom.y - 22.0), right_bottom);
    painter.rect_filled(rect, CornerRadius::same(4), t.panel);
    paint::words(painter, rect.center(), Align2::CENTER_CENTER, text::MONO, t.map_label, words);
    widget::says(ui, rect, &format!("Pointer at {words}"));
}
