//! The live picture: as large as its place allows, one texture, new pixels only for a new picture.

use std::sync::Arc;

use egui::{
    Align2, Color32, CornerRadius, Painter, Rect, Sense, Stroke, StrokeKind, TextureHandle, TextureOptions, Ui, pos2,
    vec2,
};
use mission_profiles::place::Position;

use super::canvas::Canvases;
use super::plates::Plates;
use super::{hud, lines, stick};
use crate::state::hud::Hud;
use crate::state::stick::Rates;
use crate::ui::theme::{RADIUS, theme, tokens};
use crate::ui::tokens::Theme;
use crate::ui::{icon, paint, text, widget};
use crate::video::{Picture, Status};

/// Older pictures are stale, ns; where fewer come, those that are older than two and a half of them, but at most so old.
const STALE_NS: u64 = 1_000_000_000;
const MOST_STALE_NS: u64 = 3_000_000_000;

/// What there is to show.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    /// The newest picture.
    pub(crate) picture: Option<&'a Arc<Picture>>,
    /// How it stands with its source.
    pub(crate) status: &'a Status,
    /// Now, monotonic.
    pub(crate) now_ns: u64,
    /// Now, POSIX µs, when this station's clock is vouched for.
    pub(crate) now_utc_us: Option<i64>,
    /// It is a recording: nothing in it gets stale.
    pub(crate) recorded: bool,
}

impl Seen<'_> {
    /// How old the picture is, ns: since it was shot where both clocks are good, else since it came.
    pub(crate) fn age_ns(&self) -> Option<u64> {
        let here_ns = self.here_ns()?;
        let shot_us = self.shot_us().and_then(|shot_us| u64::try_from(shot_us).ok());
        Some(shot_us.map_or(here_ns, |shot_us| here_ns.max(shot_us.saturating_mul(1_000))))
    }

    /// For how long it has been here, ns.
    fn here_ns(&self) -> Option<u64> {
        self.picture.map(|picture| self.now_ns.saturating_sub(picture.arrived_ns))
    }

    /// How long ago it was shot, µs, where both clocks are good; negative when it is dated in the time to come.
    fn shot_us(&self) -> Option<i64> {
        let picture = self.picture?;
        let taken_us = picture.taken_utc_us.filter(|_| picture.time_locked)?;
        Some(self.now_utc_us?.saturating_sub(taken_us))
    }

    /// How far it is dated in the time to come, ns, when that cannot be the clocks' doubt.
    pub(crate) fn ahead_ns(&self) -> Option<u64> {
        let ahead_us = u64::try_from(self.shot_us().filter(|_| !self.recorded)?.checked_neg()?).ok()?;
        Some(ahead_us.saturating_mul(1_000)).filter(|ahead_ns| *ahead_ns > STALE_NS)
    }

    /// How old a picture may be while nothing is wrong, ns.
    fn fresh_ns(&self) -> u64 {
        match self.status {
            Status::Playing { fps, .. } if *fps > 0.0 => {
                let two_and_a_half =
                    std::time::Duration::try_from_secs_f64(2.5 / fps).unwrap_or(std::time::Duration::MAX);
                u64::try_from(two_and_a_half.as_nanos()).unwrap_or(u64::MAX).clamp(STALE_NS, MOST_STALE_NS)
            }
            Status::Playing { .. } | Status::Waiting | Status::Broken { .. } => STALE_NS,
        }
    }

    /// Whether the picture must not be taken for the present.
    pub(crate) fn stale(&self) -> bool {
        !self.recorded && self.age_ns().is_some_and(|age_ns| age_ns > self.fresh_ns())
    }
}

/// What a person asked for on the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ask {
    /// This point of the ground was measured; `None` takes the mark away.
    Measured(Option<Position>),
    /// The picture is pulled, and the camera shall turn like this.
    Turn(Rates),
}

/// What is only of this screen.
#[derive(Default)]
pub(crate) struct View {
    texture: Option<TextureHandle>,
    canvases: Canvases,
    /// Which picture, by whom it is held, the texture shows, in which theme.
    drawn: Option<(Arc<Picture>, bool)>,
    /// The point of the ground that was measured.
    measured: Option<Position>,
    /// The camera can be turned by pulling the picture.
    pub(crate) turns: bool,
}

