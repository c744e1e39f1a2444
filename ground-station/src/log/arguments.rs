//! The command line of `log`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use flight_record::FlightId;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::desk::Desk;
use crate::zones::Place;

/// What to do with the flight log.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists the flights of the register and the drafts that wait, with hours, practice and what must be reported.
    #[command(
        after_help = "Examples:\n  skyseal-ground log list --store /evidence/a\n  skyseal-ground log list --store /evidence/a --from 2026-05-01 --to 2026-05-31 --pilot P1 --json"
    )]
    List(List),
    /// Shows one flight: an entry with its versions and who changed what, or a draft.
    #[command(
        after_help = "Examples:\n  skyseal-ground log show 20260510T100000Z-SKY-1 --store /evidence/a --map way.svg\n  skyseal-ground log show 20260510T100000Z-SKY-1"
    )]
    Show(Show),
    /// Enters a draft into the unit's register, or a flight that no telemetry tells of.
    #[command(
        after_help = "Examples:\n  skyseal-ground log add 20260510T100000Z-SKY-1 --remark \"gusts from the west\" --defect \"propeller 3 chipped\" \\\n      --store /evidence/a --second /evidence/b --as officer-3 --pin-file pin --reason \"end of duty\"\n  skyseal-ground log add --take-off 2026-05-10T10:00:00Z --landing 2026-05-10T10:12:00Z --at 51.5034,-1.9787 \\\n      --fact pilot=P1 --fact serial=SKY-1 --store /evidence/a --as officer-3 --pin-file pin --reason \"the station was off\""
    )]
    Add(Box<Add>),
    /// Enters a new version of an entry, with the reason.
    #[command(
        after_help = "Examples:\n  skyseal-ground log change 20260510T100000Z-SKY-1 --fact battery=B8 --store /evidence/a --as officer-3 --pin-file pin \\\n      --reason \"the other battery was flown\"\n  skyseal-ground log change 20260510T100000Z-SKY-1 --reported \"AAIB by phone, 10:40\" --store /evidence/a …"
    )]
    Change(Box<Change>),
    /// Writes entries as a table (CSV) or as a document to print (HTML, which a browser prints to paper or PDF).
    #[command(
        after_help = "Examples:\n  skyseal-ground log export --store /evidence/a --from 2026-05-01 --to 2026-05-31 --out may.csv\n  skyseal-ground log export 20260510T100000Z-SKY-1 --store /evidence/a --out flight.html"
    )]
    Export(Export),
    /// Makes drafts of flights that nobody saw the end of: the program was killed, or the link was never heard again.
    #[command(after_help = "Example:\n  skyseal-ground log finish --log drafts")]
    Finish(Finish),
    /// Puts the records of flights that were handed over beside their entries, as `dock` does.
    #[command(
        after_help = "Example:\n  skyseal-ground log reconcile --store /evidence/a --as officer-3 --pin-file pin --reason \"entered late\""
    )]
    Reconcile(Reconcile),
}

/// Where drafts are.
#[derive(Args)]
#[group(id = "drafts")]
pub(crate) struct Drafts {
    /// Folder of the drafts; without it the one that `fly` writes to.
    #[arg(long, value_name = "DIR")]
    pub(super) log: Option<PathBuf>,
}

/// Which register to look into.
#[derive(Args)]
#[group(id = "register")]
pub(crate) struct Shelf {
    /// Folder of the store whose register it is.
    #[arg(long, value_name = "DIR")]
    pub(super) store: Option<PathBuf>,
    /// File outside the store that keeps the ledger's newest head. May be given more than once.
    #[arg(long, value_name = "FILE")]
    pub(super) outside_head: Vec<PathBuf>,
}

/// Which entries.
#[derive(Args)]
#[group(id = "which")]
pub(crate) struct Which {
    /// Taken off on this day or later, by London's calendar.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) from: Option<Date>,
    /// Taken off on this day or earlier.
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) to: Option<Date>,
    /// Flown by this pilot.
    #[arg(long, value_name = "NAME")]
    pub(super) pilot: Option<String>,
    /// Flown with the aircraft of this serial number.
    #[arg(long, value_name = "SERIAL")]
    pub(super) aircraft: Option<String>,
}

