//! Carrying out an approved erase order, one durable step at a time: whatever moment the computer dies at, the next
//! start goes on, and the device log says exactly once that the flight is gone.
//!
//! order kept → `erase-begun` → order marked as begun → files, newest index first, the logs last → folders → `erased`
//! → challenge spent → order removed

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use flight_record::device_log::ERASE_BEGUN;
use flight_record::dock::{Approved, Challenge, Inventory};
use flight_record::{Code, flight, layout};

use super::holdings::{Holdings, locked};

/// One durable step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The order lies in `dock/<flight>.order`.
    Kept,
    /// The device log says that it begins.
    Begun,
    /// The order is `dock/<flight>.erasing`.
    Marked,
    /// A file is gone.
    Deleted(String),
    /// The folders are gone.
    Cleared,
    /// The device log says that the flight is erased.
    Recorded,
    /// No order is good for the challenge any more.
    Spent,
    /// The order is gone; there is nothing more to do.
    Done,
}

/// An erasure under way.
pub struct Eraser<'a> {
    holdings: &'a Holdings,
    approved: Approved,
    /// The order as it came.
    order: Vec<u8>,
    /// What is left to delete, the next one last; unknown until the order is marked.
    files: Option<Vec<String>>,
    last: Option<Step>,
    /// The line of the device log, once it is written.
    line: Option<String>,
}

/// Where an order waits, and where it lies once it has begun.
pub fn order_path(dock_dir: &Path, flight: flight_record::FlightId) -> PathBuf {
    dock_dir.join(format!("{flight}.order"))
}

/// See [`order_path`].
pub fn erasing_path(dock_dir: &Path, flight: flight_record::FlightId) -> PathBuf {
    dock_dir.join(format!("{flight}.erasing"))
}

impl<'a> Eraser<'a> {
    /// An erasure to be begun, or gone on with.
    #[must_use]
    pub fn new(holdings: &'a Holdings, approved: Approved, order: Vec<u8>) -> Self {
        Self { holdings, approved, order, files: None, last: None, line: None }
    }

    /// Does the next step, durably. After [`Step::Done`] there is none.
    ///
    /// # Errors
    /// When the disk or the device log refuses; the same step is done again by the next try.
    pub fn step(&mut self) -> Result<Step> {
        let step = match &self.last {
            None => self.keep()?,
            Some(Step::Kept) => self.begin()?,
            Some(Step::Begun) => self.mark()?,
            Some(Step::Marked | Step::Deleted(_)) => self.delete_or_clear()?,
            Some(Step::Cleared) => self.record()?,
            Some(Step::Recorded) => {
                Challenge::spend(&self.holdings.dock_dir(), self.approved.terms.flight_id)?;
                Step::Spent
            }
            Some(Step::Spent | Step::Done) => self.finish()?,
        };
        self.last = Some(step.clone());
        Ok(step)
    }

    /// The line of the device log that says the flight is erased, when this run wrote it.
    #[must_use]
    pub fn into_line(self) -> Option<String> {
        self.line
    }

    fn flight_dir(&self) -> PathBuf {
        self.holdings.flights_dir().join(self.approved.terms.flight_id.to_string())
    }

    fn order_path(&self) -> PathBuf {
        order_path(&self.holdings.dock_dir(), self.approved.terms.flight_id)
    }

    fn erasing_path(&self) -> PathBuf {
        erasing_path(&self.holdings.dock_dir(), self.approved.terms.flight_id)
    }

    fn keep(&self) -> Result<Step> {
        let (kept, begun) = (self.order_path(), self.erasing_path());
        if !begun.exists() && !holds(&kept, &self.order) {
            fs::create_dir_all(self.holdings.dock_dir())?;
            sync(&self.holdings.storage_dir)?;
            let fresh = kept.with_extension("order.new");
            let mut file = File::create(&fresh)?;
            file.write_all(&self.order)?;
            file.sync_all()?;
            fs::rename(&fresh, &kept)?;
            sync(&self.holdings.dock_dir())?;
        }
        Ok(Step::Kept)
    }

    fn begin(&self) -> Result<Step> {
        let (flight, actor) = (self.approved.terms.flight_id, self.approved.erased.actor);
        let mut journal = locked(&self.holdings.log);
        let log = journal.log(self.holdings.now())?;
        if log.erasing(flight) != Some(actor) && !log.has_erased(self.approved.erased.order) {
            let code: Code = ERASE_BEGUN.parse().context("a code of the format")?;
            log.event_by(code, Some(actor), Some(flight), self.holdings.now())?;
        }
        Ok(Step::Begun)
    }

    fn mark(&self) -> Result<Step> {
        // The next flight names the one before it, also when that is gone.
        flight::keep_head(&self.holdings.flights_dir())?;
        if !self.erasing_path().exists() {
            fs::rename(self.order_path(), self.erasing_path())?;
            sync(&self.holdings.dock_dir())?;
        }
        Ok(Step::Marked)
    }

    fn delete_or_clear(&mut self) -> Result<Step> {
        let dir = self.flight_dir();
        if !dir.exists() {
            return Ok(Step::Cleared);
        }
        if self.files.is_none() {
            self.files = Some(self.left()?);
        }
        if let Some(path) = self.files.as_mut().and_then(Vec::pop) {
            let file = dir.join(&path);
            absent_is_well(fs::remove_file(&file)).with_context(|| format!("{} cannot be removed", file.display()))?;
            return Ok(Step::Deleted(path));
        }
        remove_folders(&dir).with_context(|| format!("{} cannot be removed", dir.display()))?;
        sync(&self.holdings.flights_dir())?;
        Ok(Step::Cleared)
    }

    /// The ordered files that are still there, in reverse: the logs first, so that they go last.
    fn left(&self) -> Result<Vec<String>> {
        let listing = Inventory::list(&self.holdings.flights_dir(), self.approved.terms.flight_id)?;
        let ordered = self.approved.terms.manifest.entries();
        let (mut logs, mut files) = (Vec::new(), Vec::new());
        for (path, _) in listing.inventory.files.into_iter().filter(|(path, _)| ordered.contains_key(path)) {
            if matches!(path.as_str(), layout::RECORDS | layout::CHECKPOINTS) {
                logs.push(path);
            } else {
                files.push(path);
            }
        }
        // records.jsonl is the last to go: while it is there, it says whose folder this is.
        logs.sort_by_key(|path| path != layout::RECORDS);
        logs.append(&mut files);
        Ok(logs)
    }

    fn record(&mut self) -> Result<Step> {
        let mut journal = locked(&self.holdings.log);
        let log = journal.log(self.holdings.now())?;
        if !log.has_erased(self.approved.erased.order) {
            log.erased(self.approved.erased.clone(), self.holdings.now())?;
            self.line = Some(String::from_utf8(log.last_line()?)?);
        }
        drop(journal);
        Ok(Step::Recorded)
    }

    fn finish(&self) -> Result<Step> {
        absent_is_well(fs::remove_file(self.erasing_path()))?;
        sync(&self.holdings.dock_dir())?;
        Ok(Step::Done)
    }
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    fs::metadata(path).is_ok_and(|found| found.len() == bytes.len() as u64)
        && fs::read(path).is_ok_and(|found| found == bytes)
}

fn absent_is_well(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes empty folders, the deepest first, each synced before it goes; a file in one of them stops it.
fn remove_folders(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_folders(&entry.path())?;
        }
    }
    sync(dir)?;
    fs::remove_dir(dir)
}
