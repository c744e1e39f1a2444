//! Evidence, at its desk.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Rect, Ui};
use evidence_store::people;
use flight_record::FlightId;

use super::App;
use crate::basemap::tiles::Tiles;
use crate::clock;
use crate::command::Command;
use crate::evidence::{self as work, Anchors};
use crate::state::evidence::{Event, Evidence};
use crate::ui::evidence::{self, Ask, MapPart, Playing, View};
use crate::ui::map::scene::{Craft, Footprint, Scene};
use crate::ui::map::{Map, MapView};
use crate::video::Reel;
use crate::window::settings::Settings;

pub(super) struct Desk {
    state: Evidence,
    view: View,
    map: MapView,
    reel: Option<Reel>,
    asked: bool,
    /// Stills made in this run.
    stills: u32,
}

impl Desk {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut state = Evidence::default();
        if let Some(store) = &settings.stores.first {
            state.take(Event::Reading { store: store.display().to_string() });
        }
        Self { state, view: View::default(), map: MapView::default(), reel: None, asked: false, stills: 0 }
    }
}

/// Reads the store the first time.
pub(super) fn begin_reading(app: &mut App) {
    if !std::mem::replace(&mut app.desks.evidence.asked, true) {
        read(app);
    }
}

pub(super) fn draw(ui: &mut Ui, rect: Rect, app: &mut App) -> Vec<Command> {
    begin_reading(app);
    let desk = &mut app.desks.evidence;
    let state = desk.reel.as_ref().map(Reel::state);
    let picture = desk.reel.as_ref().and_then(Reel::latest);
    let playing = state.as_ref().map(|state| Playing { state, picture: picture.as_ref() });
    let shown = evidence::show(ui, rect, &desk.state, playing, clock::now_utc_us(), &mut desk.view);
    if let Some(part) = &shown.map {
        map(ui, part, app.desks.tiles.as_ref(), &mut desk.map);
    }
    for ask in shown.asks {
        carry_out(app, ask);
    }
    Vec::new()
}

fn map(ui: &mut Ui, part: &MapPart, tiles: Option<&Tiles>, view: &mut MapView) {
    let (flown, route) = part.track.split_at(part.flown.min(part.track.len()));
    let footprint = match part.footprint.points.as_slice() {
        [a, b, c, d] => Some(Footprint { corners: [a.0, b.0, c.0, d.0], cut: a.1 || b.1 || c.1 || d.1 }),
        _ => None,
    };
    let scene = Scene {
        tiles,
        home: part.home,
        own: part.aircraft.map(|(position, heading)| Craft { position, heading_deg: heading.unwrap_or(0.0) }),
        flown,
        back: route,
        footprint,
        ..Scene::default()
    };
    Map::show(ui, part.rect, &scene, view);
}

fn carry_out(app: &mut App, ask: Ask) {
    let now_ns = clock::mono_ns();
    match ask {
        Ask::ChooseStore | Ask::ReadAgain => read(app),
        Ask::Choose(id) => app.desks.evidence.state.chosen = Some(id),
        Ask::Check(id) => check(app, id),
        Ask::Begin { who, pin, reason } => begin(app, who, pin, reason),
        Ask::End { pin } => end(app, pin),
        Ask::OpenFootage => open(app, now_ns),
        Ask::Reel(order) => app.desks.evidence.reel.iter().for_each(|reel| reel.order(order)),
        Ask::Still => still(app),
    }
}

fn read(app: &mut App) {
    let Some(store) = app.settings.stores.first.clone() else { return };
    app.desks.evidence.state.take(Event::Reading { store: store.display().to_string() });
    let outside = super::office(&app.settings).map(|office| office.outside()).unwrap_or_default();
    app.desks.aside("evidence", move |_| {
        let flights = work::flights(&store, &outside).map_err(|error| format!("{error:#}"));
        Box::new(move |app: &mut App| {
            let mut flights = flights;
            for flight in flights.iter_mut().flatten() {
                if let Some(name) = super::handover::aircraft(app, &flight.aircraft) {
                    flight.aircraft = name;
                }
            }
            app.desks.evidence.state.take(Event::Read(flights));
        })
    });
}

