//! What the screen asks for, and what became of it.

use std::path::PathBuf;
use std::sync::Arc;

use flight_record::{Reason, Sha256};
use mission_profiles::authorisation::{Authorisation, State};

use super::cards::state_words;
use super::{Airspace, Import, Pen, Step};

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

/// The workspace: what was read last, and what is being done.
#[derive(Default)]
pub(crate) struct Workspace {
    /// What was read last; nothing before the first time.
    pub(crate) airspace: Option<Arc<Airspace>>,
    /// What is being done, and what went wrong with the last.
    pub(crate) doing: Doing,
    /// What the last file that was looked at holds.
    pub(crate) import: Option<Import>,
    /// What was entered last.
    pub(crate) done: Option<Done>,
    entered: u64,
}

/// Whether something is being done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Nothing.
    #[default]
    Idle,
    /// This.
    Busy(String),
    /// It was not done: why, and what to do.
    Failed(String),
}

/// A version that was entered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Done {
    /// Counts them.
    pub(crate) nth: u64,
    /// Of which permission.
    pub(crate) id: String,
    /// In words.
    pub(crate) words: String,
    /// What it was before, and the version that stands now: where it can be put back.
    pub(crate) undo: Option<(Authorisation, Sha256)>,
}

impl Workspace {
    /// A piece of work was begun.
    pub(crate) fn begun(&mut self, work: &Work) {
        self.doing = Doing::Busy(match work {
            Work::Read => "Reading zones and register".into(),
            Work::Check(file) => format!("Reading {}", file.display()),
            Work::Import { file, .. } => format!("Importing {}", file.display()),
            Work::Take(step) => format!("Signing {}", step.id),
            Work::Keep(keep) => format!("Signing {}", keep.authorisation.id),
        });
    }

    /// What went wrong, or was done, was read.
    pub(crate) fn read(&mut self) {
        if matches!(self.doing, Doing::Failed(_)) {
            self.doing = Doing::Idle;
        } else {
            self.done = None;
        }
    }

    /// Something became of it.
    pub(crate) fn took(&mut self, event: Result<AirspaceEvent, String>) {
        let event = match event {
            Ok(AirspaceEvent::Progress(progress)) => {
                self.doing = Doing::Busy(progress.words().into());
                return;
            }
            Ok(event) => event,
            Err(why) => {
                self.doing = Doing::Failed(why);
                return;
            }
        };
        self.doing = Doing::Idle;
        match event {
            AirspaceEvent::Progress(_) => {}
            AirspaceEvent::Read(airspace) => self.airspace = Some(airspace.into()),
            AirspaceEvent::Checked(import) => self.import = Some(*import),
            AirspaceEvent::Imported(import, airspace) => {
                self.import = Some(*import);
                self.airspace = Some(airspace.into());
            }
            AirspaceEvent::Entered { id, state, digest, undo, airspace } => {
                self.airspace = Some(airspace.into());
                self.entered += 1;
                let words = format!("{id} is {}", state_words(state));
                self.done = Some(Done { nth: self.entered, id, words, undo: undo.map(|undo| (*undo, digest)) });
            }
        }
    }
}
