//! One piece of work with what is docked.

use super::super::stamp::Outside;
use super::super::work::{Hands as Signers, Planned, Work};
use super::ribbon::Milestones;
use super::worker::{Berth, Fate, Halt, Worker};
use super::{Acting, Tell, fault, ribbon};
use crate::clock;
use crate::state::handover::{Aboard, End, Event, Hands, Job, Progress, Receipted, TakenOver};
use crate::state::signin::Person;
use anyhow::{Context as _, Result, bail};
use evidence_store::intake::{EraseWish, Erasure, Flow, IntakeError, Outcome, Progress as Step, Step as Name};
use evidence_store::store::{Folder, Store};
use flight_record::FlightId;
use flight_record::dock::Receipt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Between two looks at a copy, ns.
const GLANCE_NS: u64 = 200_000_000;

/// What is to be done.
pub(super) enum Busying {
    TakeOver,
    Countersign,
    Erase(bool),
    Package(PathBuf),
}

impl Busying {
    fn job(&self) -> Job {
        match self {
            Self::TakeOver => Job::TakeOver,
            Self::Countersign => Job::Countersign,
            Self::Erase(_) => Job::Erase,
            Self::Package(_) => Job::Package,
        }
    }
}

impl Worker {
    /// Does it, and tells how it began and ended.
    pub(super) fn do_with(&mut self, acting: Acting, what: &Busying) {
        let job = what.job();
        let session = &acting.session;
        let actor = Person { label: session.label().clone(), duties: session.duties().to_vec() };
        let hands = Hands { actor, at_utc_us: clock::now_utc_us(), reason: acting.reason.to_string() };
        self.tell.say(Event::Began(job, hands));
        let mut at = None;
        let end = match self.work_on(&acting, what, &mut at) {
            Ok(()) => End::Done,
            Err(error) => fault::end(&error, job, at, self.halt.is_pause()),
        };
        self.acting = Some(acting);
        self.tell.say(Event::Ended(job, end));
    }

    fn work_on(&mut self, acting: &Acting, what: &Busying, at: &mut Option<FlightId>) -> Result<()> {
        let Some(mut berth) = self.berth.take() else { bail!("nothing is docked") };
        let done = self.at_berth(&mut berth, acting, what, at);
        self.berth = Some(berth);
        done
    }

    fn at_berth(&self, berth: &mut Berth, acting: &Acting, what: &Busying, at: &mut Option<FlightId>) -> Result<()> {
        let Berth { stand, source, flights, fates } = berth;
        let outside = Outside::open(self.setup.authority.as_ref())?;
        let witness = self.witness();
        let (actor, reason) = (Arc::clone(&acting.session), acting.reason.clone());
        let mut work = Work::begin(&self.setup, stand, Signers { actor, witness, reason })?;
        if matches!(what, Busying::TakeOver) {
            work.settle(&mut **source)?;
        }
        for flight in flights.iter() {
            let fate = fates.entry(*flight).or_default();
            *at = Some(*flight);
            work.hands.witness = self.witness();
            match what {
                Busying::TakeOver if !fate.taken => {
                    let planned = Planned::look(&self.setup, stand, &mut **source, *flight)?;
                    let (outcome, notes) = {
                        let mut watch = Watch::new(&self.tell, &self.halt, &planned, &stand.stores.0);
                        let outcome =
                            work.take_over(&mut **source, &planned, EraseWish::Keep, &mut |it| watch.see(it))?;
                        watch.judged();
                        (outcome, work.beside(outside.as_ref(), *flight))
                    };
                    self.taken(&mut work, fate, outcome, notes)?;
                }
                Busying::Countersign => self.countersign(&mut work, fate)?,
                Busying::Erase(quarantined_too) if fate.taken && !fate.gone => {
                    if fate.quarantined && !quarantined_too {
                        continue;
                    }
                    self.countersign(&mut work, fate)?;
                    let planned = Planned::look(&self.setup, stand, &mut **source, *flight)?;
                    let wish = if fate.quarantined { EraseWish::EraseQuarantined } else { EraseWish::Erase };
                    let mut watch = Watch::new(&self.tell, &self.halt, &planned, &stand.stores.0);
                    let outcome = work.take_over(&mut **source, &planned, wish, &mut |it| watch.see(it))?;
                    self.taken(&mut work, fate, outcome, Vec::new())?;
                }
                Busying::Package(dir) if fate.taken && !fate.quarantined => self.package(&mut work, dir, *flight)?,
                Busying::TakeOver | Busying::Erase(_) | Busying::Package(_) => {}
            }
        }
        *at = None;
        Ok(())
    }

