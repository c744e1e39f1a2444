//! A store in a folder: `objects/ab/<sha256>`, read-only, each written under another name, synced, read back, renamed.

use super::disk::{extent_of, open_past_cache, read_small, write_whole};
use super::{Disk, LocalDisk, Put, Retention, Stat, Store, StoreError, StoreIdentity, holding};
use flight_record::{Code, Counted, Extent, FlightId, Sha256};
use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes moved at a time.
pub(crate) const BUFFER_BYTES: usize = 1 << 20;
/// Longest description of an object's retention.
const MAX_RETENTION_BYTES: u64 = 64 * 1024;

/// A store in a folder of this machine, or of one it mounts.
pub struct Folder {
    root: PathBuf,
    identity: StoreIdentity,
    pub(crate) disk: Arc<dyn Disk>,
}

/// While it lives, no other program writes to the store.
pub struct StoreLock {
    _file: File,
}

impl Folder {
    /// Opens the store in `root`.
    ///
    /// # Errors
    /// When it is none.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        Self::on_disk(root, Arc::new(LocalDisk))
    }

    /// The same on a disk of the caller's.
    ///
    /// # Errors
    /// When it is none.
    pub fn on_disk(root: &Path, disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        Ok(Self { root: root.to_owned(), identity: StoreIdentity::load(root)?, disk })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Keeps other writers out until dropped, also when this program dies.
    ///
    /// # Errors
    /// [`StoreError::Busy`].
    pub fn lock(&self) -> Result<StoreLock, StoreError> {
        let path = self.root.join("store.lock");
        let io = || StoreError::io("cannot open", &path);
        let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(io())?;
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(StoreLock { _file: file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(StoreError::Busy { path: self.root.clone() }),
            Err(error) => Err(io()(error.into())),
        }
    }

    /// Where an object lies.
    pub fn object_path(&self, digest: Sha256) -> PathBuf {
        let name = digest.to_string();
        self.root.join("objects").join(&name[..2]).join(name)
    }

    fn retention_path(&self, digest: Sha256) -> PathBuf {
        let name = digest.to_string();
        self.root.join("retention").join(&name[..2]).join(format!("{name}.json"))
    }

    /// Reads an object that is there and compares it with its name; `None` when it is not there.
    ///
    /// # Errors
    /// [`StoreError::Damaged`], or the disk fails.
    pub fn check_object(&self, extent: &Extent) -> Result<Option<()>, StoreError> {
        let path = self.object_path(extent.sha256);
        if !path.exists() {
            return Ok(None);
        }
        let found = read_back(&path)?;
        if found == *extent { Ok(Some(())) } else { Err(damaged(&path, extent, &found)) }
    }

    /// Takes a file of this store's own disk, already synced and compared, as an object.
    ///
    /// # Errors
    /// The disk fails.
    pub(crate) fn adopt(&self, file: &Path, extent: &Extent) -> Result<(), StoreError> {
        let path = self.object_path(extent.sha256);
        if self.check_object(extent)?.is_some() {
            return self.disk.remove_file(file).map_err(StoreError::io("cannot remove", file));
        }
        let folder = path.parent().unwrap_or(&self.root);
        self.disk
            .create_folder(folder)
            .and_then(|()| self.disk.make_read_only(file))
            .and_then(|()| self.disk.rename(file, &path))
            .and_then(|()| self.disk.sync_folder(folder))
            .map_err(StoreError::io("cannot put", &path))
    }

    /// Notes that a flight is kept apart, and why: `quarantine/<flight>.json`. The flight itself lies where all lie.
    pub(crate) fn quarantine(&self, flight: FlightId, verdict: &str, manifest: Sha256) -> Result<(), StoreError> {
        let path = self.root.join("quarantine").join(format!("{flight}.json"));
        let text = serde_json::json!({ "flight": flight, "verdict": verdict, "manifest": manifest }).to_string();
        write_whole(&*self.disk, &path, text.as_bytes()).map_err(StoreError::io("cannot write", &path))
    }

    fn retention(&self, digest: Sha256) -> Result<Retention, StoreError> {
        let path = self.retention_path(digest);
        let bytes = read_small(&path, MAX_RETENTION_BYTES).map_err(StoreError::io("cannot read", &path))?;
        let Some(bytes) = bytes else {
            return Ok(Retention::default());
        };
        // What cannot be read forbids: an object is never deleted because a file beside it is damaged.
        serde_json::from_slice(&bytes).map_err(|error| StoreError::io("cannot read", &path)(io::Error::other(error)))
    }

    fn set_retention(&self, digest: Sha256, retention: &Retention) -> Result<(), StoreError> {
        let path = self.retention_path(digest);
        let bytes = serde_json::to_vec(retention).map_err(io::Error::other);
        bytes.and_then(|bytes| write_whole(&*self.disk, &path, &bytes)).map_err(StoreError::io("cannot write", &path))
    }

    fn present(&self, digest: Sha256) -> Result<(), StoreError> {
        if self.object_path(digest).exists() { Ok(()) } else { Err(StoreError::Absent { digest }) }
    }

    /// Writes, syncs, compares what was given with the extent.
    fn write_partial(&self, partial: &Path, extent: &Extent, bytes: &mut dyn Read) -> Result<(), StoreError> {
        let io = || StoreError::io("cannot write", partial);
        let mut file = self.disk.write_from(partial, 0).map_err(io())?;
        let mut counted = Counted::default();
        let mut buffer = vec![0; BUFFER_BYTES];
        // One byte more than it should be is enough to know that it is something else.
        let mut input = bytes.take(extent.bytes.saturating_add(1));
        loop {
            match input.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => {
                    counted.update(&buffer[..read]);
                    file.write_all(&buffer[..read]).map_err(io())?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(StoreError::io("cannot read what is to be put as", partial)(error)),
            }
        }
        if counted.extent() != *extent {
            return Err(damaged(Path::new("what was given"), extent, &counted.extent()));
        }
        file.sync().map_err(io())
    }
}

/// What a file on the disk really holds.
pub(crate) fn read_back(path: &Path) -> Result<Extent, StoreError> {
    open_past_cache(path)
        .and_then(|mut file| extent_of(&mut file, &mut vec![0; BUFFER_BYTES]))
        .map_err(StoreError::io("cannot read back", path))
}

pub(crate) fn damaged(what: &Path, expected: &Extent, found: &Extent) -> StoreError {
    StoreError::Damaged { what: what.display().to_string(), expected: expected.sha256, found: found.sha256 }
}

/// The names in a folder that are text; none where there is no folder.
fn names_in(folder: &Path) -> Result<Vec<String>, StoreError> {
    let io = || StoreError::io("cannot list", folder);
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(io())?,
    };
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry.map_err(io())?.file_name().into_string().ok());
    }
    Ok(names)
}

