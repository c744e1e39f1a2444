//! The work at the dock, the same for the command and for the window: each step looks first whether it was done.

use super::attachments::{Kept, witness_files};
use super::setup::{Setup, Stand};
use super::stamp::Outside;
use super::{flight_log, package};
use crate::clock;
use anyhow::{Context as _, Result};
use evidence_store::intake::{
    Desk, EraseWish, Flow, IngestPlan, Outcome, Progress, Settled, Source, plan, run as take_over, settle,
};
use evidence_store::ledger::Ledger;
use evidence_store::people::Session;
use evidence_store::store::Store;
use flight_record::trust::Duty;
use flight_record::{FlightId, Reason};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Who may countersign.
pub(super) const WITNESSES: [Duty; 5] = [Duty::Witness, Duty::Custodian, Duty::Supervisor, Duty::Pilot, Duty::Observer];

/// A flight's plan, and what the ground saw of it.
pub(super) struct Planned {
    pub(super) plan: IngestPlan,
    pub(super) witness_files: Vec<Vec<u8>>,
}

impl Planned {
    /// Looks at a flight and both stores, and changes nothing.
    pub(super) fn look(setup: &Setup, stand: &Stand, source: &mut dyn Source, flight: FlightId) -> Result<Self> {
        let witness_files = witness_files(setup.witness_dir.as_deref(), flight)?;
        let stores = (&stand.stores.0, &stand.stores.1 as &dyn Store);
        let plan = plan(source, flight, stores, Some(&stand.trust), &witness_files)?;
        Ok(Self { plan, witness_files })
    }
}

/// Who does it, and why.
pub(super) struct Hands {
    pub(super) actor: Arc<Session>,
    pub(super) witness: Option<Arc<Session>>,
    pub(super) reason: Reason,
}

/// The stores, the ledger and the people of a handover.
pub(super) struct Work<'a> {
    pub(super) setup: &'a Setup,
    pub(super) stand: &'a Stand,
    pub(super) ledger: Ledger,
    pub(super) hands: Hands,
}

impl<'a> Work<'a> {
    /// Opens the ledger; whoever it is that works has signed in.
    pub(super) fn begin(setup: &'a Setup, stand: &'a Stand, hands: Hands) -> Result<Self> {
        let path = setup.store.join("ledger.sqlite");
        let ledger = Ledger::open(&path, stand.stores.0.identity(), &setup.heads())?;
        Ok(Self { setup, stand, ledger, hands })
    }

    /// The desk at which it happens.
    fn desk<'b>(
        &'b mut self,
        witness_files: &'b [Vec<u8>],
        attachments: &'b BTreeMap<String, Vec<u8>>,
        erase: EraseWish,
    ) -> Desk<'b> {
        Desk {
            first: &self.stand.stores.0,
            second: &self.stand.stores.1,
            ledger: &mut self.ledger,
            actor: &self.hands.actor,
            witness: self.hands.witness.as_deref(),
            trust_json: &self.stand.trust_json,
            root: self.setup.root,
            witness_files,
            attachments,
            place: self.setup.place.clone(),
            reason: self.hands.reason.clone(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            clock: &clock::stamp,
            erase,
        }
    }

    /// Writes down what the aircraft has erased since its last handover.
    pub(super) fn settle(&mut self, source: &mut dyn Source) -> Result<Settled> {
        let trust = &self.stand.trust;
        settle(source, &mut self.desk(&[], &BTreeMap::new(), EraseWish::Keep), trust)
            .context("what became of earlier erase orders cannot be written down")
    }

    /// Takes one flight over, or goes on with it.
    pub(super) fn take_over(
        &mut self,
        source: &mut dyn Source,
        planned: &Planned,
        erase: EraseWish,
        progress: &mut dyn FnMut(Progress) -> Flow,
    ) -> Result<Outcome> {
        let kept = Kept { wraps: self.setup.wraps.as_deref(), reasons: self.setup.reasons.as_deref() };
        let attachments = kept.gather(source, &planned.plan)?;
        let mut desk = self.desk(&planned.witness_files, &attachments, erase);
        take_over(&planned.plan, source, &mut desk, progress).with_context(|| format!("flight {}", planned.plan.flight))
    }

    /// A second person signs lines that await them.
    pub(super) fn countersign(&mut self, lines: &[u64], witness: &Session) -> Result<()> {
        for line in lines {
            let at = clock::stamp();
            let signatory = witness.signatory_as(&WITNESSES, at.utc_us)?;
            self.ledger.countersign(*line, &signatory, at)?;
        }
        self.ledger.publish()?;
        Ok(())
    }

    /// What is done beside a flight that was taken over, as notes for people: whatever comes of it never fails the handover.
    pub(super) fn beside(&mut self, outside: Option<&Outside>, flight: FlightId) -> Vec<String> {
        let mut notes = flight_log::reconcile(self, flight);
        notes.extend(outside.map(|outside| outside.stamp(self, flight)));
        notes
    }

    /// Makes `dir/<flight>`, a disclosure; where it lies. One that is there already stays as it is.
    pub(super) fn package(&mut self, dir: &Path, flight: FlightId) -> Result<PathBuf> {
        package::make(self, dir, flight)
    }
}
