//! `log`: the flight log, drafted while a vehicle is followed, entered into the unit's register, listed, shown, written out.
//!
//! `heard` puts a vehicle's words together once a second, `scribe` makes journals and drafts of them in a folder (`files`), and `follower`
//! is the thread that keeps the disk away from the link. The rest is about the register.

mod arguments;
mod enter;
mod export;
mod files;
mod finish;
mod follower;
mod heard;
mod list;
mod page;
mod read;
mod reconcile;
mod register;
mod scribe;
mod show;

use std::path::PathBuf;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::Value;

use crate::clock;
pub(crate) use arguments::Command;
pub(crate) use enter::{Entered, enter_draft};
pub(crate) use follower::{Drafting, Follower};
pub(crate) use read::records;
pub(crate) use reconcile::{Beside, beside};
pub(crate) use register::{entries, recent_h};
pub(crate) use show::facts;

/// Does it; what to print, and whether all is well.
pub(crate) fn run(command: &Command) -> Result<(String, bool)> {
    let now = Timestamp::from_microsecond(clock::now_utc_us())?;
    let well = |text| (text, true);
    match command {
        Command::List(args) => list::list(args, now).map(well),
        Command::Show(args) => show::show(args, now).map(well),
        Command::Add(args) => enter::add(args).map(well),
        Command::Change(args) => enter::change(args).map(well),
        Command::Export(args) => export::export(args, now).map(well),
        Command::Finish(args) => finish::finish(args),
        Command::Reconcile(args) => reconcile::reconcile(args).map(well),
    }
}

/// Where drafts go where nobody says: this person's `skyseal/flight-log`, among what programs keep.
fn default_dir() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = of("XDG_STATE_HOME").or_else(|| of("HOME").map(|home| home.join(".local/state")))?;
    Some(state.join("skyseal/flight-log"))
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}
