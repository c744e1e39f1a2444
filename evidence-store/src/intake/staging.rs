//! Where a flight lies in the first store while it comes in: `incoming/<flight>/` in the flight's own layout, unfinished
//! files and what is known so far in `partial/<flight>/`.

use crate::store::disk::{Disk, DiskFile, read_small, write_whole};
use crate::store::{Folder, StoreError, read_back};
use flight_record::dock::Manifest;
use flight_record::{Extent, FlightId, Sha256, canonical};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Longest of the small files in `partial/<flight>/`: a manifest of 100,000 files.
const MAX_STATE_BYTES: u64 = 64 << 20;

/// A file that was copied, synced and read back.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Copied {
    path: String,
    extent: Extent,
}

/// What the verifier said, kept so that it is asked once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Verdict {
    /// The word.
    pub(super) word: String,
    /// What came with the flight, by its place in a package.
    pub(super) attachments: BTreeMap<String, Extent>,
}

/// A flight on its way in.
pub(super) struct Staging {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) incoming: PathBuf,
    pub(super) partial: PathBuf,
    copied: BTreeMap<String, Extent>,
    journal: Option<Box<dyn DiskFile>>,
    journal_bytes: u64,
}

impl Staging {
    /// What an earlier attempt left; changes nothing.
    pub(super) fn look(store: &Folder, flight: FlightId) -> Result<Self, StoreError> {
        let partial = store.root().join("partial").join(flight.to_string());
        let path = partial.join("copied.jsonl");
        let journal = read_small(&path, MAX_STATE_BYTES).map_err(StoreError::io("cannot read", &path))?;
        let journal = journal.unwrap_or_default();
        let (mut copied, mut journal_bytes) = (BTreeMap::new(), 0);
        for line in journal.split_inclusive(|byte| *byte == b'\n') {
            // A torn line was never told to anybody: its file is read again.
            let Some(Ok(entry)) = line.strip_suffix(b"\n").map(canonical::read::<Copied>) else {
                break;
            };
            copied.insert(entry.path, entry.extent);
            journal_bytes += line.len() as u64;
        }
        let incoming = store.root().join("incoming").join(flight.to_string());
        Ok(Self { disk: store.disk.clone(), incoming, partial, copied, journal: None, journal_bytes })
    }

    /// The same, ready to take files.
    pub(super) fn open(store: &Folder, flight: FlightId) -> Result<Self, StoreError> {
        let mut staging = Self::look(store, flight)?;
        for folder in [&staging.incoming, &staging.partial] {
            staging.disk.create_folder(folder).map_err(StoreError::io("cannot create", folder))?;
        }
        let path = staging.partial.join("copied.jsonl");
        let journal = staging.disk.write_from(&path, staging.journal_bytes);
        staging.journal = Some(journal.map_err(StoreError::io("cannot write", &path))?);
        Ok(staging)
    }

    /// Where a finished file lies.
    pub(super) fn finished(&self, path: &str) -> PathBuf {
        self.incoming.join(path)
    }

    /// Where an unfinished file lies: flat, so that no name from outside makes a folder here.
    pub(super) fn unfinished(&self, path: &str) -> PathBuf {
        self.partial.join(Sha256::of(path.as_bytes()).to_string())
    }

    /// Bytes of a file that are here, as a plan counts them.
    pub(super) fn here_bytes(&self, path: &str, bytes: u64) -> u64 {
        match self.copied.get(path) {
            Some(extent) if extent.bytes == bytes => bytes,
            _ => super::receive::mark(&self.unfinished(path)).map_or(0, |mark| mark.bytes.min(bytes)),
        }
    }

    /// The file, if it is here whole: as noted, or else as it reads.
    pub(super) fn whole(&mut self, path: &str, bytes: u64) -> Result<Option<Extent>, StoreError> {
        let file = self.finished(path);
        let Ok(facts) = std::fs::symlink_metadata(&file) else {
            return Ok(None);
        };
        if facts.len() != bytes {
            return Ok(None);
        }
        if let Some(extent) = self.copied.get(path).filter(|extent| extent.bytes == bytes) {
            return Ok(Some(*extent));
        }
        // Renamed, but not noted any more: it was synced and compared before it got this name.
        let extent = read_back(&file)?;
        self.note(path, extent)?;
        Ok(Some(extent))
    }

