//! REC: in whose name, and why; the officer's session that is signed before take-off; the reason that is amended for a while.

use std::sync::Arc;

use evidence_store::people::Session as SignedIn;
use flight_record::statement::{Action, Session};
use flight_record::trust::Duty;
use flight_record::{Label, Reason};

use super::app::{App, Over};
use super::asked::For;
use super::words::{minute, span};
use crate::clock;
use crate::signer::Signs;
use crate::state::recording::{Button, Fault};
use crate::tasks::orders::{Answer, Order, Signed, SignedWish};
use crate::ui::fly::reason::{Ask, Now};
use crate::ui::widget::flight::Sent;

/// Duties whose holder may authorise recording.
const MAY_AUTHORISE: [Duty; 3] = [Duty::Pilot, Duty::Observer, Duty::Supervisor];

/// By whom an order to record goes out.
pub(super) enum By {
    /// The officer who opened the session, with their own key.
    Officer(Arc<SignedIn>),
    /// Any station's button, in the name of the officer who opened the session; they are not here.
    Session,
    /// This station's key.
    Station(Arc<Signs>),
    /// Nobody: the camera's own command.
    Nobody,
}

impl App {
    /// One press, always: it starts what does not run, and stops what does.
    pub(super) fn record(&mut self, now_ns: u64) {
        if self.flight.camera.is_none() {
            self.notices.fault(
                "Record: no camera is heard. Check its cable and power; the aircraft may be recording all the same.",
                now_ns,
            );
            return;
        }
        let start = match self.flight.recording.button(now_ns) {
            Button::Recording { .. } | Button::Awaited { .. } | Button::Unsealed { .. } | Button::Starting { .. } => {
                false
            }
            Button::Fault(Fault::NotStopped) => false,
            Button::Ready | Button::Stopping { .. } | Button::NoCamera | Button::Fault(_) => true,
        };
        self.order_record(start, now_ns);
    }

    fn order_record(&mut self, start: bool, now_ns: u64) {
        let Some(camera) = self.flight.camera else { return };
        let by = self.recorded_by();
        let running = self.flight.reasons.of_record().filter(|_| !start).cloned();
        // A button gives no reason of its own: that of the session stands.
        let session = self.flight.officer.session().filter(|_| matches!(by, By::Session));
        let reason = running.or(session.map(|session| session.reason.clone())).or_else(|| self.reason_now().0);
        let action = if start { Action::Start } else { Action::Stop };
        let plain = if start { Order::RecStart { camera } } else { Order::RecStop { camera } };
        let order = match (by, reason.clone()) {
            (By::Officer(officer), Some(reason)) => {
                self.signed(SignedWish::Rec(action), reason, Arc::new(Signs::Person(officer)))
            }
            (By::Station(station), Some(reason)) => self.signed(SignedWish::Rec(action), reason, station),
            // By a session the record names its officer; without a key it names nobody.
            (By::Officer(_) | By::Station(_) | By::Session | By::Nobody, _) => Some(plain),
        };
        let Some(order) = order else { return };
        if start {
            self.flight.recording.start(now_ns);
            reason.into_iter().for_each(|reason| self.flight.reasons.ordered(reason, now_ns));
        } else {
            self.flight.recording.stop(now_ns);
            self.flight.reasons.over();
        }
        self.order(order, For::Record { start }, now_ns);
        if self.asked.of(&For::Record { start }) != Sent::Waiting {
            self.flight.recording.refused();
        }
    }

    fn signed(&self, wish: SignedWish, reason: Reason, signer: Arc<Signs>) -> Option<Order> {
        let (camera, reasons) = (self.flight.camera?, self.settings.witness.reasons.clone());
        Some(Order::Signed(Signed { camera, wish, reason, reasons, signer }))
    }

    /// The order to record stands, or was refused: whoever refuses an officer's is asked by this station, so that it records.
    pub(super) fn heard_record(&mut self, start: bool, outcome: Result<&Answer, &str>, refused: bool, now_ns: u64) {
        match outcome {
            Ok(Answer::Recorded { flight, .. }) if start => self.flight.reasons.stands(*flight),
            Ok(_) if start && self.flight.officer.session().is_some() => self.flight.reasons.stands(None),
            Ok(_) => {}
            Err(why) => {
                self.flight.recording.refused();
                self.flight.reasons.over();
                // Silence says nothing of the session.
                let Some(session) = self.flight.officer.session().filter(|_| refused).cloned() else { return };
                self.flight.officer.lost();
                let words = format!(
                    "Session of {}: the aircraft did not take an order by it ({why}). It is ended here.",
                    session.officer
                );
                self.notices.fault(words, now_ns);
                if start {
                    self.order_record(true, now_ns);
                }
            }
        }
    }

