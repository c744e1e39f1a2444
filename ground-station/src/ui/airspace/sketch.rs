//! A permission's area and the zones that it is for, drawn small: north up, with a scale.

use egui::{Align2, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};
use mission_profiles::authorisation::Authorisation;
use mission_profiles::place::{Position, TangentPlane, direct, earth_point};
use mission_profiles::zones::{Outline, Zone};

use super::table;
use crate::state::airspace::Asks;
use crate::state::board::{Airspace, ZoneRow};
use crate::ui::cut::Cut as _;
use crate::ui::theme::{RADIUS_SMALL, tokens};
use crate::ui::widget::badge::Tone;
use crate::ui::{paint, text};

/// Sides of what stands for a circle.
const CIRCLE: u8 = 48;
/// Lengths of the scale, metres.
const SCALES_M: [f32; 9] = [50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 5_000.0, 10_000.0, 50_000.0];

/// Draws it.
pub(super) fn show(ui: &Ui, rect: Rect, airspace: &Airspace, it: &Authorisation, rows: &[ZoneRow]) {
    let t = tokens(ui);
    let painter = ui.painter().with_clip_rect(rect.shrink(1.0).intersect(ui.clip_rect()));
    ui.painter().rect(rect, CornerRadius::same(RADIUS_SMALL), t.map_land, Stroke::new(1.0, t.line), StrokeKind::Inside);
    let zones: Vec<(Asks, &Zone)> = it
        .zones
        .iter()
        .filter_map(|identifier| airspace.zone_called(identifier))
        .map(|(key, zone)| (rows.iter().find(|row| row.key == key).map_or(Asks::Note, |row| row.asks), zone))
        .collect();
    let area: Vec<Vec<Position>> = it.area.iter().filter_map(ring).collect();
    let of_zones: Vec<Vec<Position>> =
        zones.iter().flat_map(|(_, zone)| zone.volumes.iter().filter_map(|part| ring(&part.outline))).collect();
    let all: Vec<Position> = if area.is_empty() { &of_zones } else { &area }.iter().flatten().copied().collect();
    let Some(sheet) = Sheet::of(&all, rect) else {
        let words = if it.zones.is_empty() {
            "Nothing is drawn: it holds nowhere by itself"
        } else {
            "None of the datasets has its zones"
        };
        paint::words(&painter, rect.center(), Align2::CENTER_CENTER, text::LABEL, t.text2, words);
        return;
    };
    for (asks, zone) in &zones {
        let (tone, _) = table::sign(*asks);
        let ink = if tone == Tone::Neutral { t.text2 } else { tone.ink(ui) };
        for outline in zone.volumes.iter().filter_map(|part| ring(&part.outline)) {
            line(&painter, &sheet.points(&outline), Stroke::new(2.0, ink), *asks);
        }
    }
    for (outline, drawn) in area.iter().zip(it.area.iter().filter(|outline| ring(outline).is_some())) {
        let points = sheet.points(outline);
        if matches!(drawn, Outline::Circle { .. }) {
            painter.add(Shape::convex_polygon(points.clone(), t.accent.gamma_multiply(0.16), Stroke::NONE));
        }
        painter.add(Shape::closed_line(points, Stroke::new(2.0, t.accent)));
    }
    if let Some((asks, zone)) = zones.first() {
        label(ui, &painter, rect, *asks, zone);
    }
    sheet.scale(ui, &painter, rect);
}

/// A zone's line; dashed where it does not block.
fn line(painter: &Painter, points: &[Pos2], stroke: Stroke, asks: Asks) {
    let mut ring = points.to_vec();
    ring.extend(points.first());
    match asks {
        Asks::Blocks | Asks::Held => painter.extend(vec![Shape::line(ring, stroke)]),
        Asks::Uncertain | Asks::CallFirst | Asks::Note => painter.extend(Shape::dashed_line(&ring, stroke, 8.0, 5.0)),
    }
}

