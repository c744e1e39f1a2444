//! What the Airspace workspace has done: datasets and the register read, files imported, permissions entered. On a worker's thread.

mod enter;
mod read;
#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use evidence_store::people::Session;
use jiff::Timestamp;
use mission_profiles::authorisation::{Authorisation, State};

use crate::clock;
use crate::desk::Office;
use crate::state::board::{Airspace, Import, Pen, Step};
use flight_record::{Reason, Sha256};

/// Where the station keeps its zones and its register.
#[derive(Debug, Clone, Default)]
pub(crate) struct Homes {
    /// The folder of datasets; without it the set that comes with the program is shown: illustrative.
    pub(crate) zones: Option<PathBuf>,
    /// The unit's register.
    pub(crate) office: Option<Office>,
}

/// Something to do.
#[derive(Debug)]
pub(crate) enum Work {
    /// Read everything again.
    Read,
    /// Read a file and say what would be kept.
    Check(PathBuf),
    /// Take a file into the station's folder.
    Import {
        /// Which.
        file: PathBuf,
        /// What people call the dataset, where the file does not say it well.
        name: Option<String>,
        /// Though some of its zones have no place.
        accept_refused: bool,
    },
    /// Enter a step of a permission's history.
    Take(Box<Step>),
    /// Enter a permission, or another version of a draft.
    Keep(Box<Keep>),
}

/// A permission to be entered.
#[derive(Debug)]
pub(crate) struct Keep {
    /// As it was written.
    pub(crate) authorisation: Authorisation,
    /// The version whose place it takes.
    pub(crate) before: Option<Sha256>,
    /// A paper to add: its digest is kept.
    pub(crate) document: Option<PathBuf>,
    /// For the ledger.
    pub(crate) reason: Reason,
    /// Who signs.
    pub(crate) pen: Pen,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// The file is read and each zone looked at.
    Reading,
    /// It is written, durably.
    Writing,
    /// Zones and register are read again.
    ReadingAgain,
}

impl Progress {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Reading => "Reading the file and checking each zone",
            Self::Writing => "Writing it, and waiting until the disk has it",
            Self::ReadingAgain => "Reading zones and register again",
        }
    }
}

/// What became of it.
pub(crate) enum AirspaceEvent {
    /// How far it is.
    Progress(Progress),
    /// What there is now.
    Read(Box<Airspace>),
    /// What a file holds; not taken.
    Checked(Box<Import>),
    /// A file was taken, and what there is now.
    Imported(Box<Import>, Box<Airspace>),
    /// A permission was entered, and what there is now.
    Entered {
        /// Which.
        id: String,
        /// What it is now.
        state: State,
        /// The version's digest.
        digest: Sha256,
        /// The bytes of the version before, where that can be entered again: of a draft that was changed.
        undo: Option<Box<Authorisation>>,
        /// What there is now.
        airspace: Box<Airspace>,
    },
}

/// Does it. Takes seconds: on a worker's thread. `session` is of who is signed in at the station.
///
/// # Errors
/// When a file, the folder of zones, a store or the ledger fails; when somebody is not let in; when the step cannot be taken.
pub(crate) fn carry_out(
    work: Work,
    homes: &Homes,
    session: Option<&Session>,
    say: &mut dyn FnMut(AirspaceEvent),
) -> Result<AirspaceEvent> {
    let now = Timestamp::from_microsecond(clock::now_utc_us())?;
    match work {
        Work::Read => Ok(AirspaceEvent::Read(Box::new(read::everything(homes)))),
        Work::Check(file) => {
            say(AirspaceEvent::Progress(Progress::Reading));
            let (dataset, _) = crate::zones::read(&file)?;
            Ok(AirspaceEvent::Checked(Box::new(Import::of(file, false, &dataset, now))))
        }
        Work::Import { file, name, accept_refused } => {
            let dir =
                homes.zones.as_deref().context("no folder for zones; name one in the settings: `zones = \"…\"`")?;
            say(AirspaceEvent::Progress(Progress::Reading));
            let (mut dataset, bytes) = crate::zones::read(&file)?;
            if !accept_refused && !dataset.report.refused.is_empty() {
                return Ok(AirspaceEvent::Checked(Box::new(Import::of(file, false, &dataset, now))));
            }
            say(AirspaceEvent::Progress(Progress::Writing));
            let terms = crate::zones::Terms { name: name.as_deref(), illustrative: false };
            crate::zones::take(dir, &mut dataset, &file, &bytes, terms, now)?;
            say(AirspaceEvent::Progress(Progress::ReadingAgain));
            let import = Import::of(file, true, &dataset, now);
            Ok(AirspaceEvent::Imported(Box::new(import), Box::new(read::everything(homes))))
        }
        Work::Take(step) => enter::step(&step, homes, session),
        Work::Keep(keep) => enter::keep(*keep, homes, session),
    }
}