    /// By whom an order goes out now.
    pub(super) fn recorded_by(&self) -> By {
        let Some(session) = self.flight.officer.session() else {
            return self.work.station.clone().map_or(By::Nobody, By::Station);
        };
        let here = self.desks.gate.session().filter(|here| *here.label() == session.officer);
        here.map_or(By::Session, By::Officer)
    }

    /// The reason that the next order gives, and where it comes from: written by somebody, of the profile that is planned, of the settings.
    pub(super) fn reason_now(&self) -> (Option<Reason>, &'static str) {
        if let Some(reason) = self.flight.reasons.next() {
            return (Some(reason.clone()), "Reason of the next recording, as written here");
        }
        let planned = super::desks::plan::task(self).and_then(|task| task.parse().ok());
        match planned {
            Some(reason) => (Some(reason), "Reason of the next recording, of the profile that is planned"),
            None => (self.settings.station.reason.parse().ok(), "Reason of the next recording, of the settings"),
        }
    }

    /// In whose name the record will stand, in a sentence.
    pub(super) fn name_in_record(&self) -> String {
        match (self.flight.officer.session(), self.recorded_by()) {
            (Some(session), by) => {
                let until = minute(session.until_utc_us, &self.zone);
                let how = match by {
                    By::Officer(_) => "signed by their own key",
                    By::Session | By::Station(_) | By::Nobody => "by their session",
                };
                format!("REC stands in the name of {} until {until}, {how}", session.officer)
            }
            (None, By::Nobody) => "REC names nobody: this station has no key".to_owned(),
            (None, _) => "REC stands in the name of this station: no officer’s session is open".to_owned(),
        }
    }

    /// Until when a session is in force, for the strip.
    pub(super) fn session_until(&self) -> Option<String> {
        self.flight
            .officer
            .session()
            .map(|session| format!("REC to {}, {}", minute(session.until_utc_us, &self.zone), session.officer))
    }

