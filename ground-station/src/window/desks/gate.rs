//! Who is signed in, at the window's gate.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use egui::{Rect, Ui};
use evidence_store::people::Session;
use flight_record::Label;

use super::App;
use crate::clock;
use crate::dock::runner::{Gate, Tell};
use crate::state::signin::{Event, PinState, Secret, SignIn};
use crate::tasks::Repaint;
use crate::ui::shell::signin::{self, Ask, View};
use crate::window::settings::Settings;

const ROOM: usize = 16;

pub(crate) struct Desk {
    gate: Option<Gate>,
    events: Receiver<Event>,
    state: SignIn,
    view: View,
}

impl Desk {
    pub(super) fn new(settings: &Settings, repaint: &Repaint) -> Self {
        let (tell, events) = sync_channel(ROOM);
        let accounts = settings.stores.first.as_ref().map(|store| store.join("people.sqlite"));
        let gate = accounts.map(|accounts| Gate::new(accounts, Tell::new(tell, Arc::clone(repaint))));
        let mut state = SignIn::default();
        if gate.is_none() {
            state.apply(Event::NoPeople("The settings name no store: the unit’s accounts are there.".to_owned()));
        }
        Self { gate, events, state, view: View::default() }
    }

    pub(super) fn in_words(&self) -> (String, String) {
        signin::in_words(&self.state)
    }

    /// Whoever acts now.
    pub(in crate::window) fn session(&self) -> Option<Arc<Session>> {
        self.gate.as_ref().and_then(Gate::session)
    }

    pub(in crate::window) fn person(&self) -> Option<&crate::state::signin::Person> {
        self.state.who()
    }

    /// The unit's people.
    pub(super) fn people(&self) -> &[crate::state::signin::Person] {
        &self.state.people
    }

    /// Their name.
    pub(crate) fn signed_in(&self) -> Option<String> {
        self.state.who().map(|who| who.label.to_string())
    }

    /// Gives somebody's PIN; whether it is being looked at.
    pub(crate) fn give(&self, who: &Label, pin: &str) -> bool {
        let mut secret = Secret::default();
        pin.chars().for_each(|sign| secret.push(sign));
        self.gate.as_ref().is_some_and(|gate| gate.give(who.clone(), secret).is_ok())
    }

    /// Why somebody was not let in.
    pub(crate) fn said(&self, who: &Label) -> Option<String> {
        match &self.state.pin {
            PinState::Refused(..) => self.state.said(who, clock::now_utc_us()),
            PinState::None | PinState::Checking(_) => self.state.no_people.clone(),
        }
    }

    /// Whether the PIN is asked again.
    pub(crate) fn is_locked(&self) -> bool {
        self.state.is_locked()
    }

    /// Asks for the PIN again; nothing while nobody is signed in.
    pub(crate) fn lock(&self) -> bool {
        let signed_in = self.state.session().is_some();
        if signed_in {
            self.gate.iter().for_each(Gate::lock);
        }
        signed_in
    }
}

/// For a test: somebody gives their PIN.
#[cfg(test)]
pub(in crate::window) fn give(app: &App, who: &str, pin: &str) {
    let gate = app.desks.gate.gate.as_ref().unwrap();
    // The thread that lists the people may still be at it.
    loop {
        let mut secret = crate::state::signin::Secret::default();
        pin.chars().for_each(|sign| secret.push(sign));
        if gate.give(who.parse().unwrap(), secret).is_ok() {
            return;
        }
        std::thread::yield_now();
    }
}

pub(super) fn hear(app: &mut App) {
    let events: Vec<Event> = app.desks.gate.events.try_iter().collect();
    for event in events {
        let entered = matches!(event, Event::SignedIn(..));
        app.desks.gate.state.apply(event);
        if entered && app.view.over == Some(super::super::app::Over::SignIn) {
            app.view.over = None;
        }
    }
}

pub(super) fn draw(ui: &mut Ui, work: Rect, app: &mut App) {
    let desk = &mut app.desks.gate;
    let mut busy = false;
    if let PinState::Refused(_, why) = &desk.state.pin
        && why.wait_s(clock::now_utc_us()).is_some()
    {
        // The seconds that are left are counted.
        ui.ctx().request_repaint_after(std::time::Duration::from_secs(1));
    }
    for ask in signin::card(ui, work, &desk.state, clock::now_utc_us(), &mut desk.view) {
        let Some(gate) = &desk.gate else { continue };
        match ask {
            Ask::Give(who, secret) => busy |= gate.give(who, secret).is_err(),
            Ask::SignOut => gate.sign_out(),
            Ask::Lock => gate.lock(),
            Ask::Look => busy |= gate.look().is_err(),
        }
    }
    if busy {
        app.notices.fault("Sign-in: another PIN is being checked; try again in a moment", clock::mono_ns());
    }
}
