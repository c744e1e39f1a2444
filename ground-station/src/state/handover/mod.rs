//! The dock screen: what is docked, how far each flight is, who signed, what may be done next.

mod erase;
mod event;
mod may;
mod steps;
#[cfg(test)]
mod tests;
mod undocked;
pub(crate) mod words;

pub(crate) use erase::{Condition, Met};
pub(crate) use event::{
    Aboard, Docked, End, Event, Fault, Hands, Job, Place, Planned, Progress, Receipted, Room, SegmentState, Span,
    TakenOver, Undocked, Verdict,
};
pub(crate) use may::Action;
pub(crate) use steps::{Mark, Running, StepShown};

use crate::state::signin::{NotLetIn, Person};
use evidence_store::intake::Step;
use flight_record::keys::KeyId;
use flight_record::{FlightId, Label};

/// How long a second person counts as standing there after their PIN, µs.
pub(crate) const WITNESS_STAYS_US: i64 = 900_000_000;

/// All that the dock screen shows.
#[derive(Debug, Default)]
pub(crate) struct Handover {
    /// What is docked.
    pub(crate) dock: Dock,
    /// Who may countersign.
    pub(crate) people: Vec<Person>,
    /// The aircraft of the unit.
    pub(crate) fleet: Vec<(Label, KeyId)>,
    /// What is being done.
    pub(crate) job: Option<Job>,
    /// Work that was stopped: how, and what it was.
    pub(crate) stopped: Option<(Job, End)>,
    /// Who hands over.
    pub(crate) hands: Option<Hands>,
    /// The second person.
    pub(crate) second: Second,
    /// Flights that this station knows of and that no store holds.
    pub(crate) not_handed_over: Vec<Undocked>,
}

/// What is docked.
#[derive(Debug, Default)]
pub(crate) enum Dock {
    /// Nothing.
    #[default]
    Nothing,
    /// It is looked at.
    Looking(String),
    /// Nothing can be taken from there.
    Refused(Fault),
    /// This.
    Docked(Box<Docked>, Vec<Flight>),
}

/// The second person.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Second {
    /// Nobody yet.
    #[default]
    Absent,
    /// Their PIN is looked at.
    Checking(Label),
    /// It was not the right one.
    Refused(Label, NotLetIn),
    /// They gave it.
    Present {
        /// Who.
        person: Person,
        /// When, POSIX µs.
        since_utc_us: i64,
        /// When they last signed something, and how many lines of the ledger so far.
        signed: Option<(i64, usize)>,
    },
}

/// A flight on its way.
#[derive(Debug, Clone)]
pub(crate) struct Flight {
    /// As it lies aboard.
    pub(crate) plan: Planned,
    /// How far it is.
    pub(crate) stage: Stage,
    /// The verifier's word.
    pub(crate) verdict: Option<Verdict>,
    /// Once it was taken over.
    pub(crate) taken: Option<TakenOver>,
    /// An order to erase was given, and nothing is known of it yet.
    pub(crate) ordered: bool,
    /// Where its package lies.
    pub(crate) package: Option<String>,
    /// Why it is no further.
    pub(crate) fault: Option<Fault>,
}

/// How far a flight is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its turn has not come.
    Waits,
    /// It is at this.
    At(Progress),
    /// It was stopped at this.
    Stopped(Progress),
    /// Two stores hold it.
    Done,
}

impl Flight {
    fn new(plan: Planned) -> Self {
        Self { plan, stage: Stage::Waits, verdict: None, taken: None, ordered: false, package: None, fault: None }
    }

    /// How far it is, while it is on its way.
    pub(crate) fn progress(&self) -> Option<&Progress> {
        match &self.stage {
            Stage::At(progress) | Stage::Stopped(progress) => Some(progress),
            Stage::Waits | Stage::Done => None,
        }
    }

    /// Whether this step of it is behind it.
    pub(crate) fn is_past(&self, step: Step) -> bool {
        self.taken.is_some() || self.progress().is_some_and(|progress| progress.step > step)
    }

    /// Whether it stays aboard unless two custodians decide otherwise.
    pub(crate) fn is_quarantined(&self) -> bool {
        self.taken.as_ref().is_some_and(|taken| taken.quarantined)
    }

    /// What became of the copy aboard.
    pub(crate) fn aboard(&self) -> Aboard {
        self.taken.as_ref().map_or(Aboard::Stays, |taken| taken.aboard)
    }
}

