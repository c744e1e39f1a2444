//! The check of an erase order: who may, on what ground, and whether what lies aboard is exactly what the stores hold.

use super::order::{EraseOrder, MAX_ORDER_VALID_US, Terms};
use super::refusal::{Refusal, Signatory};
use super::{Aboard, Receipt, is_quarantined};
use crate::digest::Sha256;
use crate::keys::KeyId;
use crate::record::Erased;
use crate::trust::{Duty, Entry, Role, TrustList};

/// Who may order an erasure.
const ACTORS: [Duty; 2] = [Duty::Custodian, Duty::Pilot];
/// Who may countersign one: everybody who has to do with footage.
const WITNESSES: [Duty; 5] = [Duty::Witness, Duty::Custodian, Duty::Pilot, Duty::Observer, Duty::Supervisor];

/// An order that two entitled people gave on the word of two stores; what lies aboard is still to be compared.
#[derive(Debug)]
pub struct Authorised {
    terms: Terms,
    actor: KeyId,
    witness: KeyId,
    stores: [KeyId; 2],
    order: Sha256,
}

/// An order that may be carried out.
#[derive(Debug)]
pub struct Approved {
    /// What it says.
    pub terms: Terms,
    /// What the device log says when it is done.
    pub erased: Erased,
}

impl EraseOrder {
    /// The whole check: [`EraseOrder::authorised`], then [`Authorised::check`].
    ///
    /// # Errors
    /// The first reason against it.
    pub fn check(&self, facts: &Aboard, trust: &TrustList, now_utc_us: i64) -> Result<Approved, Refusal> {
        self.authorised(trust, now_utc_us)?.check(facts)
    }

    /// Whether two people who may order it ordered it, now, and two stores hold what it names.
    ///
    /// # Errors
    /// The first reason against it.
    pub fn authorised(&self, trust: &TrustList, now_utc_us: i64) -> Result<Authorised, Refusal> {
        if now_utc_us > trust.expires_utc_us {
            return Err(Refusal::TrustExpired);
        }
        let [actor, witness] = self.signers();
        let officer =
            |id, who| trust.vouches(id, Role::Officer, now_utc_us).map_err(|source| Refusal::Officer { who, source });
        let (actor, witness) = (officer(actor, Signatory::Actor)?, officer(witness, Signatory::Witness)?);
        if actor.name == witness.name {
            return Err(Refusal::SamePerson { name: actor.name.clone() });
        }
        let terms = self.terms([actor.public_key, witness.public_key]).map_err(Refusal::Order)?;
        if now_utc_us > terms.expires_utc_us {
            return Err(Refusal::Expired { expires_utc_us: terms.expires_utc_us, now_utc_us });
        }
        if terms.expires_utc_us.saturating_sub(now_utc_us) > MAX_ORDER_VALID_US {
            return Err(Refusal::ValidTooLong);
        }
        check_duties(actor, witness, terms.quarantine.is_some())?;
        let stores = check_receipts(&terms, trust, now_utc_us)?;
        Ok(Authorised { terms, actor: actor.id, witness: witness.id, stores, order: self.digest() })
    }

    /// An order of which the device log says that carrying it out was begun, taken up after the computer died. It was
    /// checked then; now the signatures only prove that it is the same order. What has changed since (an expiry, a
    /// revocation, files already gone) stops it no more: half a flight is no evidence.
    ///
    /// # Errors
    /// When a signer is not listed any more, or a signature does not verify.
    pub fn begun_before(&self, trust: &TrustList) -> Result<Approved, Refusal> {
        let [actor, witness] = self.signers();
        let key = |id: KeyId, who| {
            let source = crate::trust::Refusal::NotListed(id);
            trust.entry(id).map(|entry| entry.public_key).ok_or(Refusal::Officer { who, source })
        };
        let keys = [key(actor, Signatory::Actor)?, key(witness, Signatory::Witness)?];
        let terms = self.terms(keys).map_err(Refusal::Order)?;
        let mut stores = [actor; 2];
        for (number, (store, sealed)) in (1..).zip(stores.iter_mut().zip(&terms.receipts)) {
            *store = Receipt::claimed_store(&sealed.0).map_err(|source| Refusal::Receipt { number, source })?;
        }
        Ok(Authorised { terms, actor, witness, stores, order: self.digest() }.approved())
    }
}

