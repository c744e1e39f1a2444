//! What the Airspace workspace has done: datasets and the register read, files imported, permissions entered. On a worker's thread.

mod enter;
mod read;
#[cfg(test)]
pub(crate) mod tests;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use evidence_store::people::Session;
use jiff::Timestamp;

use crate::clock;
use crate::desk::Office;
use crate::state::board::{AirspaceEvent, Import, Progress, Work};

/// Where the station keeps its zones and its register.
#[derive(Debug, Clone, Default)]
pub(crate) struct Homes {
    /// The folder of datasets; without it the set that comes with the program is shown: illustrative.
    pub(crate) zones: Option<PathBuf>,
    /// The unit's register.
    pub(crate) office: Option<Office>,
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
