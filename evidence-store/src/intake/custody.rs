//! From a copy to evidence: verdict, objects, second copy, receipts, ledger. Each step looks first whether it was done.

use super::Source;
use super::plan::IngestPlan;
use super::progress::{Flow, Meter, Progress, Step};
use super::run::{Desk, IntakeError};
use super::side_by_side::side_by_side;
use super::staging::{Staging, Verdict};
use crate::ledger::{Act, Category, Countersigning};
use crate::store::{self, Holding, HoldingFacts, Statement, Store, StoreError};
use flight_record::dock::{Manifest, Receipt, ReceiptSchema, is_quarantined};
use flight_record::layout::{CHECKPOINTS, RECORDS};
use flight_record::page::page;
use flight_record::statement::GivenReason;
use flight_record::trust::Duty;
use flight_record::verify::{Anchor, Options, verify};
use flight_record::{Code, Extent, FlightId, Sha256, witness};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// In which duty somebody takes over a flight.
pub(crate) const ACTORS: [Duty; 3] = [Duty::Custodian, Duty::Pilot, Duty::Supervisor];
/// In which duty somebody countersigns.
pub(super) const WITNESSES: [Duty; 5] = [Duty::Witness, Duty::Custodian, Duty::Supervisor, Duty::Observer, Duty::Pilot];

/// A flight in the first store.
pub(super) struct Kept {
    pub(super) manifest: Manifest,
    pub(super) verdict: Verdict,
}

/// The handover at work.
pub(super) struct Custody<'a, 'b> {
    pub(super) plan: &'a IngestPlan,
    pub(super) desk: &'a mut Desk<'b>,
    pub(super) progress: &'a mut dyn FnMut(Progress) -> Flow,
}

impl Custody<'_, '_> {
    /// Says that a step begins; whoever wants to stop says so.
    pub(super) fn begin(&mut self, step: Step) -> Result<(), IntakeError> {
        let at = (self.desk.clock)();
        match (self.progress)(Meter::new(step, 0, 0, at.mono_ns).at(0, at.mono_ns)) {
            Flow::Continue => Ok(()),
            Flow::Cancel => Err(IntakeError::Cancelled),
        }
    }

    /// What the verifier says of the copy, sealed, with what was witnessed; and what is to be kept beside it.
    pub(super) fn verdict(
        &mut self,
        source: &mut dyn Source,
        staging: &Staging,
        manifest: &Manifest,
    ) -> Result<Verdict, IntakeError> {
        if let Some(verdict) = staging.recall::<Verdict>("verdict")? {
            return Ok(verdict);
        }
        self.begin(Step::Verify)?;
        debug_assert!(manifest.files() > 0 || self.plan.files.is_empty(), "every file is in the manifest");
        let anchor = Anchor { trust_json: self.desk.trust_json.to_vec(), root: self.desk.root };
        let options = Options {
            witness: self.desk.witness_files.to_vec(),
            reasons: self.reasons(),
            ..Options::sealed((self.desk.clock)().utc_us, self.desk.threads)
        };
        let mut report = verify(&staging.incoming, &anchor, &options)?;
        // The folder's name on this machine is nobody's business who reads the report later.
        report.path = format!("data/flight ({})", self.plan.flight);
        let report_json = serde_json::to_vec_pretty(&report).map_err(IntakeError::Report)?;
        let mut attached = self.desk.attachments.clone();
        attached.insert("report.json".to_owned(), report_json);
        attached.insert("report.html".to_owned(), page(&report, options.now_utc_us).into_bytes());
        attached.insert("trust.json".to_owned(), self.desk.trust_json.to_vec());
        attached.extend(self.desk.witness_files.iter().map(|bytes| (witness_name(bytes), bytes.clone())));
        if let Some(log) = source.device()?.device_log {
            attached.insert(format!("device-log/{RECORDS}"), log.records);
            attached.insert(format!("device-log/{CHECKPOINTS}"), log.checkpoints);
        }
        let mut attachments = BTreeMap::new();
        for (name, bytes) in attached {
            attachments.insert(name, put_bytes(self.desk.first, &bytes)?);
        }
        let verdict = Verdict { word: report.word.to_string(), attachments };
        staging.remember("verdict", &verdict)?;
        Ok(verdict)
    }

    /// The reasons among what the ground kept; what is none shows nowhere.
    fn reasons(&self) -> Vec<GivenReason> {
        let kept = self.desk.attachments.iter().filter(|(name, _)| name.starts_with("reasons/"));
        kept.filter_map(|(_, bytes)| GivenReason::read(bytes).ok()).collect()
    }

