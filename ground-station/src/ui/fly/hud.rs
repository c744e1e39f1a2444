//! The plates of the head-up display. A figure that this picture does not tell is “—”, never the last one.

use std::time::Duration;

use egui::{Align2, CornerRadius, Rect, Stroke, StrokeKind, pos2, vec2};

use super::picture::Seen;
use super::plates::{MARGIN, Plates};
use crate::state::hud::{Centre, Hud, half_turn};
use crate::ui::{icon, paint, text};
use crate::video::Status;

/// Points of the tape that are one degree.
const TAPE_POINTS: f32 = 5.0;
/// Height of the upper and the lower plates, points.
const UPPER: f32 = 44.0;
const LOWER: f32 = 52.0;
/// Where the height's scale ends, as a part of the limit.
const SCALE_END: f64 = 130.0 / 120.0;
/// Where it ends without a limit, m.
const SCALE_M: f64 = 130.0;

/// What stands on the plates and is not of the picture.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Words<'a> {
    /// Which camera, as its button calls it.
    pub(crate) camera: Option<&'a str>,
    /// How close it is, in a figure.
    pub(crate) zoom: Option<&'a str>,
    /// What the gimbal does: “follows nose”, “holds heading”.
    pub(crate) gimbal: Option<&'a str>,
    /// The mission: what is flown, and how far it is.
    pub(crate) mission: Option<[&'a str; 2]>,
}

/// All of it.
pub(super) fn show(plates: &mut Plates<'_>, seen: &Seen<'_>, hud: Option<&Hud>, words: &Words<'_>) {
    badge(plates, seen, Some(words), false);
    let Some(hud) = hud else {
        no_telemetry(plates);
        return;
    };
    let room = plates.rect.width();
    tape(plates, hud);
    if room >= 700.0 {
        gimbal(plates, hud, words);
    }
    speed(plates, hud);
    height(plates, hud);
    let home_right = home(plates, hud);
    let mission_left = mission(plates, words);
    centre(plates, hud, home_right + 8.0..mission_left - 8.0);
}

fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| "—".to_owned(), |value| signed(value, decimals, false))
}

/// With a real minus, and without a minus before zero.
fn signed(value: f64, decimals: usize, plus: bool) -> String {
    let words = format!("{:.*}", decimals, value.abs());
    let zero = words.chars().all(|digit| matches!(digit, '0' | '.'));
    match (zero, value < 0.0, plus) {
        (false, true, _) => format!("−{words}"),
        (false, false, true) => format!("+{words}"),
        (true, _, _) | (false, false, false) => words,
    }
}

