//! What may be pressed; and if not, why, in words.

use super::words::{count, size};
use super::{Dock, End, Handover, Job, Second};
use crate::state::signin::Person;
use flight_record::trust::Duty;

/// Who may take flights over.
const ACTORS: [Duty; 3] = [Duty::Custodian, Duty::Pilot, Duty::Supervisor];
/// Who may countersign.
const WITNESSES: [Duty; 5] = [Duty::Witness, Duty::Custodian, Duty::Supervisor, Duty::Observer, Duty::Pilot];
/// Who may let a flight leave the unit.
const DISCLOSERS: [Duty; 3] = [Duty::Custodian, Duty::Supervisor, Duty::DataProtection];

/// Something to press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Look at a card or an aircraft.
    Look,
    /// Copy, verify, copy again.
    TakeOver,
    /// The second person gives their PIN.
    Countersign,
    /// The aircraft erases; flights in quarantine too, or not.
    Erase {
        /// Those too.
        quarantined_too: bool,
    },
    /// Make packages.
    Package,
    /// Let go of what is docked.
    Leave,
}

impl Handover {
    /// Why this cannot be pressed now; none when it can.
    pub(crate) fn why_not(&self, action: Action, first: Option<&Person>, now_utc_us: i64) -> Option<String> {
        match (action, self.job) {
            (Action::Countersign, _) => self.why_no_countersigning(now_utc_us),
            (_, Some(job)) => Some(format!("Wait: {}.", doing(job))),
            (Action::Look, None) => matches!(self.dock, Dock::Looking(_)).then(|| "It is being looked at.".to_owned()),
            (Action::Leave, None) => self.docked().is_none().then(|| "Nothing is docked.".to_owned()),
            (Action::TakeOver, None) => self.why_no_taking_over(first),
            (Action::Erase { quarantined_too }, None) => self.why_no_erasing(quarantined_too, first, now_utc_us),
            (Action::Package, None) => self.why_no_package(first, now_utc_us),
        }
    }

    fn why_no_taking_over(&self, first: Option<&Person>) -> Option<String> {
        let Some(docked) = self.docked() else { return Some("Nothing is docked.".to_owned()) };
        if docked.flights.is_empty() {
            return Some("It holds no flights.".to_owned());
        }
        if self.flights().iter().all(|flight| flight.taken.is_some()) {
            return Some("Two stores hold every flight.".to_owned());
        }
        if let Some(room) = docked.rooms.iter().find(|room| room.needed_bytes > room.free_bytes) {
            let lacking = size(room.needed_bytes - room.free_bytes);
            return Some(format!("Store {} needs {lacking} more room: {}.", room.store, room.place));
        }
        match first {
            None => Some("Sign in first: every movement has one person.".to_owned()),
            Some(person) if !person.has(&ACTORS) => {
                Some(format!("{} is no pilot, supervisor or custodian; one of them hands over.", person.label))
            }
            Some(_) => None,
        }
    }

    fn why_no_countersigning(&self, now_utc_us: i64) -> Option<String> {
        match &self.second {
            Second::Checking(_) => Some("The PIN is being checked.".to_owned()),
            Second::Refused(_, why) if why.wait_s(now_utc_us).is_some() => Some(why.words(now_utc_us)),
            _ if self.docked().is_none() => Some("Nothing is docked.".to_owned()),
            _ if self.hands.is_none() => Some("Start the copy first: then there is something to sign.".to_owned()),
            Second::Refused(..) | Second::Absent | Second::Present { .. } => None,
        }
    }

    fn why_no_erasing(&self, quarantined_too: bool, first: Option<&Person>, now_utc_us: i64) -> Option<String> {
        if self.docked().is_none() {
            return Some("Nothing is docked.".to_owned());
        }
        if self.to_erase(quarantined_too).is_empty() {
            let apart = self.to_erase(true).len();
            let stays = || format!("{} in quarantine: two custodians decide.", count(apart, "flight"));
            return Some(if apart > 0 { stays() } else { "Nothing is left to erase.".to_owned() });
        }
        match self.open_conditions(quarantined_too, first, now_utc_us) {
            0 => None,
            1 => Some("1 condition is open".to_owned()),
            open => Some(format!("{open} conditions are open")),
        }
    }

    fn why_no_package(&self, first: Option<&Person>, now_utc_us: i64) -> Option<String> {
        let ready = |quarantined: bool| {
            self.flights().iter().filter(|it| it.taken.is_some() && it.is_quarantined() == quarantined).count()
        };
        match (first, self.present(now_utc_us)) {
            _ if ready(false) == 0 && ready(true) > 0 => {
                Some("What is in quarantine leaves the unit by no package.".to_owned())
            }
            _ if ready(false) == 0 => Some("No flight is in two stores yet.".to_owned()),
            (Some(person), _) if !person.has(&DISCLOSERS) => {
                Some(format!("{} is no custodian, supervisor or data protection officer.", person.label))
            }
            (None, _) => Some("Sign in first.".to_owned()),
            (_, None) => Some("A package is countersigned: a second person gives their PIN.".to_owned()),
            (Some(_), Some(_)) => None,
        }
    }

    /// Whom the second person can be: anybody who may, but not the first.
    pub(crate) fn countersigners(&self, first: Option<&Person>) -> Vec<&Person> {
        let first = self.hands.as_ref().map(|hands| &hands.actor.label).or(first.map(|first| &first.label));
        self.people.iter().filter(|person| person.has(&WITNESSES) && Some(&person.label) != first).collect()
    }

    /// What the copy would go on with.
    pub(crate) fn resumes(&self) -> Option<String> {
        let (at, flight) = self.at()?;
        let progress = flight.progress()?;
        let here = (progress.bytes_total > 0)
            .then(|| format!(" after {} of {}", size(progress.bytes_done), size(progress.bytes_total)));
        matches!(self.stopped, Some((Job::TakeOver, End::Paused | End::Cancelled | End::Failed(_))))
            .then(|| format!("Goes on at flight {at}, {}{}", progress.step, here.unwrap_or_default()))
    }
}

fn doing(job: Job) -> &'static str {
    match job {
        Job::TakeOver => "flights are being copied",
        Job::Countersign => "the ledger is being signed",
        Job::Erase => "the aircraft is told what to erase",
        Job::Package => "a package is being made",
    }
}
