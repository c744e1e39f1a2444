//! Writing one file that comes in: hashed on the way, synced, read back past the cache, then given its name.

use crate::store::disk::{Disk, DiskFile, open_past_cache, write_whole};
use crate::store::{StoreError, damaged, read_back};
use flight_record::{Counted, Extent, canonical};
use std::path::{Path, PathBuf};

/// After so many bytes, what is written becomes something a later attempt can go on from.
const MARK_BYTES: u64 = 64 << 20;

/// A file to be received.
pub(super) struct Task {
    /// Its path in the flight.
    pub(super) path: String,
    /// The length it must have.
    pub(super) bytes: u64,
    /// Where it lies until it is finished.
    pub(super) unfinished: PathBuf,
    /// Where it lies then.
    pub(super) finished: PathBuf,
}

/// A file being received.
pub(super) struct Receiving<'a> {
    disk: &'a dyn Disk,
    task: Task,
    file: Box<dyn DiskFile>,
    counted: Counted,
    marked: u64,
}

/// How far an unfinished file is known to be good, if it is noted at all.
pub(super) fn mark(unfinished: &Path) -> Option<Extent> {
    canonical::read(&std::fs::read(mark_path(unfinished)).ok()?).ok()
}

fn mark_path(unfinished: &Path) -> PathBuf {
    unfinished.with_extension("mark")
}

/// The beginning of an unfinished file, read again: it must be what was noted when it was synced.
pub(super) fn resumable(unfinished: &Path, bytes: u64) -> Option<Counted> {
    let mark = mark(unfinished).filter(|mark| mark.bytes <= bytes)?;
    let file = open_past_cache(unfinished).ok()?;
    let mut counted = Counted::default();
    let mut input = std::io::Read::take(file, mark.bytes);
    let mut buffer = vec![0; crate::store::BUFFER_BYTES];
    loop {
        match std::io::Read::read(&mut input, &mut buffer) {
            Ok(0) => break,
            Ok(read) => counted.update(&buffer[..read]),
            Err(_) => return None,
        }
    }
    (counted.extent() == mark).then_some(counted)
}

impl<'a> Receiving<'a> {
    /// Begins, or goes on behind what `counted` holds.
    pub(super) fn begin(disk: &'a dyn Disk, task: Task, counted: Counted) -> Result<Self, StoreError> {
        let file = disk
            .write_from(&task.unfinished, counted.bytes())
            .map_err(StoreError::io("cannot write", &task.unfinished))?;
        let marked = counted.bytes();
        Ok(Self { disk, task, file, counted, marked })
    }

    /// Takes the next bytes.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.file.write_all(bytes).map_err(StoreError::io("cannot write", &self.task.unfinished))?;
        self.counted.update(bytes);
        if self.counted.bytes() - self.marked >= MARK_BYTES { self.mark() } else { Ok(()) }
    }

    /// Makes what is written durable and notes it, so that a later attempt goes on from here.
    pub(super) fn mark(&mut self) -> Result<(), StoreError> {
        if self.counted.bytes() == self.marked {
            return Ok(());
        }
        let path = mark_path(&self.task.unfinished);
        self.file.sync().map_err(StoreError::io("cannot write", &self.task.unfinished))?;
        write_whole(self.disk, &path, &canonical::write(&self.counted.extent()))
            .map_err(StoreError::io("cannot write", &path))?;
        self.marked = self.counted.bytes();
        Ok(())
    }

    /// The whole file is here: synced, read back, compared, renamed, and its name synced.
    pub(super) fn finish(mut self) -> Result<(String, Extent), StoreError> {
        let Task { path, bytes, unfinished, finished } = self.task;
        let io = || StoreError::io("cannot write", &unfinished);
        self.file.sync().map_err(io())?;
        drop(self.file);
        let extent = self.counted.extent();
        let found = read_back(&unfinished)?;
        if found != extent || extent.bytes != bytes {
            return Err(damaged(&unfinished, &extent, &found));
        }
        let folder = finished.parent().unwrap_or(Path::new("."));
        self.disk
            .create_folder(folder)
            .and_then(|()| self.disk.rename(&unfinished, &finished))
            .and_then(|()| self.disk.sync_folder(folder))
            .map_err(io())?;
        if mark_path(&unfinished).exists() {
            self.disk.remove_file(&mark_path(&unfinished)).map_err(io())?;
        }
        Ok((path, extent))
    }
}
