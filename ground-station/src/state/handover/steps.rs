//! The six steps, each with where it stands, and the copies that run.

use super::words::{count, per_cent, size};
use super::{Aboard, Dock, End, Flight, Handover, Job, Progress, Stage};
use evidence_store::intake::Step;

/// How a step is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Its turn has not come.
    Open,
    /// The one to look at.
    Now,
    /// Work on it goes on beside.
    Running,
    /// Done.
    Done,
}

/// A step as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StepShown {
    /// Its name.
    pub(crate) name: &'static str,
    /// Where it stands.
    pub(crate) detail: String,
    /// How it is drawn.
    pub(crate) mark: Mark,
}

/// A copy: into the first store, or from there into the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Running {
    /// What to where.
    pub(crate) name: &'static str,
    /// Bytes done, of all flights.
    pub(crate) bytes_done: u64,
    /// Bytes of all flights.
    pub(crate) bytes_total: u64,
    /// While it runs.
    pub(crate) rate: Option<Progress>,
    /// Where it goes on when it is resumed.
    pub(crate) stopped: bool,
}

impl Handover {
    /// The steps from left to right.
    pub(crate) fn steps(&self, now_utc_us: i64) -> [StepShown; 6] {
        let done = self.done();
        let now = done.iter().position(|done| !done);
        let mark = |at: usize| match (done[at], now) {
            (true, _) => Mark::Done,
            (false, Some(now)) if now == at => Mark::Now,
            (false, _) if self.runs(at) => Mark::Running,
            (false, _) => Mark::Open,
        };
        let details = [
            self.plan_detail(),
            self.copy_detail(),
            self.detail(Step::Keep),
            self.detail(Step::SecondCopy),
            self.erase_detail(now_utc_us),
            self.receipt_detail(),
        ];
        let names = ["Plan", "Copy", "Verify", "Second copy", "Erase", "Receipt"];
        let mut details = details.into_iter().enumerate();
        names.map(|name| {
            let (at, detail) = details.next().unwrap_or_default();
            StepShown { name, detail, mark: mark(at) }
        })
    }

    fn done(&self) -> [bool; 6] {
        let flights = self.flights();
        let all = |is: &dyn Fn(&Flight) -> bool| !flights.is_empty() && flights.iter().all(is);
        let room =
            self.docked().is_some_and(|docked| docked.rooms.iter().all(|room| room.needed_bytes <= room.free_bytes));
        [
            room && self.hands.is_some(),
            all(&|flight| flight.is_past(Step::Copy)),
            all(&|flight| flight.is_past(Step::Verify)),
            all(&|flight| flight.is_past(Step::SecondCopy)),
            all(&|flight| flight.aboard() != Aboard::Stays || flight.is_quarantined()),
            all(&|flight| flight.package.is_some() || flight.is_quarantined()),
        ]
    }

    /// Whether a step is being worked on.
    fn runs(&self, step: usize) -> bool {
        let at = |steps: &[Step]| {
            let here = |flight: &Flight| matches!(flight.stage, Stage::At(progress) if steps.contains(&progress.step));
            self.job == Some(Job::TakeOver) && self.flights().iter().any(here)
        };
        match step {
            1 => at(&[Step::Copy]),
            2 => at(&[Step::Verify, Step::Keep]),
            3 => at(&[Step::SecondCopy, Step::Receipts, Step::Ledger]),
            4 => self.job == Some(Job::Erase),
            5 => self.job == Some(Job::Package),
            _ => false,
        }
    }

    fn plan_detail(&self) -> String {
        let Dock::Docked(docked, flights) = &self.dock else { return "Nothing docked".to_owned() };
        let short = docked.rooms.iter().find(|room| room.needed_bytes > room.free_bytes);
        let room = short.map_or_else(|| "room for all".to_owned(), |room| format!("no room in {}", room.store));
        format!("{}, {room}", count(flights.len(), "flight"))
    }

    fn copy_detail(&self) -> String {
        let all = self.flights().len();
        match (&self.stopped, self.at()) {
            (Some((Job::TakeOver, End::Paused)), Some((at, _))) => format!("Paused at flight {at} of {all}"),
            (Some((Job::TakeOver, _)), Some((at, _))) => format!("Stopped at flight {at} of {all}"),
            (_, Some((at, flight))) if !flight.is_past(Step::Copy) => format!("Flight {at} of {all}"),
            _ => self.detail(Step::Copy),
        }
    }

