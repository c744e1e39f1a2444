//! The player: the picture with what it is of, the telemetry of this picture, and the keys below it.

use egui::{Align2, Color32, CornerRadius, Rect, Stroke, StrokeKind, Ui, pos2, vec2};
use footage::klv::Decoded;

use super::{Ask, Playing, View, clock, stamp};
use crate::state::evidence::{Evidence, Session};
use crate::state::hud::{Centre, Hud};
use crate::ui::cut::Cut as _;
use crate::ui::fly::hud::coordinates;
use crate::ui::theme::{RADIUS, tokens};
use crate::ui::widget::empty::Empty;
use crate::ui::widget::panel;
use crate::ui::{icon, paint, text, widget};
use crate::video::ReelOrder;

/// Of a row of the telemetry table, points.
const ROW: f32 = 19.0;

pub(super) fn picture(
    ui: &mut Ui,
    rect: Rect,
    state: &Evidence,
    playing: Option<Playing<'_>>,
    hud: Option<&Hud>,
    view: &mut View,
    asks: &mut Vec<Ask>,
) {
    let t = tokens(ui);
    ui.painter().rect(rect, CornerRadius::same(RADIUS), t.sunken, Stroke::new(1.0, t.line), StrokeKind::Inside);
    let Some(playing) = playing else {
        closed(ui, rect, state, asks);
        return;
    };
    let Some(picture) = playing.picture else {
        let (what, how) = match &playing.state.fault {
            Some(why) => ("The footage cannot be played", why.as_str()),
            None => ("The recording is being opened", "Its first picture appears here."),
        };
        Empty { icon: icon::FILM_STRIP.regular(), what, how, action: None }.at(ui, middle(rect));
        return;
    };
    let texture = view.picture.texture(ui, picture);
    #[expect(clippy::cast_precision_loss, reason = "at most 8192 pixels")]
    let size = vec2(picture.width as f32, picture.height as f32);
    let scale = (rect.width() / size.x).min(rect.height() / size.y);
    let image = Rect::from_center_size(rect.center(), size * scale);
    let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
    ui.painter().with_clip_rect(rect).image(texture, image, whole, Color32::WHITE);
    if let Some(session) = &state.session {
        watermark(ui, rect, session);
    }
    let title = title(ui, rect, state, playing);
    if let Some(klv) = &picture.klv {
        table(ui, rect, title.bottom() + 8.0, klv, &mut view.klv_closed);
    }
    below(ui, rect, playing, hud);
}

fn middle(rect: Rect) -> Rect {
    Rect::from_center_size(rect.center(), vec2(rect.width().min(520.0), rect.height().min(160.0)))
}

fn closed(ui: &Ui, rect: Rect, state: &Evidence, asks: &mut Vec<Ask>) {
    let (what, how, action) = match (state.flight(), state.looks()) {
        (None, _) => {
            ("No flight is chosen", "Choose one at the right to see its verdict and to look at its footage.", None)
        }
        (Some(_), None) => (
            "Footage is sealed",
            "To look at it, give your account, PIN and reason above. That is signed on the ledger before anything is opened.",
            None,
        ),
        (Some(_), Some(_)) => (
            "Footage is ready to be opened",
            "Open it with the key of somebody it is sealed to, or choose a folder of segments opened before.",
            Some("Open footage of this flight"),
        ),
    };
    let empty = Empty { icon: icon::LOCK_SIMPLE.regular(), what, how, action };
    if empty.at(ui, middle(rect)).is_some_and(|response| response.clicked()) {
        asks.push(Ask::OpenFootage);
    }
}

/// Who looks, over the picture, so that a photograph of the screen says who took it.
pub(crate) fn watermark(ui: &Ui, rect: Rect, session: &Session) {
    let painter = ui.painter().with_clip_rect(rect);
    let words = format!("{} · {} UTC", session.who, stamp(session.since_utc_us, "%-d %b %Y %H:%M"));
    let ink = tokens(ui).hud.gamma_multiply(0.17);
    let galley = painter.layout_no_wrap(words, text::VALUE.font(), ink);
    let mut y = rect.top() + 60.0;
    let mut shift = 0.0;
    while y < rect.bottom() + 60.0 {
        let mut x = rect.left() - 120.0 + shift;
        while x < rect.right() {
            painter
                .add(egui::epaint::TextShape::new(pos2(x, y), std::sync::Arc::clone(&galley), ink).with_angle(-0.31));
            x += galley.size().x + 90.0;
        }
        y += 120.0;
        shift = if shift > 0.0 { 0.0 } else { 150.0 };
    }
}