impl Handover {
    /// Takes in what the worker tells.
    pub(crate) fn apply(&mut self, event: Event) {
        match event {
            Event::Looking { from } => {
                *self = Self { dock: Dock::Looking(from), ..std::mem::take(self).kept() };
            }
            Event::NotDocked(fault) => self.dock = Dock::Refused(fault),
            Event::Undocked => *self = std::mem::take(self).kept(),
            Event::Docked(docked) => {
                let flights = docked.flights.iter().cloned().map(Flight::new).collect();
                self.dock = Dock::Docked(docked, flights);
            }
            Event::People(people) => self.people = people,
            Event::Fleet(fleet) => self.fleet = fleet,
            Event::NotHandedOver(found) => self.not_handed_over = found,
            Event::Began(job, hands) => {
                (self.job, self.hands, self.stopped) = (Some(job), Some(hands), None);
                self.flights_mut().iter_mut().for_each(|flight| flight.fault = None);
            }
            Event::Ended(job, end) => self.ended(job, end),
            Event::PinGiven(label) => self.second = Second::Checking(label),
            Event::PinTaken(person, since_utc_us) => {
                self.second = Second::Present { person, since_utc_us, signed: None };
            }
            Event::PinRefused(label, why) => self.second = Second::Refused(label, why),
            Event::Countersigned { at_utc_us, lines, .. } => self.countersigned(at_utc_us, &lines),
            Event::Progress(progress) => self.progressed(progress),
            Event::Judged { flight, verdict } => self.with(flight, |it| it.verdict = Some(*verdict)),
            Event::TakenOver(taken) => self.with(taken.flight, |it| {
                (it.stage, it.ordered, it.fault) = (Stage::Done, false, None);
                it.taken = Some(*taken);
            }),
            Event::EraseOrdered { flight } => self.with(flight, |it| it.ordered = true),
            Event::Packaged { flight, path } => self.with(flight, |it| it.package = Some(path)),
        }
    }

    /// What stays when something else is docked.
    fn kept(self) -> Self {
        Self { people: self.people, fleet: self.fleet, not_handed_over: self.not_handed_over, ..Self::default() }
    }

    fn progressed(&mut self, progress: Progress) {
        self.with(progress.flight, |it| {
            // A flight that two stores hold is gone through again before it is erased; it stays what it is.
            if it.taken.is_none() {
                it.stage = Stage::At(progress);
            }
        });
    }

    fn countersigned(&mut self, at_utc_us: i64, lines: &[u64]) {
        if let Second::Present { signed, .. } = &mut self.second {
            let before = signed.map_or(0, |(_, lines)| lines);
            *signed = Some((at_utc_us, before + lines.len()));
        }
        for flight in self.flights_mut() {
            if let Some(taken) = &mut flight.taken {
                taken.awaiting.retain(|line| !lines.contains(line));
            }
        }
    }

    fn ended(&mut self, job: Job, end: End) {
        self.job = None;
        for flight in self.flights_mut() {
            if let Stage::At(progress) = flight.stage {
                flight.stage = Stage::Stopped(progress);
            }
        }
        if let End::Failed(fault) = &end
            && let Some(flight) = fault.flight
        {
            self.with(flight, |it| it.fault = Some(fault.clone()));
        }
        self.stopped = (end != End::Done).then_some((job, end));
    }

    /// The flights that are docked.
    pub(crate) fn flights(&self) -> &[Flight] {
        match &self.dock {
            Dock::Docked(_, flights) => flights,
            Dock::Nothing | Dock::Looking(_) | Dock::Refused(_) => &[],
        }
    }

    fn flights_mut(&mut self) -> &mut [Flight] {
        match &mut self.dock {
            Dock::Docked(_, flights) => flights,
            Dock::Nothing | Dock::Looking(_) | Dock::Refused(_) => &mut [],
        }
    }

    fn with(&mut self, flight: FlightId, change: impl FnOnce(&mut Flight)) {
        if let Some(found) = self.flights_mut().iter_mut().find(|it| it.plan.flight == flight) {
            change(found);
        }
    }

    /// What is docked, once it was looked at.
    pub(crate) fn docked(&self) -> Option<&Docked> {
        match &self.dock {
            Dock::Docked(docked, _) => Some(docked),
            Dock::Nothing | Dock::Looking(_) | Dock::Refused(_) => None,
        }
    }

    /// The flight that is worked on or was stopped, with its place among all, from 1.
    pub(crate) fn at(&self) -> Option<(usize, &Flight)> {
        let at = self.flights().iter().position(|flight| flight.progress().is_some())?;
        Some((at + 1, &self.flights()[at]))
    }

    /// The second person, while their PIN counts.
    pub(crate) fn present(&self, now_utc_us: i64) -> Option<&Person> {
        match &self.second {
            Second::Present { person, since_utc_us, .. }
                if now_utc_us.saturating_sub(*since_utc_us) <= WITNESS_STAYS_US =>
            {
                Some(person)
            }
            Second::Present { .. } | Second::Absent | Second::Checking(_) | Second::Refused(..) => None,
        }
    }

    /// Lines of the ledger that await the second person.
    pub(crate) fn awaiting(&self) -> usize {
        self.flights().iter().filter_map(|flight| flight.taken.as_ref()).map(|taken| taken.awaiting.len()).sum()
    }

    /// Bytes that two stores hold, and all bytes.
    pub(crate) fn bytes(&self) -> (u64, u64) {
        let held = self.flights().iter().filter(|flight| flight.taken.is_some()).map(|flight| flight.plan.bytes).sum();
        (held, self.flights().iter().map(|flight| flight.plan.bytes).sum())
    }
}