    /// Makes the staged files objects of the first store.
    pub(super) fn keep(&mut self, staging: &Staging, manifest: &Manifest) -> Result<(), IntakeError> {
        self.begin(Step::Keep)?;
        let first = self.desk.first;
        let files: Vec<_> =
            manifest.entries().iter().map(|(path, extent)| (staging.finished(path), path, extent)).collect();
        let one = |(staged, path, extent): &(PathBuf, &String, &Extent)| {
            if staged.exists() {
                Ok(first.adopt(staged, extent)?)
            } else if first.stat(extent.sha256)?.is_some() {
                Ok(())
            } else {
                Err(IntakeError::Vanished { path: (*path).clone() })
            }
        };
        let kept = side_by_side(&files, one, &AtomicBool::new(false), || Flow::Continue);
        if let Err(IntakeError::Vanished { .. }) = kept {
            staging.forget("verdict")?;
            staging.forget("manifest")?;
        }
        kept
    }

    /// The first store's own statement; from here on the flight is in its catalogue.
    pub(super) fn enter_first(&mut self, kept: &Kept) -> Result<(), IntakeError> {
        let first = self.desk.first;
        self.enter(first, kept)?;
        if is_quarantined(&kept.verdict.word) {
            first.quarantine(self.plan.flight, &kept.verdict.word, kept.manifest.digest())?;
        }
        Ok(())
    }

    fn enter(&self, store: &dyn Store, kept: &Kept) -> Result<(), IntakeError> {
        let flight = self.plan.flight;
        let same = |holding: &Holding| {
            let verdict = &kept.verdict;
            holding.manifest == kept.manifest
                && holding.verdict == verdict.word
                && holding.attachments == verdict.attachments
        };
        if store.holding(flight)?.as_ref().is_some_and(same) {
            return Ok(());
        }
        let facts = HoldingFacts {
            flight,
            device: self.plan.device,
            at_utc_us: (self.desk.clock)().utc_us,
            verdict: kept.verdict.word.clone(),
            quarantined: is_quarantined(&kept.verdict.word),
            manifest: kept.manifest.clone(),
            attachments: kept.verdict.attachments.clone(),
        };
        let (_, bytes) = Holding::sign(facts, store.identity());
        let extent = put_bytes(store, &bytes)?;
        Ok(store.enter(flight, extent.sha256)?)
    }

    /// Every object of the flight in the second store too, each read back there.
    pub(super) fn second_copy(&mut self, kept: &Kept) -> Result<(), IntakeError> {
        let wanted: BTreeMap<Sha256, Extent> = kept
            .manifest
            .entries()
            .values()
            .chain(kept.verdict.attachments.values())
            .map(|extent| (extent.sha256, *extent))
            .collect();
        let wanted: Vec<Extent> = wanted.into_values().collect();
        self.copy_objects(&wanted)?;
        let second = self.desk.second;
        self.enter(second, kept)
    }

    fn copy_objects(&mut self, wanted: &[Extent]) -> Result<(), IntakeError> {
        let (first, second, clock) = (self.desk.first, self.desk.second, self.desk.clock);
        let total = wanted.iter().map(|extent| extent.bytes).sum();
        let meter = Meter::new(Step::SecondCopy, 0, total, clock().mono_ns);
        let (moved, stop) = (AtomicU64::new(0), AtomicBool::new(false));
        let one = |extent: &Extent| {
            let input = first.get(extent.sha256)?;
            second.put(extent, &mut Watched { input, moved: &moved, stop: &stop })?;
            Ok(())
        };
        side_by_side(wanted, one, &stop, || (self.progress)(meter.at(moved.load(Ordering::Relaxed), clock().mono_ns)))
    }

    /// What each store signs; kept in both.
    pub(super) fn receipts(&mut self, kept: &Kept) -> Result<Vec<Vec<u8>>, IntakeError> {
        let Some(device_id) = self.plan.device else {
            return Ok(Vec::new());
        };
        self.begin(Step::Receipts)?;
        let flight = self.plan.flight;
        let stores: [&dyn Store; 2] = [self.desk.first, self.desk.second];
        let mut receipts = Vec::new();
        for store in stores {
            let identity = store.identity();
            let verdict = kept.verdict.word.parse().map_err(|_| StoreError::NotAStore {
                path: store.describe().into(),
                why: "it has no word for the flight".to_owned(),
            })?;
            let receipt = Receipt {
                schema: ReceiptSchema::V1,
                store: identity.key.public().id(),
                name: identity.name.clone(),
                flight_id: flight,
                device_id,
                manifest: kept.manifest.digest(),
                files: kept.manifest.files(),
                bytes: kept.manifest.bytes(),
                verdict,
                at_utc_us: (self.desk.clock)().utc_us,
            };
            let held = held_receipt(self.desk.first, store, &receipt)?;
            receipts.push(held.map_or_else(|| receipt.sign(&identity.key), Ok)?);
        }
        for receipt in &receipts {
            for store in stores {
                let extent = put_bytes(store, receipt)?;
                store.enter(flight, extent.sha256)?;
            }
        }
        Ok(receipts)
    }