impl Store for Folder {
    fn identity(&self) -> &StoreIdentity {
        &self.identity
    }

    fn describe(&self) -> String {
        format!("store {} in {}", self.identity.name, self.root.display())
    }

    fn disk_number(&self) -> Option<u64> {
        fs::metadata(&self.root).ok().map(|facts| facts.dev())
    }

    fn room_bytes(&self) -> Result<u64, StoreError> {
        self.disk.room_bytes(&self.root).map_err(StoreError::io("cannot ask for the room in", &self.root))
    }

    fn put(&self, extent: &Extent, bytes: &mut dyn Read) -> Result<Put, StoreError> {
        if self.check_object(extent)?.is_some() {
            return Ok(Put::Present);
        }
        let folder = self.root.join("partial").join("objects");
        let partial = folder.join(extent.sha256.to_string());
        self.disk.create_folder(&folder).map_err(StoreError::io("cannot create", &folder))?;
        self.write_partial(&partial, extent, bytes)?;
        let found = read_back(&partial)?;
        if found != *extent {
            return Err(damaged(&partial, extent, &found));
        }
        self.adopt(&partial, extent)?;
        Ok(Put::Stored)
    }

    fn range(&self, digest: Sha256, from: u64, bytes: u64) -> Result<Box<dyn Read + Send>, StoreError> {
        let path = self.object_path(digest);
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(StoreError::Absent { digest }),
            other => other.map_err(StoreError::io("cannot read", &path))?,
        };
        file.seek(SeekFrom::Start(from)).map_err(StoreError::io("cannot read", &path))?;
        Ok(Box::new(file.take(bytes)))
    }

    fn list(&self) -> Result<Vec<Sha256>, StoreError> {
        let objects = self.root.join("objects");
        let mut found = Vec::new();
        for folder in names_in(&objects)? {
            found.extend(names_in(&objects.join(folder))?.iter().filter_map(|name| name.parse::<Sha256>().ok()));
        }
        found.sort();
        Ok(found)
    }

    fn enter(&self, flight: FlightId, statement: Sha256) -> Result<(), StoreError> {
        self.present(statement)?;
        let path = self.root.join("flights").join(flight.to_string()).join(format!("{statement}.json"));
        if path.exists() {
            return Ok(());
        }
        let object = self.object_path(statement);
        let bytes = read_small(&object, holding::MAX_BYTES).map_err(StoreError::io("cannot read", &object))?;
        let bytes = bytes.ok_or(StoreError::Absent { digest: statement })?;
        write_whole(&*self.disk, &path, &bytes).map_err(StoreError::io("cannot write", &path))
    }

    fn flights(&self) -> Result<Vec<FlightId>, StoreError> {
        let mut flights: Vec<FlightId> = names_in(&self.root.join("flights"))?.iter().flat_map(|n| n.parse()).collect();
        flights.sort();
        Ok(flights)
    }

    fn statements(&self, flight: FlightId) -> Result<Vec<Sha256>, StoreError> {
        let names = names_in(&self.root.join("flights").join(flight.to_string()))?;
        let mut digests: Vec<Sha256> =
            names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect();
        digests.sort();
        Ok(digests)
    }

    fn stat(&self, digest: Sha256) -> Result<Option<Stat>, StoreError> {
        let path = self.object_path(digest);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("cannot read", &path)(error)),
            Ok(facts) => Ok(Some(Stat { bytes: facts.len(), retention: self.retention(digest)? })),
        }
    }

    fn retain_until(&self, digest: Sha256, until_utc_us: i64) -> Result<(), StoreError> {
        self.present(digest)?;
        let retention = self.retention(digest)?.lengthened(digest, until_utc_us)?;
        self.set_retention(digest, &retention)
    }

    fn legal_hold(&self, digest: Sha256, hold: &Code, set: bool) -> Result<(), StoreError> {
        self.present(digest)?;
        let mut retention = self.retention(digest)?;
        let changed = if set { retention.holds.insert(hold.clone()) } else { retention.holds.remove(hold) };
        if changed { self.set_retention(digest, &retention) } else { Ok(()) }
    }

    fn delete_if_allowed(&self, digest: Sha256, now_utc_us: i64) -> Result<(), StoreError> {
        let path = self.object_path(digest);
        if self.stat(digest)?.is_none() {
            return Ok(());
        }
        self.retention(digest)?.allows_deletion(digest, now_utc_us)?;
        let io = || StoreError::io("cannot delete", &path);
        self.disk.remove_file(&path).map_err(io())?;
        self.disk.sync_folder(path.parent().unwrap_or(&self.root)).map_err(io())?;
        let retention = self.retention_path(digest);
        self.disk.remove_file(&retention).map_err(StoreError::io("cannot delete", &retention))
    }
}