fn plate(ui: &Ui, rect: Rect, says: &str) {
    ui.painter().rect_filled(rect, CornerRadius::same(RADIUS), tokens(ui).hud_plate);
    widget::says(ui, rect, says);
}

fn title(ui: &Ui, rect: Rect, state: &Evidence, playing: Playing<'_>) -> Rect {
    let t = tokens(ui);
    let plate_rect = Rect::from_min_size(rect.min + vec2(12.0, 12.0), vec2(292.0, 46.0));
    let what = state.flight().map_or_else(
        || "Recording".to_owned(),
        |flight| {
            let purpose = flight.purpose.as_deref().unwrap_or("Flight");
            format!("{}   {purpose}", flight.aircraft)
        },
    );
    let time = playing.picture.and_then(|picture| picture.taken_utc_us.map(|us| (us, picture.time_locked)));
    let when = match time {
        Some((us, locked)) => {
            let clock = if locked { "" } else { ", clock not locked" };
            format!("{} UTC{clock}", stamp(us, "%Y-%m-%d %H:%M:%S.%3f"))
        }
        None => "This picture carries no time".to_owned(),
    };
    plate(ui, plate_rect, &format!("{what}. {when}"));
    let line = |top: f32| Rect::from_min_size(plate_rect.min + vec2(12.0, top), vec2(268.0, 18.0));
    paint::fit(ui.painter(), line(6.0), text::STRONG, t.hud, &what);
    paint::fit(ui.painter(), line(24.0), text::LABEL, t.hud, &when);
    plate_rect
}

fn below(ui: &Ui, rect: Rect, playing: Playing<'_>, hud: Option<&Hud>) {
    let t = tokens(ui);
    let place = Rect::from_min_size(pos2(rect.left() + 12.0, rect.bottom() - 58.0), vec2(340.0, 46.0));
    let (above, under) = match hud.map(|hud| &hud.centre) {
        Some(Centre::Ground { position, grid, slant_range_m }) => {
            let away = slant_range_m.map_or_else(String::new, |range_m| format!("{range_m:.1} m away"));
            let parts = [grid.clone().unwrap_or_default(), away];
            let under: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            (coordinates(position.lat_deg, position.lon_deg), under.join(" · "))
        }
        Some(Centre::Sky) => ("—".to_owned(), "The frame centre is above the horizon".to_owned()),
        Some(Centre::Unknown) => ("—".to_owned(), "Frame centre not known".to_owned()),
        None => ("—".to_owned(), "No telemetry with this picture".to_owned()),
    };
    plate(ui, place, &format!("{above}. {under}"));
    paint::icon(ui.painter(), place.left_center() + vec2(21.0, 0.0), 22.0, t.hud, icon::CROSSHAIR.regular());
    let line = |place: Rect, top: f32| {
        Rect::from_min_max(place.min + vec2(42.0, top), pos2(place.right() - 8.0, place.top() + top + 18.0))
    };
    paint::fit(ui.painter(), line(place, 5.0), text::MONO_STRONG, t.hud, &above);
    paint::fit(ui.painter(), line(place, 24.0), text::LABEL, t.hud, &under);
    let segment = Rect::from_min_size(rect.max - vec2(232.0, 58.0), vec2(220.0, 46.0));
    if segment.left() > place.right() + 8.0 {
        let (name, (index, total)) = (&playing.state.segment, playing.state.place);
        let of = format!("{} of {total}", index + 1);
        plate(ui, segment, &format!("Segment {name}, {of}"));
        paint::icon(ui.painter(), segment.left_center() + vec2(21.0, 0.0), 22.0, t.hud, icon::FILM_STRIP.regular());
        paint::fit(ui.painter(), line(segment, 5.0), text::CELL_STRONG, t.hud, &format!("Segment {name}"));
        paint::fit(ui.painter(), line(segment, 24.0), text::LABEL, t.hud, &of);
    }
}