    /// Notes a finished file; durable after [`Staging::sync`].
    pub(super) fn note(&mut self, path: &str, extent: Extent) -> Result<(), StoreError> {
        let mut line = canonical::write(&Copied { path: path.to_owned(), extent });
        line.push(b'\n');
        if let Some(journal) = &mut self.journal {
            journal.write_all(&line).map_err(StoreError::io("cannot write", self.partial.join("copied.jsonl")))?;
        }
        self.copied.insert(path.to_owned(), extent);
        Ok(())
    }

    /// Makes the notes durable.
    pub(super) fn sync(&mut self) -> Result<(), StoreError> {
        let path = self.partial.join("copied.jsonl");
        self.journal.as_mut().map_or(Ok(()), |journal| journal.sync()).map_err(StoreError::io("cannot write", path))
    }

    /// A file of an earlier attempt that is not aboard any more is put aside, never removed.
    pub(super) fn put_aside(&self, store: &Folder, flight: FlightId, keep: &Manifest) -> Result<u64, StoreError> {
        let mut moved = 0;
        for path in files_below(&self.incoming).map_err(StoreError::io("cannot list", &self.incoming))? {
            if keep.entries().contains_key(&path) {
                continue;
            }
            self.move_aside(store, flight, &path)?;
            moved += 1;
        }
        Ok(moved)
    }

    /// Makes room for a file that is another one aboard than the one that lies here finished, if one does.
    pub(super) fn replace(
        &mut self,
        store: &Folder,
        flight: FlightId,
        path: &str,
        aboard: Extent,
    ) -> Result<(), StoreError> {
        if self.copied.get(path) != Some(&aboard) && self.finished(path).exists() {
            self.move_aside(store, flight, path)?;
        }
        Ok(())
    }

    fn move_aside(&self, store: &Folder, flight: FlightId, path: &str) -> Result<(), StoreError> {
        let aside = store.root().join("quarantine").join("stale").join(flight.to_string());
        let to = aside.join(Sha256::of(path.as_bytes()).to_string());
        self.disk
            .create_folder(&aside)
            .and_then(|()| self.disk.rename(&self.finished(path), &to))
            .and_then(|()| self.disk.sync_folder(&aside))
            .map_err(StoreError::io("cannot put aside", &to))
    }

    /// Reads a value kept in `partial/<flight>/`.
    pub(super) fn recall<T: DeserializeOwned + Serialize>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let path = self.partial.join(name);
        let bytes = read_small(&path, MAX_STATE_BYTES).map_err(StoreError::io("cannot read", &path))?;
        // Written whole or not at all; one that does not read is as good as none.
        Ok(bytes.and_then(|bytes| canonical::read(&bytes).ok()))
    }

    /// Keeps a value in `partial/<flight>/`, durably.
    pub(super) fn remember<T: Serialize>(&self, name: &str, value: &T) -> Result<(), StoreError> {
        let path = self.partial.join(name);
        write_whole(&*self.disk, &path, &canonical::write(value)).map_err(StoreError::io("cannot write", &path))
    }

    /// Drops a value, so that its step is done again.
    pub(super) fn forget(&self, name: &str) -> Result<(), StoreError> {
        remove(&*self.disk, &self.partial.join(name))
    }

    /// Everything is in its place: what was only on the way goes.
    pub(super) fn clear(self) -> Result<(), StoreError> {
        let Self { disk, incoming, partial, journal, .. } = self;
        drop(journal);
        for root in [incoming, partial] {
            for path in files_below(&root).map_err(StoreError::io("cannot list", &root))? {
                remove(&*disk, &root.join(path))?;
            }
            remove_folders(&*disk, &root).map_err(StoreError::io("cannot remove", &root))?;
        }
        Ok(())
    }
}

fn remove(disk: &dyn Disk, path: &Path) -> Result<(), StoreError> {
    match disk.remove_file(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(StoreError::io("cannot remove", path)),
    }
}

/// Files below a folder, by path in it; links are not followed.
fn files_below(root: &Path) -> std::io::Result<Vec<String>> {
    let (mut files, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(root.join(&folder)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            other => other?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn remove_folders(disk: &dyn Disk, root: &Path) -> std::io::Result<()> {
    let Ok(entries) = std::fs::read_dir(root) else {
        return Ok(());
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_folders(disk, &entry.path())?;
        }
    }
    disk.remove_folder(root)
}
