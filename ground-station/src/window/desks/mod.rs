//! The workspaces beside Fly: each with what it knows, how it is looked at, and who works for it.

mod airspace;
pub(super) mod evidence;
pub(super) mod gate;
mod handover;
mod papers;
pub(super) mod plan;
mod records;
mod send;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Rect, Ui};
use mission_profiles::place::Position;

use super::app::App;
use super::settings::Settings;
use crate::basemap::tiles::Tiles;
use crate::clock;
use crate::command::{Command, Workspace};
use crate::desk::Office;
use crate::state::board::Moment;
use crate::tasks::orders::{OrderId, Outcome};
use crate::tasks::{Inbox, Post, Repaint, mailbox};
use crate::ui::shell::settings::{self as screen, SettingsCommand};

/// Results that may wait for the window.
const ROOM: usize = 256;

/// Something that a worker has finished, to be taken in by the window.
type Finished = Box<dyn FnOnce(&mut App) + Send>;

/// All of them.
pub(super) struct Desks {
    inbox: Inbox<Finished>,
    post: Post<Finished>,
    repaint: Repaint,
    /// The raster map that the settings name, once it is open.
    pub(super) tiles: Option<Tiles>,
    plan: plan::Desk,
    airspace: airspace::Desk,
    handover: handover::Desk,
    evidence: evidence::Desk,
    records: records::Desk,
    pub(super) gate: gate::Desk,
}

impl Desks {
    /// With what the settings name.
    pub(super) fn new(settings: &Settings, repaint: &Repaint) -> Self {
        let (post, inbox) = mailbox(ROOM, Arc::clone(repaint));
        let desks = Self {
            inbox,
            post,
            tiles: None,
            plan: plan::Desk::new(settings),
            airspace: airspace::Desk::default(),
            handover: handover::Desk::new(settings, repaint),
            evidence: evidence::Desk::new(settings),
            records: records::Desk::default(),
            gate: gate::Desk::new(settings, repaint),
            repaint: Arc::clone(repaint),
        };
        settings.map.mbtiles.iter().for_each(|path| desks.open_tiles(path.clone()));
        desks
    }

    fn open_tiles(&self, path: PathBuf) {
        let wake = Arc::clone(&self.repaint);
        self.aside("map", move |_| {
            let tiles = Tiles::open(&path, move || wake());
            Box::new(move |app: &mut App| match tiles {
                Ok(tiles) => app.desks.tiles = Some(tiles),
                Err(error) => app.notices.fault(format!("No map tiles: {error}"), clock::mono_ns()),
            })
        });
    }

    /// Does something that takes a while on a thread of its own; `work` gives what the window then takes in.
    fn aside(&self, name: &str, work: impl FnOnce(&Post<Finished>) -> Finished + Send + 'static) -> bool {
        let post = self.post.clone();
        let run = move || {
            let finished = work(&post);
            post.news(finished);
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(run).is_ok()
    }

    /// As [`App::forget_textures`], of every map and picture here.
    pub(super) fn forget_textures(&mut self) {
        self.plan.forget_textures();
        self.airspace.forget_textures();
        self.evidence.forget_textures();
    }

    /// Whether tiles of the raster map are still being read that somebody wants to see.
    pub(super) fn reads_tiles(&self) -> bool {
        self.tiles.as_ref().is_some_and(Tiles::is_reading)
    }

    /// The maps of the desks look there.
    pub(super) fn look_at(&mut self, middle: Position, zoom: f64) {
        self.plan.look_at(middle, zoom);
        self.airspace.look_at(middle, zoom);
    }

    /// Waiting things, for the rail.
    pub(super) fn counts(&self) -> Vec<(Workspace, usize)> {
        vec![(Workspace::Handover, self.handover.waiting()), (Workspace::Records, self.records.waiting())]
    }
}

/// The office of this station, where the settings name a store.
fn office(settings: &Settings) -> Option<Office> {
    let place = settings.station.place.parse().or_else(|_| "ground station".parse()).ok()?;
    Some(Office {
        store: settings.stores.first.clone()?,
        second: settings.stores.second.clone(),
        outside_heads: Vec::new(),
        place,
    })
}

impl App {
    /// Takes in what workers have finished, and has the workers go on.
    pub(super) fn hear_desks(&mut self) {
        for finished in self.desks.inbox.take() {
            finished(self);
        }
        gate::hear(self);
        handover::hear(self);
        plan::go_on(self);
        papers::go_on(self);
    }

    /// Reads what every workspace shows, before anybody looks.
    pub(super) fn read_everything(&mut self) {
        airspace::begin(self);
        evidence::begin_reading(self);
        plan::begin(self);
        records::begin(self);
        handover::begin(self);
    }

    fn moment(&self) -> Moment {
        let now = jiff::Timestamp::from_microsecond(clock::now_utc_us()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        Moment { now, zone: self.zone.clone() }
    }

    /// Where a flight would begin: where the vehicle stands, else where the settings say.
    fn home_place(&self) -> Option<Position> {
        let now_ns = clock::mono_ns();
        let place = self.flight.vehicle().map(|vehicle| &vehicle.place);
        let home = place.and_then(|place| place.home.now(now_ns)).map(|home| home.position);
        home.or_else(|| place.and_then(|place| place.fix.now(now_ns)).map(|fix| fix.position))
            .or_else(|| self.settings.home().ok().flatten())
    }
}

/// What became of an order that a workspace gave.
pub(super) fn hear_order(app: &mut App, id: OrderId, outcome: &Outcome, now_ns: u64) {
    send::hear(app, id, outcome, now_ns);
    papers::hear(app, id, outcome);
}

/// Draws one.
pub(super) fn draw(ui: &mut Ui, work: Rect, app: &mut App, workspace: Workspace) -> Vec<Command> {
    match workspace {
        Workspace::Fly => Vec::new(),
        Workspace::Plan => plan::draw(ui, work, app),
        Workspace::Airspace => airspace::draw(ui, work, app),
        Workspace::Handover => handover::draw(ui, work, app),
        Workspace::Evidence => evidence::draw(ui, work, app),
        Workspace::Records => records::draw(ui, work, app),
    }
}

/// Who is signed in, for the strip.
pub(super) fn officer(app: &App) -> (String, String) {
    app.desks.gate.in_words()
}

/// Draws the sign-in.
pub(super) fn signin(ui: &mut Ui, work: Rect, app: &mut App) {
    gate::draw(ui, work, app);
}

/// The settings.
pub(super) fn settings(ui: &mut Ui, rect: Rect, app: &mut App) -> Vec<Command> {
    let none = std::path::PathBuf::from("no file: --config names one, --example prints one");
    let file = app.config.as_ref().unwrap_or(&none);
    let shown =
        screen::Shown { file, settings: &app.settings, trouble: app.config_trouble.as_deref(), sounds: app.sounds };
    let mut asked = Vec::new();
    for command in screen::show(ui, rect, &shown) {
        match command {
            SettingsCommand::Theme(theme) => asked.push(Command::Theme(theme)),
            SettingsCommand::Sounds(sounds) => app.sounds = sounds,
            SettingsCommand::ReadAgain => app.read_settings_again(),
            SettingsCommand::Close => app.view.over = None,
        }
    }
    asked
}
