//! `auth`: permissions to fly in the unit's register: entered, followed from state to state, listed, shown.

mod arguments;
mod show;

pub(crate) use arguments::Command;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use arguments::{Add, List, Step};
use evidence_store::register::{Register, Version, document};
use flight_record::Sha256;
use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, Change, State};

use crate::desk::Desk;
use crate::{clock, desk};

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
            let history = desk::history(Register::Authorisations, store, outside_head, one.version.digest)?;
            show::one(&one, &history, &zones, *json)
        }
    }
}

/// Every permission of a register, its newest version.
pub(crate) fn held(store: &Path, outside: &[PathBuf]) -> Result<Vec<Held>> {
    desk::held(Register::Authorisations, store, outside, |folder, version| {
        let bytes = document(folder, version.digest)?;
        let authorisation =
            Authorisation::read(&bytes).with_context(|| format!("the permission {}", version.digest))?;
        Ok(Held { authorisation, version })
    })
}

/// The one of this id.
///
/// # Errors
/// When the register has none; which it has.
pub(crate) fn find(all: Vec<Held>, id: &str) -> Result<Held> {
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
    enter(&args.desk, &given, None)
}

fn step(args: &Step, to: State) -> Result<String> {
    let known = find(held(&args.desk.store, &args.desk.outside())?, &args.id)?;
    let at = Timestamp::from_microsecond(clock::now_utc_us())?;
    let change = Change { at, to, by: args.desk.actor.to_string(), how: args.how.clone() };
    let changed = known.authorisation.changed(change)?;
    enter(&args.desk, &changed, Some(known.version.digest))
}

fn enter(desk: &Desk, authorisation: &Authorisation, before: Option<Sha256>) -> Result<String> {
    let digests = desk.enter(Register::Authorisations, &[(authorisation.write(), before)])?;
    let digest = digests.first().context("the register entered nothing")?;
    show::entered(authorisation, *digest, desk.json)
}