    /// Collection, verification, movement: each once. The lines that may still be countersigned.
    pub(super) fn write_down(&mut self, kept: &Kept) -> Result<Vec<u64>, IntakeError> {
        self.begin(Step::Ledger)?;
        let manifest = kept.manifest.digest();
        let report = kept.verdict.attachments.get("report.json").map(|extent| extent.sha256);
        let second = self.desk.second.identity().key.public().id();
        let mut lines = self.note(Category::Collection, "collected", manifest, &[])?;
        let word = kept.verdict.word.to_lowercase();
        lines.extend(self.note(Category::Verification, &word, manifest, report.as_slice())?);
        lines.extend(self.note(Category::Movement, "copied", manifest, &[second])?);
        self.desk.ledger.publish()?;
        Ok(lines)
    }

    /// Writes one entry about the flight's manifest, unless it is there; its line.
    pub(super) fn note(
        &mut self,
        category: Category,
        outcome: &str,
        manifest: Sha256,
        more: &[Sha256],
    ) -> Result<Vec<u64>, IntakeError> {
        self.desk.note(self.plan.flight, category, outcome, manifest, more)
    }
}

impl Desk<'_> {
    /// Writes one entry about an item of a flight, unless it is there; its line.
    pub(super) fn note(
        &mut self,
        flight: FlightId,
        category: Category,
        outcome: &str,
        item: Sha256,
        more: &[Sha256],
    ) -> Result<Vec<u64>, IntakeError> {
        if let Some(entry) = self.ledger.find(flight, category, outcome, item)? {
            return Ok(vec![entry.place_in_ledger.seq]);
        }
        let outcome: Code = outcome.parse().map_err(|_| crate::ledger::LedgerError::Rule("an outcome is a code"))?;
        let at = (self.clock)();
        let actor = self.actor.signatory_as(&ACTORS, at.utc_us)?;
        let witness = match (category.countersigning(), self.witness) {
            (Countersigning::NotNeeded, _) | (_, None) => None,
            (_, Some(witness)) => Some(witness.signatory_as(&WITNESSES, at.utc_us)?),
        };
        let act = Act {
            category,
            outcome,
            flight: Some(flight),
            items: std::iter::once(item).chain(more.iter().copied()).collect(),
            place: self.place.clone(),
            reason: Some(self.reason.clone()),
            personal: None,
        };
        Ok(vec![self.ledger.append(&act, &actor, witness.as_ref(), at)?.seq])
    }
}

/// A receipt of this store for exactly this, made by an earlier attempt.
fn held_receipt(first: &dyn Store, store: &dyn Store, wanted: &Receipt) -> Result<Option<Vec<u8>>, StoreError> {
    let key = store.identity().key.public();
    let same = |bytes: &[u8]| {
        let found = Receipt::open(bytes, &key).ok();
        found.is_some_and(|found| Receipt { at_utc_us: wanted.at_utc_us, ..found } == *wanted)
    };
    for (_, statement) in store::statements(first, wanted.flight_id)? {
        if let Statement::Receipt(bytes) = statement
            && same(&bytes)
        {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

/// Puts bytes that are in memory.
pub(crate) fn put_bytes(store: &dyn Store, bytes: &[u8]) -> Result<Extent, StoreError> {
    let extent = Extent::of(bytes);
    store.put(&extent, &mut &bytes[..])?;
    Ok(extent)
}

/// Where a witness file stands in a package: by the station that signed it, as it says.
fn witness_name(bytes: &[u8]) -> String {
    let mut station = None;
    // Whether it is any good is the verifier's to say; here it only gets its name.
    let _ = witness::file::read(
        bytes,
        |id| {
            station = Some(id);
            None
        },
        |_| (),
    );
    format!("witness/{}.jsonl", station.unwrap_or_else(|| Sha256::of(bytes)))
}

/// A reader that counts, and ends when somebody says stop.
struct Watched<'a> {
    input: Box<dyn Read + Send>,
    moved: &'a AtomicU64,
    stop: &'a AtomicBool,
}

impl Read for Watched<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(io::Error::other("stopped"));
        }
        let read = self.input.read(buffer)?;
        self.moved.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