fn table(ui: &Ui, rect: Rect, top: f32, klv: &Decoded, shut: &mut bool) {
    let t = tokens(ui);
    let rows = rows(klv);
    let most = (rect.bottom() - 70.0 - top - 34.0) / ROW;
    let fits = rows.iter().zip(1_u8..).take_while(|(_, nth)| f32::from(*nth) <= most).count();
    let shown = if *shut { &[][..] } else { rows.get(..fits).unwrap_or_default() };
    #[expect(clippy::cast_precision_loss, reason = "some dozen rows")]
    let height = if *shut { 30.0 } else { 36.0 + ROW * shown.len() as f32 };
    let place = Rect::from_min_size(pos2(rect.left() + 12.0, top), vec2(236.0, height));
    plate(ui, place, "KLV of this picture");
    let version = klv.version.map_or_else(|| "ST 0601".to_owned(), |version| format!("ST 0601.{version}"));
    let head = Rect::from_min_size(place.min, vec2(place.width(), 30.0));
    let words = head.shrink2(vec2(12.0, 0.0));
    paint::fit(ui.painter(), words, text::CELL_STRONG, t.hud, "KLV of this frame");
    paint::fit_right(ui.painter(), words, text::LABEL, t.hud, &version);
    if widget::target(ui, head, "Show or hide the KLV of this frame", true).clicked() {
        *shut = !*shut;
    }
    let mut y = head.bottom() + ROW / 2.0;
    for (tag, name, value) in shown {
        let at = |x: f32| pos2(place.left() + x, y);
        let faint = t.hud.gamma_multiply(0.72);
        paint::words(ui.painter(), at(32.0), Align2::RIGHT_CENTER, text::LABEL, faint, &tag.to_string());
        paint::words(ui.painter(), at(42.0), Align2::LEFT_CENTER, text::LABEL, t.hud, name);
        paint::words(ui.painter(), at(224.0), Align2::RIGHT_CENTER, text::LABEL_STRONG, t.hud, value);
        widget::says(
            ui,
            Rect::from_min_size(at(0.0) - vec2(0.0, 8.0), vec2(236.0, 16.0)),
            &format!("Tag {tag} {name} {value}"),
        );
        y += ROW;
    }
}

/// The items of a packet as people read them; what it does not hold is not there, an error value is “error”.
fn rows(klv: &Decoded) -> Vec<(u32, &'static str, String)> {
    let uas = &klv.uas;
    let mut rows = vec![(
        2,
        "Precision time",
        i64::try_from(uas.timestamp_us).map_or_else(|_| "—".to_owned(), |us| stamp(us, "%H:%M:%S.%3f")),
    )];
    let numbers = [
        (5, "Platform heading", uas.platform_heading_deg, 1, "°"),
        (6, "Platform pitch", uas.platform_pitch_deg, 1, "°"),
        (7, "Platform roll", uas.platform_roll_deg, 1, "°"),
        (13, "Sensor latitude", uas.sensor_latitude_deg, 5, ""),
        (14, "Sensor longitude", uas.sensor_longitude_deg, 5, ""),
        (15, "Sensor height", uas.sensor_altitude_msl_m, 1, " m"),
        (16, "Field of view", uas.sensor_fov_horizontal_deg, 1, "°"),
        (18, "Azimuth", uas.sensor_relative_azimuth_deg, 1, "°"),
        (19, "Elevation", uas.sensor_relative_elevation_deg, 1, "°"),
        (21, "Slant range", uas.slant_range_m, 1, " m"),
        (23, "Centre latitude", uas.frame_centre_latitude_deg, 5, ""),
        (24, "Centre longitude", uas.frame_centre_longitude_deg, 5, ""),
        (51, "Climb", uas.vertical_speed_mps, 1, " m/s"),
        (56, "Ground speed", uas.ground_speed_mps, 0, " m/s"),
        (113, "Height AGL", uas.height_agl_m, 1, " m"),
    ];
    rows.extend(numbers.into_iter().filter_map(|(tag, name, value, decimals, unit)| {
        let value = value?;
        let words =
            if value.is_nan() { "error".to_owned() } else { format!("{value:.decimals$}{unit}").replace('-', "−") };
        Some((tag, name, words))
    }));
    rows.push((1, "Checksum", "right".to_owned()));
    rows
}

