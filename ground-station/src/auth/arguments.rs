//! The command line of `auth`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use mission_profiles::authorisation::State;

use crate::desk::Desk;

/// What to do with permissions to fly.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Enters a permission, or the asking for it, into the unit's register.
    #[command(
        after_help = "Example:\n  skyseal-ground auth add frz.json --store /evidence/a --second /evidence/b --as officer-3 --pin-file pin --reason \"search at Findern\"\n\nThe file, of which all but id, kind, issuer, operator, lower, upper and windows may be absent:\n  {\"id\": \"AUTH-7\", \"kind\": \"frz\", \"issuer\": {\"authority\": \"Derby Tower\", \"phone\": \"01283…\"}, \"operator\": \"GBR-OP-1\",\n   \"pilots\": [\"P1\"], \"aircraft\": [\"SKY-1\"], \"lower\": \"surface\", \"upper\": \"400 ft AGL\", \"zones\": [\"derby-atz\"],\n   \"windows\": [{\"from\": \"2026-05-10T08:00:00Z\", \"to\": \"2026-05-10T18:00:00Z\"}]}\nkind: operational, frz, nsf, rat, protected-site, landowner or covert."
    )]
    Add(Add),
    /// Says that it was asked for.
    #[command(
        after_help = "Example:\n  skyseal-ground auth apply AUTH-7 --how \"e-mail to the tower\" --store /evidence/a --as officer-3 --pin-file pin --reason \"search at Findern\""
    )]
    Apply(Step),
    /// Says that it is in force: who said so, and how.
    #[command(
        after_help = "Example:\n  skyseal-ground auth activate AUTH-7 --how \"call, answered by Mr B\" --store /evidence/a --as officer-3 --pin-file pin --reason \"search at Findern\""
    )]
    Activate(Step),
    /// Says that it has become something else.
    #[command(
        after_help = "Example:\n  skyseal-ground auth change AUTH-7 --to closed --how \"call to the tower\" --store /evidence/a --as officer-3 --pin-file pin --reason \"flight is over\""
    )]
    Change(Change),
    /// Lists the permissions by what they are.
    #[command(after_help = "Example:\n  skyseal-ground auth list --store /evidence/a")]
    List(List),
    /// Shows one, with its history and who entered what.
    #[command(after_help = "Example:\n  skyseal-ground auth show AUTH-7 --store /evidence/a --zones zones")]
    Show(Show),
}

/// What to enter.
#[derive(Args)]
pub(crate) struct Add {
    /// The permission, as JSON.
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) desk: Desk,
}

/// A step that a command of its own names.
#[derive(Args)]
pub(crate) struct Step {
    /// The permission's id.
    pub(super) id: String,
    /// How: the call, the e-mail, and who answered.
    #[arg(long, value_name = "TEXT")]
    pub(super) how: String,
    #[command(flatten)]
    pub(super) desk: Desk,
}

/// Any step.
#[derive(Args)]
pub(crate) struct Change {
    /// What it has become.
    #[arg(long, value_enum)]
    pub(super) to: To,
    #[command(flatten)]
    pub(super) step: Step,
}

/// What a permission can become.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum To {
    /// Asked for.
    Applied,
    /// Agreed to, and to be activated on the day.
    InPrinciple,
    /// In force.
    Activated,
    /// Held back by who gave it.
    Suspended,
    /// Done with.
    Closed,
    /// Said no to.
    Refused,
    /// Its time is over.
    Expired,
}

impl To {
    pub(super) fn state(self) -> State {
        match self {
            Self::Applied => State::Applied,
            Self::InPrinciple => State::InPrinciple,
            Self::Activated => State::Activated,
            Self::Suspended => State::Suspended,
            Self::Closed => State::Closed,
            Self::Refused => State::Refused,
            Self::Expired => State::Expired,
        }
    }
}

/// Which to list.
#[derive(Args)]
pub(crate) struct List {
    /// Folder of the store.
    #[arg(long, value_name = "DIR")]
    pub(super) store: PathBuf,
    /// File outside the store that keeps the ledger's newest head. May be given more than once.
    #[arg(long, value_name = "FILE")]
    pub(super) outside_head: Vec<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// Which to show.
#[derive(Args)]
pub(crate) struct Show {
    /// The permission's id.
    pub(super) id: String,
    /// The station's folder of datasets, to find its zones in; without it the UK set that comes with the program: illustrative.
    #[arg(long, value_name = "DIR")]
    pub(super) zones: Option<PathBuf>,
    #[command(flatten)]
    pub(super) list: List,
}