    /// How many flights are past a step.
    fn detail(&self, step: Step) -> String {
        let all = self.flights().len();
        let past = self.flights().iter().filter(|flight| flight.is_past(step)).count();
        let running = self.flights().iter().filter_map(Flight::progress).find(|progress| progress.step == step);
        match running.filter(|progress| progress.bytes_total > 0) {
            Some(progress) => format!("{} %, running", per_cent(progress.bytes_done, progress.bytes_total)),
            None if past == 0 => "Waits".to_owned(),
            None => format!("{past} of {all} done"),
        }
    }

    fn erase_detail(&self, now_utc_us: i64) -> String {
        let gone = self.flights().iter().filter(|flight| flight.aboard() == Aboard::Erased).count();
        let ordered = self.flights().iter().filter(|flight| flight.aboard() == Aboard::Ordered).count();
        if self.job == Some(Job::Erase) {
            "Running".to_owned()
        } else if gone > 0 {
            format!("{gone} of {} erased", self.flights().len())
        } else if ordered > 0 {
            format!("{ordered} ordered")
        } else if self.present(now_utc_us).is_none() {
            "Needs person 2".to_owned()
        } else if self.flights().iter().all(|flight| flight.taken.is_some()) {
            "Ready".to_owned()
        } else {
            "Waits".to_owned()
        }
    }

    fn receipt_detail(&self) -> String {
        let taken = self.flights().iter().filter(|flight| flight.taken.is_some()).count();
        let packed = self.flights().iter().filter(|flight| flight.package.is_some()).count();
        match (packed, taken) {
            (0, 0) => "Waits".to_owned(),
            (0, taken) => format!("{} signed for", count(taken, "flight")),
            (packed, _) => format!("{} packaged", count(packed, "flight")),
        }
    }

    /// Both copies, over all flights.
    pub(crate) fn copies(&self) -> [Running; 2] {
        [(Step::Copy, "Aircraft to station"), (Step::SecondCopy, "Station to second store")].map(|(step, name)| {
            let done = |flight: &Flight| match flight.progress() {
                _ if flight.is_past(step) => flight.plan.bytes,
                Some(progress) if progress.step == step => {
                    let share = u128::from(progress.bytes_done) * u128::from(flight.plan.bytes);
                    let share = share / u128::from(progress.bytes_total.max(1));
                    u64::try_from(share).unwrap_or(u64::MAX).min(flight.plan.bytes)
                }
                _ if step == Step::Copy => flight.plan.here_bytes,
                _ => 0,
            };
            let at = |flight: &Flight| flight.progress().filter(|progress| progress.step == step).copied();
            Running {
                name: if step == Step::Copy && !self.docked().is_some_and(|docked| docked.aircraft) {
                    "Card to station"
                } else {
                    name
                },
                bytes_done: self.flights().iter().map(done).sum(),
                bytes_total: self.flights().iter().map(|flight| flight.plan.bytes).sum(),
                rate: self.flights().iter().find_map(at),
                stopped: self.job != Some(Job::TakeOver) && self.flights().iter().any(|it| at(it).is_some()),
            }
        })
    }

    /// Whether what is docked may be unplugged, and why.
    pub(crate) fn unplug(&self) -> (bool, String) {
        let (held, all) = self.bytes();
        match (&self.dock, self.job) {
            (Dock::Docked(..), Some(Job::TakeOver)) => (
                false,
                "Not yet: flights are being copied. Pause first; what is here stays, and the copy goes on from there."
                    .to_owned(),
            ),
            (Dock::Docked(..), Some(Job::Erase)) => (false, "Not yet: the aircraft is told what to erase.".to_owned()),
            (Dock::Docked(..), _) if held == all => {
                (true, "Yes. Two stores hold every flight and have signed for it.".to_owned())
            }
            (Dock::Docked(..), _) => {
                let left = size(all.saturating_sub(held));
                (
                    true,
                    format!(
                        "Yes, but {left} are not in two stores yet. Nothing aboard was erased; dock again to go on."
                    ),
                )
            }
            _ => (true, "Nothing is docked.".to_owned()),
        }
    }
}
