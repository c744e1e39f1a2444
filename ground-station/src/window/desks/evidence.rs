//! Evidence, at its desk.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Rect, Ui};
use evidence_store::people;
use flight_record::FlightId;
use zeroize::Zeroizing;

use super::App;
use crate::basemap::tiles::Tiles;
use crate::clock;
use crate::command::Command;
use crate::evidence::{self as work, Anchors};
use crate::state::evidence::{Check, Event, Evidence, Flight, Session};
use crate::tasks::meter::{Meter, Stop, is_stop};
use crate::ui::evidence::{self, Ask, MapPart, Playing, View};
use crate::ui::map::scene::{Craft, Scene};
use crate::ui::map::{Map, MapView};
use crate::video::{Reel, ReelOrder};
use crate::window::settings::Settings;

pub(super) struct Desk {
    state: Evidence,
    view: View,
    map: MapView,
    reel: Option<Arc<Reel>>,
    /// Where what it plays lies.
    folder: PathBuf,
    asked: bool,
    /// Stills made in this run.
    stills: u32,
    /// What ends the checks that run.
    checking: Vec<(FlightId, Stop)>,
}

impl Desk {
    pub(super) fn new(settings: &Settings) -> Self {
        let mut state = Evidence::default();
        if let Some(store) = &settings.stores.first {
            state.take(Event::Reading { store: store.display().to_string() });
        }
        Self {
            state,
            view: View::default(),
            map: MapView::default(),
            reel: None,
            folder: PathBuf::new(),
            asked: false,
            stills: 0,
            checking: Vec::new(),
        }
    }
}

impl App {
    /// For a picture: begins a viewing of the newest flight and has it checked; whether there is one.
    pub(crate) fn view_newest(&mut self, who: &str, pin: Zeroizing<String>, reason: &str) -> bool {
        let Some(flight) = self.desks.evidence.state.flight().map(|flight| flight.id) else { return false };
        check(self, flight);
        begin(self, who.to_owned(), evidence::Pin(pin), reason.to_owned());
        true
    }

    /// For a picture: whether footage is shown and the check is over, or why there is none to show.
    pub(crate) fn views(&self) -> Result<bool, String> {
        let desk = &self.desks.evidence;
        let checked = |id| !matches!(desk.state.check(id), Check::Running(_));
        let fault = desk.state.session_fault.clone().or_else(|| desk.reel.as_ref()?.state().fault);
        let shown = desk.reel.as_ref().is_some_and(|reel| reel.latest().is_some());
        let over = desk.state.looks().is_some_and(|session| checked(session.flight));
        fault.map_or(Ok(shown && over), Err)
    }

    /// For a picture: shows the middle of what was opened, and not its first moment.
    pub(crate) fn view_middle(&self) {
        if let Some(reel) = &self.desks.evidence.reel {
            let state = reel.state();
            reel.order(ReelOrder::To { utc_us: i64::midpoint(state.begin_utc_us, state.end_utc_us) });
        }
    }

    /// For a picture: ends the viewing, on the ledger too.
    pub(crate) fn end_viewing(&mut self, pin: Zeroizing<String>) {
        end(self, evidence::Pin(pin));
    }

    /// Whether somebody looks at footage.
    pub(crate) fn is_viewing(&self) -> bool {
        self.desks.evidence.state.session.is_some()
    }
}

#[cfg(test)]
impl App {
    /// As if these had been read from the store.
    pub(in crate::window) fn show_flights(&mut self, flights: Vec<crate::state::evidence::Flight>) {
        self.desks.evidence.asked = true;
        self.desks.evidence.state.take(Event::Read(Ok(flights)));
    }

    /// The flight that is looked at.
    pub(in crate::window) fn chosen_flight(&self) -> Option<FlightId> {
        self.desks.evidence.state.chosen
    }
}

