//! What the Airspace workspace has done: datasets and the register read, files imported, permissions entered. On a worker's thread.

mod enter;
mod import;
mod read;
#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;

use anyhow::Result;
use evidence_store::people::Session;
use jiff::Timestamp;

use crate::clock;
use crate::desk::Office;
use crate::state::board::{AirspaceEvent, Import, ImportStage as Stage, Work};
use crate::tasks::meter::{Meter, Stop, is_stop};

/// Where the station keeps its zones and its register.
#[derive(Debug, Clone, Default)]
pub(crate) struct Homes {
    /// The folder of datasets; without it the set that comes with the program is shown: illustrative.
    pub(crate) zones: Option<PathBuf>,
    /// The unit's register.
    pub(crate) office: Option<Office>,
}

/// Does it. Takes seconds: on a worker's thread. `stop` ends what has changed nothing yet. `session` is of who is signed in at the station.
///
/// # Errors
/// When a file, the folder of zones, a store or the ledger fails; when somebody is not let in; when the step cannot be taken.
pub(crate) fn carry_out(
    work: Work,
    homes: &Homes,
    session: Option<&Session>,
    stop: &Stop,
    say: &(dyn Fn(AirspaceEvent) + Sync),
) -> Result<AirspaceEvent> {
    let now = Timestamp::from_microsecond(clock::now_utc_us())?;
    match work {
        Work::Read => Ok(AirspaceEvent::Read(Box::new(read::everything(homes, &Meter::unwatched())))),
        Work::Check(file) => {
            let length = std::fs::metadata(&file).map_or(0, |found| found.len());
            let meter = meter(stop.clone(), 2 * length, Stage::Reading, say);
            match crate::zones::read(&file, &meter) {
                Ok((dataset, _)) => Ok(AirspaceEvent::Checked(Box::new(Import::of(file, false, &dataset, now)))),
                Err(error) if is_stop(&error) => Ok(AirspaceEvent::Stopped),
                Err(error) => Err(error),
            }
        }
        Work::Import { file, name, accept_refused } => {
            import::import(&import::Wanted { file, name, accept_refused }, homes, stop, say, now)
        }
        Work::Take(step) => enter::step(&step, homes, session),
        Work::Keep(keep) => enter::keep(*keep, homes, session),
    }
}

/// Counts the bytes of a stage.
fn meter<'a>(stop: Stop, total: u64, stage: Stage, say: &'a (dyn Fn(AirspaceEvent) + Sync)) -> Meter<'a> {
    say(AirspaceEvent::Progress(stage, 0, total));
    Meter::new(stop, total, move |done, total| say(AirspaceEvent::Progress(stage, done, total)))
}
