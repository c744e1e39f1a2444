//! Handover, at its desk.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use egui::{Rect, Ui};
use flight_record::Reason;

use super::App;
use crate::clock;
use crate::command::Command;
use crate::dock::Setup;
use crate::dock::runner::{Acting, Busy, Dock, MEDIA, Tell};
use crate::state::handover::{Event, Handover};
use crate::tasks::Repaint;
use crate::ui::handover::{self, Shown, View};
use crate::window::settings::Settings;

const ROOM: usize = 256;
/// Cards that were plugged in are looked for this often, ns.
const LOOK_NS: u64 = 30_000_000_000;

pub(super) struct Desk {
    dock: Result<Dock, String>,
    events: Receiver<Event>,
    state: Handover,
    view: View,
    /// When it was looked around last, ns.
    looked_ns: u64,
}

impl Desk {
    pub(super) fn new(settings: &Settings, repaint: &Repaint) -> Self {
        let (tell, events) = sync_channel(ROOM);
        let media = if settings.stores.media.is_empty() {
            MEDIA.map(PathBuf::from).to_vec()
        } else {
            settings.stores.media.clone()
        };
        let dock = setup(settings).and_then(|setup| {
            Dock::start(setup, media, Tell::new(tell, Arc::clone(repaint))).map_err(|error| error.to_string())
        });
        let view = settings.stores.packages.as_deref().map_or_else(View::default, View::with_packages);
        let view = match &settings.stores.dock {
            Some(from) => view.at_dock(from, settings.stores.device.as_deref().and_then(|id| id.parse().ok())),
            None => view,
        };
        Self { dock, events, state: Handover::default(), view, looked_ns: clock::mono_ns() }
    }

    pub(super) fn waiting(&self) -> usize {
        self.state.waiting(clock::now_utc_us())
    }
}

fn setup(settings: &Settings) -> Result<Setup, String> {
    let missing = |what: &str| {
        format!("The settings do not name {what}: a handover needs two stores, the trust list and its root.")
    };
    // A station's first day: what the witness and REC will write there goes into tonight's handover.
    let own = |dir: &PathBuf| std::fs::create_dir_all(dir).is_ok().then(|| dir.clone());
    let stores = &settings.stores;
    Ok(Setup {
        store: stores.first.clone().ok_or_else(|| missing("[stores] first"))?,
        second: stores.second.clone().ok_or_else(|| missing("[stores] second"))?,
        outside_head: Vec::new(),
        witness_dir: own(&settings.witness.dir),
        wraps: settings.witness.wraps.clone(),
        reasons: own(&settings.witness.reasons),
        trust: settings.keys.trust.clone().ok_or_else(|| missing("[keys] trust"))?,
        root: settings.root().map_err(|error| format!("{error:#}"))?.ok_or_else(|| missing("[keys] root"))?,
        key: settings.keys.station.clone(),
        place: settings.station.place.parse().map_err(|error| format!("[station] place: {error}"))?,
        authority: None,
    })
}

pub(super) fn hear(app: &mut App) {
    let desk = &mut app.desks.handover;
    desk.events.try_iter().for_each(|event| desk.state.apply(event));
    let now_ns = clock::mono_ns();
    if now_ns.saturating_sub(desk.looked_ns) > LOOK_NS
        && let Ok(dock) = &desk.dock
    {
        desk.looked_ns = now_ns;
        // Busy with a handover: it looks around by itself then.
        let _ = dock.look_around();
    }
}

/// Looks at the dock that the settings name.
pub(super) fn begin(app: &mut App) {
    let stores = &app.settings.stores;
    let device = stores.device.as_deref().and_then(|id| id.parse().ok());
    let from = stores.dock.as_deref().and_then(|from| from.parse().ok());
    if let (Ok(dock), Some(from)) = (&app.desks.handover.dock, from) {
        // Busy looking around: the screen offers it.
        let _ = dock.look(from, device);
    }
}

pub(super) fn draw(ui: &mut Ui, rect: Rect, app: &mut App) -> Vec<Command> {
    let now_utc_us = clock::now_utc_us();
    if let Err(why) = &app.desks.handover.dock {
        nothing(ui, rect, why);
        return vec![];
    }
    let desks = &mut app.desks;
    let desk = &mut desks.handover;
    let shown = Shown { state: &desk.state, first: desks.gate.person(), now_utc_us };
    let asked = handover::show(ui, rect, shown, &mut desk.view);
    for command in asked {
        if let Err(why) = carry_out(app, command) {
            app.notices.fault(format!("Handover: {why}"), clock::mono_ns());
        }
    }
    Vec::new()
}

fn nothing(ui: &Ui, rect: Rect, why: &str) {
    let inside = crate::ui::widget::panel::panel(ui, rect);
    let empty = crate::ui::widget::empty::Empty {
        icon: crate::ui::icon::TRAY_ARROW_DOWN.regular(),
        what: "Nothing can be handed over here yet",
        how: why,
        action: None,
    };
    let _ = empty.at(ui, inside.shrink(24.0).with_max_y(inside.top() + 160.0));
}

fn carry_out(app: &App, command: handover::Command) -> Result<(), String> {
    let desk = &app.desks.handover;
    let dock = desk.dock.as_ref().map_err(Clone::clone)?;
    let acting = |reason: Reason| {
        let session = app.desks.gate.session().ok_or("sign in first: it stands in the ledger who handed over")?;
        Ok::<_, String>(Acting { session, reason })
    };
    let busy = |busy: Busy| busy.to_string();
    match command {
        handover::Command::Look(from, device) => dock.look(from, device).map_err(busy),
        handover::Command::LookAround => dock.look_around().map_err(busy),
        handover::Command::Leave => dock.leave().map_err(busy),
        handover::Command::TakeOver(reason) => dock.take_over(acting(reason)?).map_err(busy),
        handover::Command::Pause => {
            dock.pause();
            Ok(())
        }
        handover::Command::Cancel => {
            dock.cancel();
            Ok(())
        }
        handover::Command::Countersign(who, secret) => dock.countersign(who, secret).map_err(busy),
        handover::Command::Erase(reason, quarantined_too) => dock.erase(acting(reason)?, quarantined_too).map_err(busy),
        handover::Command::Package(reason, dir) => dock.package(acting(reason)?, dir).map_err(busy),
    }
}
