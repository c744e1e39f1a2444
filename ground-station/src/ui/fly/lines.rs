//! What lies on the picture itself, at the true angles of its own telemetry: horizon, pitch ladder, cross, measured point.

use egui::{Align2, CornerRadius, Painter, Pos2, Rect, Stroke, Ui, pos2, vec2};
use mission_profiles::place::{Position, inverse, to_grid};

use crate::state::hud::{Hud, Sight};
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::{paint, text, widget};

/// Half the gap of the horizon around the middle, and how near to the edge it goes, points.
const HORIZON_GAP: f32 = 226.0;
const HORIZON_EDGE: f32 = 40.0;
/// Where the ladder's rungs begin and end, from the middle, points.
const RUNG: [f32; 2] = [62.0, 92.0];
/// Looking farther down than this, up and down mean little in the picture, degrees.
const STEEP_DEG: f64 = 70.0;

#[expect(clippy::cast_possible_truncation, reason = "fractions of a picture")]
fn at(image: Rect, [x, y]: [f64; 2]) -> Pos2 {
    image.center() + vec2(x as f32 * image.width(), y as f32 * image.height()) / 2.0
}

/// A line over a dark edge, so that it is seen on anything.
fn line(painter: &Painter, ui: &Ui, ends: [Pos2; 2], width: f32) {
    let t = tokens(ui);
    painter.line_segment(ends, Stroke::new(width + 2.4, t.hud_plate.gamma_multiply(0.7)));
    painter.line_segment(ends, Stroke::new(width, t.hud));
}

/// The horizon where it is, and marks each ten degrees.
pub(super) fn horizon_and_ladder(ui: &Ui, painter: &Painter, image: Rect, sight: &Sight) {
    let camera = sight.camera;
    if camera.pitch_deg.abs() > STEEP_DEG {
        return;
    }
    let painter = painter.with_clip_rect(painter.clip_rect().intersect(image));
    let level = |elevation_deg: f64| {
        let [left, middle, right] = [-5.0, 0.0, 5.0]
            .map(|beside_deg| sight.project(camera.yaw_deg + beside_deg, elevation_deg).map(|seen| at(image, seen)));
        Some((middle?, (right? - left?).normalized()))
    };
    if let Some((middle, along)) = level(0.0).filter(|(middle, _)| image.expand(400.0).contains(*middle)) {
        let far = image.width() / 2.0 - HORIZON_EDGE;
        let gap = HORIZON_GAP.min(far * 0.48);
        for side in [-1.0, 1.0] {
            line(&painter, ui, [middle + along * gap * side, middle + along * far * side], 1.6);
        }
        if image.contains(middle) {
            widget::says(ui, Rect::from_center_size(middle, vec2(2.0 * far, 8.0)), "Horizon of this picture");
        }
    }
    for ten in -9..=9_i8 {
        let elevation_deg = f64::from(ten) * 10.0;
        let Some((middle, along)) = level(elevation_deg).filter(|_| ten != 0) else {
            continue;
        };
        // Not where the cross or the plates of top and bottom stand.
        let clear = image.shrink2(vec2(0.0, 64.0)).contains(middle) && (middle - image.center()).length() > 34.0;
        if !clear {
            continue;
        }
        for side in [-1.0, 1.0] {
            line(&painter, ui, [middle + along * RUNG[0] * side, middle + along * RUNG[1] * side], 1.5);
        }
        let t = tokens(ui);
        let words = format!("{}°", elevation_deg).replace('-', "−");
        let place = middle + along * (RUNG[1] + 6.0);
        paint::haloed(&painter, place, Align2::LEFT_CENTER, text::LABEL, (t.hud, t.hud_plate), &words);
    }
}

/// The middle of the picture.
pub(super) fn cross(ui: &Ui, painter: &Painter, middle: Pos2) {
    for way in [vec2(1.0, 0.0), vec2(-1.0, 0.0), vec2(0.0, 1.0), vec2(0.0, -1.0)] {
        line(painter, ui, [middle + way * 10.0, middle + way * 26.0], 2.0);
    }
    painter.circle_filled(middle, 1.8, tokens(ui).hud);
}

/// A measured point, where it is in this picture, with its place and how far it is.
pub(super) fn measured(ui: &Ui, painter: &Painter, image: Rect, hud: &Hud, spot: Position) {
    let t = tokens(ui);
    let place = hud
        .sight
        .as_ref()
        .and_then(|sight| sight.find(spot))
        .map(|seen| at(image, seen))
        .filter(|at| image.contains(*at));
    let grid = to_grid(spot).unwrap_or_else(|| format!("{:.5}, {:.5}", spot.lat_deg, spot.lon_deg));
    let away = hud.position.map_or_else(String::new, |here| {
        let leg = inverse(here, spot);
        format!("{:.0} m along the ground, {:03.0}°", leg.distance_m, leg.azimuth_deg)
    });
    let lines = [grid, away, format!("{:.5}, {:.5}", spot.lat_deg, spot.lon_deg)];
    let wide = lines.iter().map(|words| paint::width(painter, text::LABEL_STRONG, words)).fold(0.0, f32::max) + 24.0;
    let size = vec2(wide, 68.0);
    let Some(place) = place else {
        let words = format!("Measured point out of the picture: {}, {}", lines[0], lines[1]);
        widget::says(ui, Rect::from_min_size(image.min, vec2(1.0, 1.0)), &words);
        return;
    };
    for way in [vec2(1.0, 1.0), vec2(-1.0, 1.0), vec2(1.0, -1.0), vec2(-1.0, -1.0)] {
        line(painter, ui, [place + way * 4.0, place + way * 10.0], 2.0);
    }
    painter.circle_stroke(place, 14.0, Stroke::new(2.0, t.hud));
    let left = if place.x + 22.0 + size.x > image.right() { place.x - 22.0 - size.x } else { place.x + 22.0 };
    let top = (place.y - size.y / 2.0).clamp(image.top() + 8.0, (image.bottom() - size.y - 8.0).max(image.top() + 8.0));
    let plate = Rect::from_min_size(pos2(left, top), size);
    painter.rect_filled(plate, CornerRadius::same(RADIUS), t.hud_plate);
    let mut y = plate.top() + 8.0;
    for (words, style) in lines.iter().zip([text::LABEL_STRONG, text::LABEL, text::LABEL]) {
        paint::words(painter, pos2(plate.left() + 12.0, y), Align2::LEFT_TOP, style, t.hud, words);
        y += 18.0;
    }
    widget::says(ui, plate, &format!("Measured point: {}, {}", lines[0], lines[1]));
}