    /// A flight is in two stores; what awaits the second person is signed if they are there.
    fn taken(&self, work: &mut Work<'_>, fate: &mut Fate, outcome: Outcome, notes: Vec<String>) -> Result<()> {
        let aboard = match outcome.erasure {
            None => Aboard::Stays,
            Some(Erasure::Deferred) => Aboard::Ordered,
            Some(Erasure::Erased { .. }) => Aboard::Erased,
        };
        let gone = aboard != Aboard::Stays;
        *fate = Fate { taken: true, quarantined: outcome.quarantined, gone, awaiting: outcome.awaiting.clone() };
        let receipts = receipted(&outcome.receipts, [&work.stand.stores.0, &work.stand.stores.1])?;
        self.tell.say(Event::TakenOver(Box::new(TakenOver {
            flight: outcome.flight,
            quarantined: outcome.quarantined,
            manifest: outcome.manifest,
            files: outcome.files,
            bytes: outcome.bytes,
            receipts,
            awaiting: outcome.awaiting,
            aboard,
            notices: outcome.notices.into_iter().chain(notes).collect(),
        })));
        work.hands.witness = self.witness();
        self.countersign(work, fate)
    }

    /// The second person signs what awaits them, if they are there.
    fn countersign(&self, work: &mut Work<'_>, fate: &mut Fate) -> Result<()> {
        let Some(witness) = work.hands.witness.clone().filter(|_| !fate.awaiting.is_empty()) else { return Ok(()) };
        let lines = std::mem::take(&mut fate.awaiting);
        if let Err(error) = work.countersign(&lines, &witness) {
            fate.awaiting = lines;
            return Err(error);
        }
        let (by, at_utc_us) = (witness.label().clone(), clock::now_utc_us());
        self.tell.say(Event::Countersigned { by, at_utc_us, lines });
        Ok(())
    }

    fn package(&self, work: &mut Work<'_>, dir: &Path, flight: FlightId) -> Result<()> {
        if self.halt.is_set() {
            return Err(IntakeError::Cancelled.into());
        }
        let path = work.package(dir, flight)?.display().to_string();
        self.tell.say(Event::Packaged { flight, path });
        Ok(())
    }
}

/// What each store signed.
fn receipted(receipts: &[Vec<u8>], stores: [&Folder; 2]) -> Result<Vec<Receipted>> {
    let open = |(bytes, store): (&Vec<u8>, &Folder)| -> Result<Receipted> {
        let receipt =
            Receipt::open(bytes, &store.identity().key.public()).context("a store's receipt does not read")?;
        Ok(Receipted { store: receipt.name, at_utc_us: receipt.at_utc_us })
    };
    receipts.iter().zip(stores).map(open).collect()
}

/// Looks on while a flight is taken over.
struct Watch<'a> {
    tell: &'a Tell,
    halt: &'a Halt,
    first: &'a Folder,
    flight: FlightId,
    milestones: Milestones,
    step: Option<Name>,
    told_mono_ns: u64,
    judged: bool,
}

impl<'a> Watch<'a> {
    fn new(tell: &'a Tell, halt: &'a Halt, planned: &Planned, first: &'a Folder) -> Self {
        let (flight, milestones) = (planned.plan.flight, Milestones::of(&planned.plan));
        Self { tell, halt, first, flight, milestones, step: None, told_mono_ns: 0, judged: false }
    }

    fn see(&mut self, seen: Step) -> Flow {
        let begins = self.step.replace(seen.step) != Some(seen.step);
        let now_mono_ns = clock::mono_ns();
        let progress = Event::Progress(Progress {
            flight: self.flight,
            step: seen.step,
            segment: (seen.step == Name::Copy).then(|| self.milestones.at(seen.bytes_done)).flatten(),
            bytes_done: seen.bytes_done,
            bytes_total: seen.bytes_total,
            bytes_per_s: seen.bytes_per_s,
            left_s: seen.left_s,
        });
        if begins {
            self.tell.say(progress);
        } else if now_mono_ns.saturating_sub(self.told_mono_ns) >= GLANCE_NS {
            self.told_mono_ns = now_mono_ns;
            self.tell.glance(progress);
        }
        if begins && seen.step >= Name::SecondCopy {
            self.judged();
        }
        if begins && seen.step == Name::Erase {
            self.tell.say(Event::EraseOrdered { flight: self.flight });
        }
        if self.halt.is_set() { Flow::Cancel } else { Flow::Continue }
    }

    /// Tells the verifier's word, once the first store holds the flight.
    fn judged(&mut self) {
        if self.judged {
            return;
        }
        match ribbon::verdict(self.first as &dyn Store, self.flight) {
            Ok(verdict) => {
                self.judged = true;
                self.tell.say(Event::Judged { flight: self.flight, verdict: Box::new(verdict) });
            }
            Err(error) => tracing::warn!(flight = %self.flight, "the verdict cannot be shown: {error:#}"),
        }
    }
}
