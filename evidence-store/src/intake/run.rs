//! The handover itself: every step leaves something durable behind, and a later call goes on from there.

use super::custody::{Custody, Kept};
use super::plan::{IngestPlan, ONE_DISK};
use super::progress::{Flow, Meter, Progress, Step};
use super::staging::{Staging, Verdict};
use super::{Erasure, Source, SourceError, copy, erase};
use crate::ledger::{Ledger, LedgerError};
use crate::people::{PeopleError, Session};
use crate::store::{BUFFER_BYTES, Folder, Store, StoreError};
use flight_record::dock::{DockError, Manifest, Refusal, is_quarantined};
use flight_record::keys::KeyId;
use flight_record::layout::{CHECKPOINTS, RECORDS};
use flight_record::verify::VerifyError;
use flight_record::{Counted, Extent, FlightId, Label, Reason, Sha256, Stamp};
use std::collections::BTreeMap;
use std::io::{self, Read as _};

/// Everything a handover needs, and the people who do it.
pub struct Desk<'a> {
    /// Where the flight comes to first.
    pub first: &'a Folder,
    /// Where the second copy goes.
    pub second: &'a dyn Store,
    /// Where everything is written down.
    pub ledger: &'a mut Ledger,
    /// Who does it.
    pub actor: &'a Session,
    /// Who countersigns; without, entries await it for 72 h and nothing is erased.
    pub witness: Option<&'a Session>,
    /// The unit's `trust.json`.
    pub trust_json: &'a [u8],
    /// The fingerprint of the unit's root.
    pub root: KeyId,
    /// Witness files about the flight, as ground stations wrote them.
    pub witness_files: &'a [Vec<u8>],
    /// Small files to be kept with the flight, by their place in a package: `wraps/…`, `reasons/…`.
    pub attachments: &'a BTreeMap<String, Vec<u8>>,
    /// Where this happens.
    pub place: Label,
    /// Why.
    pub reason: Reason,
    /// Files verified at a time.
    pub threads: usize,
    /// The program's clock.
    pub clock: &'a dyn Fn() -> Stamp,
    /// Whether the aircraft is to erase the flight.
    pub erase: EraseWish,
}

/// Whether the aircraft is to erase the flight once two stores hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EraseWish {
    /// It stays aboard.
    Keep,
    /// It goes, unless it is in quarantine.
    Erase,
    /// It goes although it is in quarantine: two custodians decide so.
    EraseQuarantined,
}

/// What came of a handover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The flight.
    pub flight: FlightId,
    /// The word it got.
    pub verdict: String,
    /// Whether it is kept apart.
    pub quarantined: bool,
    /// Digest of its manifest.
    pub manifest: Sha256,
    /// Files in it.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The receipts of both stores; none when the flight does not say whose it is.
    pub receipts: Vec<Vec<u8>>,
    /// What became of the copy aboard; `None` when it was to stay.
    pub erasure: Option<Erasure>,
    /// Lines of the ledger that still await a countersignature.
    pub awaiting: Vec<u64>,
    /// What people should know besides.
    pub notices: Vec<String>,
}

/// Why a handover stopped. Whatever is here stays, and the next attempt goes on from it.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The source.
    #[error(transparent)]
    Source(SourceError),
    /// A store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Somebody's account.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The verifier.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// What is said to the aircraft.
    #[error(transparent)]
    Dock(#[from] DockError),
    /// The aircraft would refuse the order.
    #[error("the aircraft would refuse to erase flight {flight}: {refusal}")]
    WouldRefuse {
        /// The flight.
        flight: FlightId,
        /// Why.
        refusal: Box<Refusal>,
    },
    /// Somebody said stop.
    #[error("stopped; the same command goes on from here")]
    Cancelled,
    /// The source does not hold still.
    #[error("{path} became shorter while it was copied; plan again when the aircraft is at rest")]
    Changed {
        /// The file.
        path: String,
    },
    /// No room.
    #[error("{store} has room for {free_bytes} bytes and needs {needed_bytes}; make room, then run the same command")]
    NoRoom {
        /// Which.
        store: String,
        /// Bytes needed.
        needed_bytes: u64,
        /// Bytes there are.
        free_bytes: u64,
    },
    /// One store is no two.
    #[error("both destinations are store {0}: two copies need two stores")]
    SameStore(Label),
    /// Nothing is erased by one person, or without two receipts, or against the custodians' decision.
    #[error("flight {flight} is not erased: {why}")]
    NotErased {
        /// The flight.
        flight: FlightId,
        /// Why.
        why: String,
    },
    /// Something that was here is gone.
    #[error("{path} was here and is gone; the next attempt copies it again")]
    Vanished {
        /// The file.
        path: String,
    },
    /// The report cannot be written down.
    #[error("the verifier's report cannot be written down")]
    Report(#[source] serde_json::Error),
}

impl From<SourceError> for IntakeError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Stopped => Self::Cancelled,
            other => Self::Source(other),
        }
    }
}