/// The picture with its display: the Fly workspace.
pub(crate) fn show(
    ui: &mut Ui,
    rect: Rect,
    seen: &Seen<'_>,
    hud: Option<&Hud>,
    beside: &hud::Words<'_>,
    view: &mut View,
) -> Vec<Ask> {
    let painter = ui.painter().with_clip_rect(rect);
    ground(ui, rect);
    repaint_when_older(ui, seen);
    let Some(picture) = seen.picture else {
        nothing(ui, rect, seen.status);
        return Vec::new();
    };
    let image = fitted(rect, picture);
    let texture = view.texture(ui, picture);
    painter.image(texture, image, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
    let response = touched(ui, image, seen, view.turns);
    let mut asks = measure(&response, image, hud, view);
    if let Some(sight) = hud.and_then(|hud| hud.sight.as_ref()) {
        lines::horizon_and_ladder(ui, &painter, image, sight);
    }
    lines::cross(ui, &painter, image.center());
    if let (Some(hud), Some(measured)) = (hud, view.measured) {
        lines::measured(ui, &painter, image, hud, measured);
    }
    let mut plates = Plates::new(ui, rect);
    hud::show(&mut plates, seen, hud, beside);
    if let Some((pull, ends)) = stick::pulled(&response, image).filter(|_| view.turns) {
        let rates = Rates::of(pull, hud.and_then(Hud::field_deg));
        stick::show(ui, &painter, ends, rates);
        asks.push(Ask::Turn(rates));
    }
    if seen.stale() {
        stale(ui, rect, seen);
    }
    asks
}

/// The picture alone with its age: the inset of the other workspaces.
pub(crate) fn show_small(ui: &mut Ui, rect: Rect, seen: &Seen<'_>, view: &mut View) {
    ground(ui, rect);
    repaint_when_older(ui, seen);
    let Some(picture) = seen.picture else {
        nothing(ui, rect, seen.status);
        return;
    };
    let texture = view.texture(ui, picture);
    let image = fitted(rect, picture);
    ui.painter().with_clip_rect(rect).image(
        texture,
        image,
        Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)),
        Color32::WHITE,
    );
    hud::badge(&mut Plates::new(ui, rect), seen, None, true);
    if seen.stale() {
        frame(ui, rect);
    }
}

impl View {
    /// The texture of this picture; made anew only for another picture or another way of seeing it.
    pub(crate) fn texture(&mut self, ui: &Ui, picture: &Arc<Picture>) -> egui::TextureId {
        let red = theme(ui.ctx()) == Theme::Red;
        let same = self.drawn.as_ref().is_some_and(|(drawn, in_red)| Arc::ptr_eq(drawn, picture) && *in_red == red);
        if !same {
            let image = self.canvases.paint(picture, red);
            match &mut self.texture {
                Some(texture) => texture.set(image, TextureOptions::LINEAR),
                None => self.texture = Some(ui.ctx().load_texture("picture", image, TextureOptions::LINEAR)),
            }
            self.drawn = Some((Arc::clone(picture), red));
        }
        self.texture.as_ref().map_or(egui::TextureId::default(), TextureHandle::id)
    }
}

/// The largest place of the picture's own shape.
fn fitted(rect: Rect, picture: &Picture) -> Rect {
    #[expect(clippy::cast_precision_loss, reason = "at most 8192 pixels")]
    let size = vec2(picture.width as f32, picture.height as f32);
    let scale = (rect.width() / size.x).min(rect.height() / size.y);
    Rect::from_center_size(rect.center(), size * scale)
}

fn ground(ui: &Ui, rect: Rect) {
    let t = tokens(ui);
    ui.painter().rect(rect, CornerRadius::same(RADIUS), t.sunken, Stroke::new(1.0, t.line), StrokeKind::Inside);
}

/// The age is drawn anew when it will say something else.
fn repaint_when_older(ui: &Ui, seen: &Seen<'_>) {
    if seen.recorded {
        return;
    }
    if let Some(age_ns) = seen.age_ns() {
        let left_ns = seen.fresh_ns().saturating_sub(age_ns);
        let next_ns = if left_ns > 0 { left_ns + 1_000_000 } else { 1_000_000_000 };
        ui.ctx().request_repaint_after(std::time::Duration::from_nanos(next_ns));
    }
}

/// The picture as something that is pressed, and where the camera turns, pulled.
fn touched(ui: &Ui, image: Rect, seen: &Seen<'_>, turns: bool) -> egui::Response {
    let name = if seen.recorded {
        "Recorded picture: press a point to measure it"
    } else if turns {
        "Live picture: press a point to measure it, pull it to turn the camera"
    } else {
        "Live picture: press a point to measure it"
    };
    let response = widget::named_target(ui, image, name, true, egui::Role::Image);
    response.interact(if turns { Sense::click_and_drag() } else { Sense::click() })
}