/// What to list.
#[derive(Args)]
pub(crate) struct List {
    #[command(flatten)]
    pub(super) shelf: Shelf,
    #[command(flatten)]
    pub(super) drafts: Drafts,
    #[command(flatten)]
    pub(super) which: Which,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What to show.
#[derive(Args)]
pub(crate) struct Show {
    /// The flight's id, or the file of a draft.
    pub(super) id: String,
    #[command(flatten)]
    pub(super) shelf: Shelf,
    #[command(flatten)]
    pub(super) drafts: Drafts,
    /// Draws the way flown into this file (SVG); one that is there is not written over.
    #[arg(long, value_name = "FILE.svg")]
    pub(super) map: Option<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What people add to an entry, or correct in it.
#[derive(Args, Default)]
#[group(id = "words")]
pub(crate) struct Words {
    /// A fact: pilot=P1, battery=B7, crew=observer: O2 (one more). May be given more than once.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) fact: Vec<String>,
    /// Remarks, behind those that are there.
    #[arg(long, value_name = "TEXT")]
    pub(super) remark: Vec<String>,
    /// A defect found. May be given more than once.
    #[arg(long, value_name = "TEXT")]
    pub(super) defect: Vec<String>,
    /// An accident: somebody was killed or badly hurt, or the aircraft is lost or badly damaged.
    #[arg(long, value_name = "TEXT")]
    pub(super) accident: Vec<String>,
    /// A serious incident: nearly an accident.
    #[arg(long, value_name = "TEXT")]
    pub(super) serious: Vec<String>,
    /// Another occurrence that must be reported.
    #[arg(long, value_name = "TEXT")]
    pub(super) occurrence: Vec<String>,
    /// An incident that need not be reported.
    #[arg(long, value_name = "TEXT")]
    pub(super) incident: Vec<String>,
    /// To whom what happened was reported, and how: stands with each incident of the flight that was not reported yet.
    #[arg(long, value_name = "TEXT")]
    pub(super) reported: Option<String>,
    /// When it took off (RFC 3339), where the draft does not know or is wrong.
    #[arg(long, value_name = "TIME")]
    pub(super) take_off: Option<Timestamp>,
    /// When it landed.
    #[arg(long, value_name = "TIME")]
    pub(super) landing: Option<Timestamp>,
}

/// What to enter.
#[derive(Args)]
pub(crate) struct Add {
    /// The draft: its id, or its file. Without one, --take-off and --landing say when it was flown.
    #[arg(required_unless_present_all = ["take_off", "landing"])]
    pub(super) draft: Option<String>,
    #[command(flatten)]
    pub(super) drafts: Drafts,
    #[command(flatten)]
    pub(super) words: Words,
    /// Where it took off, of a flight without a draft.
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true, conflicts_with = "draft")]
    pub(super) at: Option<Place>,
    /// Enters it although the register has a flight of this aircraft at that time.
    #[arg(long)]
    pub(super) although_flown: bool,
    #[command(flatten)]
    pub(super) desk: Desk,
}

/// What to change.
#[derive(Args)]
pub(crate) struct Change {
    /// The flight's id.
    pub(super) id: String,
    #[command(flatten)]
    pub(super) words: Words,
    #[command(flatten)]
    pub(super) desk: Desk,
}

/// What to write.
#[derive(Args)]
pub(crate) struct Export {
    /// The flight's id; without it all flights that the options name.
    pub(super) id: Option<String>,
    #[command(flatten)]
    pub(super) shelf: Shelf,
    #[command(flatten)]
    pub(super) which: Which,
    /// The file, .csv or .html; one that is there is not written over. Without it CSV is printed.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What to finish.
#[derive(Args)]
pub(crate) struct Finish {
    #[command(flatten)]
    pub(super) drafts: Drafts,
    /// Prints the facts as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

/// What to put beside what.
#[derive(Args)]
pub(crate) struct Reconcile {
    /// The one flight; without it all that the store holds.
    pub(super) flight: Option<FlightId>,
    #[command(flatten)]
    pub(super) desk: Desk,
}
