//! A package of each flight that was taken over: a disclosure, so two people answer for it and the ledger says so.

use super::work::{Hands, WITNESSES, Work};
use crate::clock;
use anyhow::{Context as _, Result, anyhow};
use evidence_store::ledger::{Act, Category, Signatory};
use evidence_store::packaging;
use flight_record::trust::Duty;
use flight_record::{Code, FlightId};
use std::path::{Path, PathBuf};

/// Who may let a flight leave.
const DISCLOSERS: [Duty; 3] = [Duty::Custodian, Duty::Supervisor, Duty::DataProtection];

impl Hands {
    /// The two people who let a flight leave: asked before anything is done.
    pub(super) fn disclosers(&self) -> Result<(Signatory<'_>, Signatory<'_>)> {
        let now_utc_us = clock::now_utc_us();
        let actor = self.actor.signatory_as(&DISCLOSERS, now_utc_us).context("the actor cannot make a package")?;
        let witness = self.witness.as_ref().ok_or_else(|| anyhow!("a package is countersigned: give --countersign"))?;
        Ok((actor, witness.signatory_as(&WITNESSES, now_utc_us)?))
    }
}

/// Makes `dir/<flight>` out of the first store and writes it down. One that is there already stays as it is.
pub(super) fn make(work: &mut Work<'_>, dir: &Path, flight: FlightId) -> Result<PathBuf> {
    let out = dir.join(flight.to_string());
    if out.exists() {
        return Ok(out);
    }
    work.hands.disclosers()?;
    std::fs::create_dir_all(dir).with_context(|| format!("{} cannot be made", dir.display()))?;
    let made = packaging::make(&work.stand.stores.0, flight, &work.stand.trust.unit, &out, clock::now_utc_us())?;
    let act = Act {
        category: Category::Disclosure,
        outcome: "packaged".parse::<Code>()?,
        flight: Some(flight),
        items: vec![made.digest],
        place: work.setup.place.clone(),
        reason: Some(work.hands.reason.clone()),
        personal: Some(format!("the unit itself, at {}", work.setup.place)),
    };
    let written = {
        let now_utc_us = clock::now_utc_us();
        let actor = work.hands.actor.signatory_as(&DISCLOSERS, now_utc_us)?;
        let witness = work.hands.witness.as_ref().map(|who| who.signatory_as(&WITNESSES, now_utc_us)).transpose()?;
        work.ledger.append(&act, &actor, witness.as_ref(), clock::stamp())
    };
    if let Err(error) = written {
        // Nothing leaves that is not written down.
        std::fs::remove_dir_all(&out).with_context(|| format!("{} cannot be removed", out.display()))?;
        return Err(error.into());
    }
    work.ledger.publish()?;
    Ok(out)
}