/// Short for its badge: 0.14 s, 3 s, 2 min.
pub(crate) fn age(age_ns: u64) -> String {
    let seconds = Duration::from_nanos(age_ns).as_secs_f64();
    match seconds {
        _ if seconds < 10.0 => format!("{seconds:.2} s"),
        _ if seconds < 120.0 => format!("{seconds:.0} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

/// Whether it is of now, how old, from which camera and in which form.
pub(super) fn badge(plates: &mut Plates<'_>, seen: &Seen<'_>, words: Option<&Words<'_>>, small: bool) {
    let Some(picture) = seen.picture else {
        return;
    };
    let (stale, age) = (seen.stale(), age(seen.age_ns().unwrap_or(0)));
    let ahead = seen.ahead_ns().map(|ahead_ns| format!("{} ahead", self::age(ahead_ns)));
    let (state, below) = match (seen.recorded, stale, picture.damaged) {
        (true, _, _) => ("REPLAY", "not live".to_owned()),
        (false, true, _) => ("STALE", format!("{age} old")),
        (false, false, true) => ("LIVE", "damaged".to_owned()),
        (false, false, false) => ("LIVE", ahead.clone().unwrap_or_else(|| format!("{age} old"))),
    };
    let size = if small { vec2(112.0, UPPER) } else { vec2(204.0, UPPER) };
    let rect = Rect::from_min_size(plates.rect.min + vec2(MARGIN, MARGIN), size);
    let t = plates.t;
    let form = form(picture, seen.status);
    let camera = words.map_or_else(String::new, |words| camera(words, picture));
    let damaged = if picture.damaged { ", damaged" } else { "" };
    let dated = ahead.as_ref().map_or_else(String::new, |ahead| format!(", dated {ahead}"));
    plates.plate(rect, &format!("{state}, picture {age} old{damaged}{dated}. {camera} {form}").replace("  ", " "));
    let dot = pos2(rect.left() + 18.0, rect.center().y);
    if seen.recorded {
        plates.icon(dot, 18.0, icon::FILM_STRIP.fill());
    } else if stale {
        paint::icon(plates.painter(), dot, 18.0, t.caution_fill, icon::WARNING.fill());
    } else {
        plates.painter().circle_filled(dot, 6.0, t.rec);
    }
    let doubtful = stale || !seen.recorded && (picture.damaged || ahead.is_some());
    let ink = if doubtful { t.caution_fill } else { t.hud };
    plates.ink(rect.left_top() + vec2(34.0, 14.0), Align2::LEFT_CENTER, text::STRONG, ink, state);
    plates.ink(rect.left_top() + vec2(34.0, 31.0), Align2::LEFT_CENTER, text::LABEL, ink, &below);
    if !small {
        plates.words(rect.right_top() + vec2(-12.0, 14.0), Align2::RIGHT_CENTER, text::STRONG, &camera);
        plates.words(rect.right_top() + vec2(-12.0, 31.0), Align2::RIGHT_CENTER, text::LABEL, &form);
    }
}

fn camera(words: &Words<'_>, picture: &crate::video::Picture) -> String {
    let own = || picture.klv.as_ref().and_then(|klv| klv.uas.image_source_sensor.as_deref()).unwrap_or("Camera");
    let name: String = words.camera.unwrap_or_else(own).chars().take(9).collect();
    words.zoom.map_or_else(|| name.clone(), |zoom| format!("{name} {zoom}"))
}

fn form(picture: &crate::video::Picture, status: &Status) -> String {
    let codec = match picture.codec {
        footage::access_unit::Codec::H264 => "H.264",
        footage::access_unit::Codec::H265 => "H.265",
    };
    match status {
        Status::Playing { fps, .. } if *fps > 0.0 => format!("{}p{fps:.0} {codec}", picture.height),
        Status::Playing { .. } | Status::Waiting | Status::Broken { .. } => format!("{}p {codec}", picture.height),
    }
}

fn no_telemetry(plates: &Plates<'_>) {
    let width = (plates.rect.width() - 2.0 * MARGIN).min(468.0);
    let middle = pos2(plates.rect.center().x, plates.rect.bottom() - MARGIN - LOWER / 2.0);
    let rect = Rect::from_center_size(middle, vec2(width, LOWER));
    let cure = "No figures are shown rather than wrong ones; if it stays so, check the telemetry port";
    plates.plate(rect, &format!("No telemetry with this picture. {cure}"));
    plates.icon(rect.left_center() + vec2(22.0, 0.0), 22.0, icon::QUESTION.regular());
    plates.fitting(
        rect.left_top() + vec2(42.0, 17.0),
        rect.right() - 10.0,
        text::STRONG,
        "No telemetry with this picture",
    );
    plates.fitting(rect.left_top() + vec2(42.0, 36.0), rect.right() - 10.0, text::LABEL, cure);
}

fn tape(plates: &Plates<'_>, hud: &Hud) {
    // Between the badge and the gimbal's plate, with the arrow to home at its left.
    let beside = if plates.rect.width() >= 700.0 { 204.0 } else { 12.0 };
    let left = plates.rect.left() + MARGIN + 204.0 + 62.0;
    let free =
        2.0 * (plates.rect.center().x - left).min(plates.rect.right() - MARGIN - beside - 6.0 - plates.rect.center().x);
    let middle = plates.rect.center().x;
    let size = vec2(free.clamp(84.0, 420.0), UPPER);
    let rect = Rect::from_min_size(pos2(middle - size.x / 2.0, plates.rect.top() + MARGIN), size);
    let says = hud
        .heading_deg
        .map_or_else(|| "Heading not known".to_owned(), |deg| format!("Heading {:03.0}°", whole_turn(deg)));
    plates.plate(rect, &says);
    let t = plates.t;
    if let Some(heading) = hud.heading_deg {
        ticks(plates, rect, heading);
    }
    let flag = Rect::from_center_size(pos2(middle, rect.top() + 18.0), vec2(68.0, 36.0));
    plates.painter().rect_filled(flag, CornerRadius::same(5), t.hud);
    let point = vec![
        pos2(middle - 7.0, flag.bottom() - 1.0),
        pos2(middle + 7.0, flag.bottom() - 1.0),
        pos2(middle, flag.bottom() + 8.0),
    ];
    plates.painter().add(egui::Shape::convex_polygon(point, t.hud, Stroke::NONE));
    let words = hud.heading_deg.map_or_else(|| "—".to_owned(), |deg| format!("{:03.0}°", whole_turn(deg)));
    plates.ink(flag.center(), Align2::CENTER_CENTER, text::TITLE, t.hud_plate.to_opaque(), &words);
    home_arrow(plates, rect, hud);
}

/// 359.6° is 000°, not 360°.
fn whole_turn(deg: f64) -> f64 {
    deg.round().rem_euclid(360.0)
}

#[expect(clippy::cast_possible_truncation, reason = "some hundred points")]
fn ticks(plates: &Plates<'_>, rect: Rect, heading: f64) {
    let reach = f64::from(rect.width() / 2.0 - 8.0) / f64::from(TAPE_POINTS);
    let (painter, t, middle) = (plates.painter(), plates.t, rect.center().x);
    for five in 0..72_u16 {
        let off = half_turn(f64::from(five) * 5.0 - heading);
        let x = middle + off as f32 * TAPE_POINTS;
        if off.abs() > reach || (x - middle).abs() < 37.0 {
            continue;
        }
        let major = five % 3 == 0;
        let (top, width) = if major { (28.0, 2.0) } else { (34.0, 1.2) };
        painter.vline(x, rect.top() + top..=rect.top() + 42.0, Stroke::new(width, t.hud));
        let inside = (x - middle).abs() > 52.0 && off.abs() < reach - 3.0;
        if major && inside {
            let name = match five {
                0 => "N".to_owned(),
                9 => "NE".to_owned(),
                18 => "E".to_owned(),
                27 => "SE".to_owned(),
                36 => "S".to_owned(),
                45 => "SW".to_owned(),
                54 => "W".to_owned(),
                63 => "NW".to_owned(),
                other => format!("{:03}", other * 5),
            };
            plates.words(pos2(x, rect.top() + 17.0), Align2::CENTER_CENTER, text::CELL_STRONG, &name);
        }
    }
}

/// On which side home lies, and by how much.
fn home_arrow(plates: &Plates<'_>, tape: Rect, hud: &Hud) {
    let Some((home, heading)) = hud.home.zip(hud.heading_deg) else {
        return;
    };
    let off = half_turn(home.bearing_deg - heading);
    let rect = Rect::from_min_size(tape.min - vec2(54.0, 0.0), vec2(48.0, UPPER));
    let (side, arrow_deg) = match off {
        off if off.abs() <= 5.0 => ("ahead", 0.0),
        off if off.abs() >= 175.0 => ("behind", 180.0),
        off if off > 0.0 => ("to the right", 90.0),
        _ => ("to the left", -90.0),
    };
    plates.plate(rect, &format!("Home is {side}, {:.0}° from the nose", off.abs()));
    plates.arrow(rect.left_center() + vec2(11.0, 0.0), arrow_deg, 12.0);
    plates.icon(rect.left_center() + vec2(31.0, 0.0), 22.0, icon::HOUSE_LINE.fill());
}

fn gimbal(plates: &Plates<'_>, hud: &Hud, words: &Words<'_>) {
    let size = vec2(176.0, UPPER);
    let rect = Rect::from_min_size(plates.rect.right_top() + vec2(-MARGIN - size.x, MARGIN), size);
    let degrees =
        |value: Option<f64>| value.map_or_else(|| "—".to_owned(), |deg| format!("{}°", signed(deg, 0, false)));
    let (tilt, pan) = (degrees(hud.tilt_deg), degrees(hud.pan_deg));
    let does = words.gimbal.map_or_else(String::new, |does| format!(" · {does}"));
    plates.plate(rect, &format!("Gimbal {tilt}, pan {pan}{does}"));
    plates.icon(rect.left_center() + vec2(21.0, 0.0), 22.0, icon::CROSSHAIR_SIMPLE.regular());
    plates.words(rect.left_top() + vec2(40.0, 14.0), Align2::LEFT_CENTER, text::STRONG, &format!("Gimbal {tilt}"));
    plates.fitting(rect.left_top() + vec2(40.0, 31.0), rect.right() - 8.0, text::LABEL, &format!("Pan {pan}{does}"));
}

fn speed(plates: &Plates<'_>, hud: &Hud) {
    let rect =
        Rect::from_min_size(pos2(plates.rect.left() + MARGIN, plates.rect.center().y - 64.0), vec2(118.0, 128.0));
    let (value, climb) =
        (figure(hud.speed_mps, 1), hud.climb_mps.map_or_else(|| "—".to_owned(), |climb| signed(climb, 1, true)));
    let wind = hud.wind.map_or_else(|| "Wind  —".to_owned(), |wind| format!("Wind  {:.0} m/s", wind.speed_mps));
    plates.plate(rect, &format!("Speed {value} m/s, climb {climb} m/s, {wind}"));
    let x = rect.left() + 14.0;
    plates.words(pos2(x, rect.top() + 18.0), Align2::LEFT_CENTER, text::LABEL, "Speed");
    let figure = plates.words(pos2(x, rect.top() + 47.0), Align2::LEFT_CENTER, text::FIGURE, &value);
    plates.words(pos2(figure.right() + 5.0, rect.top() + 53.0), Align2::LEFT_CENTER, text::BODY, "m/s");
    plates.rule(x..=rect.right() - 14.0, rect.top() + 70.0);
    plates.words(pos2(x, rect.top() + 87.0), Align2::LEFT_CENTER, text::CELL, &format!("Climb  {climb}"));
    plates.words(pos2(x, rect.top() + 109.0), Align2::LEFT_CENTER, text::CELL, &wind);
    // Where the wind blows to, against the nose.
    if let Some((wind, heading)) = hud.wind.zip(hud.heading_deg) {
        plates.arrow(pos2(rect.right() - 13.0, rect.top() + 109.0), narrow(wind.from_deg + 180.0 - heading), 12.0);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees, or points on the screen")]
fn narrow(value: f64) -> f32 {
    value as f32
}

fn height(plates: &Plates<'_>, hud: &Hud) {
    let rect = Rect::from_min_size(
        pos2(plates.rect.right() - MARGIN - 140.0, plates.rect.center().y - 64.0),
        vec2(140.0, 128.0),
    );
    let (shown_m, datum, unit) = match (hud.height_agl_m, hud.height_above_home_m) {
        (None, Some(home_m)) => (Some(home_m), "home", "m"),
        (agl_m, _) => (agl_m, "ground", "m AGL"),
    };
    let (agl, amsl) = (figure(shown_m, 0), figure(hud.height_amsl_m, 0));
    let limit = hud.limit_agl_m.map_or_else(|| "No limit set".to_owned(), |limit| format!("Limit {limit:.0} AGL"));
    let over = if hud.over_limit() { ", above the limit" } else { "" };
    plates.plate(rect, &format!("Height {agl} m above {datum}{over}, {amsl} m above sea level. {limit}"));
    let (x, t) = (rect.left() + 34.0, plates.t);
    let ink = if hud.over_limit() { t.caution_fill } else { t.hud };
    let head = if hud.over_limit() {
        "Over the limit"
    } else if datum == "home" {
        "Above home"
    } else {
        "Height"
    };
    plates.ink(pos2(x, rect.top() + 18.0), Align2::LEFT_CENTER, text::LABEL, ink, head);
    let figure = plates.ink(pos2(x, rect.top() + 47.0), Align2::LEFT_CENTER, text::FIGURE, ink, &agl);
    let unit = if figure.right() + 48.0 > rect.right() { "m" } else { unit };
    plates.words(pos2(figure.right() + 5.0, rect.top() + 53.0), Align2::LEFT_CENTER, text::BODY, unit);
    plates.rule(x..=rect.right() - 12.0, rect.top() + 70.0);
    plates.words(pos2(x, rect.top() + 87.0), Align2::LEFT_CENTER, text::CELL, &format!("{amsl} m AMSL"));
    plates.words(pos2(x, rect.top() + 109.0), Align2::LEFT_CENTER, text::CELL, &limit);
    scale(plates, rect, hud);
}

/// The height as a column up to the limit.
fn scale(plates: &Plates<'_>, rect: Rect, hud: &Hud) {
    let (painter, t) = (plates.painter(), plates.t);
    let column = Rect::from_min_max(rect.left_top() + vec2(12.0, 12.0), rect.left_bottom() + vec2(20.0, -12.0));
    let end_m = hud.limit_agl_m.map_or(SCALE_M, |limit| limit * SCALE_END).max(1.0);
    let y = |height_m: f64| column.bottom() - column.height() * narrow((height_m / end_m).clamp(0.0, 1.0));
    if let Some(height_m) = hud.height_agl_m.or(hud.height_above_home_m) {
        let fill = Rect::from_min_max(pos2(column.left(), y(height_m)), column.max);
        painter.rect_filled(fill, 0.0, t.hud.gamma_multiply(0.85));
    }
    painter.rect_stroke(column, 0.0, Stroke::new(1.2, t.hud), StrokeKind::Inside);
    if let Some(limit_m) = hud.limit_agl_m {
        painter.hline(column.left() - 4.0..=column.right() + 4.0, y(limit_m), Stroke::new(3.0, t.caution_fill));
    }
}

/// Gives where its plate ends.
fn home(plates: &Plates<'_>, hud: &Hud) -> f32 {
    let size = vec2(if plates.rect.width() < 880.0 { 172.0 } else { 206.0 }, LOWER);
    let rect = Rect::from_min_size(plates.rect.left_bottom() + vec2(MARGIN, -MARGIN - size.y), size);
    let Some(home) = hud.home else {
        plates.plate(rect, "Home not known");
        plates.icon(rect.left_center() + vec2(28.0, 0.0), 24.0, icon::HOUSE_LINE.regular());
        plates.words(rect.left_top() + vec2(56.0, 18.0), Align2::LEFT_CENTER, text::VALUE, "Home —");
        let why = if hud.position.is_none() { "position not known" } else { "not set yet" };
        plates.words(rect.left_top() + vec2(56.0, 37.0), Align2::LEFT_CENTER, text::LABEL, why);
        return rect.right();
    };
    let distance = if home.distance_m < 10_000.0 {
        format!("{:.0} m", home.distance_m)
    } else {
        format!("{:.1} km", home.distance_m / 1_000.0)
    };
    let back = home.back_s.map_or_else(String::new, |seconds| {
        if seconds < 100.0 { format!(" · {seconds:.0} s back") } else { format!(" · {:.0} min back", seconds / 60.0) }
    });
    let below = format!("{:03.0}°{back}", whole_turn(home.bearing_deg));
    plates.plate(rect, &format!("Home {distance}, bearing {below}"));
    let at = rect.left_center() + vec2(28.0, 0.0);
    plates.painter().circle_stroke(at, 17.0, Stroke::new(1.6, plates.t.hud));
    match hud.heading_deg {
        Some(heading) => plates.dart(at, narrow(home.bearing_deg - heading)),
        None => plates.icon(at, 20.0, icon::HOUSE_LINE.fill()),
    }
    plates.words(rect.left_top() + vec2(56.0, 18.0), Align2::LEFT_CENTER, text::VALUE, &format!("Home {distance}"));
    plates.fitting(rect.left_top() + vec2(56.0, 37.0), rect.right() - 8.0, text::LABEL, &below);
    rect.right()
}

/// Gives where its plate begins.
fn mission(plates: &Plates<'_>, words: &Words<'_>) -> f32 {
    let right = plates.rect.right() - MARGIN;
    let Some([what, how]) = words.mission else {
        return right + 8.0;
    };
    let wide = plates.rect.width() >= 880.0;
    let size = vec2(if wide { 206.0 } else { 172.0 }, LOWER);
    // Where there is no room beside the frame centre it stands above it.
    let lift = if wide { 0.0 } else { LOWER + 8.0 };
    let rect = Rect::from_min_size(pos2(right - size.x, plates.rect.bottom() - MARGIN - size.y - lift), size);
    plates.plate(rect, &format!("Mission {what}, {how}"));
    plates.icon(rect.left_center() + vec2(22.0, 0.0), 24.0, icon::DRONE.regular());
    plates.fitting(rect.left_top() + vec2(44.0, 18.0), rect.right() - 8.0, text::STRONG, what);
    plates.fitting(rect.left_top() + vec2(44.0, 37.0), rect.right() - 8.0, text::LABEL, how);
    if wide { rect.left() } else { right + 8.0 }
}

fn centre(plates: &Plates<'_>, hud: &Hud, room: std::ops::Range<f32>) {
    let width = (room.end - room.start).min(468.0);
    let middle =
        plates.rect.center().x.clamp(room.start + width / 2.0, (room.end - width / 2.0).max(room.start + width / 2.0));
    let rect = Rect::from_center_size(pos2(middle, plates.rect.bottom() - MARGIN - LOWER / 2.0), vec2(width, LOWER));
    let (above, away) = match &hud.centre {
        Centre::Ground { position, grid, slant_range_m } => {
            let place = coordinates(position.lat_deg, position.lon_deg);
            let grid = grid.as_deref().map_or_else(String::new, |grid| format!("   {grid}"));
            let away =
                slant_range_m.map_or_else(|| "distance not known".to_owned(), |range_m| format!("{range_m:.0} m away"));
            (format!("{place}{grid}"), format!("Frame centre, {away}"))
        }
        Centre::Sky => ("—".to_owned(), "The frame centre is above the horizon".to_owned()),
        Centre::Unknown => ("—".to_owned(), "Frame centre not known".to_owned()),
    };
    let below = format!("{away} · frame {}", taken(hud));
    let missing = if hud.missing.is_empty() { String::new() } else { format!(" · no {}", hud.missing.join(", no ")) };
    plates.plate(rect, &format!("{above}. {below}{missing}"));
    plates.icon(rect.left_center() + vec2(21.0, 0.0), 22.0, icon::CROSSHAIR.regular());
    plates.fitting(rect.left_top() + vec2(42.0, 17.0), rect.right() - 8.0, text::MONO_STRONG, &above);
    plates.fitting(rect.left_top() + vec2(42.0, 37.0), rect.right() - 8.0, text::LABEL, &format!("{below}{missing}"));
}

/// 52.89240 N  1.63518 W.
pub(crate) fn coordinates(lat_deg: f64, lon_deg: f64) -> String {
    let (north, east) = (if lat_deg < 0.0 { 'S' } else { 'N' }, if lon_deg < 0.0 { 'W' } else { 'E' });
    format!("{:.5} {north}  {:.5} {east}", lat_deg.abs(), lon_deg.abs())
}

/// When the picture was shot, in UTC, and how well that is known.
fn taken(hud: &Hud) -> String {
    let at = hud.taken_utc_us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    let at = at.map_or_else(|| "time not known".to_owned(), |at| format!("{} UTC", at.strftime("%H:%M:%S.%2f")));
    let within = hud.time_uncertainty_us.map_or_else(String::new, |us| match us {
        0..1_000 => format!(" ± {us} µs"),
        1_000..1_000_000 => format!(" ± {} ms", us / 1_000),
        _ => format!(" ± {} s", us / 1_000_000),
    });
    format!("{at}{within}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_a_real_minus_and_no_minus_before_zero() {
        assert_eq!(signed(-0.04, 1, true), "0.0");
        assert_eq!(signed(-17.4, 0, false), "−17");
        assert_eq!(signed(0.12, 1, true), "+0.1");
        assert_eq!(figure(None, 1), "—");
        assert_eq!(whole_turn(359.7), 0.0);
    }

    #[test]
    fn ages_are_as_fine_as_they_matter() {
        let said = [140_000_000, 9_400_000_000, 61_000_000_000, 600_000_000_000].map(age);
        assert_eq!(said, ["0.14 s", "9.40 s", "61 s", "10 min"]);
    }

    #[test]
    fn coordinates_name_their_halves() {
        assert_eq!(coordinates(52.8924, -1.63518), "52.89240 N  1.63518 W");
    }
}
