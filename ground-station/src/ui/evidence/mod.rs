//! The Evidence workspace: the flights of a store, their verdicts, and the player inside a viewing session.

mod details;
mod flights;
pub(crate) mod player;
mod plots;
mod session;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use egui::{Rect, Ui};
use flight_record::FlightId;
use mission_profiles::place::Position;

use crate::state::evidence::{Check, Evidence, Seal};
use crate::state::hud::{Beside, Hud, Outline};
use crate::state::replay::{self, Sample};
use crate::ui::cut::{Cut as _, GUTTER};
use crate::ui::fly::picture;
use crate::ui::icon;
use crate::video::{Picture, ReelOrder, ReelState};

pub(crate) use session::Entrance;

/// What a person asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// A store to be chosen, or read again.
    ChooseStore,
    /// See there.
    ReadAgain,
    /// This flight.
    Choose(FlightId),
    /// To have it checked.
    Check(FlightId),
    /// To end that.
    StopCheck(FlightId),
    /// To look at its footage: who, by which PIN, why. It stands on the ledger before anything is opened.
    Begin {
        /// Name of the account.
        who: String,
        /// Their PIN.
        pin: Pin,
        /// Why, in their words.
        reason: String,
    },
    /// To stop looking.
    End {
        /// Their PIN.
        pin: Pin,
    },
    /// To open a folder of segments that was opened elsewhere, or a stream of the flight.
    OpenFootage,
    /// The player.
    Reel(ReelOrder),
    /// This picture as a file.
    Still,
    /// What is played, on Fly's screen.
    Replay,
}

/// A PIN on its way from a field; it is never shown, and gone from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pin(pub(crate) zeroize::Zeroizing<String>);

impl std::fmt::Debug for Pin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pin")
    }
}

/// The recording that is open.
#[derive(Clone, Copy)]
pub(crate) struct Playing<'a> {
    /// How it stands.
    pub(crate) state: &'a ReelState,
    /// What it shows.
    pub(crate) picture: Option<&'a Arc<Picture>>,
}

/// What the map of this workspace shows; it is drawn by the map, into `rect`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MapPart {
    /// Where.
    pub(crate) rect: Rect,
    /// The places flown, in time.
    pub(crate) track: Vec<Position>,
    /// How many of them lie before the picture shown.
    pub(crate) flown: usize,
    /// Where the flight began.
    pub(crate) home: Option<Position>,
    /// Where the camera is, and which way the nose points, degrees.
    pub(crate) aircraft: Option<(Position, Option<f64>)>,
    /// The ground in the picture.
    pub(crate) footprint: Outline,
}

/// What is only of this screen.
#[derive(Default)]
pub(crate) struct View {
    /// What is searched for.
    search: String,
    /// Who wants to look, and why.
    entrance: Entrance,
    /// The table of this picture's telemetry is open.
    klv_closed: bool,
    picture: picture::View,
}

impl View {
    /// Textures belong to one context: those of another are made anew.
    pub(crate) fn forget_textures(&mut self) {
        self.picture = picture::View::default();
    }
}

/// What came of drawing it.
pub(crate) struct Shown {
    /// What was asked for.
    pub(crate) asks: Vec<Ask>,
    /// What the map is to show; none when there is nothing to show on one.
    pub(crate) map: Option<MapPart>,
}

/// Draws it. `now_utc_us` is for how long a session has lasted.
pub(crate) fn show(
    ui: &mut Ui,
    rect: Rect,
    state: &Evidence,
    playing: Option<Playing<'_>>,
    now_utc_us: i64,
    view: &mut View,
) -> Shown {
    let (mut rest, mut asks) = (rect, Vec::new());
    let bar = rest.top_part(session::HEIGHT);
    rest.top_part(GUTTER);
    session::show(ui, bar, state, now_utc_us, &mut view.entrance, &mut asks);
    let mut right = rest.right_part((rest.width() * 0.343).clamp(408.0, 560.0));
    rest.right_part(GUTTER);
    let plots = rest.bottom_part(202.0_f32.min(rest.height() * 0.28));
    rest.bottom_part(GUTTER);
    let transport = rest.bottom_part(50.0);
    rest.bottom_part(GUTTER);
    let hud = playing.and_then(|playing| playing.picture).and_then(hud_of);
    player::picture(ui, rest, state, playing, hud.as_ref(), view, &mut asks);
    let beside =
        [(icon::DRONE.regular(), "Replay in Fly", Ask::Replay), (icon::CAMERA.regular(), "Still as PNG", Ask::Still)];
    player::transport(ui, transport, playing, &beside, &mut asks);
    let seals = playing.and_then(|playing| seals(state, playing.state.place.1));
    plots::show(ui, plots, playing.map(|playing| playing.state), seals, &mut asks);

    let samples = playing.map_or(&[] as &[Sample], |playing| playing.state.samples.as_slice());
    let map = map_part(samples, playing, hud.as_ref()).map(|part| {
        let rect = right.top_part((right.height() * 0.33).min(252.0));
        right.top_part(GUTTER);
        MapPart { rect, ..part }
    });
    let below = right.bottom_part(details::HEIGHT.min(right.height() * 0.55));
    right.bottom_part(GUTTER);
    flights::show(ui, right, state, &mut view.search, &mut asks);
    details::show(ui, below, state, &mut asks);
    Shown { asks, map }
}

/// The seals of the stream that is played: of the chosen flight the one with as many segments.
fn seals(state: &Evidence, segments: usize) -> Option<&[Seal]> {
    let Check::Done(verdict) = state.check(state.chosen?) else {
        return None;
    };
    verdict.streams.iter().find(|stream| stream.len() == segments).map(Vec::as_slice)
}

fn hud_of(picture: &Arc<Picture>) -> Option<Hud> {
    let klv = picture.klv.as_ref()?;
    Some(Hud::of(&klv.uas, [picture.width, picture.height], &Beside::default()))
}

fn map_part(samples: &[Sample], playing: Option<Playing<'_>>, hud: Option<&Hud>) -> Option<MapPart> {
    let at_utc_us = playing?.state.at_utc_us;
    let located: Vec<_> = samples.iter().filter_map(|sample| Some((sample.utc_us, sample.position?))).collect();
    let aircraft = hud.and_then(|hud| Some((hud.position?, hud.heading_deg)));
    if located.is_empty() && aircraft.is_none() {
        return None;
    }
    Some(MapPart {
        rect: Rect::NOTHING,
        flown: located.partition_point(|(utc_us, _)| *utc_us <= at_utc_us),
        track: located.into_iter().map(|(_, position)| position).collect(),
        home: replay::home(samples),
        aircraft,
        footprint: hud.map(|hud| hud.footprint.clone()).unwrap_or_default(),
    })
}

/// A day as people say it, in UTC.
pub(crate) fn day(utc_us: i64) -> String {
    stamp(utc_us, "%a %-d %b %Y")
}

fn stamp(utc_us: i64, form: &str) -> String {
    jiff::Timestamp::from_microsecond(utc_us).map_or_else(|_| "—".to_owned(), |at| at.strftime(form).to_string())
}

/// 00:08:14.
fn clock(us: i64) -> String {
    let seconds = us.max(0) / 1_000_000;
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

#[expect(clippy::cast_precision_loss, reason = "three figures of it are shown")]
fn bytes(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes >= 1e9 => format!("{:.1} GB", bytes / 1e9),
        _ if bytes >= 1e6 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.0} kB", bytes / 1e3),
    }
}
