//! Fly, put together.

use egui::{Rect, Ui};

use super::app::App;
use super::asked::For;
use super::{guard, steer};
use crate::command::Command;
use crate::state::hud::Centre;
use crate::state::recording::Button;
use crate::state::stick::Rates;
use crate::ui::fly::controls::{Controls, Pressed, Zoom, controls};
use crate::ui::fly::hud::Words;
use crate::ui::fly::layout::Layout;
use crate::ui::fly::picture::{self, Seen};
use crate::ui::fly::{bar, beside, ribbon};
use crate::ui::map::Map;
use crate::ui::map::scene::{Craft, Scene, Traffic};
use crate::ui::theme::tokens;
use crate::ui::widget::rec::Rec;
use crate::video;
use crate::window::words::{elapsed, minute};

/// Nearer than this traffic is near, metres.
const NEAR_M: f64 = 1_500.0;

/// The words of the REC button, kept while it is drawn.
pub(super) struct RecWords {
    button: Button,
    words: String,
}

impl RecWords {
    /// As it is now.
    pub(super) fn of(app: &App, now_ns: u64) -> Self {
        let button = app.flight.recording.button(now_ns);
        #[expect(clippy::cast_precision_loss, reason = "a tenth of a second")]
        let words = match button {
            Button::Recording { for_ns } | Button::Awaited { for_ns } | Button::Unsealed { for_ns } => {
                elapsed(for_ns / 1_000_000_000)
            }
            Button::Starting { for_ns } | Button::Stopping { for_ns } => format!("{:.1} s", for_ns as f64 / 1e9),
            Button::Fault(fault) => fault.words().to_owned(),
            Button::NoCamera => "Cable, power, link".to_owned(),
            Button::Ready => String::new(),
        };
        Self { button, words }
    }

    /// For its button.
    pub(super) fn rec(&self) -> Rec<'_> {
        match self.button {
            Button::NoCamera => Rec::NoCamera(&self.words),
            Button::Ready => Rec::Ready,
            Button::Starting { .. } => Rec::Starting(&self.words),
            Button::Recording { .. } | Button::Awaited { .. } | Button::Unsealed { .. } => Rec::Recording(&self.words),
            Button::Stopping { .. } => Rec::Starting(&self.words),
            Button::Fault(_) => Rec::Stopped(&self.words),
        }
    }
}

/// Draws it; what was asked.
pub(super) fn draw(ui: &mut Ui, work: Rect, app: &mut App, now_ns: u64, utc_us: i64) -> Vec<Command> {
    let aspect = app.flight.picture.as_ref().map_or(16.0 / 9.0, |picture| ratio(picture.width, picture.height));
    let layout = Layout::of(work, app.view.wish, aspect);
    let mut asked = Vec::new();
    let standing = app.alarms.standing();
    if standing.is_empty() {
        asked.extend(bar::next(ui, layout.bar, &guard::what_is_next(app, now_ns)));
    } else if bar::alarm(ui, layout.bar, &standing, now_ns) {
        asked.push(Command::Acknowledge);
    }
    let swapped = app.view.wish.swapped;
    let (large, small) = (layout.large, layout.small);
    let (seen_at, map_at) = if swapped { (small, Some(large)) } else { (Some(large), small) };
    let turned = seen_at.and_then(|rect| picture_at(ui, rect, app, swapped, now_ns, utc_us));
    app.turn(ui, turned, now_ns);
    if let Some(rect) = map_at {
        map_at_rect(ui, rect, app, now_ns);
    }
    if let Some(rect) = layout.beside {
        beside::viewers(ui, rect, &app.viewers);
    }
    ribbon_at(ui, layout.ribbon, app, now_ns, utc_us);
    asked.extend(controls_at(ui, layout.controls, app, now_ns));
    let above_ribbon = work.with_max_y(layout.large.bottom());
    app.steer_over(ui, above_ribbon, steer::card_at(layout.beside, layout.large), now_ns);
    asked
}

#[expect(clippy::cast_precision_loss, reason = "pixels")]
fn ratio(width: u32, height: u32) -> f32 {
    width.max(1) as f32 / height.max(1) as f32
}

/// Draws the picture; how fast the camera shall turn, while it is pulled.
fn picture_at(ui: &mut Ui, rect: Rect, app: &mut App, small: bool, now_ns: u64, utc_us: i64) -> Option<Rates> {
    let none = video::Status::Broken {
        why: "No live view is set up".to_owned(),
        cure: "Name the keys and the ports under [keys] and [live] in the settings".to_owned(),
    };
    let status = app.work.picture.as_ref().map_or(none, |picture| picture.status(now_ns));
    let vouched = app.station.reading().is_some_and(|reading| reading.clocks.source != flight_record::ClockSource::Rtc);
    let now_utc_us = vouched.then_some(utc_us);
    let seen = Seen { picture: app.flight.picture.as_ref(), status: &status, now_ns, now_utc_us, recorded: false };
    if small {
        picture::show_small(ui, rect, &seen, &mut app.view.inset);
        return None;
    }
    let mission = app.flight.vehicle().and_then(|vehicle| vehicle.mission(now_ns)).map(|mission| {
        let total = mission.total.map_or_else(String::new, |total| format!(" of {total}"));
        format!("Item {}{total}", mission.current)
    });
    let mode = app
        .flight
        .vehicle()
        .and_then(|vehicle| vehicle.mode(now_ns))
        .map_or_else(String::new, |mode| mode.name.into_owned());
    let (zoom, gimbal) = (app.zoom_words(now_ns).0, app.gimbal_words());
    let words = Words {
        camera: None,
        zoom: zoom.as_deref(),
        gimbal: gimbal.as_deref(),
        mission: mission.as_deref().map(|mission| [mission, mode.as_str()]),
    };
    app.view.picture.turns = app.can_turn(now_ns);
    let hud = app.flight.hud.as_ref();
    let asked = picture::show(ui, rect, &seen, hud, &words, &mut app.view.picture);
    asked.into_iter().find_map(|ask| match ask {
        picture::Ask::Turn(rates) => Some(rates),
        picture::Ask::Measured(_) => None,
    })
}

