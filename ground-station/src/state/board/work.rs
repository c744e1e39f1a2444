//! What the screen asks for, and what became of it.

use std::path::PathBuf;
use std::sync::Arc;

use flight_record::{Reason, Sha256};
use mission_profiles::authorisation::{Authorisation, State};

use super::cards::state_words;
use super::{Airspace, Import, Pen, Step};
use crate::state::progress;

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

/// What is done of an import now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The file is read and each zone looked at.
    Reading,
    /// It is written, durably.
    Writing,
    /// It counts; zones and register are read again.
    ReadingAgain,
}

impl Stage {
    /// In words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Reading => "Reading the file and checking each zone",
            Self::Writing => "Writing it, and waiting until the disk has it",
            Self::ReadingAgain => "Taken: reading zones and register again",
        }
    }
}

/// What became of it.
pub(crate) enum AirspaceEvent {
    /// How far it is: so many bytes of so many.
    Progress(Stage, u64, u64),
    /// It was stopped before anything was changed.
    Stopped,
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
    Busy(progress::Work),
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
    pub(crate) fn begun(&mut self, work: &Work, now_ns: u64) {
        let (what, can_stop) = match work {
            Work::Read => ("Reading zones and register".into(), false),
            Work::Check(file) => (format!("Reading {}", file.display()), true),
            Work::Import { file, .. } => (format!("Importing {}", file.display()), true),
            // What is being signed is signed.
            Work::Take(step) => (format!("Signing {}", step.id), false),
            Work::Keep(keep) => (format!("Signing {}", keep.authorisation.id), false),
        };
        let mut busy = progress::Work::begun(what, progress::Unit::Bytes, None, now_ns);
        if !can_stop {
            busy.settle();
        }
        self.doing = Doing::Busy(busy);
    }

    /// Somebody said stop; whether it can be stopped.
    pub(crate) fn stop(&mut self) -> bool {
        let Doing::Busy(busy) = &mut self.doing else { return false };
        let can = busy.can_stop();
        busy.stop();
        can
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
    pub(crate) fn took(&mut self, event: Result<AirspaceEvent, String>, now_ns: u64) {
        let event = match event {
            Ok(AirspaceEvent::Progress(stage, done, total)) => {
                if let Doing::Busy(busy) = &mut self.doing {
                    busy.at(stage.words(), (done, total), now_ns);
                    if stage == Stage::ReadingAgain {
                        busy.settle();
                    }
                }
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
            AirspaceEvent::Progress(..) | AirspaceEvent::Stopped => {}
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
