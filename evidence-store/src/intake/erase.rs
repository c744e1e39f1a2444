//! The erase order: made only when two stores have receipted, by two people, and written down before it is given.

use super::custody::{Custody, Kept, put_bytes};
use super::progress::Step;
use super::run::{Desk, EraseWish, IntakeError};
use super::{Erasure, Source, SourceError};
use crate::ledger::Category;
use crate::people::Session;
use flight_record::dock::{EraseOrder, Quarantine, SealedReceipt, Terms, is_quarantined};
use flight_record::trust::{Duty, TrustList};
use flight_record::{FlightId, Sha256};

/// How long an order is good: a card may lie for a while before its aircraft starts again.
const ORDER_VALID_US: i64 = 14 * 86_400_000_000;

/// Has the aircraft erase the flight, if that is wished and allowed.
pub(super) fn erase(
    custody: &mut Custody<'_, '_>,
    source: &mut dyn Source,
    kept: &Kept,
    receipts: &[Vec<u8>],
) -> Result<Option<Erasure>, IntakeError> {
    let wish = custody.desk.erase;
    if wish == EraseWish::Keep {
        return Ok(None);
    }
    let quarantined = is_quarantined(&kept.verdict.word);
    if quarantined && wish != EraseWish::EraseQuarantined {
        // It stays aboard, and the outcome says so: the flights after it are still taken over.
        return Ok(None);
    }
    let witness = allowed(custody, receipts)?;
    custody.begin(Step::Erase)?;
    let flight = custody.plan.flight;
    let order = make_order(custody, source, kept, receipts, (witness, quarantined))?;
    let manifest = kept.manifest.digest();
    let digest = put_bytes(custody.desk.first, &order)?.sha256;
    put_bytes(custody.desk.second, &order)?;
    custody.note_erasure("ordered", manifest, digest, &[])?;
    custody.desk.ledger.publish()?;
    let erasure = match source.erase(flight, &order) {
        Ok(erasure) => erasure,
        Err(refused @ SourceError::Refused { .. }) => {
            custody.note_erasure("refused", manifest, digest, &[])?;
            custody.desk.ledger.publish()?;
            return Err(refused.into());
        }
        // Nobody knows whether it was carried out. The device log does, at the next handover (`settle`).
        Err(unknown) => return Err(unknown.into()),
    };
    match &erasure {
        Erasure::Erased { record } => custody.desk.note_erased(flight, manifest, digest, record.as_bytes())?,
        Erasure::Deferred => custody.note_erasure("deferred", manifest, digest, &[])?,
    }
    custody.desk.ledger.publish()?;
    Ok(Some(erasure))
}

/// Whether everything stands that an order needs; the witness.
fn allowed<'a>(custody: &Custody<'_, 'a>, receipts: &[Vec<u8>]) -> Result<&'a Session, IntakeError> {
    let no = |why: &str| Err(IntakeError::NotErased { flight: custody.plan.flight, why: why.to_owned() });
    if receipts.len() != 2 {
        return no("there are not two stores' receipts for it");
    }
    let Some(witness) = custody.desk.witness else {
        return no("a second person must countersign, with their own PIN; run the same command with a witness");
    };
    Ok(witness)
}

fn make_order(
    custody: &Custody<'_, '_>,
    source: &mut dyn Source,
    kept: &Kept,
    receipts: &[Vec<u8>],
    (witness, quarantined): (&Session, bool),
) -> Result<Vec<u8>, IntakeError> {
    let flight = custody.plan.flight;
    let no = |why: &str| IntakeError::NotErased { flight, why: why.to_owned() };
    let now_utc_us = (custody.desk.clock)().utc_us;
    let [first, second] = receipts else {
        return Err(no("there are not two stores' receipts for it"));
    };
    let verdict = kept.verdict.word.parse().map_err(|_| no("it has no verdict"))?;
    let terms = Terms {
        device_id: custody.plan.device.ok_or_else(|| no("it does not say whose it is"))?,
        flight_id: flight,
        manifest: kept.manifest.clone(),
        receipts: [SealedReceipt(first.clone()), SealedReceipt(second.clone())],
        challenge: source.challenge(flight)?,
        expires_utc_us: now_utc_us.saturating_add(ORDER_VALID_US),
        reason: custody.desk.reason.clone(),
        quarantine: quarantined.then_some(Quarantine { verdict }),
    };
    let (actors, witnesses) = duties(quarantined);
    let actor = custody.desk.actor.signatory_as(actors, now_utc_us)?;
    let witness = witness.signatory_as(witnesses, now_utc_us)?;
    let order = EraseOrder::make(terms, actor.key, witness.key)?;
    // What the aircraft will ask about people and stores is asked here first: an order it would refuse is not given.
    let trust = TrustList::open(custody.desk.trust_json, custody.desk.root)
        .map_err(|error| no(&format!("the trust list is refused: {error}")))?;
    EraseOrder::parse(&order)?
        .authorised(&trust, now_utc_us)
        .map_err(|refusal| IntakeError::WouldRefuse { flight, refusal: Box::new(refusal) })?;
    Ok(order)
}

fn duties(quarantined: bool) -> (&'static [Duty], &'static [Duty]) {
    if quarantined {
        (&[Duty::Custodian], &[Duty::Custodian])
    } else {
        (&[Duty::Custodian, Duty::Pilot], &super::custody::WITNESSES)
    }
}

impl Custody<'_, '_> {
    /// Writes down what became of the order about this flight.
    fn note_erasure(
        &mut self,
        outcome: &str,
        manifest: Sha256,
        order: Sha256,
        more: &[Sha256],
    ) -> Result<(), IntakeError> {
        self.desk.note_erasure(self.plan.flight, outcome, manifest, order, more)
    }
}

impl Desk<'_> {
    /// Writes down what became of an order; every order has its own entries.
    fn note_erasure(
        &mut self,
        flight: FlightId,
        outcome: &str,
        manifest: Sha256,
        order: Sha256,
        more: &[Sha256],
    ) -> Result<(), IntakeError> {
        // Written once about each order, so its digest comes first.
        let rest: Vec<Sha256> = std::iter::once(manifest).chain(more.iter().copied()).collect();
        self.note(flight, Category::Erasure, outcome, order, &rest).map(|_| ())
    }

    /// Writes down, and keeps, the line of the device log that says an order was carried out.
    pub(super) fn note_erased(
        &mut self,
        flight: FlightId,
        manifest: Sha256,
        order: Sha256,
        record: &[u8],
    ) -> Result<(), IntakeError> {
        // The ledger first: the line itself is in the device log too, and comes again with the next handover.
        self.note_erasure(flight, "erased", manifest, order, &[Sha256::of(record)])?;
        put_bytes(self.first, record)?;
        put_bytes(self.second, record)?;
        Ok(())
    }
}
