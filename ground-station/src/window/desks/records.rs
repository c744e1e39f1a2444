//! Records, at its desk.

use egui::{Rect, Ui};

use super::App;
use crate::clock;
use crate::command::Command;
use crate::log;
use crate::state::records::Loaded;
use crate::ui::records::{self, Shown, View};

#[derive(Default)]
pub(super) struct Desk {
    loaded: Loaded,
    asked: bool,
    busy: bool,
    view: View,
}

impl Desk {
    pub(super) fn waiting(&self) -> usize {
        if let Loaded::There(records) = &self.loaded { records.drafts.len() } else { 0 }
    }
}

/// Reads them the first time.
pub(super) fn begin(app: &mut App) {
    if !std::mem::replace(&mut app.desks.records.asked, true) {
        read(app);
    }
}

pub(super) fn draw(ui: &mut Ui, work: Rect, app: &mut App) -> Vec<Command> {
    begin(app);
    let who = app.desks.gate.signed_in();
    let desk = &mut app.desks.records;
    let shown = Shown { loaded: &desk.loaded, signed_in: who.as_deref(), busy: desk.busy };
    for command in records::show(ui, work, &shown, &mut desk.view) {
        match command {
            records::Command::Reload => read(app),
            records::Command::Enter(entering) => enter(app, entering),
        }
    }
    Vec::new()
}

fn read(app: &mut App) {
    let (office, drafts) = (super::office(&app.settings), app.settings.log.drafts.clone());
    let now = app.moment().now;
    app.desks.aside("records", move |_| {
        let loaded = match log::records(office.as_ref(), drafts.as_deref(), now) {
            Ok(records) => Loaded::There(records),
            Err(error) => Loaded::Failed(format!("{error:#}")),
        };
        Box::new(move |app: &mut App| {
            (app.desks.records.loaded, app.desks.records.busy) = (loaded, false);
        })
    });
}

fn enter(app: &mut App, entering: crate::state::records::Entering) {
    let now_ns = clock::mono_ns();
    let (Some(office), Some(session)) = (super::office(&app.settings), app.desks.gate.session()) else {
        app.notices.fault("The flight was not entered: sign in, and name a store in the settings", now_ns);
        return;
    };
    app.desks.records.busy = true;
    app.desks.aside("records", move |_| {
        let done = log::enter_draft(&office, &session, &entering);
        Box::new(move |app: &mut App| {
            match done {
                Ok(entered) => said(app, &entered),
                Err(error) => app.notices.fault(format!("The flight was not entered: {error:#}"), clock::mono_ns()),
            }
            read(app);
        })
    });
}

/// What is to be known of a flight that was entered; whom to tell stays until it is read.
fn said(app: &mut App, entered: &log::Entered) {
    let (id, now_ns) = (&entered.id, clock::mono_ns());
    app.notices.done(format!("Flight entered: {id} stands in the register"), None, now_ns);
    entered.notes.iter().for_each(|note| app.notices.done(format!("Flight {id}: {note}"), None, now_ns));
    entered.tell.iter().for_each(|tell| app.notices.fault(format!("Flight {id}: {tell}"), now_ns));
}