fn measure(response: &egui::Response, image: Rect, hud: Option<&Hud>, view: &mut View) -> Vec<Ask> {
    let Some(at) = response.clicked().then(|| response.interact_pointer_pos()).flatten() else {
        return Vec::new();
    };
    let [x, y] = [(at.x - image.center().x) / image.width() * 2.0, (at.y - image.center().y) / image.height() * 2.0]
        .map(f64::from);
    let sight = hud.and_then(|hud| hud.sight.as_ref());
    // A second press near the mark takes it away.
    let near = sight.zip(view.measured).and_then(|(sight, measured)| sight.find(measured)).is_some_and(|[mx, my]| {
        (mx - x).abs() * f64::from(image.width()) < 48.0 && (my - y).abs() * f64::from(image.height()) < 48.0
    });
    view.measured = if near { None } else { sight.and_then(|sight| sight.ground(x, y)).map(|spot| spot.position) };
    vec![Ask::Measured(view.measured)]
}

/// Why there is no picture, and what to check.
fn nothing(ui: &Ui, rect: Rect, status: &Status) {
    let (glyph, head, body) = match status {
        Status::Waiting => (
            icon::VIDEO_CAMERA_SLASH.regular(),
            "No picture yet".to_owned(),
            "Waiting for the aircraft's live view. Check that the aircraft is on and linked, that its live view is sent to this \
             station, and that this station's key is in the unit's trust list."
                .to_owned(),
        ),
        Status::Playing { .. } => {
            (icon::HOURGLASS.regular(), "The first picture is being decoded".to_owned(), String::new())
        }
        Status::Broken { why, cure } => (icon::VIDEO_CAMERA_SLASH.regular(), why.clone(), cure.clone()),
    };
    message(ui, ui.painter(), rect, glyph, &head, &body);
}

fn message(ui: &Ui, painter: &Painter, rect: Rect, glyph: icon::Icon, head: &str, body: &str) {
    let t = tokens(ui);
    let width = (rect.width() - 32.0).clamp(0.0, 520.0);
    let head_lines = paint::lines(painter, text::STRONG, t.text, head, width, 3);
    let body_lines = paint::lines(painter, text::CELL, t.text2, body, width, 6);
    let small = rect.height() < 150.0;
    let body_height = if small { 0.0 } else { body_lines.size().y + 6.0 };
    let height = 40.0 + head_lines.size().y + body_height;
    let mut y = rect.center().y - height / 2.0;
    paint::icon(painter, pos2(rect.center().x, y + 14.0), 28.0, t.text2, glyph);
    y += 40.0;
    let centred = |width: f32| rect.center().x - width / 2.0;
    let next = y + head_lines.size().y + 6.0;
    painter.galley(pos2(centred(head_lines.size().x), y), head_lines, t.text);
    if !small {
        painter.galley(pos2(centred(body_lines.size().x), next), body_lines, t.text2);
    }
    widget::says(ui, Rect::from_center_size(rect.center(), vec2(width, height)), &format!("{head}. {body}"));
}

/// A frame in caution around a picture that is not of now.
fn frame(ui: &Ui, rect: Rect) {
    let ink = tokens(ui).caution_fill;
    ui.painter().rect_stroke(rect, CornerRadius::same(RADIUS), Stroke::new(3.0, ink), StrokeKind::Inside);
}

fn stale(ui: &Ui, rect: Rect, seen: &Seen<'_>) {
    frame(ui, rect);
    let t = tokens(ui);
    let age = hud::age(seen.age_ns().unwrap_or(0));
    // It came just now and was shot long ago.
    let late = seen.here_ns().is_some_and(|here_ns| here_ns <= seen.fresh_ns());
    let head = if late { format!("This picture is dated {age} ago") } else { format!("This picture is {age} old") };
    let body = match seen.status {
        Status::Playing { .. } if late => {
            "It came just now: it was held up on its way, or the clocks of aircraft and station disagree. Fly by the map until its \
             age is small again."
                .to_owned()
        }
        Status::Broken { why, cure } => format!("{why}. {cure}."),
        Status::Waiting | Status::Playing { .. } => {
            "Nothing newer has come. Fly by the map and the figures of the link; check the data link.".to_owned()
        }
    };
    let painter = ui.painter();
    let width = (rect.width() - 80.0).clamp(120.0, 460.0);
    let lines = paint::lines(painter, text::CELL, t.hud, &body, width - 72.0, 3);
    let plate =
        Rect::from_center_size(rect.center() - vec2(0.0, rect.height() * 0.2), vec2(width, 46.0 + lines.size().y));
    painter.rect(plate, CornerRadius::same(RADIUS), t.hud_plate, Stroke::new(1.5, t.caution_fill), StrokeKind::Inside);
    paint::icon(painter, plate.left_center() + vec2(30.0, 0.0), 26.0, t.caution_fill, icon::WARNING.fill());
    paint::words(painter, plate.left_top() + vec2(58.0, 12.0), Align2::LEFT_TOP, text::VALUE, t.caution_fill, &head);
    painter.galley(plate.left_top() + vec2(58.0, 34.0), lines, t.hud);
    widget::says(ui, plate, &format!("Stale picture: {age} old. {body}"));
}