/// Carries out a plan. To be called again, with a fresh plan, after it was stopped or the machine died.
///
/// # Errors
/// Whatever stops it; see [`IntakeError`]. Nothing that is here is lost.
pub fn run(
    plan: &IngestPlan,
    source: &mut dyn Source,
    desk: &mut Desk<'_>,
    progress: &mut dyn FnMut(Progress) -> Flow,
) -> Result<Outcome, IntakeError> {
    let _lock = desk.first.lock()?;
    check_desk(plan, desk)?;
    let mut staging = Staging::open(desk.first, plan.flight)?;
    let changed = changed_log(plan, source, desk, &mut staging)?;
    let held = if changed.is_some() { None } else { held_already(plan, desk, &staging)? };
    let (manifest, verdict) = match held {
        Some(held) => held,
        None => {
            let manifest = copied(plan, source, desk, &mut staging, progress)?;
            let mut custody = Custody { plan, desk, progress };
            let verdict = custody.verdict(source, &staging, &manifest)?;
            custody.keep(&staging, &manifest)?;
            (manifest, verdict)
        }
    };
    let mut custody = Custody { plan, desk, progress };
    let kept = Kept { manifest, verdict };
    custody.enter_first(&kept)?;
    custody.second_copy(&kept)?;
    let receipts = custody.receipts(&kept)?;
    let mut awaiting = custody.write_down(&kept)?;
    // Everything is in its place; once the flight is gone aboard, nobody would come by to clear up.
    staging.clear()?;
    let erasure = erase::erase(&mut custody, source, &kept, &receipts)?;
    let quarantined = is_quarantined(&kept.verdict.word);
    awaiting.retain(|seq| desk.ledger.awaiting().any(|awaiting| awaiting.seq == *seq));
    Ok(Outcome {
        flight: plan.flight,
        quarantined,
        manifest: kept.manifest.digest(),
        files: kept.manifest.files(),
        bytes: kept.manifest.bytes(),
        notices: notices(plan, changed, receipts.is_empty(), quarantined),
        receipts,
        erasure,
        awaiting,
        verdict: kept.verdict.word,
    })
}

fn check_desk(plan: &IngestPlan, desk: &Desk<'_>) -> Result<(), IntakeError> {
    let (first, second) = (desk.first.identity(), desk.second.identity());
    if first.key.public() == second.key.public() || first.name == second.name {
        return Err(IntakeError::SameStore(first.name.clone()));
    }
    let now_utc_us = (desk.clock)().utc_us;
    desk.actor.signatory_as(&super::custody::ACTORS, now_utc_us)?;
    if let Some(witness) = desk.witness {
        witness.signatory_as(&super::custody::WITNESSES, now_utc_us)?;
        if witness.person() == desk.actor.person() {
            return Err(LedgerError::SamePerson(witness.label().clone()).into());
        }
    }
    match plan.full() {
        None => Ok(()),
        Some(room) => Err(IntakeError::NoRoom {
            store: room.store.clone(),
            needed_bytes: room.needed_bytes,
            free_bytes: room.free_bytes,
        }),
    }
}

