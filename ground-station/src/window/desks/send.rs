//! A plan on its way to the vehicle: how far it is, taken back, and what became of it.

use mission_profiles::plan_files::Plan;

use super::App;
use crate::fly::Far;
use crate::state::progress::{Unit, Work};
use crate::tasks::orders::{Answer, Order, OrderId, Outcome};
use crate::window::asked::For;

/// One upload.
pub(super) struct Sending {
    id: OrderId,
    pub(super) work: Work,
}

/// Begins.
pub(super) fn begin(app: &mut App, plan: Box<Plan>, now_ns: u64) {
    app.desks.plan.sending = None;
    if let Some(id) = app.give(Order::Upload(plan), For::Told("Plan uploaded and read back"), now_ns) {
        let work = Work::begun("Asking the vehicle to take a plan", Unit::Things("items"), None, now_ns);
        app.desks.plan.sending = Some(Sending { id, work });
        super::papers::sign_for_upload(app);
    }
}

/// Takes it back.
pub(super) fn cancel(app: &mut App) {
    let Some(sending) = &mut app.desks.plan.sending else { return };
    sending.work.stop();
    if let Some(radio) = &app.work.radio {
        radio.take_back(sending.id);
    }
}

/// What became of an order, if it is this one.
pub(super) fn hear(app: &mut App, id: OrderId, outcome: &Outcome, now_ns: u64) {
    let Some(sending) = app.desks.plan.sending.as_mut().filter(|sending| sending.id == id) else { return };
    match outcome {
        Outcome::Sent | Outcome::Progress(Far::Said(_)) => return,
        Outcome::Progress(Far::Items { what, done, of }) => {
            let [done, of] = [*done, *of].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
            sending.work.at(what, (done, of), now_ns);
            return;
        }
        Outcome::Accepted(Answer::Plan(held)) => {
            let cleared = held.cleared.clone();
            cleared.iter().for_each(|words| app.notices.done(format!("Upload: {words}"), None, now_ns));
            super::papers::uploaded(app);
        }
        Outcome::Cancelled => {
            let words = "Upload cancelled: part of the plan may be aboard. What is aboard is read; upload again before it is flown";
            app.notices.fault(words, now_ns);
            app.flight.aboard.read = None;
        }
        Outcome::Refused(_) | Outcome::Silent(_) => app.flight.aboard.read = None,
        Outcome::Accepted(_) | Outcome::Superseded => {}
    }
    app.desks.plan.sending = None;
}