impl Desk {
    pub(super) fn forget_textures(&mut self) {
        self.map.forget_textures();
        self.view.forget_textures();
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
    let state = desk.reel.as_ref().map(|reel| reel.state());
    let picture = desk.reel.as_ref().and_then(|reel| reel.latest());
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
    let scene = Scene {
        tiles,
        home: part.home,
        own: part.aircraft.map(|(position, heading)| Craft { position, heading_deg: heading.unwrap_or(0.0) }),
        flown,
        back: route,
        footprint: &part.footprint.points,
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
        Ask::StopCheck(id) => {
            let desk = &mut app.desks.evidence;
            desk.checking.iter().filter(|(of, _)| *of == id).for_each(|(_, stop)| stop.stop());
            desk.state.take(Event::Stopping(id));
        }
        Ask::Begin { who, pin, reason } => begin(app, who, pin, reason),
        Ask::End { pin } => end(app, pin),
        Ask::OpenFootage => open(app, now_ns),
        Ask::Reel(order) => app.desks.evidence.reel.iter().for_each(|reel| reel.order(order)),
        Ask::Still => still(app),
        Ask::Replay => app.replay_flight(),
    }
}

fn read(app: &mut App) {
    let Some(store) = app.settings.stores.first.clone() else { return };
    app.desks.evidence.state.take(Event::Reading { store: store.display().to_string() });
    let outside = super::office(&app.settings).map(|office| office.outside()).unwrap_or_default();
    let anchors = anchors(&app.settings);
    app.desks.aside("evidence", move |_| {
        // Without a list that holds, aircraft stand there by their key.
        let unit = anchors.and_then(|anchors| anchors.unit().ok());
        let flights = work::flights(&store, &outside, unit.as_ref()).map_err(|error| format!("{error:#}"));
        Box::new(move |app: &mut App| app.desks.evidence.state.take(Event::Read(flights)))
    });
}

fn anchors(settings: &Settings) -> Option<Anchors> {
    let (trust, root) = settings.keys.trust.clone().zip(settings.root().ok().flatten())?;
    Some(Anchors { trust, root })
}

/// Has a flight of the store checked.
pub(in crate::window) fn check(app: &mut App, id: FlightId) {
    let settings = &app.settings;
    let (Some(store), Some(anchors)) = (settings.stores.first.clone(), anchors(settings)) else {
        app.notices.fault("Not checked: the settings name no trust list with its root", clock::mono_ns());
        return;
    };
    let dir = settings.station.state.join("checks");
    let stop = Stop::default();
    app.desks.evidence.checking.push((id, stop.clone()));
    app.desks.evidence.state.take(Event::Checking(id, clock::mono_ns()));
    app.desks.aside("check", move |post| {
        let post = post.clone();
        let far = move |done, total| {
            let so_far = Event::CheckedSoFar(id, (done, total), clock::mono_ns());
            post.telemetry(Box::new(move |app: &mut App| app.desks.evidence.state.take(so_far)));
        };
        let meter = Arc::new(Meter::new(stop, 0, far));
        let verdict = std::fs::create_dir_all(&dir)
            .map_err(anyhow::Error::from)
            .and_then(|()| work::check(&store, id, &anchors, &dir, &meter));
        let over = match verdict {
            Ok(verdict) => Event::Checked(id, Ok(Box::new(verdict))),
            Err(error) if is_stop(&error) => Event::Stopped(id),
            Err(error) => Event::Checked(id, Err(format!("{error:#}"))),
        };
        Box::new(move |app: &mut App| {
            app.desks.evidence.checking.retain(|(of, _)| *of != id);
            app.desks.evidence.state.take(over);
        })
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
        Ok(reel) => (app.desks.evidence.reel, app.desks.evidence.folder) = (Some(Arc::new(reel)), folder),
        Err(error) => app.notices.fault(format!("The footage does not open: {error:#}"), now_ns),
    }
}

/// The first stream of what `--extract` leaves, or the folder itself.
pub(in crate::window) fn streams(opened: PathBuf) -> PathBuf {
    let segments = opened.join("segments");
    let first = std::fs::read_dir(&segments).ok().and_then(|entries| {
        let mut streams: Vec<PathBuf> =
            entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
        streams.sort();
        streams.into_iter().next()
    });
    first.unwrap_or(opened)
}

/// The flight whose footage is open inside of its viewing session, what plays it, and where it lies.
pub(in crate::window) fn open_footage(app: &App) -> Option<(FlightId, Arc<Reel>, PathBuf)> {
    let desk = &app.desks.evidence;
    let flight = desk.state.looks()?.flight;
    Some((flight, Arc::clone(desk.reel.as_ref()?), desk.folder.clone()))
}

/// Whether this is still what is open of that flight, inside of its viewing session.
pub(in crate::window) fn still_open(app: &App, flight: FlightId, reel: &Arc<Reel>) -> bool {
    let open = app.desks.evidence.reel.as_ref().is_some_and(|open| Arc::ptr_eq(open, reel));
    open && session(app, flight).is_some()
}

/// The viewing session over a flight.
pub(in crate::window) fn session(app: &App, flight: FlightId) -> Option<&Session> {
    app.desks.evidence.state.session.as_ref().filter(|session| session.flight == flight)
}

/// How far the checking of a flight is.
pub(in crate::window) fn checked(app: &App, flight: FlightId) -> &Check {
    app.desks.evidence.state.check(flight)
}

/// A flight of the store.
pub(in crate::window) fn flight(app: &App, id: FlightId) -> Option<&Flight> {
    app.desks.evidence.state.flights.iter().find(|flight| flight.id == id)
}

fn still(app: &mut App) {
    let desk = &mut app.desks.evidence;
    let (Some(picture), Some(session)) =
        (desk.reel.as_ref().and_then(|reel| reel.latest()), desk.state.session.as_ref())
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

/// For a test: something happened to what the workspace knows.
#[cfg(test)]
pub(in crate::window) fn tell(app: &mut App, event: Event) {
    app.desks.evidence.asked = true;
    app.desks.evidence.state.take(event);
}