/// One of the two logs as it lies aboard now, when it is another than the one that was taken over before and yet as long:
/// what records name is named by its digest, so that whoever has the same logs has the same flight. What was said of the
/// flight as it was counts no more.
fn changed_log(
    plan: &IngestPlan,
    source: &mut dyn Source,
    desk: &Desk<'_>,
    staging: &mut Staging,
) -> Result<Option<&'static str>, IntakeError> {
    let before = match staging.recall::<Manifest>("manifest")? {
        Some(manifest) => Some(manifest),
        None => (desk.first as &dyn Store).holding(plan.flight)?.map(|holding| holding.manifest),
    };
    let Some(before) = before.filter(|manifest| same_files(manifest, plan)) else {
        return Ok(None);
    };
    let mut changed = None;
    for path in [RECORDS, CHECKPOINTS] {
        let Some(held) = before.entries().get(path) else { continue };
        let aboard = extent_aboard(source, plan.flight, path, held.bytes)?;
        if aboard != *held {
            staging.replace(desk.first, plan.flight, path, aboard)?;
            staging.forget("verdict")?;
            staging.forget("manifest")?;
            changed = changed.or(Some(path));
        }
    }
    Ok(changed)
}

/// What a file aboard is, read up to one byte beyond `bytes`.
fn extent_aboard(source: &mut dyn Source, flight: FlightId, path: &str, bytes: u64) -> Result<Extent, IntakeError> {
    let mut input = source.open(flight, path, 0)?.take(bytes.saturating_add(1));
    let (mut counted, mut buffer) = (Counted::default(), vec![0; BUFFER_BYTES]);
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(counted.extent()),
            Ok(read) => counted.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(SourceError::reading(path, error).into()),
        }
    }
}

/// The flight as the first store holds it, when it holds exactly this inventory and nothing of it is on the way.
fn held_already(
    plan: &IngestPlan,
    desk: &Desk<'_>,
    staging: &Staging,
) -> Result<Option<(Manifest, Verdict)>, IntakeError> {
    if staging.recall::<Manifest>("manifest")?.is_some() {
        return Ok(None);
    }
    let held = (desk.first as &dyn Store).holding(plan.flight)?;
    Ok(held
        .filter(|holding| same_files(&holding.manifest, plan))
        .map(|holding| (holding.manifest, Verdict { word: holding.verdict, attachments: holding.attachments })))
}

fn same_files(manifest: &Manifest, plan: &IngestPlan) -> bool {
    let held = manifest.entries().iter().map(|(path, extent)| (path.clone(), extent.bytes));
    held.eq(plan.inventory())
}

/// The whole flight in the first store's `incoming`, and its manifest, durable.
fn copied(
    plan: &IngestPlan,
    source: &mut dyn Source,
    desk: &Desk<'_>,
    staging: &mut Staging,
    progress: &mut dyn FnMut(Progress) -> Flow,
) -> Result<Manifest, IntakeError> {
    if let Some(manifest) = staging.recall::<Manifest>("manifest")? {
        if same_files(&manifest, plan) {
            return Ok(manifest);
        }
        // The source has changed since: what was said of the flight as it was counts no more.
        staging.forget("verdict")?;
        staging.forget("manifest")?;
    }
    let here = plan.files.iter().map(|file| file.here_bytes).sum();
    let meter = Meter::new(Step::Copy, here, plan.bytes(), (desk.clock)().mono_ns);
    let mut report = copy::reporting(meter, desk.clock, progress);
    let manifest = copy::copy(source, plan.flight, &plan.inventory(), staging, &mut report)?;
    staging.put_aside(desk.first, plan.flight, &manifest)?;
    staging.remember("manifest", &manifest)?;
    Ok(manifest)
}

fn notices(plan: &IngestPlan, changed: Option<&str>, no_receipts: bool, quarantined: bool) -> Vec<String> {
    let mut notices = Vec::new();
    if let Some(path) = changed {
        notices.push(format!(
            "{path} aboard is ANOTHER than the one taken over before, though as long: the flight was copied and verified anew, and both are kept; find out who changed it"
        ));
    }
    if plan.one_disk {
        notices.push(ONE_DISK.to_owned());
    }
    let unnamed = plan.unnamed().count();
    if unnamed > 0 {
        notices.push(format!("{unnamed} files that no record names were copied and are kept"));
    }
    if !plan.others.is_empty() {
        notices.push(format!("{} things that are no plain files stayed on the source", plan.others.len()));
    }
    if no_receipts {
        notices.push("the flight does not say whose it is, so no receipt is given and it cannot be erased".to_owned());
    }
    if quarantined {
        notices.push("the flight is in quarantine: only two custodians together may have it erased aboard".to_owned());
    }
    notices
}
