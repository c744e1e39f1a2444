//! On what conditions the copy aboard is erased: all of them are listed, and none can be talked away.

use super::{Aboard, Flight, Handover, Job};
use crate::state::signin::Person;
use flight_record::trust::Duty;

/// Who may order it.
const ORDERERS: [Duty; 2] = [Duty::Custodian, Duty::Pilot];

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Met {
    /// It does.
    Yes,
    /// What it waits for is being done.
    Running,
    /// It does not.
    Open,
}

/// A condition, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// Whether it holds.
    pub(crate) met: Met,
    /// What it is.
    pub(crate) words: String,
}

impl Handover {
    /// The flights that the order would be about, with their places among all, from 1.
    pub(crate) fn to_erase(&self, quarantined_too: bool) -> Vec<(usize, &Flight)> {
        let wanted = |flight: &Flight| {
            flight.aboard() == Aboard::Stays && (quarantined_too || !flight.is_quarantined()) && !flight.plan.is_empty()
        };
        self.flights().iter().enumerate().map(|(at, it)| (at + 1, it)).filter(|(_, it)| wanted(it)).collect()
    }

    /// What must hold before anything is erased.
    pub(crate) fn conditions(&self, quarantined_too: bool, first: Option<&Person>, now_utc_us: i64) -> Vec<Condition> {
        let wanted = self.to_erase(quarantined_too);
        let running = self.job == Some(Job::TakeOver);
        let lacking = |is: &dyn Fn(&Flight) -> bool| -> Vec<usize> {
            wanted.iter().filter(|(_, flight)| !is(flight)).map(|(at, _)| *at).collect()
        };
        let about = |good: &str, bad: &str, lacking: &[usize], running: bool| {
            let met = match (lacking.is_empty() && !wanted.is_empty(), running) {
                (true, _) => Met::Yes,
                (false, true) => Met::Running,
                (false, false) => Met::Open,
            };
            let which: Vec<String> = lacking.iter().map(ToString::to_string).collect();
            let bad = || format!("{bad}: {}", which.join(", "));
            Condition { met, words: if lacking.is_empty() { good.to_owned() } else { bad() } }
        };
        vec![
            about("Flights closed", "Not closed", &lacking(&|it| it.plan.closed), false),
            about("Inventory agrees", "Other things aboard", &lacking(&|it| it.plan.others == 0), false),
            about("Two signed receipts", "Receipts open", &lacking(&has_receipts), running),
            orderer(quarantined_too, first),
            self.second_person(quarantined_too, now_utc_us),
            about("Single-use challenge", "No challenge", &lacking(&|it| it.plan.no_challenge.is_none()), false),
        ]
    }

    fn second_person(&self, quarantined_too: bool, now_utc_us: i64) -> Condition {
        let (met, words) = match self.present(now_utc_us) {
            Some(person) if quarantined_too && !person.has(&[Duty::Custodian]) => {
                (Met::Open, "Person 2: a custodian".to_owned())
            }
            Some(person) => (Met::Yes, format!("Person 2: {}", person.label)),
            None => (Met::Open, "Person 2: own PIN".to_owned()),
        };
        Condition { met, words }
    }

    /// Conditions that do not hold.
    pub(crate) fn open_conditions(&self, quarantined_too: bool, first: Option<&Person>, now_utc_us: i64) -> usize {
        let all = self.conditions(quarantined_too, first, now_utc_us);
        all.iter().filter(|condition| condition.met != Met::Yes).count()
    }
}

fn has_receipts(flight: &Flight) -> bool {
    flight.taken.as_ref().is_some_and(|taken| taken.receipts.len() == 2)
}

/// Who orders it: the person signed in.
fn orderer(quarantined_too: bool, first: Option<&Person>) -> Condition {
    let (duties, name): (&[Duty], _) =
        if quarantined_too { (&[Duty::Custodian], "custodian") } else { (&ORDERERS, "pilot or custodian") };
    match first {
        Some(person) if person.has(duties) => Condition { met: Met::Yes, words: format!("Person 1: {}", person.label) },
        _ => Condition { met: Met::Open, words: format!("Person 1: {name}") },
    }
}
