//! What went wrong, in the pilot's words: what happened, what is safe, what to do.

use crate::state::handover::{End, Fault, Job};
use evidence_store::intake::IntakeError;
use evidence_store::ledger::LedgerError;
use evidence_store::people::PeopleError;
use flight_record::FlightId;

/// How a piece of work ended that did not come through.
pub(super) fn end(error: &anyhow::Error, job: Job, flight: Option<FlightId>, paused: bool) -> End {
    if matches!(intake(error), Some(IntakeError::Cancelled)) {
        return if paused { End::Paused } else { End::Cancelled };
    }
    End::Failed(fault(error, job, flight))
}

/// The same as words.
pub(super) fn fault(error: &anyhow::Error, job: Job, flight: Option<FlightId>) -> Fault {
    // Which flight it was is said beside it.
    let named = flight.map(|flight| format!("flight {flight}"));
    let why: Vec<String> = error.chain().map(ToString::to_string).filter(|why| Some(why) != named.as_ref()).collect();
    let mut what = why.join(": ");
    if let Some(first) = what.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    Fault { flight, what, safe: safe(job).to_owned(), cure: cure(error, job).to_owned() }
}

fn intake(error: &anyhow::Error) -> Option<&IntakeError> {
    error.chain().find_map(|error| error.downcast_ref())
}

fn safe(job: Job) -> &'static str {
    match job {
        Job::TakeOver => "Nothing aboard was erased, and what was copied stays here.",
        Job::Countersign => "The flights are in both stores; their entries still await the second person.",
        Job::Erase => "Both stores hold the flight and have signed for it.",
        Job::Package => "Both stores hold the flights; nothing left the unit that is not written down.",
    }
}

fn cure(error: &anyhow::Error, job: Job) -> &'static str {
    let people = error.chain().find_map(|error| error.downcast_ref::<PeopleError>());
    let ledger = error.chain().find_map(|error| error.downcast_ref::<LedgerError>());
    match (intake(error), people, ledger) {
        (Some(IntakeError::NoRoom { .. }), ..) => "Make room there, then look again.",
        (Some(IntakeError::SameStore(_)), ..) => "Give the second copy a store of its own.",
        (Some(IntakeError::Changed { .. } | IntakeError::Vanished { .. }), ..) => {
            "Wait until the aircraft is at rest, then resume."
        }
        (Some(IntakeError::WouldRefuse { .. } | IntakeError::NotErased { .. }), ..) => {
            "Mend what it says, then slide again. The flight stays aboard until then."
        }
        (Some(IntakeError::Source(_)), ..) if job == Job::Erase => {
            "Look again: the aircraft says itself what it has erased."
        }
        (Some(IntakeError::Source(_)), ..) => "Check the card or the cable, then resume: it goes on from there.",
        (Some(IntakeError::Store(_)), ..) => "Check that the store's disk is there and has room, then resume.",
        (Some(IntakeError::Ledger(LedgerError::SamePerson(_))), ..) | (_, _, Some(LedgerError::SamePerson(_))) => {
            "Somebody else countersigns."
        }
        (Some(IntakeError::Ledger(_)), ..) | (_, _, Some(_)) => {
            "`skyseal-evidence ledger check` says what is wrong with it. Keep the card until then."
        }
        (Some(IntakeError::People(_)), ..) | (_, Some(_), _) => "Sign in again, or let somebody else act.",
        _ => match job {
            Job::TakeOver => "Resume. If it fails again, keep the card and tell the evidence custodian.",
            Job::Countersign | Job::Erase | Job::Package => {
                "Try again. If it fails again, tell the evidence custodian."
            }
        },
    }
}

/// Nothing can be taken from there.
pub(super) fn not_docked(error: &anyhow::Error, aircraft: bool) -> Fault {
    let mut fault = fault(error, Job::TakeOver, None);
    "Nothing was changed, here or aboard.".clone_into(&mut fault.safe);
    let cure = if aircraft {
        "Check that the aircraft is powered, in the same network and not armed, then look again."
    } else {
        "Give the folder that holds `flights` on the card, or one flight's own folder, then look again."
    };
    cure.clone_into(&mut fault.cure);
    fault
}
