//! `auth`: permissions to fly in the unit's register: entered, followed from state to state, listed, shown.

mod arguments;
mod show;

pub(crate) use arguments::Command;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use arguments::{Add, Desk, List, Step};
use evidence_store::ledger::{HEADS_FILE, Ledger};
use evidence_store::people::People;
use evidence_store::register::{Register, Registrar, Version, document, newest, versions};
use evidence_store::store::{Folder, Store as _};
use flight_record::Sha256;
use flight_record::trust::Duty;
use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, Change, State};

use crate::{clock, pin};

/// Who may enter permissions, in the order in which they sign.
const ACTORS: [Duty; 4] = [Duty::Pilot, Duty::Supervisor, Duty::Custodian, Duty::Administrator];

/// A permission of the register, and the version that it is.
pub(crate) struct Held {
    pub(crate) authorisation: Authorisation,
    pub(crate) version: Version,
}

/// Does it; what to print.
pub(crate) fn run(command: &Command) -> Result<String> {
    match command {
        Command::Add(args) => add(args),
        Command::Apply(args) => step(args, State::Applied),
        Command::Activate(args) => step(args, State::Activated),
        Command::Change(args) => step(&args.step, args.to.state()),
        Command::List(args) => {
            let all = held(&args.store, &args.outside_head)?;
            show::list(&all, Timestamp::from_microsecond(clock::now_utc_us())?, args.json)
        }
        Command::Show(args) => {
            let List { store, outside_head, json } = &args.list;
            let one = find(held(store, outside_head)?, &args.id)?;
            let zones = show::Zones {
                datasets: &crate::zones::datasets(args.zones.as_deref())?,
                now: Timestamp::from_microsecond(clock::now_utc_us())?,
            };
            show::one(&one, &history(store, outside_head, &one)?, &zones, *json)
        }
    }
}

/// Every permission of a register, its newest version.
pub(crate) fn held(store: &Path, outside: &[PathBuf]) -> Result<Vec<Held>> {
    let folder = Folder::open(store)?;
    let ledger = open(&folder, store, outside)?;
    let read = |version: Version| {
        let bytes = document(&folder, version.digest)?;
        let authorisation =
            Authorisation::read(&bytes).with_context(|| format!("the permission {}", version.digest))?;
        Ok(Held { authorisation, version })
    };
    newest(&ledger, Register::Authorisations)?.into_iter().map(read).collect()
}

fn open(folder: &Folder, store: &Path, outside: &[PathBuf]) -> Result<Ledger> {
    Ok(Ledger::open(&store.join("ledger.sqlite"), folder.identity(), outside)?)
}

fn find(all: Vec<Held>, id: &str) -> Result<Held> {
    let names: Vec<_> = all.iter().map(|held| held.authorisation.id.clone()).collect();
    let found = all.into_iter().find(|held| held.authorisation.id == id);
    found.with_context(|| {
        format!(
            "{id}: not in the register, which has {}",
            if names.is_empty() { "none".into() } else { names.join(", ") }
        )
    })
}

fn add(args: &Add) -> Result<String> {
    let bytes = std::fs::read(&args.file).with_context(|| format!("cannot read {}", args.file.display()))?;
    let given = Authorisation::read(&bytes).with_context(|| args.file.display().to_string())?;
    let outside = args.desk.outside();
    if held(&args.desk.store, &outside)?.iter().any(|held| held.authorisation.id == given.id) {
        bail!("{}: in the register already; `auth change` says what becomes of it", given.id);
    }
    args.desk.enter(&given, None)
}

fn step(args: &Step, to: State) -> Result<String> {
    let known = find(held(&args.desk.store, &args.desk.outside())?, &args.id)?;
    let at = Timestamp::from_microsecond(clock::now_utc_us())?;
    let change = Change { at, to, by: args.desk.actor.to_string(), how: args.how.clone() };
    let changed = known.authorisation.changed(change)?;
    args.desk.enter(&changed, Some(known.version.digest))
}

/// The versions of a document, oldest first.
fn history(store: &Path, outside: &[PathBuf], one: &Held) -> Result<Vec<Version>> {
    let folder = Folder::open(store)?;
    let all = versions(&open(&folder, store, outside)?, Register::Authorisations)?;
    let mut wanted = Some(one.version.digest);
    let mut found = Vec::new();
    for version in all.into_iter().rev() {
        if Some(version.digest) == wanted {
            wanted = version.before;
            found.push(version);
        }
    }
    found.reverse();
    Ok(found)
}

impl Desk {
    /// The heads kept outside: those named, and the one beside the second store.
    fn outside(&self) -> Vec<PathBuf> {
        let second = self.second.iter().map(|second| second.join(HEADS_FILE));
        self.outside_head.iter().cloned().chain(second).collect()
    }

    fn enter(&self, authorisation: &Authorisation, before: Option<Sha256>) -> Result<String> {
        let people = People::open(&self.store.join("people.sqlite"))?;
        let session = people.log_in(&self.actor, &pin::read(&self.pin_file)?, clock::now_utc_us())?;
        let first = Folder::open(&self.store)?;
        let second = self.second.as_deref().map(Folder::open).transpose()?;
        let mut ledger = open(&first, &self.store, &self.outside())?;
        let mut registrar = Registrar {
            store: &first,
            second: second.as_ref().map(|second| second as &dyn evidence_store::store::Store),
            ledger: &mut ledger,
            place: self.place.clone(),
            reason: self.reason.clone(),
        };
        let at = clock::stamp();
        let actor = session.signatory_as(&ACTORS, at.utc_us)?;
        let digest = registrar.enter(Register::Authorisations, &authorisation.write(), before, &actor, at)?;
        show::entered(authorisation, digest, self.json)
    }
}