fn check_duties(actor: &Entry, witness: &Entry, quarantined: bool) -> Result<(), Refusal> {
    let has = |entry: &Entry, duties: &[Duty]| duties.iter().any(|duty| entry.has_duty(*duty));
    let demands: [(Signatory, &Entry, &[Duty], &'static str); 2] = if quarantined {
        let custodian = "custodian, for a flight in quarantine";
        [
            (Signatory::Actor, actor, &[Duty::Custodian], custodian),
            (Signatory::Witness, witness, &[Duty::Custodian], custodian),
        ]
    } else {
        [
            (Signatory::Actor, actor, &ACTORS, "custodian or pilot"),
            (Signatory::Witness, witness, &WITNESSES, "witness, custodian, pilot, observer or supervisor"),
        ]
    };
    for (who, entry, duties, wanted) in demands {
        if !has(entry, duties) {
            return Err(Refusal::Duty { who, name: entry.name.clone(), wanted });
        }
    }
    Ok(())
}

/// Two stores, each vouched for, each with a receipt for exactly this manifest.
fn check_receipts(terms: &Terms, trust: &TrustList, now_utc_us: i64) -> Result<[KeyId; 2], Refusal> {
    let manifest = terms.manifest.digest();
    let mut seen: Vec<(&Entry, Receipt)> = Vec::with_capacity(2);
    for (number, sealed) in (1..).zip(&terms.receipts) {
        let refused = |source| Refusal::Receipt { number, source };
        let store = Receipt::claimed_store(&sealed.0).map_err(refused)?;
        let store =
            trust.vouches(store, Role::Store, now_utc_us).map_err(|source| Refusal::Store { number, source })?;
        let receipt = Receipt::open(&sealed.0, &store.public_key).map_err(refused)?;
        for (same, what) in [
            (receipt.flight_id == terms.flight_id, "flight"),
            (receipt.device_id == terms.device_id, "device"),
            (receipt.manifest == manifest, "manifest"),
            (receipt.files == terms.manifest.files(), "number of files"),
            (receipt.bytes == terms.manifest.bytes(), "number of bytes"),
        ] {
            if !same {
                return Err(Refusal::ReceiptElsewhere { number, what });
            }
        }
        seen.push((store, receipt));
    }
    let [(first, one), (second, two)] = &seen[..] else {
        return Err(Refusal::Order(super::DockError::Rule("an order has two receipts")));
    };
    if first.id == second.id || first.name == second.name {
        return Err(Refusal::SameStore { name: first.name.clone() });
    }
    let apart = [one, two].into_iter().find(|receipt| is_quarantined(receipt.verdict.as_str()));
    match (apart, &terms.quarantine) {
        (Some(receipt), None) => Err(Refusal::Quarantined { verdict: receipt.verdict.clone() }),
        (_, Some(said)) if ![one, two].iter().any(|receipt| receipt.verdict == said.verdict) || apart.is_none() => {
            Err(Refusal::NotQuarantined { verdict: said.verdict.clone() })
        }
        _ => Ok([first.id, second.id]),
    }
}

impl Authorised {
    /// What the order says.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Who ordered it.
    pub fn actor(&self) -> KeyId {
        self.actor
    }

    /// Compares the order with the aircraft: on the ground and at rest, the same flight, its challenge, and exactly the
    /// files that the stores hold.
    ///
    /// # Errors
    /// The first reason against it.
    pub fn check(self, aboard: &Aboard) -> Result<Approved, Refusal> {
        let terms = &self.terms;
        if terms.device_id != aboard.device {
            return Err(Refusal::OtherDevice { ordered: terms.device_id, aboard: aboard.device });
        }
        if terms.flight_id != aboard.flight {
            return Err(Refusal::OtherFlight { ordered: terms.flight_id, aboard: aboard.flight });
        }
        if aboard.armed {
            return Err(Refusal::Armed);
        }
        if aboard.recording {
            return Err(Refusal::Recording);
        }
        if !aboard.closed {
            return Err(Refusal::NotClosed);
        }
        let challenge = aboard.challenge.ok_or(Refusal::NoChallenge)?;
        if challenge.0 != terms.challenge {
            return Err(Refusal::OtherChallenge { ordered: terms.challenge });
        }
        same_files(terms, aboard)?;
        Ok(self.approved())
    }

    fn approved(self) -> Approved {
        let erased = Erased {
            flight: self.terms.flight_id,
            actor: self.actor,
            witness: self.witness,
            stores: self.stores,
            manifest: self.terms.manifest.digest(),
            order: self.order,
            files: self.terms.manifest.files(),
            bytes: self.terms.manifest.bytes(),
        };
        Approved { terms: self.terms, erased }
    }
}

fn same_files(terms: &Terms, aboard: &Aboard) -> Result<(), Refusal> {
    let (ordered, found) = (terms.manifest.entries(), aboard.files.entries());
    for (path, extent) in ordered {
        match found.get(path) {
            None => return Err(Refusal::Missing { path: path.clone() }),
            Some(other) if other != extent => return Err(Refusal::Differs { path: path.clone() }),
            Some(_) => {}
        }
    }
    let extra = found.keys().find(|path| !ordered.contains_key(*path)).or(aboard.others.first());
    extra.map_or(Ok(()), |path| Err(Refusal::Extra { path: path.clone() }))
}
