//! What can be slid just now, and what is next.

use super::app::App;
use super::asked::For;
use crate::command::{Command, Workspace};
use crate::state::recording::Button;
use crate::state::vehicle::Aloft;
use crate::ui::fly::bar::Next;
use crate::ui::fly::controls::Guarded;
use crate::ui::icon;
use crate::ui::widget::flight::Sent;

/// The slide, and why it cannot be pushed.
pub(super) fn slide(app: &App, now_ns: u64) -> (Guarded, Option<String>) {
    let Some(vehicle) = app.flight.vehicle() else { return (Guarded::Arm, Some("No vehicle is heard".to_owned())) };
    let (armed, aloft) = (vehicle.is_armed(now_ns), vehicle.aloft(now_ns));
    let usual = match (armed, aloft) {
        (_, Some(Aloft::InAir)) => Guarded::Land,
        (Some(true), _) if vehicle.mission(now_ns).is_some_and(|mission| mission.total.unwrap_or(0) > 1) => {
            Guarded::StartMission
        }
        (Some(true), _) => Guarded::TakeOff,
        _ => Guarded::Arm,
    };
    let on_fly = app.view.workspace == Workspace::Fly;
    let guarded = app.view.guarded.filter(|offered| on_fly || !offered.is_of_fly()).unwrap_or(usual);
    let why_not = match guarded {
        _ if armed.is_none() => Some("The vehicle is silent".to_owned()),
        Guarded::Land if aloft == Some(Aloft::OnGround) => Some("It is on the ground".to_owned()),
        // It waits for no other order.
        Guarded::Land => {
            let waits = app.asked.of(&For::Guarded(Guarded::Land)) == Sent::Waiting;
            waits.then(|| "Waits for the vehicle".to_owned())
        }
        _ if app.desks.gate.is_locked() => Some("Locked: sign in first".to_owned()),
        _ if app.asked.guarded_waits() => Some("Waits for the vehicle".to_owned()),
        Guarded::Arm if armed == Some(true) => Some("It is armed".to_owned()),
        Guarded::Arm => {
            let failures = vehicle.prearm.standing(now_ns).count();
            (failures > 0).then(|| {
                if failures == 1 { "1 check is open".to_owned() } else { format!("{failures} checks are open") }
            })
        }
        Guarded::TakeOff | Guarded::StartMission if armed != Some(true) => Some("Arm it first".to_owned()),
        Guarded::TakeOff if aloft == Some(Aloft::InAir) => Some("It flies".to_owned()),
        Guarded::TakeOff | Guarded::StartMission => None,
        Guarded::Disarm if armed == Some(false) => Some("It is disarmed".to_owned()),
        Guarded::Disarm => match aloft {
            Some(Aloft::OnGround) => None,
            Some(Aloft::InAir) => Some("It flies: land first".to_owned()),
            None => Some("It does not say that it stands".to_owned()),
        },
        Guarded::Mode(choice) => {
            let is = vehicle.mode(now_ns).is_some_and(|mode| mode.name == choice.name);
            is.then(|| "It flies so now".to_owned())
        }
        Guarded::Steer(wish) => app.steer_refused(&wish, now_ns).map(|refusal| refusal.short.to_owned()),
    };
    (guarded, why_not)
}

fn next(glyph: icon::Glyph, what: impl Into<String>, how: impl Into<String>, command: Option<Command>) -> Next {
    Next { glyph, what: what.into(), how: how.into(), command }
}

/// What may be said in the air of what is recorded: sealed is only what was seen to be hashed.
fn recorded(button: Button) -> Option<(icon::Glyph, &'static str)> {
    match button {
        Button::Recording { .. } => Some((icon::CHECK_CIRCLE, "In the air, recorded and sealed")),
        Button::Awaited { .. } => Some((icon::RECORD, "In the air, recorded; its first hash is awaited")),
        Button::Unsealed { .. } => Some((icon::WARNING, "In the air, recorded; no hash of it is heard")),
        Button::NoCamera | Button::Ready | Button::Starting { .. } | Button::Stopping { .. } | Button::Fault(_) => None,
    }
}

/// What is so, and what to do next, while no alarm stands.
pub(super) fn what_is_next(app: &App, now_ns: u64) -> Next {
    let Some(vehicle) = app.flight.vehicle() else {
        let links = app.settings.links.mavlink.join(", ");
        return next(
            icon::PLUGS,
            "No vehicle heard yet",
            format!("Switch on vehicle and radio; this station listens on {links}"),
            None,
        );
    };
    let failures = vehicle.prearm.standing(now_ns).count();
    let armed = vehicle.is_armed(now_ns) == Some(true);
    let button = app.flight.recording.button(now_ns);
    let recorded = recorded(button);
    if app.flight.in_air() {
        let how = match vehicle.mission(now_ns) {
            Some(mission) => {
                let total = mission.total.map_or_else(String::new, |total| format!(" of {total}"));
                format!("Mission item {}{total}", mission.current)
            }
            None => "No mission is flown".to_owned(),
        };
        if let Some((glyph, what)) = recorded {
            let reason = app.reason_in_words(now_ns);
            let command = reason.as_ref().map(|_| Command::Reason);
            let how = reason.map_or(how.clone(), |reason| format!("{how}. Reason: {reason}"));
            return next(glyph, what, how, command);
        }
        if matches!(button, Button::Starting { .. }) {
            return next(icon::RECORD, "In the air, a recording is not seen yet", how, None);
        }
        return next(
            icon::RECORD,
            "In the air, not recorded",
            format!("{how}. Record with one press"),
            Some(Command::Record),
        );
    }
    if failures > 0 {
        let what = if failures == 1 {
            "Not ready to arm: 1 reason".to_owned()
        } else {
            format!("Not ready to arm: {failures} reasons")
        };
        let first = vehicle
            .prearm
            .standing(now_ns)
            .next()
            .map_or_else(String::new, |failure| failure.means.map_or_else(|| failure.said.clone(), str::to_owned));
        return next(icon::QUESTION, what, first, Some(Command::WhyNotArm));
    }
    if !armed {
        if app.flight.camera.is_some() && app.flight.officer.session().is_none() {
            let how = format!("{}. An officer signs a session, or record as it is", app.name_in_record());
            return next(icon::SIGNATURE, "Ready", how, Some(Command::Reason));
        }
        let how = if recorded.is_some() {
            "Slide Arm across when the area is clear"
        } else {
            "Record, then slide Arm across when the area is clear"
        };
        let how = app.flight.camera.map_or(how.to_owned(), |_| format!("{how}. {}", app.name_in_record()));
        return next(icon::CHECK_CIRCLE, "Ready", how, Some(Command::Failsafes));
    }
    next(icon::AIRPLANE_TAKEOFF, "Armed", "Motors turn: keep people back, then slide across", Some(Command::Disarm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_seen_to_be_hashed_is_called_sealed() {
        let says = |button| recorded(button).map(|(_, words)| words.contains("sealed"));
        assert_eq!(says(Button::Recording { for_ns: 1 }), Some(true));
        assert_eq!(says(Button::Awaited { for_ns: 1 }), Some(false));
        assert_eq!(says(Button::Unsealed { for_ns: 1 }), Some(false));
        assert_eq!(says(Button::Ready), None);
    }
}
