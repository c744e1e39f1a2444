//! Versions of permissions, signed and entered into the register.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use evidence_store::people::{Pin, Session};
use evidence_store::register::Register;
use flight_record::{Reason, Sha256};
use mission_profiles::authorisation::{Authorisation, Change, Document, State};
use mission_profiles::zones::Digest;

use super::{Homes, read};
use crate::auth;
use crate::desk::Office;
use crate::state::board::{AirspaceEvent, Keep, Pen, Step};
use crate::tasks::meter::Meter;

/// Largest paper whose digest is made, bytes.
const MAX_PAPER_BYTES: u64 = 64 << 20;

fn office(homes: &Homes) -> Result<&Office> {
    homes.office.as_ref().context("the settings name no store: the unit's register is there")
}

/// Enters a step, and reads everything again.
pub(super) fn step(step: &Step, homes: &Homes, session: Option<&Session>) -> Result<AirspaceEvent> {
    let office = office(homes)?;
    let known = auth::find(auth::held(&office.store, &office.outside())?, &step.id)?;
    ensure!(
        known.version.digest == step.before,
        "{}: somebody changed it meanwhile; look at it again before you sign",
        step.id
    );
    let signed = |session: &Session| -> Result<(Authorisation, Sha256)> {
        let by = session.label().to_string();
        let change = Change { at: step.at, to: step.to, by, how: step.how.clone() };
        let changed = known.authorisation.changed(change)?;
        let digest = enter(office, session, &step.reason, &changed, Some(step.before))?;
        Ok((changed, digest))
    };
    let (changed, digest) = with_pen(office, &step.pen, session, signed)?;
    Ok(entered(homes, &changed, digest, None))
}

/// Enters a permission, or the next version of a draft, and reads everything again.
pub(super) fn keep(keep: Keep, homes: &Homes, session: Option<&Session>) -> Result<AirspaceEvent> {
    let office = office(homes)?;
    let Keep { mut authorisation, before, document, reason, pen } = keep;
    let all = auth::held(&office.store, &office.outside())?;
    let same = all.into_iter().find(|held| held.authorisation.id == authorisation.id);
    let undo = match (&same, before) {
        (Some(_), None) => bail!("{}: in the register already; give the new one another number", authorisation.id),
        (Some(held), Some(before)) => {
            ensure!(
                held.version.digest == before,
                "{}: somebody changed it meanwhile; look at it again",
                authorisation.id
            );
            ensure!(
                held.authorisation.state() == State::Draft,
                "{}: it was sent; what was asked for is not changed afterwards. Close it and begin a new one",
                authorisation.id
            );
            Some(held.authorisation.clone())
        }
        (None, None) => None,
        (None, Some(_)) => bail!("{}: the number of a draft stays; close it and begin a new one", authorisation.id),
    };
    if let Some(path) = document {
        authorisation.documents.push(paper(&path)?);
    }
    // What is entered is what can be read back.
    let authorisation = Authorisation::read(&authorisation.write())?;
    let signed = |session: &Session| enter(office, session, &reason, &authorisation, before);
    let digest = with_pen(office, &pen, session, signed)?;
    Ok(entered(homes, &authorisation, digest, undo))
}

fn with_pen<T>(
    office: &Office,
    pen: &Pen,
    session: Option<&Session>,
    sign: impl FnOnce(&Session) -> Result<T>,
) -> Result<T> {
    match pen {
        Pen::SignedIn => sign(session.context("nobody is signed in; give your name and PIN")?),
        Pen::Pin { name, pin } => sign(&office.log_in(name, &Pin::new(pin)?)?),
    }
}

fn enter(
    office: &Office,
    session: &Session,
    reason: &Reason,
    it: &Authorisation,
    before: Option<Sha256>,
) -> Result<Sha256> {
    let digests = office.enter(session, reason, Register::Authorisations, &[(it.write(), before)])?;
    digests.first().copied().context("the register entered nothing")
}

fn entered(homes: &Homes, it: &Authorisation, digest: Sha256, undo: Option<Authorisation>) -> AirspaceEvent {
    AirspaceEvent::Entered {
        id: it.id.clone(),
        state: it.state(),
        digest,
        undo: undo.map(Box::new),
        airspace: Box::new(read::everything(homes, &Meter::unwatched())),
    }
}

/// A paper's name and SHA-256.
fn paper(path: &Path) -> Result<Document> {
    let cannot = || format!("cannot read {}", path.display());
    let length = std::fs::metadata(path).with_context(cannot)?.len();
    ensure!(
        length <= MAX_PAPER_BYTES,
        "{}: {length} bytes are more than a paper may have ({MAX_PAPER_BYTES})",
        path.display()
    );
    let bytes = std::fs::read(path).with_context(cannot)?;
    let file = path.file_name().and_then(|name| name.to_str()).unwrap_or("document").to_owned();
    Ok(Document { file, sha256: Digest::of(&bytes) })
}