fn map_at_rect(ui: &mut Ui, rect: Rect, app: &mut App, now_ns: u64) {
    let vehicle = app.flight.vehicle();
    let fix = vehicle.and_then(|vehicle| vehicle.place.fix.last(now_ns)).map(|(fix, _)| *fix);
    let home = vehicle.and_then(|vehicle| vehicle.place.home.now(now_ns)).map(|home| home.position);
    let heading = vehicle.and_then(|vehicle| vehicle.place.heading_deg(now_ns));
    let traffic: Vec<Traffic> = fix.map_or_else(Vec::new, |fix| {
        let near = app.flight.fleet.traffic.near(fix.position, Some(fix.height_msl_m), now_ns);
        let sign = |near: crate::state::vehicle::traffic::Near| Traffic {
            position: near.contact.position,
            callsign: near.contact.name,
            above_m: near.above_m,
            near: near.distance_m < NEAR_M,
        };
        near.into_iter().map(sign).collect()
    });
    let others: Vec<(String, Craft)> = app
        .flight
        .fleet
        .vehicles()
        .filter(|other| vehicle.is_none_or(|own| own.address != other.address))
        .filter_map(|other| {
            let fix = other.place.fix.now(now_ns)?;
            let heading_deg = other.place.heading_deg(now_ns).unwrap_or(0.0);
            Some((format!("System {}", other.address.system), Craft { position: fix.position, heading_deg }))
        })
        .collect();
    let back: Vec<_> = fix.zip(home).map_or_else(Vec::new, |(fix, home)| vec![fix.position, home]);
    let route =
        app.flight.aboard.to_fly(vehicle.and_then(|vehicle| vehicle.mission(now_ns)).map(|mission| mission.current));
    let hud = app.flight.hud.as_ref();
    let scene = Scene {
        datasets: &app.skies.datasets,
        edition: app.skies.edition,
        stands: &app.skies.stands,
        stands_edition: app.skies.stands_edition,
        tiles: app.desks.tiles.as_ref(),
        home,
        own: fix.map(|fix| Craft { position: fix.position, heading_deg: heading.unwrap_or(0.0) }),
        others: &others,
        traffic: &traffic,
        flown: &app.flight.track,
        route: &route,
        fence: &app.flight.aboard.fence,
        rally: &app.flight.aboard.rally,
        back: if app.flight.in_air() { &back } else { &[] },
        course: app.skies.next.as_ref().and_then(|next| Some([fix?.position, next.at?])),
        footprint: hud.map_or(&[], |hud| &hud.footprint.points),
        frame_centre: hud.and_then(|hud| match &hud.centre {
            Centre::Ground { position, .. } => Some(*position),
            Centre::Sky | Centre::Unknown => None,
        }),
        ..Scene::default()
    };
    let out = Map::show(ui, rect, &scene, &mut app.view.map);
    app.steer_on_map(ui, &out, now_ns);
    ui.painter().rect_stroke(rect, 6.0, egui::Stroke::new(1.0, tokens(ui).line), egui::StrokeKind::Inside);
}

fn ribbon_at(ui: &mut Ui, rect: Rect, app: &mut App, now_ns: u64, utc_us: i64) {
    let nothing = match app.witness_runs {
        Some(true) => {
            "No flight is open. With the first record each segment gets a cell here, and a cap when this station has cosigned it."
        }
        Some(false) => "The witness does not run: flights are recorded, but nobody on the ground keeps their hashes.",
        None => {
            "No witness is set up: name the station’s key, the trust list and its root under [keys] in the settings."
        }
    };
    let now = ribbon::Now {
        flight: app.ribbon.newest().map(|(_, flight)| flight),
        recording: app.is_recording(now_ns),
        utc_us,
        nothing,
    };
    ribbon::ribbon(ui, rect, &now, &mut app.view.ribbon);
}

fn controls_at(ui: &Ui, rect: Rect, app: &mut App, now_ns: u64) -> Vec<Command> {
    let words = RecWords::of(app, now_ns);
    let notice = app.notice_given().map(|at| format!("Given {}", minute(at, &app.zone)));
    let (guarded, why_not) = app.slide(now_ns);
    let (zoom, of) = app.zoom_words(now_ns);
    let zoom = Zoom { value: zoom.as_deref().unwrap_or("—"), of };
    let now = Controls {
        rec: words.rec(),
        notice: notice.as_deref(),
        markers: app.markers(),
        zoom: app.flight.zooms.then_some(zoom),
        eyes: app.eyes(),
        guarded: (guarded, why_not.as_deref()),
        hold: app.asked.of(&For::Hold),
        home: app.asked.of(&For::Return),
    };
    let mut asked = Vec::new();
    for pressed in controls(ui, rect, &now) {
        match pressed {
            Pressed::Command(command) => asked.push(command),
            Pressed::Slid(guarded) => app.slid(guarded),
            Pressed::See(eye) => app.see_by(eye, now_ns),
        }
    }
    asked
}