    /// Why the person here cannot open or end a session.
    fn no_session(&self) -> Option<&'static str> {
        let person = self.desks.gate.person();
        match (self.flight.camera, person, self.desks.gate.session()) {
            _ if self.flight.officer.waits() => Some("Waits for the aircraft"),
            (None, _, _) => Some("No camera of ours is heard"),
            (_, None, _) | (_, _, None) => Some("Sign in first"),
            (_, Some(person), _) if !person.has(&MAY_AUTHORISE) => Some("Your duties do not include it"),
            _ => None,
        }
    }

    fn open_session(&mut self, minutes: u16, now_ns: u64) {
        let (Some(officer), None) = (self.desks.gate.session(), self.no_session()) else { return };
        let Some(reason) = self.reason_now().0 else { return };
        let label: Label = officer.label().clone();
        let wish = SignedWish::Session(Session::Begin { minutes });
        let Some(order) = self.signed(wish, reason.clone(), Arc::new(Signs::Person(officer))) else { return };
        self.flight.officer.ask(label, reason, minutes, clock::now_utc_us());
        self.send_said(order, &For::Session { end: false }, now_ns);
    }

    fn end_session(&mut self, now_ns: u64) {
        let (Some(officer), None) = (self.desks.gate.session(), self.no_session()) else { return };
        let session = self.flight.officer.session().cloned();
        let Some(session) = session.filter(|session| session.officer == *officer.label()) else {
            self.notices.fault("End of the session: only the officer who opened it ends it. Sign in as them.", now_ns);
            return;
        };
        let (wish, signer) = (SignedWish::Session(Session::End), Arc::new(Signs::Person(officer)));
        let Some(order) = self.signed(wish, session.reason, signer) else { return };
        self.flight.officer.ask_end();
        self.send_said(order, &For::Session { end: true }, now_ns);
    }

    fn send_said(&mut self, order: Order, what: &For, now_ns: u64) {
        self.order(order, what.clone(), now_ns);
        if self.asked.of(what) != Sent::Waiting {
            let why = "it could not be sent";
            match what {
                For::Session { .. } => self.flight.officer.refused(),
                _ => self.flight.reasons.amended(Err(why.to_owned())),
            }
        }
    }

    /// What became of an officer's word.
    pub(super) fn heard_session(&mut self, end: bool, outcome: Result<&Answer, &str>, now_ns: u64) {
        match outcome {
            Ok(Answer::Recorded { flight, .. }) => {
                self.flight.officer.confirmed(*flight);
                let words = if end {
                    "Session ended: REC goes by this station".to_owned()
                } else {
                    format!("Session open: {}", self.name_in_record())
                };
                self.notices.done(words, None, now_ns);
            }
            Ok(_) | Err(_) => self.flight.officer.refused(),
        }
    }

    fn write_reason(&mut self, words: &str, now_ns: u64) {
        let reason = match words.parse::<Reason>() {
            Ok(reason) => reason,
            Err(error) => {
                self.notices.fault(format!("Reason: {error}"), now_ns);
                return;
            }
        };
        if !self.is_recording(now_ns) {
            self.flight.reasons.write_next(Some(reason));
            return;
        }
        // An order of a flight that is over would open another one: it goes to the one that is open, or nowhere.
        let open = self.ribbon.newest().filter(|(_, flight)| !flight.landed()).map(|(id, _)| id);
        let (Some(flight), Some(_)) = (open, self.flight.reasons.amendable_ns(now_ns)) else { return };
        let signer = match self.desks.gate.session().filter(|_| self.officer_may_order()) {
            Some(officer) => Some(Arc::new(Signs::Person(officer))),
            None => self.work.station.clone(),
        };
        let Some(order) = signer.and_then(|by| self.signed(SignedWish::Amend(flight), reason.clone(), by)) else {
            self.notices.fault("Reason: this station has no key to sign an amendment with", now_ns);
            return;
        };
        self.flight.reasons.amend(reason);
        self.send_said(order, &For::Amend, now_ns);
    }

    fn officer_may_order(&self) -> bool {
        self.desks.gate.person().is_some_and(|person| person.has(&MAY_AUTHORISE))
    }

    /// What became of an amendment.
    pub(super) fn heard_amendment(&mut self, outcome: Result<&Answer, &str>) {
        self.flight.reasons.amended(outcome.map(|_| ()).map_err(str::to_owned));
    }

    /// Why the reason cannot be changed now; nothing when it can.
    fn reason_fixed(&self, now_ns: u64) -> Option<&'static str> {
        if !self.is_recording(now_ns) {
            return None;
        }
        match (self.flight.reasons.of_record(), self.flight.reasons.amendable_ns(now_ns)) {
            (None, _) => Some("The order to record was not signed here"),
            (Some(_), None) => Some("15 minutes are over: set a marker with a note"),
            (Some(_), Some(_)) => None,
        }
    }

    /// The reason of the record with what is left of its minutes, for the bar.
    pub(super) fn reason_in_words(&self, now_ns: u64) -> Option<String> {
        let (reason, left_ns) = (self.flight.reasons.of_record()?, self.flight.reasons.amendable_ns(now_ns)?);
        #[expect(clippy::cast_precision_loss, reason = "minutes")]
        let left = span(left_ns as f64 / 1e9);
        Some(format!("{reason}; may be amended for {left}"))
    }

    /// Time passes over session and reason.
    pub(super) fn look_after_record(&mut self, now_ns: u64, utc_us: i64) {
        let newest = self.ribbon.newest().map(|(id, flight)| (id, flight.landed()));
        if let Some((flight, true)) = newest {
            self.flight.officer.flight_over(flight);
        }
        self.flight.officer.tick(utc_us, newest.filter(|(_, landed)| !landed).map(|(id, _)| id));
        if matches!(self.flight.recording.button(now_ns), Button::Ready | Button::Fault(Fault::Stopped)) {
            self.flight.reasons.over();
        }
    }

    /// The panel.
    pub(super) fn reason_panel(&mut self, ui: &mut egui::Ui, work: egui::Rect, now_ns: u64) {
        let size = egui::vec2(crate::ui::fly::reason::WIDTH, crate::ui::fly::reason::HEIGHT);
        let rect = egui::Rect::from_min_size(egui::pos2(work.right() - size.x, work.top() + 56.0), size);
        let records = self.is_recording(now_ns);
        let (next, from) = self.reason_now();
        let reason = match self.flight.reasons.of_record().filter(|_| records) {
            Some(reason) => (reason.to_string(), "Reason in the flight’s record"),
            None if records => ("Not known here".to_owned(), "Reason in the flight’s record"),
            None => (next.map(|reason| reason.to_string()).unwrap_or_default(), from),
        };
        let name = self.name_in_record();
        let now = Now {
            name: &name,
            session: self.flight.officer.session().is_some(),
            why_not: self.no_session(),
            reason: (&reason.0, reason.1),
            records,
            fixed: self.reason_fixed(now_ns),
            amendment: self.flight.reasons.amendment(),
        };
        match crate::ui::fly::reason::show(ui, rect, &now, &mut self.view.reason) {
            Some(Ask::Open { minutes }) => self.open_session(minutes, now_ns),
            Some(Ask::End) => self.end_session(now_ns),
            Some(Ask::Reason(words)) => self.write_reason(&words, now_ns),
            Some(Ask::Close) if self.view.over == Some(Over::Reason) => self.view.over = None,
            Some(Ask::Close) | None => {}
        }
    }
}

#[cfg(test)]
mod tests;
