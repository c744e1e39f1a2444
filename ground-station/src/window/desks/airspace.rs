//! Airspace, at its desk.

use egui::{Rect, Ui};

use super::{App, Finished};
use crate::airspace::{Homes, carry_out};
use crate::clock;
use crate::command::Command;
use crate::state::board::{AirspaceEvent, Work, Workspace};
use crate::tasks::meter::Stop;
use crate::ui::airspace::{self, AirspaceCommand, Shown, View};
use crate::ui::map::scene::Scene;
use crate::ui::map::{Map, MapView};

#[derive(Default)]
pub(super) struct Desk {
    workspace: Workspace,
    asked: bool,
    view: View,
    map: MapView,
    /// The map has been shown where flights begin.
    placed: bool,
    /// Ends what is being done.
    stop: Stop,
}

/// The zones for some ten kilometres around.
const ZOOM: f64 = 10.0;

impl Desk {
    pub(super) fn forget_textures(&mut self) {
        self.map.forget_textures();
    }

    pub(super) fn look_at(&mut self, middle: mission_profiles::place::Position, zoom: f64) {
        self.map.look_at(middle, zoom);
        self.placed = true;
    }
}

/// Reads it the first time.
pub(super) fn begin(app: &mut App) {
    if !std::mem::replace(&mut app.desks.airspace.asked, true) {
        work(app, Work::Read);
    }
}

/// Shows this permission, with the call that activates it.
pub(super) fn open(app: &mut App, id: &str) {
    begin(app);
    app.desks.airspace.view.open(id);
}

pub(super) fn draw(ui: &mut Ui, rect: Rect, app: &mut App) -> Vec<Command> {
    begin(app);
    let (moment, home, who) = (app.moment(), app.home_place(), app.desks.gate.signed_in());
    let scene = Scene {
        datasets: &app.skies.datasets,
        edition: app.skies.edition,
        stands: &app.skies.stands,
        stands_edition: app.skies.stands_edition,
        tiles: app.desks.tiles.as_ref(),
        home,
        ..Scene::default()
    };
    let has_folder = app.settings.airspace.zones.is_some();
    let desk = &mut app.desks.airspace;
    if let Some(home) = home.filter(|_| !desk.placed) {
        desk.map.show_around(home, ZOOM);
        desk.placed = true;
    }
    let (view, seen) = (&mut desk.view, &mut desk.map);
    let shown = Shown {
        workspace: &desk.workspace,
        moment: &moment,
        home,
        ground_amsl_m: None,
        signed_in: who.as_deref(),
        has_folder,
    };
    let mut map = |ui: &mut Ui, rect: Rect| {
        Map::show(ui, rect, &scene, seen);
    };
    let asked = airspace::show(ui, rect, &shown, view, &mut map);
    for command in asked {
        match command {
            AirspaceCommand::Work(asked) => work(app, asked),
            AirspaceCommand::Centre(place) => app.desks.airspace.map.show_place(place),
            AirspaceCommand::Stop => {
                if app.desks.airspace.workspace.stop() {
                    app.desks.airspace.stop.stop();
                }
            }
            AirspaceCommand::Read => app.desks.airspace.workspace.read(),
        }
    }
    Vec::new()
}

fn work(app: &mut App, work: Work) {
    let stop = Stop::default();
    app.desks.airspace.workspace.begun(&work, clock::mono_ns());
    app.desks.airspace.stop = stop.clone();
    let homes = Homes { zones: app.settings.airspace.zones.clone(), office: super::office(&app.settings) };
    let session = app.desks.gate.session();
    app.desks.aside("airspace", move |post| {
        let say = |event: AirspaceEvent| {
            let far = matches!(event, AirspaceEvent::Progress(..));
            let letter: Finished = Box::new(move |app: &mut App| took(app, Ok(event)));
            if far { post.telemetry(letter) } else { post.news(letter) }
        };
        let done = carry_out(work, &homes, session.as_deref(), &stop, &say).map_err(|error| format!("{error:#}"));
        Box::new(move |app: &mut App| took(app, done))
    });
}

fn took(app: &mut App, event: Result<AirspaceEvent, String>) {
    let now_ns = clock::mono_ns();
    let changes = matches!(&event, Ok(AirspaceEvent::Imported(..) | AirspaceEvent::Entered { .. }));
    let read = matches!(&event, Ok(AirspaceEvent::Read(_) | AirspaceEvent::Imported(..)));
    if matches!(&event, Ok(AirspaceEvent::Stopped)) {
        app.notices.done("Stopped: the zones are those that were there before", None, now_ns);
    }
    app.desks.airspace.workspace.took(event, now_ns);
    if changes {
        // The flight is held against what is in force now.
        app.work.skies.iter().for_each(|skies| skies.read_again());
        super::plan::rules_changed(app);
    }
    let trouble = app.desks.airspace.workspace.airspace.as_ref().and_then(|all| all.datasets.as_ref().err());
    if let Some(trouble) = trouble.filter(|_| read) {
        app.notices.fault(format!("Zones: {trouble}"), now_ns);
    }
}
