//! A file of zones taken into the station's folder. Until it counts it can be stopped, and the old set is whole.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use jiff::Timestamp;

use super::{Homes, read};
use crate::state::board::{AirspaceEvent, Import, ImportStage as Stage};
use crate::tasks::meter::{Meter, Stop, is_stop};
use crate::zones::{Taking, Terms};

/// What is to be taken.
pub(super) struct Wanted {
    pub(super) file: PathBuf,
    /// What people call the dataset, where the file does not say it well.
    pub(super) name: Option<String>,
    /// Though some of its zones have no place.
    pub(super) accept_refused: bool,
}

/// Reads it, takes it, reads everything again. All its bytes count when they are read, looked at, written, and read and looked at again
/// with those of the other datasets.
pub(super) fn import(
    wanted: &Wanted,
    homes: &Homes,
    stop: &Stop,
    say: &(dyn Fn(AirspaceEvent) + Sync),
    now: Timestamp,
) -> Result<AirspaceEvent> {
    let Wanted { file, name, accept_refused } = wanted;
    let dir = homes.zones.as_deref().context("no folder for zones; name one in the settings: `zones = \"…\"`")?;
    let length = std::fs::metadata(file).map_or(0, |found| found.len());
    let total = 3 * length + 2 * (length + crate::zones::length(dir));
    let stage = |stage: Stage, stop: Stop, before: u64| {
        say(AirspaceEvent::Progress(stage, before, total));
        Meter::new(stop, total, move |done, total| say(AirspaceEvent::Progress(stage, before + done, total)))
    };
    let taken = || -> Result<AirspaceEvent> {
        let (mut dataset, bytes) = crate::zones::read(file, &stage(Stage::Reading, stop.clone(), 0))?;
        if !accept_refused && !dataset.report.refused.is_empty() {
            return Ok(AirspaceEvent::Checked(Box::new(Import::of(file.clone(), false, &dataset, now))));
        }
        let terms = Terms { name: name.as_deref(), illustrative: false };
        let taking = Taking { dataset: &mut dataset, file, bytes: &bytes, terms, now };
        crate::zones::take(dir, taking, &stage(Stage::Writing, stop.clone(), 2 * length))?;
        let import = Import::of(file.clone(), true, &dataset, now);
        // It counts: nothing stops it any more.
        let again = stage(Stage::ReadingAgain, Stop::default(), 3 * length);
        Ok(AirspaceEvent::Imported(Box::new(import), Box::new(read::everything(homes, &again))))
    };
    match taken() {
        Err(error) if is_stop(&error) => Ok(AirspaceEvent::Stopped),
        done => done,
    }
}