fn check(app: &mut App, id: FlightId) {
    let settings = &app.settings;
    let anchors = settings.keys.trust.clone().zip(settings.root().ok().flatten());
    let (Some(store), Some((trust, root))) = (settings.stores.first.clone(), anchors) else {
        app.notices.fault("Not checked: the settings name no trust list with its root", clock::mono_ns());
        return;
    };
    let dir = settings.station.state.join("checks");
    app.desks.evidence.state.take(Event::Checking(id));
    app.desks.aside("check", move |_| {
        let verdict = std::fs::create_dir_all(&dir)
            .map_err(anyhow::Error::from)
            .and_then(|()| work::check(&store, id, &Anchors { trust, root }, &dir));
        let verdict = verdict.map(Box::new).map_err(|error| format!("{error:#}"));
        Box::new(move |app: &mut App| app.desks.evidence.state.take(Event::Checked(id, verdict)))
    });
}

fn desk(app: &App) -> Option<work::Desk> {
    let office = super::office(&app.settings)?;
    Some(work::Desk { outside: office.outside(), store: office.store, place: office.place })
}

fn begin(app: &mut App, who: String, pin: evidence::Pin, reason: String) {
    let (Some(desk), Some(flight)) = (desk(app), app.desks.evidence.state.chosen) else { return };
    app.desks.aside("viewing", move |_| {
        let began = people::Pin::new(&pin.0).map_err(anyhow::Error::from);
        let began = began.and_then(|pin| work::begin(&desk, &who, &pin, &reason, flight));
        let began = began.map_err(|error| format!("{error:#}"));
        Box::new(move |app: &mut App| {
            let opened = began.is_ok();
            app.desks.evidence.state.take(Event::Began(began));
            if opened {
                open(app, clock::mono_ns());
            }
        })
    });
}

fn end(app: &mut App, pin: evidence::Pin) {
    let (Some(desk), Some(session)) = (desk(app), app.desks.evidence.state.session.clone()) else { return };
    app.desks.evidence.reel = None;
    app.desks.aside("viewing", move |_| {
        let ended = people::Pin::new(&pin.0).map_err(anyhow::Error::from);
        let ended = ended.and_then(|pin| work::end(&desk, &session, &pin)).map_err(|error| format!("{error:#}"));
        Box::new(move |app: &mut App| app.desks.evidence.state.take(Event::Ended(ended)))
    });
}

/// What was opened by somebody entitled is played; only inside of a session.
fn open(app: &mut App, now_ns: u64) {
    if app.desks.evidence.state.looks().is_none() {
        app.notices.fault("Nothing is played outside of a viewing session: say who looks, and why", now_ns);
        return;
    }
    let Some(folder) = app.settings.stores.opened.clone().map(streams) else {
        app.notices.fault(
            "The settings name no folder of opened footage: [stores] opened, as `skyseal-verify --extract` makes it",
            now_ns,
        );
        return;
    };
    match Reel::open(&folder, Arc::clone(&app.repaint)) {
        Ok(reel) => app.desks.evidence.reel = Some(reel),
        Err(error) => app.notices.fault(format!("The footage does not open: {error:#}"), now_ns),
    }
}

/// The first stream of what `--extract` leaves, or the folder itself.
fn streams(opened: PathBuf) -> PathBuf {
    let segments = opened.join("segments");
    let first = std::fs::read_dir(&segments).ok().and_then(|entries| {
        let mut streams: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        streams.sort();
        streams.into_iter().next()
    });
    first.unwrap_or(opened)
}

fn still(app: &mut App) {
    let desk = &mut app.desks.evidence;
    let (Some(picture), Some(session)) = (desk.reel.as_ref().and_then(Reel::latest), desk.state.session.as_ref())
    else {
        return;
    };
    desk.stills += 1;
    let dir = app.settings.station.state.join("stills");
    let name = format!("{}-{}-{}.png", session.flight, picture.taken_utc_us.unwrap_or(0), desk.stills);
    let of = session.flight.to_string();
    app.desks.aside("still", move |_| {
        let path = dir.join(name);
        let made =
            std::fs::create_dir_all(&dir).map_err(anyhow::Error::from).and_then(|()| work::still(&picture, &of, &path));
        Box::new(move |app: &mut App| match made {
            Ok(_) => app.notices.done(format!("Still written: {}", path.display()), None, clock::mono_ns()),
            Err(error) => app.notices.fault(format!("The still was not written: {error:#}"), clock::mono_ns()),
        })
    });
}
