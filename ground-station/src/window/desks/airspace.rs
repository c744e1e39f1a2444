//! Airspace, at its desk.

use egui::{Rect, Ui};

use super::App;
use crate::airspace::{Homes, carry_out};
use crate::clock;
use crate::command::Command;
use crate::state::board::{AirspaceEvent, Work, Workspace};
use crate::ui::airspace::{self, AirspaceCommand, Shown, View};
use crate::ui::map::scene::Scene;
use crate::ui::map::{Map, MapView};

#[derive(Default)]
pub(super) struct Desk {
    workspace: Workspace,
    asked: bool,
    view: View,
    map: MapView,
}

impl Desk {
    pub(super) fn look_at(&mut self, middle: mission_profiles::place::Position, zoom: f64) {
        self.map.look_at(middle, zoom);
    }
}

/// Reads it the first time.
pub(super) fn begin(app: &mut App) {
    if !std::mem::replace(&mut app.desks.airspace.asked, true) {
        work(app, Work::Read);
    }
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
    let desk = &mut app.desks.airspace;
    let (view, seen) = (&mut desk.view, &mut desk.map);
    let shown =
        Shown { workspace: &desk.workspace, moment: &moment, home, ground_amsl_m: None, signed_in: who.as_deref() };
    let mut map = |ui: &mut Ui, rect: Rect| {
        Map::show(ui, rect, &scene, seen);
    };
    let asked = airspace::show(ui, rect, &shown, view, &mut map);
    for command in asked {
        match command {
            AirspaceCommand::Work(asked) => work(app, asked),
            AirspaceCommand::Centre(place) => app.desks.airspace.map.show_place(place),
            AirspaceCommand::Read => app.desks.airspace.workspace.read(),
        }
    }
    Vec::new()
}

fn work(app: &mut App, work: Work) {
    app.desks.airspace.workspace.begun(&work);
    let homes = Homes { zones: app.settings.airspace.zones.clone(), office: super::office(&app.settings) };
    let session = app.desks.gate.session();
    app.desks.aside("airspace", move |post| {
        let mut say = |event: AirspaceEvent| post.news(Box::new(move |app: &mut App| took(app, Ok(event))));
        let done = carry_out(work, &homes, session.as_deref(), &mut say).map_err(|error| format!("{error:#}"));
        Box::new(move |app: &mut App| took(app, done))
    });
}

fn took(app: &mut App, event: Result<AirspaceEvent, String>) {
    let changes = matches!(&event, Ok(AirspaceEvent::Imported(..) | AirspaceEvent::Entered { .. }));
    app.desks.airspace.workspace.took(event);
    if changes {
        // The flight is held against what is in force now.
        app.work.skies.iter().for_each(|skies| skies.read_again());
        super::plan::rules_changed(app);
    }
    if let Some(trouble) = app.desks.airspace.workspace.airspace.as_ref().and_then(|all| all.datasets.as_ref().err()) {
        app.notices.fault(format!("Zones: {trouble}"), clock::mono_ns());
    }
}
