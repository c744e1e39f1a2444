//! Somebody at a desk with the unit's registers: whose they are, who signs, what each document was before.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;
use evidence_store::ledger::{HEADS_FILE, Ledger};
use evidence_store::people::{People, Pin, Session};
use evidence_store::register::{Register, Registrar, Version, newest, versions};
use evidence_store::store::{Folder, Store};
use flight_record::trust::Duty;
use flight_record::{Label, Reason, Sha256};

use crate::{clock, pin};

/// Who may enter documents, in the order in which they sign.
pub(crate) const ACTORS: [Duty; 4] = [Duty::Pilot, Duty::Supervisor, Duty::Custodian, Duty::Administrator];

/// Whose register, and who acts.
#[derive(Args)]
#[group(id = "desk")]
pub(crate) struct Desk {
    /// Folder of the store, as `skyseal-evidence store init` made it.
    #[arg(long, value_name = "DIR")]
    pub(crate) store: PathBuf,
    /// Folder of the second store, which is to have the documents too.
    #[arg(long, value_name = "DIR")]
    pub(crate) second: Option<PathBuf>,
    /// File outside the store that keeps the ledger's newest head. May be given more than once.
    #[arg(long, value_name = "FILE")]
    pub(crate) outside_head: Vec<PathBuf>,
    /// Who enters it, by the name of their account.
    #[arg(long = "as", value_name = "NAME")]
    pub(crate) actor: Label,
    /// File whose first line is their PIN.
    #[arg(long, value_name = "FILE")]
    pub(crate) pin_file: PathBuf,
    /// Why, in a few words.
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Reason,
    /// Where this happens.
    #[arg(long, value_name = "TEXT", default_value = "ground station")]
    pub(crate) place: Label,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

impl Desk {
    /// The heads kept outside: those named, and the one beside the second store.
    pub(crate) fn outside(&self) -> Vec<PathBuf> {
        self.office().outside()
    }

    fn office(&self) -> Office {
        Office {
            store: self.store.clone(),
            second: self.second.clone(),
            outside_heads: self.outside_head.clone(),
            place: self.place.clone(),
        }
    }

    /// Signs in, and enters each of `documents`, new or as the version after the one it names; their digests.
    ///
    /// # Errors
    /// When the person is not let in, somebody changed one of them meanwhile, or a store or the ledger fails.
    pub(crate) fn enter(&self, register: Register, documents: &[(Vec<u8>, Option<Sha256>)]) -> Result<Vec<Sha256>> {
        let office = self.office();
        let session = office.log_in(&self.actor, &pin::read(&self.pin_file)?)?;
        office.enter(&session, &self.reason, register, documents)
    }
}

/// Where a unit's registers are, and where one sits when entering something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Office {
    /// Folder of the store.
    pub(crate) store: PathBuf,
    /// Folder of the second store, which is to have the documents too.
    pub(crate) second: Option<PathBuf>,
    /// Files outside the store that keep the ledger's newest head.
    pub(crate) outside_heads: Vec<PathBuf>,
    /// Where this happens.
    pub(crate) place: Label,
}

impl Office {
    /// The heads kept outside: those named, and the one beside the second store.
    pub(crate) fn outside(&self) -> Vec<PathBuf> {
        let second = self.second.iter().map(|second| second.join(HEADS_FILE));
        self.outside_heads.iter().cloned().chain(second).collect()
    }

    /// Lets somebody in.
    ///
    /// # Errors
    /// When name and PIN do not belong together, or the account may not be used.
    pub(crate) fn log_in(&self, name: &Label, pin: &Pin) -> Result<Session> {
        let people = People::open(&self.store.join("people.sqlite"))?;
        Ok(people.log_in(name, pin, clock::now_utc_us())?)
    }

    /// Enters each of `documents`, new or as the version after the one it names, signed in `session`; their digests.
    ///
    /// # Errors
    /// When the session is over, somebody changed one of them meanwhile, or a store or the ledger fails.
    pub(crate) fn enter(
        &self,
        session: &Session,
        reason: &Reason,
        register: Register,
        documents: &[(Vec<u8>, Option<Sha256>)],
    ) -> Result<Vec<Sha256>> {
        let first = Folder::open(&self.store)?;
        let second = self.second.as_deref().map(Folder::open).transpose()?;
        let mut ledger = ledger(&first, &self.store, &self.outside())?;
        let mut registrar = Registrar {
            store: &first,
            second: second.as_ref().map(|second| second as &dyn Store),
            ledger: &mut ledger,
            place: self.place.clone(),
            reason: reason.clone(),
        };
        let enter = |(bytes, before): &(Vec<u8>, Option<Sha256>)| -> Result<Sha256> {
            let at = clock::stamp();
            let actor = session.signatory_as(&ACTORS, at.utc_us)?;
            Ok(registrar.enter(register, bytes, *before, &actor, at)?)
        };
        documents.iter().map(enter).collect()
    }
}

/// The ledger of a store.
pub(crate) fn ledger(folder: &Folder, store: &Path, outside: &[PathBuf]) -> Result<Ledger> {
    Ok(Ledger::open(&store.join("ledger.sqlite"), folder.identity(), outside)?)
}

/// Reads the newest version of each document of a register.
///
/// # Errors
/// When a store or the ledger fails, or `read` does.
pub(crate) fn held<T>(
    register: Register,
    store: &Path,
    outside: &[PathBuf],
    read: impl Fn(&Folder, Version) -> Result<T>,
) -> Result<Vec<T>> {
    let folder = Folder::open(store)?;
    let ledger = ledger(&folder, store, outside)?;
    newest(&ledger, register)?.into_iter().map(|version| read(&folder, version)).collect()
}

/// The versions of the document whose newest is `digest`, oldest first.
///
/// # Errors
/// When the ledger fails.
pub(crate) fn history(register: Register, store: &Path, outside: &[PathBuf], digest: Sha256) -> Result<Vec<Version>> {
    let folder = Folder::open(store)?;
    let all = versions(&ledger(&folder, store, outside)?, register)?;
    Ok(chain(&all, digest).into_iter().cloned().collect())
}

/// Of all versions of a register, oldest first, those of the document whose newest is `digest`.
pub(crate) fn chain(all: &[Version], digest: Sha256) -> Vec<&Version> {
    let mut wanted = Some(digest);
    let mut found = Vec::new();
    for version in all.iter().rev() {
        if Some(version.digest) == wanted {
            wanted = version.before;
            found.push(version);
        }
    }
    found.reverse();
    found
}