/// The first zone's name and what it asks, on a plate.
fn label(ui: &Ui, painter: &Painter, rect: Rect, asks: Asks, zone: &Zone) {
    let t = tokens(ui);
    let (tone, sign) = table::sign(asks);
    let ink = if tone == Tone::Neutral { t.text2 } else { tone.ink(ui) };
    let words = format!("{}: {}", zone.name, asks.words().to_lowercase());
    let galley = paint::line(painter, text::LABEL_STRONG, t.text, &words, rect.width() - 60.0);
    let size = vec2(galley.size().x + 34.0, 24.0);
    let plate = Rect::from_min_size(pos2(rect.left() + 8.0, rect.bottom() - 32.0), size);
    painter.rect(plate, CornerRadius::same(RADIUS_SMALL), t.panel, Stroke::new(1.5, ink), StrokeKind::Inside);
    paint::icon(painter, plate.left_center() + vec2(14.0, 0.0), 16.0, ink, sign);
    painter.galley(pos2(plate.left() + 26.0, plate.center().y - galley.size().y / 2.0), galley, t.text);
}

fn ring(outline: &Outline) -> Option<Vec<Position>> {
    match outline {
        Outline::Polygon(polygon) => Some(polygon.exterior.clone()),
        Outline::Circle { centre, radius_m } => {
            let at = |side: u8| direct(*centre, f64::from(side) * 360.0 / f64::from(CIRCLE), *radius_m);
            Some((0..CIRCLE).map(at).collect())
        }
        Outline::Corridor { line, .. } => Some(line.clone()),
        Outline::Everywhere => None,
    }
}

/// Metres onto points.
struct Sheet {
    plane: TangentPlane,
    /// East and north of the plane's origin, metres.
    middle: [f32; 2],
    points_per_m: f32,
    centre: Pos2,
}

impl Sheet {
    fn of(places: &[Position], rect: Rect) -> Option<Self> {
        let plane = TangentPlane::at(*places.first()?);
        let flat: Vec<[f32; 2]> = places.iter().map(|place| flat(&plane, *place)).collect();
        let span = |axis: usize| {
            let low = flat.iter().map(|point| point[axis]).fold(f32::INFINITY, f32::min);
            let high = flat.iter().map(|point| point[axis]).fold(f32::NEG_INFINITY, f32::max);
            (f32::midpoint(low, high), (high - low).max(50.0))
        };
        let ((east, wide), (north, high)) = (span(0), span(1));
        let points_per_m = ((rect.width() - 24.0) / wide).min((rect.height() - 24.0) / high);
        Some(Self { plane, middle: [east, north], points_per_m, centre: rect.center() })
    }

    fn points(&self, places: &[Position]) -> Vec<Pos2> {
        let at = |place: &Position| {
            let [east, north] = flat(&self.plane, *place);
            self.centre + vec2(east - self.middle[0], self.middle[1] - north) * self.points_per_m
        };
        places.iter().map(at).collect()
    }

    /// A length that is round and about a quarter as long as the sheet.
    fn scale(&self, ui: &Ui, painter: &Painter, rect: Rect) {
        let t = tokens(ui);
        let most_m = rect.width() * 0.28 / self.points_per_m;
        let Some(length_m) = SCALES_M.into_iter().rev().find(|length_m| *length_m <= most_m) else { return };
        let mut corner = rect.shrink(10.0);
        let left = corner.left_part(length_m * self.points_per_m).left_top() + vec2(0.0, 8.0);
        let right = left + vec2(length_m * self.points_per_m, 0.0);
        let stroke = Stroke::new(1.5, t.map_label);
        painter.line_segment([left, right], stroke);
        for end in [left, right] {
            painter.line_segment([end - vec2(0.0, 4.0), end + vec2(0.0, 4.0)], stroke);
        }
        let words =
            if length_m < 1_000.0 { format!("{length_m:.0} m") } else { format!("{:.0} km", length_m / 1_000.0) };
        let colors = (t.map_label, t.map_halo);
        paint::haloed(painter, right + vec2(6.0, 0.0), Align2::LEFT_CENTER, text::LABEL, colors, &words);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "metres on a sketch of a few hundred points")]
fn flat(plane: &TangentPlane, place: Position) -> [f32; 2] {
    let [east, north] = plane.project(earth_point(place));
    [east as f32, north as f32]
}