/// The keys of the player. `beside` stand at their right: what else can be asked of what is played.
pub(crate) fn transport(
    ui: &Ui,
    rect: Rect,
    playing: Option<Playing<'_>>,
    beside: &[(icon::Icon, &str, Ask)],
    asks: &mut Vec<Ask>,
) {
    let t = tokens(ui);
    let mut rest = panel::panel(ui, rect);
    let state = playing.filter(|playing| playing.picture.is_some()).map(|playing| playing.state);
    let open = state.is_some();
    let mut key = |rest: &mut Rect, width: f32, glyph: icon::Icon, name: &str, order: Option<ReelOrder>| {
        let place = rest.left_part(width);
        let response = widget::target(ui, place, name, open);
        let main = width > 60.0 && open;
        if main {
            ui.painter().rect_filled(place, 0.0, t.accent_fill);
        } else if response.hovered() && open {
            ui.painter().rect_filled(place, 0.0, t.raised);
        }
        let ink = if main {
            t.on_accent
        } else if open {
            t.text
        } else {
            t.text3
        };
        paint::icon(ui.painter(), place.center(), 22.0, ink, glyph);
        ui.painter().vline(place.right(), place.y_range(), Stroke::new(1.0, t.line));
        if response.clicked() {
            asks.extend(order.map(Ask::Reel));
        }
    };
    let to = |utc_us: Option<i64>| utc_us.map(|utc_us| ReelOrder::To { utc_us });
    key(&mut rest, 52.0, icon::SKIP_BACK.fill(), "To the beginning", to(state.map(|state| state.begin_utc_us)));
    key(&mut rest, 52.0, icon::CARET_LEFT.bold(), "Picture before", Some(ReelOrder::Previous));
    let (glyph, name, order) = match state.map(|state| state.playing) {
        Some(true) => (icon::PAUSE.fill(), "Pause", ReelOrder::Pause),
        Some(false) | None => (icon::PLAY.fill(), "Play", ReelOrder::Play),
    };
    key(&mut rest, 76.0, glyph, name, Some(order));
    key(&mut rest, 52.0, icon::CARET_RIGHT.bold(), "Next picture", Some(ReelOrder::Next));
    key(&mut rest, 52.0, icon::SKIP_FORWARD.fill(), "To the end", to(state.map(|state| state.end_utc_us)));
    let speed = state.map(|state| state.speed).unwrap_or_default();
    let place = rest.left_part(56.0);
    if widget::target(ui, place, &format!("Speed {}", speed.name()), open).clicked() {
        asks.push(Ask::Reel(ReelOrder::At(speed.next())));
    }
    paint::words(
        ui.painter(),
        place.center(),
        Align2::CENTER_CENTER,
        text::STRONG,
        if open { t.text } else { t.text3 },
        speed.name(),
    );
    ui.painter().vline(place.right(), place.y_range(), Stroke::new(1.0, t.line));
    for (glyph, words, ask) in beside.iter().rev() {
        if at_the_side(ui, &mut rest, open, *glyph, words) {
            asks.push(ask.clone());
        }
    }
    let (at, whole) = state.map_or(("—".to_owned(), String::new()), |state| {
        let us = state.at_utc_us - state.begin_utc_us;
        (
            format!("{}.{:02}", clock(us), us.max(0) % 1_000_000 / 10_000),
            format!("of {}", clock(state.end_utc_us - state.begin_utc_us)),
        )
    });
    let words = rest.shrink2(vec2(12.0, 0.0));
    paint::words(ui.painter(), words.left_top() + vec2(0.0, 16.0), Align2::LEFT_CENTER, text::MONO_STRONG, t.text, &at);
    paint::words(ui.painter(), words.left_top() + vec2(0.0, 34.0), Align2::LEFT_CENTER, text::LABEL, t.text2, &whole);
    widget::says(ui, words, &format!("{at} {whole}"));
}

fn at_the_side(ui: &Ui, rest: &mut Rect, open: bool, glyph: icon::Icon, words: &str) -> bool {
    let t = tokens(ui);
    let place = rest.right_part(paint::width(ui.painter(), text::STRONG, words) + 52.0);
    let response = widget::target(ui, place, words, open);
    if response.hovered() && open {
        ui.painter().rect_filled(place, 0.0, t.raised);
    }
    let ink = if open { t.text } else { t.text3 };
    ui.painter().vline(place.left(), place.y_range(), Stroke::new(1.0, t.line));
    paint::icon(ui.painter(), place.left_center() + vec2(24.0, 0.0), 20.0, ink, glyph);
    paint::words(ui.painter(), place.left_center() + vec2(42.0, 0.0), Align2::LEFT_CENTER, text::STRONG, ink, words);
    response.clicked()
}
